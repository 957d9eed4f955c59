"""Two sides in columns: facts line by line, and what a command answered on each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from rich.cells import cell_len

from rinspect.drawing.line import Line, Segment, fit, width_of, words, wrap
from rinspect.records import Comparison, Row, SourceInfo

VERDICTS = {True: ("same", "good"), False: ("differs", "warn"), None: ("", "dim")}


def side_name(info: SourceInfo | None) -> str:
    """What a side is called: `built-in · redis 8.0`, `staging:6379 · redis 7.0.15 · read-only`."""
    return column_name(info) + _rights(info)


def _rights(info: SourceInfo | None) -> str:
    if info is None or info.embedded or not info.connected:
        return ""
    return " · read-only" if info.read_only else " · WRITES ALLOWED"


def column_name(info: SourceInfo | None) -> str:
    """What its column is called: whether one may write there, the first line says."""
    if info is None:
        return "…"
    return f"{info.label} · {info.server if info.connected else 'disconnected'}"


def compare_line(infos: Sequence[SourceInfo | None], modes: Sequence[str], width: int) -> Line:
    """The first line: both sides, and which screen this is where there is room for it. Where there is little, the versions go
    before what may be written."""
    tabs = [("▌Compare ", "title") if name == "Compare" else (f" {name} ", "dim") for name in modes]
    left = words((" rinspect ", "title"), *tabs, " ")
    sides = " ↔ ".join(map(side_name, infos))
    if width_of(left) + len(sides) > width:
        left = words((" rinspect  ", "title"))
    if width_of(left) + len(sides) > width:
        left = words((" ", ""))
    if width_of(left) + len(sides) > width:
        sides = " ↔ ".join(info.label + _rights(info) if info and info.connected else side_name(info) for info in infos)
    return fit((*left, Segment(sides)), width)


def draw_comparison(comparison: Comparison, names: tuple[str, str], width: int) -> list[Line]:
    """A key on both sides, then the thresholds."""
    lines = [*_heads(names, width), *(line for row in comparison.rows for line in _row(row, width))]
    if comparison.settings:
        title = "thresholds" if all(row.same for row in comparison.settings) else "thresholds that differ"
        lines += [(), words((title, "title"))]
        lines += [line for row in comparison.settings for line in _row(row, width)]
    return lines


def _columns(width: int) -> tuple[int, int]:
    """Cells of the first column, and of each side."""
    first = 18 if width < 76 else 26
    return first, max(10, (width - first - 9) // 2)


def _heads(names: tuple[str, str], width: int) -> list[Line]:
    first, side = _columns(width)
    left, right = (wrap(name, side - 1, "title") for name in names)
    return [
        (Segment(" " * first), *fit(one, side - 1, pad=True), Segment(" "), *other)
        for one, other in zip_longest(left, right, fillvalue=())
    ]


def _row(row: Row, width: int) -> list[Line]:
    first, side = _columns(width)
    word, kind = VERDICTS[row.same]
    # A name that is too long for its column stands above.
    above = [fit((Segment(row.name, "label"),), width)] if cell_len(row.name) >= first else []
    line = (
        *fit((Segment("" if above else row.name, "label"),), first - 1, pad=True),
        Segment(" "),
        *fit((Segment(row.left, "number"),), side - 1, pad=True),
        Segment(" "),
        *fit((Segment(row.right, "number"),), side - 1, pad=True),
        Segment(" " + word, kind),
    )
    notes = wrap(row.note, max(20, width - first), "dim") if row.note else []
    return [*above, fit(line, width), *((Segment(" " * first), *note) for note in notes)]


def draw_replies(lines: Sequence[tuple[str, str]], same: bool | None, width: int) -> list[Line]:
    """The lines of two replies beside each other; with the verdict on the first."""
    side = max(10, (width - 9) // 2)
    word, kind = VERDICTS[same]
    drawn: list[Line] = []
    for number, (left, right) in enumerate(lines):
        verdict = (Segment(" " + word, kind),) if number == 0 and word else ()
        cells = [fit((Segment(text),), side - 1, pad=True) for text in (left, right)]
        drawn.append(fit((*cells[0], Segment(" "), *cells[1], *verdict), width))
    return drawn
