"""Typed lines: what was run, and what the log says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rinspect.console.replies import format_reply, is_report
from rinspect.console.secrets import censored, shown_line
from rinspect.console.transactions import LEFT_OUT, Transactions
from rinspect.console.words import Unbalanced, split
from rinspect.drawing.changes import summary
from rinspect.drawing.line import Line, Segment, count_of, text_of, words
from rinspect.engine.replies import CommandError
from rinspect.engine.transactions import QUEUED
from rinspect.records import Outcome
from rinspect.sources.source import Refused, Source

MOST_NAMED = 3
"""Commands that are named, of those that did not run."""

LogLine = tuple[Line, Line]
"""A line of the log, and what stands at its right end."""


@dataclass(frozen=True)
class Ran:
    """What became of a line, and what the log says of it."""

    log: tuple[LogLine, ...]
    outcome: Outcome | None = None


@dataclass(frozen=True)
class _Typed:
    """A line, understood."""

    text: str
    argv: list[bytes]

    def echo(self) -> LogLine:
        return _echo(self.text, self.argv), ()


def echo(line: str) -> Line:
    """A typed line as the log repeats it."""
    try:
        return _echo(line.strip(), split(line))
    except Unbalanced:
        return _echo(line.strip(), [])


def _echo(text: str, argv: list[bytes]) -> Line:
    return words(("> ", "dim"), (shown_line(text, argv), "name"))


def given_up(lines: Sequence[str], how: str, may_have_run: int) -> list[Line]:
    """What the log says of lines that are not waited for any more, the one that runs first. Of a long script several are sent
    at once, of which so many may have run."""
    said = [echo(line) for line in lines[:1]] if not may_have_run else []
    said.append(words((f"^C: {how}", "warn")))
    if may_have_run:
        fate = f"{count_of(len(lines), 'line')} without an answer; of the next {may_have_run:,} some may have run, no others"
        said.append(words((fate, "warn")))
    elif lines[1:]:
        behind = " · ".join(text_of(echo(line)[1:]) for line in lines[1 : MOST_NAMED + 1])
        more = f" … {len(lines) - 1 - MOST_NAMED:,} more" if len(lines) > MOST_NAMED + 1 else ""
        said.append(words((f"not run: {count_of(len(lines) - 1, 'line')} behind it: {behind}{more}", "warn")))
    return said


def _understood(line: str, script: Transactions) -> _Typed | Ran:
    """What to run; or at once what the log says of a line that is not to be."""
    text = line.strip()
    try:
        argv = split(text)
    except Unbalanced as error:
        return Ran(((_echo(text, []), ()), (words((f"(error) {error}: not run", "bad")), ())))
    if not argv:
        return Ran(())
    typed = _Typed(text, argv)
    return Ran((typed.echo(), (words((LEFT_OUT, "warn")), ()))) if script.leaves_out(argv) else typed


def _told(typed: _Typed, answer: Outcome | Refused, script: Transactions) -> Ran:
    if isinstance(answer, Refused):
        script.note(typed.argv, failed=True)
        return Ran((typed.echo(), (words((str(answer), "warn")), ())))
    failed = isinstance(answer.reply, CommandError)
    script.note(typed.argv, failed=failed)
    kind, argv = "bad" if failed else "", typed.argv
    first, *rest = (censored(text, argv) for text in format_reply(answer.reply, report=is_report(argv)))
    log: list[LogLine] = [typed.echo(), ((Segment(first, kind),), summary(answer.change))]
    log += [((Segment(text, kind),), ()) for text in rest]
    return Ran(tuple(log), answer)


async def run_line(source: Source, line: str, script: Transactions) -> Ran:
    """Run a line of a script. Nothing is raised: what went wrong stands in the log, where the reply would."""
    typed = _understood(line, script)
    if isinstance(typed, Ran):
        return typed
    try:
        answer: Outcome | Refused = await source.execute(typed.argv)
    except Refused as refusal:
        answer = refusal
    return _told(typed, answer, script)


async def run_quickly(source: Source, lines: Sequence[str], script: Transactions) -> list[Ran]:
    """Run lines of which nobody looks at the changes."""
    done: list[Ran] = []
    for batch in _batches(lines):
        understood: list[_Typed | Ran] = [_understood(line, script) for line in batch]
        typed = [one for one in understood if isinstance(one, _Typed)]
        answers = iter(await source.run_all([one.argv for one in typed]))
        done += [one if isinstance(one, Ran) else _told(one, next(answers), script) for one in understood]
    return done


def demo_loaded(outcomes: Sequence[Outcome]) -> Line:
    """What the log says of the demo data's commands: that they ran, or which did not, and why."""
    refused = [one for one in outcomes if isinstance(one.reply, CommandError)]
    if not refused:
        if any(one.reply == QUEUED for one in outcomes):
            return words(("demo data: the commands are queued in the transaction, and EXEC runs them", "warn"))
        return words(("demo data loaded: one key per encoding; esc, then j and k to look around", "dim"))
    names = list(dict.fromkeys(one.argv[0].decode() for one in refused))
    listed = ", ".join(names[:MOST_NAMED]) + " …" * (len(names) > MOST_NAMED)
    which = f"{'all' if len(refused) == len(outcomes) else f'{len(refused)} of'} {len(outcomes)}"
    (reason, *_) = format_reply(refused[0].reply)
    return words((f"demo data: {which} commands refused ({listed}), the first with {reason}", "warn"))


def _batches(lines: Sequence[str]) -> Iterator[Sequence[str]]:
    """Lines that can be run in one go: what comes after MULTI hangs on its reply, and what comes after its end on that."""
    start = 0
    for at, line in enumerate(lines):
        if line.lstrip()[:7].upper().startswith(("MULTI", "EXEC", "DISCARD")):
            yield lines[start : at + 1]
            start = at + 1
    yield lines[start:]
