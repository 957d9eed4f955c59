"""The log of a prompt: what was asked and answered, and what is yet to be."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from rinspect.console.replies import format_message
from rinspect.drawing.line import Line, count_of, words
from rinspect.records import Heard
from rinspect.views.runner import LogLine, echo

KEPT_LINES = 5000


class _Expected:
    """Lines that are being run, one after the other, and have no answer yet."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = deque(lines)
        self.first = echo(lines[0])
        """How the log will repeat the next of them."""

    def answered(self) -> None:
        """The log repeats it now."""
        self.lines.popleft()
        self.first = echo(self.lines[0]) if self.lines else ()


class Log:
    """See the module. Screens with a prompt on the same source share one, as they share its connection."""

    def __init__(self) -> None:
        self.lines: deque[LogLine] = deque(maxlen=KEPT_LINES)
        self._expected: list[_Expected] = []
        """What is to be answered, batch by batch."""

    def add(self, left: Line, right: Line = ()) -> None:
        """A line, with something at its right end."""
        for batch in self._expected:
            if left == batch.first and batch.lines:
                batch.answered()
                break
        self.lines.append((left, right))

    def hear(self, heard: Heard, side: Line = ()) -> None:
        """What was said and is no reply, with whose it is at the right end of each message."""
        if heard.left_out:
            self.lines.append((words((f"… {count_of(heard.left_out, 'message')} before these", "dim")), side))
        for message in heard.messages:
            first, *rest = format_message(message)
            self.lines.append((words(first), side))
            self.lines.extend((words(line), ()) for line in rest)

    def expect(self, lines: Sequence[str]) -> None:
        """Lines that are to be run: until the log tells of them they are drawn at its end."""
        self._expected.append(_Expected(lines))

    def unanswered(self) -> Iterator[str]:
        """The lines that have no answer, the first of which is run now."""
        return (line for batch in self._expected for line in batch.lines)

    @property
    def missing(self) -> int:
        """How many those are."""
        return sum(len(batch.lines) for batch in self._expected)

    def expect_nothing(self) -> list[str]:
        """Nothing is run any more: the lines that will have no answer."""
        lines = list(self.unanswered())
        self._expected.clear()
        return lines
