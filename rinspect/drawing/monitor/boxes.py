"""Boxes with titles, one above the other or side by side."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from rinspect.drawing.line import Line, Segment, fit, width_of


def box(title: str, lines: Sequence[Line], width: int, height: int = 0) -> list[Line]:
    """Lines in a frame of so many cells; at least `height` rows with the frame."""
    room = width - 4
    head = fit((Segment(f" {title} ", "title"),), room)
    body = [*lines, *[()] * (height - 2 - len(lines))]
    return [
        (Segment("╭─", "border"), *head, Segment("─" * (width - 3 - width_of(head)) + "╮", "border")),
        *((Segment("│ ", "border"), *fit(line, room, pad=True), Segment(" │", "border")) for line in body),
        (Segment("╰" + "─" * (width - 2) + "╯", "border"),),
    ]


def beside(left: Sequence[Line], right: Sequence[Line], width: int) -> list[Line]:
    """Two drawings side by side, the left one `width` cells wide."""
    blank: Line = (Segment(" " * width),)
    return [(*fit(one or blank, width, pad=True), *other) for one, other in zip_longest(left, right, fillvalue=())]
