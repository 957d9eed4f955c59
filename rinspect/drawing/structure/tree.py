"""A radix tree: each node as the bytes that lead on, a key's end as `()` with what it stands for.

the tree of ids · 8 nodes, 3 keys
└▶ 00 00 01 … cf e5 68 ─▶ [00 02] ┬▶ 00 … 00 01 ─▶ () ─▶ node 0
                                  └▶ bc … 00 02 ─▶ () ─▶ node 1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rinspect.drawing.line import Line, Ref, Segment, count_of, fit, show, words
from rinspect.engine.layout import Allocation, Field, Serial

Found = Mapping[Serial, Allocation]
"""A layout's allocations by their serials."""

LONGEST_RUN = 6
"""Bytes of a run that are written out; of a longer one the ends."""


def field_of(allocation: Allocation, name: str) -> Field | None:
    return next((field for field in allocation.fields if field.name == name), None)


def number_of(allocation: Allocation, name: str) -> int:
    found = field_of(allocation, name)
    return found.value if found is not None and isinstance(found.value, int) else 0


def target_of(found: Found, allocation: Allocation, name: str) -> Allocation | None:
    pointer = field_of(allocation, name)
    return None if pointer is None or pointer.target is None else found.get(pointer.target)


def whole(allocation: Allocation) -> Ref:
    return Ref(allocation.serial, 0, max(1, allocation.size_class))


def piece(allocation: Allocation, text: str, lit: Ref | None, kind: str = "label") -> Segment:
    """A text that stands for an allocation, and stands out when the cursor is in it."""
    return Segment(text, "path" if whole(allocation).touches(lit) else kind, Ref(allocation.serial, 0, 1))


@dataclass
class Tree:
    """Draws trees under a title; `lit` is what the cursor is on."""

    found: Found
    lit: Ref | None
    title: str

    def lines(self, rax: Allocation, width: int) -> list[Line]:
        keys, nodes = number_of(rax, "numele"), number_of(rax, "numnodes")
        head = words(
            piece(rax, self.title, self.lit, "title"),
            (f" · {count_of(nodes, 'node')}, {count_of(keys, 'key')}", "dim"),
        )
        first = target_of(self.found, rax, "head")
        rows = [] if first is None else self._rows(first)
        drawn = [(Segment("└▶ " if number == 0 else "   ", "pointer"), *row) for number, row in enumerate(rows)]
        return [fit(line, width) for line in (head, *drawn)]

    def _rows(self, node: Allocation) -> list[Line]:
        own = piece(node, self._text(node), self.lit)
        targets = [f.target for f in node.fields if f.name == "child" and f.target is not None]
        shown = [self.found[target] for target in targets if target in self.found]
        value = field_of(node, "value")
        branches = [self._rows(child) for child in shown]
        if value is not None:
            branches.insert(0, [(self._value(value),)])
        if len(shown) < len(targets):
            branches.append([words((f"… {len(targets) - len(shown)} more outside the window", "dim"))])
        return _beside(own, branches)

    def _text(self, node: Allocation) -> str:
        run = field_of(node, "bytes")
        if run is None or not isinstance(run.value, bytes):
            return "()"
        text, ids = run.value, "consumers" not in node.role and "cgroups" not in node.role
        several = sum(field.name == "child" for field in node.fields) > 1
        if not ids:
            return f"[{' '.join(show(text[at : at + 1]) for at in range(len(text)))}]" if several else f'"{show(text)}"'
        if several:
            return f"[{text.hex(' ')}]"
        half = LONGEST_RUN // 2
        return text.hex(" ") if len(text) <= LONGEST_RUN else f"{text[:half].hex(' ')} … {text[-half:].hex(' ')}"

    def _value(self, pointer: Field) -> Segment:
        """What a key stands for."""
        target = None if pointer.target is None else self.found.get(pointer.target)
        if target is None:
            return Segment("outside the window", "dim")
        return piece(target, _called(target), self.lit, "name")


def _called(allocation: Allocation) -> str:
    """What is under a key, in a word or two."""
    if allocation.name == "listpack":
        return f"node {allocation.element}"
    return allocation.summary.partition(":")[0] or allocation.name


def _beside(own: Segment, branches: list[list[Line]]) -> list[Line]:
    """What a node leads to, to the right of it."""
    if not branches:
        return [(own,)]
    lines: list[Line] = []
    for number, branch in enumerate(branches):
        first, last = number == 0, number + 1 == len(branches)
        arrow = " ─▶ " if len(branches) == 1 else " ┬▶ " if first else " └▶ " if last else " ├▶ "
        for place, line in enumerate(branch):
            margin = own if first and place == 0 else Segment(" " * own.width)
            lines.append((margin, Segment(arrow if place == 0 else "    " if last else " │  ", "pointer"), *line))
    return lines
