"""How a value is built, drawn as what it is."""

from __future__ import annotations

from rinspect.drawing.line import Line, Ref, Segment, fit
from rinspect.engine.layout import Trace
from rinspect.engine.layout_diff import LayoutDiff
from rinspect.records import Look


def draw_structure(
    look: Look, width: int, *, ref: Ref | None = None, trace: Trace | None = None, diff: LayoutDiff | None = None
) -> list[Line]:
    """The structure of a value in the window that was asked for."""
    return [
        fit((Segment(f"#{a.serial} {a.name} {a.asked}/{a.size_class}", "name", Ref(a.serial, 0, 1)),), width)
        for a in look.layout.allocations
    ]
