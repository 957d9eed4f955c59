"""A quicklist: its nodes, each with how full it is, and what of it is compressed.

node  elements   bytes   of 8,192
  0        169   8,128   ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓   post:0000…
  1         71   3,454   ▓▓▓▓▓▓▓▓░░░░░░░░░░░░   post:0169…
"""

from __future__ import annotations

from rinspect.drawing.line import Line, Ref, Segment, count_of, fit, show, words, wrap
from rinspect.drawing.structure.way import Way
from rinspect.engine.layout import Allocation, Field, Kind, Layout, Shape


def draw_chain(layout: Layout, width: int, lit: Ref | None, way: Way) -> list[Line]:
    """The nodes of the window, one a line, linked in both directions. How full a node is, is measured by what limits it:
    bytes or elements."""
    limit = _figure(layout, "limit")
    nodes = [a for a in layout.allocations if a.shape is Shape.CHAIN]
    blobs: dict[int | None, Allocation] = {
        a.element: a for a in layout.allocations if a.element is not None and a.shape is not Shape.CHAIN
    }
    fill = _figure(layout, "fill")
    by_count = fill >= 0
    rule = f"fill {fill}: at most " + (f"{max(1, fill):,} elements a node" if by_count else f"{limit:,} bytes a node")
    full = max(1, fill) if by_count else limit
    depth = _figure(layout, "compress")
    ends = f"; all but {depth} at each end may be compressed" if depth else ""
    lines: list[Line] = list(wrap(f"{count_of(layout.elements, 'node')} · {rule}{ends}", width, "dim"))
    lines.append(fit(words((f"  node  elements    bytes  of {full:,}", "dim")), width))
    if layout.window.first and nodes:
        lines.append(words((f"… {count_of(layout.window.first, 'node')} before", "dim")))
    for node in nodes:
        here = "" if node.element is None or not way.passed(node.element) else "path"
        lines.append(fit(_node_line(node, blobs.get(node.element), (full, by_count), width, lit, here), width))
    left = layout.elements - layout.window.first - len(nodes)
    if left > 0:
        lines.append(words((f"… {left:,} more node{'' if left == 1 else 's'}", "dim")))
    return lines


def _node_line(
    node: Allocation, blob: Allocation | None, limit: tuple[int, bool], width: int, lit: Ref | None, passed: str
) -> Line:
    ref = Ref(node.serial, 0, node.asked)
    target = None if blob is None else Ref(blob.serial, 0, 1)
    marked = (
        bool(passed) or ref.touches(lit) or (blob is not None and Ref(blob.serial, 0, blob.size_class).touches(lit))
    )
    size, count = _value(node, "sz"), _value(node, "count")
    cells = 20 if width >= 70 else 10
    most, by_count = limit
    full = min(cells, max(1, round((count if by_count else size) / most * cells))) if most else cells
    compressed = blob is not None and any(f.name == "compressed" or "LZF" in f.name for f in blob.fields)
    last = _value_or_none(node, "next") is None
    text = "" if blob is None else _first_text(blob)
    note = f"LZF {blob.asked:,} B " if compressed and blob is not None else ""
    name = "" if blob is None or compressed else ("plain " if blob.name not in ("listpack", "ziplist") else "")
    return words(
        Segment(f"{'└' if last else '├'}⇄{node.element:>4}", "path" if marked else "pointer", ref),
        Segment(f"{count:>10,}{size:>9,}  ", "path" if passed else "number" if marked else "", target),
        Segment("▓" * full, "warn" if compressed else "bar", target),
        Segment("░" * (cells - full), "bar-rest", target),
        ("  " + note + name, "warn" if compressed else "dim"),
        (text, "payload"),
    )


def _first_text(blob: Allocation) -> str:
    field = next((f for f in blob.fields if f.kind in (Kind.PAYLOAD, Kind.INTEGER) and f.entry is not None), None)
    if field is None:
        return ""
    text = show(field.value, 24) if isinstance(field.value, bytes) else str(field.value)
    alone = all(f.entry in (None, field.entry) for f in blob.fields)
    return text if alone or text.endswith("…") else text + " …"


def _figure(layout: Layout, name: str) -> int:
    value = layout.facts.get(name, 0)
    return value if isinstance(value, int) else 0


def _value(allocation: Allocation, name: str) -> int:
    field = _field(allocation, name)
    return field.value if field is not None and isinstance(field.value, int) else 0


def _value_or_none(allocation: Allocation, name: str) -> object:
    field = _field(allocation, name)
    return None if field is None else field.target


def _field(allocation: Allocation, name: str) -> Field | None:
    return next((f for f in allocation.fields if f.name == name), None)
