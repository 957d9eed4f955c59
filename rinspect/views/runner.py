"""One typed line: what was run, and what the log says of it."""

from __future__ import annotations

from dataclasses import dataclass

from rinspect.console.replies import format_reply, is_report
from rinspect.console.secrets import censored, shown_line
from rinspect.console.words import Unbalanced, split
from rinspect.drawing.changes import summary
from rinspect.drawing.line import Line, Segment, words
from rinspect.engine.replies import CommandError
from rinspect.records import Outcome
from rinspect.sources.source import Refused, Source


@dataclass(frozen=True)
class Ran:
    """What became of a line: the lines for the log, each with what stands at its right end."""

    log: tuple[tuple[Line, Line], ...]
    outcome: Outcome | None = None


async def run_line(source: Source, line: str) -> Ran:
    """Run a line. Nothing is raised: what went wrong stands in the log, where the reply would."""
    text = line.strip()
    try:
        argv = split(text)
    except Unbalanced as error:
        return Ran(((_echo(text), ()), (words((f"(error) {error}: not run", "bad")), ())))
    if not argv:
        return Ran(())
    echo = _echo(shown_line(text, argv))
    try:
        outcome = await source.execute(argv)
    except Refused as refusal:
        return Ran(((echo, ()), (words((str(refusal), "warn")), ())))
    kind = "bad" if isinstance(outcome.reply, CommandError) else ""
    first, *rest = (censored(text, argv) for text in format_reply(outcome.reply, report=is_report(argv)))
    log: list[tuple[Line, Line]] = [(echo, ()), ((Segment(first, kind),), summary(outcome.change))]
    log += [((Segment(text, kind),), ()) for text in rest]
    return Ran(tuple(log), outcome)


def _echo(text: str) -> Line:
    return words(("> ", "dim"), (text, "name"))
