"""The way from the key to the value's bytes: the fixed parts, as their pointers hang them together.

dictEntry 24 ┬▶ key: sds "board" 8
             └▶ robj 16 ─▶ zset 16 ┬▶ dict 56 ─▶ dict table 64
                                   └▶ zskiplist 32 ─▶ zskiplistNode 640 (536 + 104 slack)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from rinspect.drawing.line import Line, Ref, Segment, fit, show, width_of
from rinspect.engine.layout import Allocation, Kind, Layout, Serial

KEY_LIMIT = 24


def draw_graph(look_key: bytes, layout: Layout, width: int, lit: Ref | None) -> list[Line]:
    """Entry, key, object and the fixed parts of the value. Parts of its elements are drawn elsewhere.

    Where the tree is too wide slack is left out, and what does not fit beside an allocation hangs below it:

    dictEntry 24
    ├▶ key: sds "board" 8
    └▶ robj 16 ─▶ zset 16 ┬▶ dict 56 ─▶ dict table 64
                          └▶ zskiplist 32 ─▶ zskiplistNode 640
    """
    spine = {a.serial: a for a in layout.allocations if a.element is None}
    if not spine:
        return []
    tree = _Tree(spine, f'key: sds "{show(look_key, KEY_LIMIT)}"', lit)
    entry = next(a for a in spine.values() if a.role in ("entry", "value"))
    lines = tree.branch(entry)
    if max(map(width_of, lines)) > width:
        lines = _Tree(spine, tree.key_text, lit, brief=True).branch(entry, width)
    return [fit(line, width) for line in lines]


WIDE = 1000
"""More cells than any tree takes."""


@dataclass
class _Tree:
    spine: dict[Serial, Allocation]
    key_text: str
    lit: Ref | None
    brief: bool = False

    def branch(self, root: Allocation, room: int = WIDE) -> list[Line]:
        """The lines of an allocation and of all that hangs on it, within so many cells if that can be."""
        return self._branch(root, frozenset({root.serial}), room)

    def _branch(self, root: Allocation, seen: frozenset[Serial], room: int) -> list[Line]:
        piece = self.piece(root)
        targets = dict.fromkeys(f.target for f in root.fields if f.kind is Kind.POINTER and f.target is not None)
        children = [self.spine[t] for t in targets if t in self.spine and t not in seen]
        seen |= {child.serial for child in children}
        if not children:
            return [(piece,)]
        beside = _beside(piece, [self._branch(child, seen, room - piece.width - 4) for child in children])
        below = _below(piece, [self._branch(child, seen, room - 3) for child in children])
        return min(beside, below, key=lambda lines: (max(map(width_of, lines)) > room, len(lines)))

    def piece(self, allocation: Allocation) -> Segment:
        """`listpack 32 (27 + 5 slack)`"""
        whole = Ref(allocation.serial, 0, max(1, allocation.size_class))
        kind = "path" if whole.touches(self.lit) else "label"
        text = f"{self.key_text if allocation.role == 'key' else allocation.name} {allocation.size_class:,}"
        if allocation.slack and not self.brief and allocation.role != "key":
            text += f" ({allocation.asked:,} + {allocation.slack:,} slack)"
        return Segment(text, kind, Ref(allocation.serial, 0, 1))


def _beside(piece: Segment, children: list[list[Line]]) -> list[Line]:
    """Children to the right of what points to them."""
    lines: list[Line] = []
    for number, child in enumerate(children):
        only, first, last = len(children) == 1, number == 0, number + 1 == len(children)
        arrow = " ─▶ " if only else " ┬▶ " if first else " └▶ " if last else " ├▶ "
        below = "    " if last else " │  "
        margin = piece if first else Segment(" " * piece.width)
        for line_number, line in enumerate(child):
            start = (margin, Segment(arrow, "pointer")) if line_number == 0 else (
                Segment(" " * piece.width), Segment(below, "pointer"))  # fmt: skip
            lines.append(tuple(chain(start, line)))
    return lines


def _below(piece: Segment, children: list[list[Line]]) -> list[Line]:
    """Children under what points to them."""
    lines: list[Line] = [(piece,)]
    for number, child in enumerate(children):
        last = number + 1 == len(children)
        for line_number, line in enumerate(child):
            start = ("└▶ " if last else "├▶ ") if line_number == 0 else ("   " if last else "│  ")
            lines.append((Segment(start, "pointer"), *line))
    return lines
