"""A radix tree: each node as the bytes that lead on, a key's end as `()` with what it stands for.

the tree of ids · 8 nodes, 3 keys
└▶ 00 00 01 … cf e5 68 ─▶ [00 02] ┬▶ 00 … 00 01 ─▶ () ─▶ node 0
                                  └▶ bc … 00 02 ─▶ () ─▶ node 1
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.cells import cell_len

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
    _widths: dict[Serial, int] = field(default_factory=dict)

    def lines(self, rax: Allocation, width: int) -> list[Line]:
        keys, nodes = number_of(rax, "numele"), number_of(rax, "numnodes")
        head = words(
            piece(rax, self.title, self.lit, "title"),
            (f" · {count_of(nodes, 'node')}, {count_of(keys, 'key')}", "dim"),
        )
        first = target_of(self.found, rax, "head")
        rows = [] if first is None else self._rows(first, width - 3)
        drawn = [(Segment("└▶ " if number == 0 else "   ", "pointer"), *row) for number, row in enumerate(rows)]
        return [fit(line, width) for line in (head, *drawn)]

    def _rows(self, node: Allocation, room: int) -> list[Line]:
        """A node and what it leads to: beside it, or below where branches would not fit beside it."""
        own = piece(node, self._text(node), self.lit)
        children, left = self._children(node)
        value = field_of(node, "value")
        branching = len(children) > 1 or any(len(self._children(child)[0]) > 1 for _, child in children)
        below = branching and self._width(node) > room
        inner = room - 3 if below else room - own.width - 4
        branches = [_labelled(label, self._rows(child, inner - cell_len(label))) for label, child in children]
        if value is not None:
            branches.insert(0, [(self._value(value),)])
        if left:
            branches.append([words((f"… {left} more outside the window", "dim"))])
        return _below(own, branches) if below else _beside(own, branches)

    def _children(self, node: Allocation) -> tuple[list[tuple[str, Allocation]], int]:
        """What a node leads to, and how much of it is outside the window. Where not every byte that leads on is written out,
        each stands as a label before what it leads to."""
        targets = [f.target for f in node.fields if f.name == "child" and f.target is not None]
        steps = _bytes_of(node)
        labelled = len(targets) > LONGEST_RUN and len(steps) == len(targets)
        labels = [f"{self._step(node, steps[at : at + 1])} " if labelled else "" for at in range(len(targets))]
        found = [
            (label, self.found[target]) for label, target in zip(labels, targets, strict=True) if target in self.found
        ]
        return found, len(targets) - len(found)

    def _width(self, node: Allocation) -> int:
        """Cells of a node with all that it leads to beside it."""
        if node.serial not in self._widths:
            value = field_of(node, "value")
            wide = [cell_len(label) + self._width(child) for label, child in self._children(node)[0]]
            wide += [self._value(value).width] if value is not None else []
            self._widths[node.serial] = cell_len(self._text(node)) + (4 + max(wide) if wide else 0)
        return self._widths[node.serial]

    def _step(self, node: Allocation, text: bytes) -> str:
        """A byte that leads on: of an id as a number, of a name as a letter."""
        return show(text) if "consumers" in node.role or "cgroups" in node.role else text.hex()

    def _text(self, node: Allocation) -> str:
        text = _bytes_of(node)
        if not text:
            return "()"
        steps = [self._step(node, text[at : at + 1]) for at in range(len(text))]
        half, named = LONGEST_RUN // 2, "consumers" in node.role or "cgroups" in node.role
        several = sum(field.name == "child" for field in node.fields) > 1
        if named and not several:
            return f'"{show(text)}"'
        run = " ".join(steps if len(steps) <= LONGEST_RUN else [*steps[:half], "…", *steps[-half:]])
        return f"[{run}]" if several else run

    def _value(self, pointer: Field) -> Segment:
        """What a key stands for."""
        target = None if pointer.target is None else self.found.get(pointer.target)
        if target is None:
            return Segment("outside the window", "dim")
        return piece(target, _called(target), self.lit, "name")


def _bytes_of(node: Allocation) -> bytes:
    """The bytes that lead on from a node."""
    run = field_of(node, "bytes")
    return run.value if run is not None and isinstance(run.value, bytes) else b""


def _labelled(label: str, branch: list[Line]) -> list[Line]:
    """A branch with a label before its first line."""
    if not label:
        return branch
    margins = (Segment(label if place == 0 else " " * cell_len(label), "label") for place in range(len(branch)))
    return [(margin, *line) for margin, line in zip(margins, branch, strict=True)]


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


def _below(own: Segment, branches: list[list[Line]]) -> list[Line]:
    """What a node leads to, below it."""
    lines: list[Line] = [(own,)]
    for number, branch in enumerate(branches, 1):
        last = number == len(branches)
        for place, line in enumerate(branch):
            arrow = ("└▶ " if last else "├▶ ") if place == 0 else "   " if last else "│  "
            lines.append((Segment(arrow, "pointer"), *line))
    return lines
