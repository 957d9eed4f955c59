"""What several panels draw with: bars, columns of a graph, times of day, and the picture of a panel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rinspect.drawing.line import Line, Segment, fit, words

LEVELS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Picture:
    """What a panel shows."""

    lines: Sequence[Line]
    head: Sequence[Line] = ()
    """Stays above while the lines are scrolled."""
    below: Sequence[Line] = ()
    """Stays below them."""
    follow: bool = False
    """It grows at its end, which stays in view for who has not scrolled away from it."""
    first: int = 0
    """Lines that came before these and are kept no longer."""


def bar(value: int, whole: int, cells: int) -> Line:
    """How much of a whole something is; something is never drawn as nothing."""
    full = 0 if whole <= 0 or value <= 0 else max(1, min(cells, value * cells // whole))
    return words(("▓" * full, "bar"), ("░" * (cells - full), "bar-rest"))


def level(value: float, most: float) -> str:
    """One cell of a graph; something is never drawn as nothing."""
    if value <= 0 or most <= 0:
        return " "
    return LEVELS[max(1, min(8, round(8 * value / most)))]


def graph(values: Sequence[int], rows: int) -> list[str]:
    """Columns over rows, the highest value as high as there is room; from top to bottom."""
    most = max(values, default=0)
    heights = [0 if not value else max(1, value * rows * 8 // most) for value in values]
    return ["".join(LEVELS[max(0, min(8, height - 8 * row))] for height in heights) for row in reversed(range(rows))]


def time_of_day(microseconds: int) -> str:
    """A moment since 1970 as the clock on the wall shows it, to the second."""
    return f"{datetime.fromtimestamp(microseconds / 1e6):%H:%M:%S}"  # noqa: DTZ006 (the user's own time)


def heading(text: str, note: str = "") -> Line:
    return words((text, "title"), (f"  {note}" if note else "", "dim"))


def left_out(shown: int, total: int, what: str) -> list[Line]:
    """Says how many more there are, if there are."""
    return [words((f"… {total - shown:,} more {what}", "dim"))] if total > shown else []


def padded(text: str, width: int, kind: str = "") -> Segment:
    """A column of a table: cut or filled to `width` cells, with a blank after it."""
    line = fit((Segment(text, kind),), width, pad=True)
    return Segment("".join(segment.text for segment in line) + " ", kind)
