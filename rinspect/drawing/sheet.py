"""A whole key on one sheet: title, structure, bytes, memory and reasons, one under the other. For text and SVG exports."""

from __future__ import annotations

from rinspect.drawing.bytemap import byte_row, bytes_per_row, row_count
from rinspect.drawing.changes import change_details
from rinspect.drawing.line import Line, Segment, called, fit, words
from rinspect.drawing.memory import draw_memory
from rinspect.drawing.structure import draw_structure
from rinspect.drawing.top import key_title
from rinspect.drawing.why import draw_why
from rinspect.engine.layout import Allocation, Shape
from rinspect.engine.reasons import Rebuilt, Why
from rinspect.records import Change, Look

MOST_ROWS = 32
"""Rows of one allocation's bytes; of a longer one the rest is only counted."""
MOST_MAPS = 3
"""Allocations that are shown byte by byte."""


def look_sheet(look: Look, why: Why | None, rebuilt: tuple[Rebuilt, ...], width: int) -> list[Line]:
    """Everything that is known of a key."""
    lines = [*heading("structure", width), *draw_structure(look, width)]
    for allocation in mapped(look):
        lines += [
            (),
            *heading(f"bytes of {called(allocation)}", width),
            *byte_lines(allocation, width),
        ]
    lines += [(), *heading("memory", width), *draw_memory(look, rebuilt, width)]
    if why is not None:
        lines += [(), *heading("why", width), *draw_why(look, why, width)]
    return lines


def change_sheet(change: Change, width: int) -> list[Line]:
    """What one command did, key by key."""
    lines: list[Line] = []
    for one in change.keys:
        look = one.after or one.before
        if look is not None:
            lines.append(fit(words(("▸ ", "path"), (key_title(look, width - 2), "name")), width))
        lines += [fit((Segment("  "), *line), width) for line in change_details(one, width - 2)]
    return lines


def heading(text: str, width: int) -> list[Line]:
    return [words(("── ", "border"), (text, "title"), (" " + "─" * max(0, width - len(text) - 4), "border"))]


def mapped(look: Look) -> list[Allocation]:
    """The allocations worth a byte map: those with the value's own bytes."""
    blobs = [a for a in look.layout.allocations if a.shape in (Shape.ENTRIES, Shape.BLOB) and a.role != "key"]
    return blobs[:MOST_MAPS]


def byte_lines(allocation: Allocation, width: int) -> list[Line]:
    per_row = bytes_per_row(width)
    rows = row_count(allocation, per_row)
    lines = [byte_row(allocation, row, per_row) for row in range(min(rows, MOST_ROWS))]
    if rows > MOST_ROWS:
        lines.append(words((f"… {(rows - MOST_ROWS) * per_row:,} more bytes", "dim")))
    return lines
