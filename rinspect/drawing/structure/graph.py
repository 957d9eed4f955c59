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

    Where the tree is too wide, the value's branch begins at the margin, and slack is left out.
    """
    spine = {a.serial: a for a in layout.allocations if a.element is None}
    if not spine:
        return []
    tree = _Tree(spine, f'key: sds "{show(look_key, KEY_LIMIT)}"', lit)
    entry, *rest = (a for a in spine.values() if a.role in ("entry", "value"))
    lines = tree.branch(entry)
    if max(map(width_of, lines)) > width and rest:
        tree = _Tree(spine, tree.key_text, lit, brief=True)
        key = next((a for a in spine.values() if a.role == "key"), None)
        head = (tree.piece(entry), Segment(" ─▶ ", "pointer"))
        lines = [(*head, tree.piece(key))] if key is not None else []
        lines += [(Segment("▶ " if number == 0 else "  ", "pointer"), *line)
                  for number, line in enumerate(tree.branch(rest[0]))]  # fmt: skip
    return [fit(line, width) for line in lines]


@dataclass
class _Tree:
    spine: dict[Serial, Allocation]
    key_text: str
    lit: Ref | None
    brief: bool = False

    def branch(self, root: Allocation) -> list[Line]:
        """The lines of an allocation and of all that hangs on it."""
        return self._branch(root, {root.serial})

    def _branch(self, root: Allocation, seen: set[Serial]) -> list[Line]:
        piece = self.piece(root)
        targets = dict.fromkeys(f.target for f in root.fields if f.kind is Kind.POINTER and f.target is not None)
        children = [self.spine[t] for t in targets if t in self.spine and t not in seen]
        seen.update(child.serial for child in children)
        if not children:
            return [(piece,)]
        lines: list[Line] = []
        for number, child in enumerate(children):
            only, first, last = len(children) == 1, number == 0, number + 1 == len(children)
            arrow = " ─▶ " if only else " ┬▶ " if first else " └▶ " if last else " ├▶ "
            below = "    " if last else " │  "
            margin = piece if first else Segment(" " * piece.width)
            for line_number, line in enumerate(self._branch(child, seen)):
                start = (margin, Segment(arrow, "pointer")) if line_number == 0 else (
                    Segment(" " * piece.width), Segment(below, "pointer"))  # fmt: skip
                lines.append(tuple(chain(start, line)))
        return lines

    def piece(self, allocation: Allocation) -> Segment:
        """`listpack 32 (27 + 5 slack)`"""
        whole = Ref(allocation.serial, 0, max(1, allocation.size_class))
        kind = "path" if whole.touches(self.lit) else "label"
        text = f"{self.key_text if allocation.role == 'key' else allocation.name} {allocation.size_class:,}"
        if allocation.slack and not self.brief and allocation.role != "key":
            text += f" ({allocation.asked:,} + {allocation.slack:,} slack)"
        return Segment(text, kind, Ref(allocation.serial, 0, 1))
