"""Chooses the drawing that fits a value."""

from __future__ import annotations

from rinspect.drawing.line import Line, Ref, Segment, called, fit, words, wrap
from rinspect.drawing.structure.chain import draw_chain
from rinspect.drawing.structure.entries import draw_entries
from rinspect.drawing.structure.graph import draw_graph
from rinspect.drawing.structure.levels import draw_levels, verdict_of_levels
from rinspect.drawing.structure.stream import draw_stream
from rinspect.drawing.structure.table import draw_table
from rinspect.drawing.structure.way import Way, sentence, way_of
from rinspect.engine.layout import Allocation, Certainty, Layout, Shape, Trace
from rinspect.engine.layout_diff import LayoutDiff
from rinspect.records import Look


def draw_structure(
    look: Look, width: int, *, ref: Ref | None = None, trace: Trace | None = None, diff: LayoutDiff | None = None
) -> list[Line]:
    """The structure of a value in the window that was asked for.

    `ref` are the bytes under the cursor, which stand out; `trace` the way of an operation, `diff` what a command changed.
    """
    layout = look.layout
    if look.notice:
        return wrap(look.notice, width, "warn")
    lines = draw_graph(look.key, layout, width, ref)
    if layout.certainty is not Certainty.EXACT:
        lines += wrap(f"{layout.certainty}: {_CERTAINTY[layout.certainty]}", width, "warn")
    return [*lines, (), *_body(layout, width, ref, trace, diff)]


def draw_verdict(layout: Layout, trace: Trace, width: int, most: int = 0) -> list[Line]:
    """How an operation went, with its comparisons counted: lines to be seen whatever part of the structure is. Where they
    are more than `most`, the last one ends with `…`."""
    text = verdict_of_levels(layout, trace) if layout.encoding == "skiplist" else sentence(trace)
    lines = wrap(text, width, "path")
    if 0 < most < len(lines):
        return [*lines[: most - 1], fit((*lines[most - 1], Segment(" …", "path")), width)]
    return lines


_CERTAINTY = {
    Certainty.MEASURED: "found out by asking the server bit by bit",
    Certainty.RECONSTRUCTED: "the payload does not carry bucket order, tower heights or room; drawn as a fresh copy",
    Certainty.ESTIMATED: "not known exactly for this version or allocator",
    Certainty.REBUILT: "a fresh copy, not the value itself",
}


def _body(layout: Layout, width: int, ref: Ref | None, trace: Trace | None, diff: LayoutDiff | None) -> list[Line]:
    if layout.encoding == "skiplist":
        return draw_levels(layout, width, ref, trace)
    if layout.encoding == "hashtable":
        return draw_table(layout, width, ref, trace, diff)
    way = way_of(trace)
    if layout.encoding == "stream":
        return draw_stream(layout, width, ref, way, (lambda serial: ()) if diff is None else diff.changed_bytes)
    if layout.encoding == "quicklist":
        return [*draw_chain(layout, width, ref, way), *_open_node(layout, width, ref, way, diff)]
    main = _main(layout)
    changed = () if diff is None else diff.changed_bytes(main.serial)
    count = layout.elements if main.shape is Shape.ENTRIES else None
    return draw_entries(main, width, ref, changed, count=count, way=way)


def _main(layout: Layout) -> Allocation:
    """The allocation that holds the value's bytes: the blob, or the robj where there is none."""
    of_value = [a for a in layout.allocations if a.role.startswith("value")]
    return next((a for a in of_value if a.shape in (Shape.ENTRIES, Shape.BLOB)), of_value[0])


def _open_node(layout: Layout, width: int, ref: Ref | None, way: Way, diff: LayoutDiff | None) -> list[Line]:
    """The entries of the node where an operation ended, or else of the one under the cursor."""
    under = None if ref is None else layout.find(ref.serial)
    element = None if under is None else under.element
    if way.found:
        element = way.places[-1][1]
    blob = next((a for a in layout.allocations if a.element == element and a.shape is not Shape.CHAIN), None)
    if element is None or blob is None:
        return []
    changed = () if diff is None else diff.changed_bytes(blob.serial)
    title = fit(words((f"node {element} · {called(blob)}", "title")), width)
    lit = Way(((0, way.entry),), found=True) if way.entry is not None else None
    return [(), title, *draw_entries(blob, width, ref, changed, way=lit)]
