"""rinspect repl: the REPL in a plain prompt; without a terminal, commands from a pipe."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from rinspect.cli import DIFFERENT, FINE
from rinspect.console.completion import Table, complete
from rinspect.console.hints import hint
from rinspect.console.history import History
from rinspect.console.replies import format_reply, is_report, plain
from rinspect.console.secrets import is_secret
from rinspect.console.words import Unbalanced, split
from rinspect.drawing.changes import summary
from rinspect.drawing.line import text_of
from rinspect.engine.replies import CommandError
from rinspect.headless.script import Script, input_lines
from rinspect.records import Filter, Order
from rinspect.settings import history_path
from rinspect.sources.source import Refused, Source
from rinspect.startup import open_source


async def run(options: argparse.Namespace) -> int:
    source = await open_source(options, options.source)
    try:
        return await (_converse(source) if sys.stdin.isatty() else _script(source))
    finally:
        await source.close()


async def _script(source: Source) -> int:
    """Run the lines of stdin; replies as redis-cli writes them to a pipe. The exit code: 1 if a command failed."""
    failed, script = False, Script(source)
    for number, line in input_lines():
        try:
            argv = split(line)
            if not argv:
                continue
            outcome = await script.run(argv)
        except (Unbalanced, Refused) as error:
            print(f"rinspect: line {number}: {error}", file=sys.stderr)
            failed = True
            continue
        failed = failed or isinstance(outcome.reply, CommandError)
        for text in plain(outcome.reply):
            sys.stdout.buffer.write(text + b"\n")
        sys.stdout.flush()
    return DIFFERENT if failed else FINE


async def _converse(source: Source) -> int:
    """Prompt, run, print, until the end of input. A bad line costs nothing but itself."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer, Completion
    from prompt_toolkit.document import Document
    from prompt_toolkit.history import InMemoryHistory

    past = History(history_path())
    table: Table = await source.commands()
    names: list[bytes] = []

    class FromGrammar(Completer):
        def get_completions(self, document: Document, complete_event: object) -> Iterable[Completion]:
            found = complete(document.text, document.cursor_position, table, names)
            for candidate in found.candidates:
                yield Completion(
                    candidate.text, found.start - document.cursor_position, display_meta=candidate.description
                )

    lines = InMemoryHistory(past.lines)
    session: PromptSession[str] = PromptSession(history=lines, completer=FromGrammar(), complete_while_typing=False)

    def forget(line: str) -> None:
        """A line with a secret must not come back with the arrow keys."""
        lines._loaded_strings = [held for held in lines.get_strings() if held != line]

    def toolbar() -> str:
        known = hint(session.default_buffer.text, table)
        return "" if known is None else f" {known.name} {known.usage}   since {known.since} · {known.complexity}"

    while True:
        info = await source.info()
        names[:] = [row.key for row in (await source.keys(Order.RECENT, Filter(), 0, 200)).rows]
        prompt = f"{info.label}[{info.database}]> " if info.database else f"{info.label}> "
        try:
            line = await session.prompt_async(prompt, bottom_toolbar=toolbar)
        except KeyboardInterrupt:
            continue
        except EOFError:
            return FINE
        past.add(line)
        try:
            argv = split(line)
            if not argv:
                continue
            if argv[0].lower() in (b"quit", b"exit"):
                return FINE
            if is_secret(argv):
                forget(line)
            outcome = await source.execute(argv)
        except (Unbalanced, Refused) as error:
            print(f"(error) {error}")
            continue
        for text in format_reply(outcome.reply, report=is_report(argv)):
            print(text)
        note = text_of(summary(outcome.change))
        if note:
            print(f"  {note}")
