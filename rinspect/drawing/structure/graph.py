"""The way from the key to the value's bytes, on a line or two:

dictEntry 24 ┬▶ key: sds "user:1" 8
             └▶ robj 16 ─▶ listpack 32 (27 + 5 slack)
"""

from __future__ import annotations

from rinspect.drawing.line import Line, Ref, Segment, fit, show, words
from rinspect.engine.layout import Allocation, Layout


def draw_graph(look_key: bytes, layout: Layout, width: int, lit: Ref | None) -> list[Line]:
    """Entry, key, object and the fixed parts of the value. Parts of its elements are drawn elsewhere."""
    entry = next((a for a in layout.allocations if a.role == "entry"), None)
    name = next((a for a in layout.allocations if a.role == "key"), None)
    spine = [a for a in layout.allocations if a.role.startswith("value") and a.element is None]
    parts: list[Segment] = []
    for number, allocation in enumerate(spine):
        if number:
            parts.append(Segment(" ─▶ ", "pointer"))
        parts.append(_piece(allocation, lit))
    if entry is None or name is None:
        return [fit(tuple(parts), width)]
    one = words(_piece(entry, lit), (" ┬▶ ", "pointer"), _piece(name, lit, f'key: sds "{show(look_key, 24)}"'))
    two = words((" " * (len(_text(entry)) + 1) + "└▶ ", "pointer"), *parts)
    return [fit(one, width), fit(two, width)]


def _piece(allocation: Allocation, lit: Ref | None, name: str = "") -> Segment:
    whole = Ref(allocation.serial, 0, max(1, allocation.size_class))
    return Segment(_text(allocation, name), "path" if whole.touches(lit) else "label", Ref(allocation.serial, 0, 1))


def _text(allocation: Allocation, name: str = "") -> str:
    text = f"{name or allocation.name} {allocation.size_class:,}"
    return f"{text} ({allocation.asked:,} + {allocation.slack:,} slack)" if allocation.slack and not name else text
