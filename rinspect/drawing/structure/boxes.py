"""Boxes in a row, wrapped at the width:

    ╭ total ╮╭ count ╮╭ name ────────╮╭ Ada ─────────╮
    │ 27    ││ 4     ││ str 4 · 6 B  ││ str 3 · 5 B  │
    ╰───────╯╰───────╯╰──────────────╯╰──────────────╯

On a narrow screen one line each: [total 27][count 4][name 6][Ada 5].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from rinspect.drawing.line import Line, Ref, Segment, fit

NARROW = 64
"""Below this width boxes are written on one line each row."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box: a title over a body, and the bytes that it stands for."""

    title: str
    body: str
    kind: str
    ref: Ref
    short: str = ""
    """What the narrow form writes, if not the title."""
    mark: str = ""
    """`path` where an operation passed, `cursor` where it ended."""

    @property
    def inner(self) -> int:
        return max(cell_len(self.title) + 2, cell_len(self.body) + 2, 3)


def draw_boxes(
    boxes: Sequence[Box], width: int, lit: Ref | None, changed: Sequence[tuple[int, int]] = ()
) -> list[Line]:
    """Rows of boxes. The one that `lit` touches stands out; those in `changed` stretches are marked as such."""
    lines: list[Line] = []
    for row in _rows(boxes, width, tight=width < NARROW):
        if width < NARROW:
            lines.append(fit(tuple(_tight(box, lit, changed) for box in row), width))
        else:
            lines += [fit(line, width) for line in _tall(row, lit, changed)]
    return lines


def _rows(boxes: Sequence[Box], width: int, *, tight: bool) -> list[list[Box]]:
    rows: list[list[Box]] = []
    used = width + 1
    for box in boxes:
        size = cell_len(_short(box)) if tight else box.inner + 2
        if used + size > width:
            rows.append([])
            used = 0
        rows[-1].append(box)
        used += size
    return rows


def _short(box: Box) -> str:
    return f"[{box.short or box.title}]"


def _mark(box: Box, lit: Ref | None, changed: Sequence[tuple[int, int]]) -> str:
    """What a box's border is drawn as."""
    if box.mark or box.ref.touches(lit):
        return "path"
    if any(low < box.ref.offset + box.ref.size and box.ref.offset < high for low, high in changed):
        return "changed"
    return "border"


def _tight(box: Box, lit: Ref | None, changed: Sequence[tuple[int, int]]) -> Segment:
    mark = _mark(box, lit, changed)
    suffix = {"path": " cursor", "changed": " changed", "border": ""}[mark]
    if box.mark == "path":
        return Segment(_short(box), "path", box.ref)
    return Segment(_short(box), box.kind + suffix, box.ref)


def _tall(row: Sequence[Box], lit: Ref | None, changed: Sequence[tuple[int, int]]) -> list[Line]:
    top: list[Segment] = []
    middle: list[Segment] = []
    bottom: list[Segment] = []
    for box in row:
        border = _mark(box, lit, changed)
        marked = border == "path" and box.mark != "path"
        rest = box.inner - cell_len(box.title) - 1
        top += [
            Segment("╭ " if box.title else "╭─", border, box.ref),
            Segment(box.title, border if border != "border" else "label", box.ref),
            Segment(" " * bool(rest) + "─" * max(0, rest - 1) + "╮", border, box.ref),
        ]
        middle += [
            Segment("│ ", border, box.ref),
            Segment(box.body + " " * (box.inner - 1 - cell_len(box.body)), box.kind, box.ref),
            Segment("│", border, box.ref),
        ]
        bottom.append(Segment("╰" + ("▲" if marked else "─") * box.inner + "╯", border, box.ref))
    return [tuple(top), tuple(middle), tuple(bottom)]
