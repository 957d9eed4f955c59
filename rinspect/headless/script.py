"""Commands from a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from io import TextIOWrapper

from rinspect.console.transactions import LEFT_OUT, Transactions
from rinspect.engine.replies import CommandError
from rinspect.records import Outcome
from rinspect.sources.source import Refused, Source


def input_lines() -> Iterator[tuple[int, str]]:
    """The lines of stdin, numbered from 1. A byte that is no UTF-8 becomes a lone surrogate, which `split` turns back."""
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    yield from enumerate(sys.stdin, 1)


def readable(line: str) -> str:
    """A line as it can be printed."""
    return line.strip().encode(errors="surrogateescape").decode(errors="backslashreplace")


class Script:
    """Runs the commands of one script on a source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._transactions = Transactions()

    async def run(self, argv: Sequence[bytes]) -> Outcome:
        """Run the next command; Refused if it must not be."""
        if self._transactions.leaves_out(argv):
            raise Refused(LEFT_OUT)
        try:
            outcome = await self._source.execute(argv)
        except Refused:
            self._transactions.note(argv, failed=True)
            raise
        self._transactions.note(argv, failed=isinstance(outcome.reply, CommandError))
        return outcome
