"""A skiplist as its levels: arrows over what they skip, the span under each, scores below.

    L2 head ───────────▶ bob ────────────▶ dan ───▶ nil
                 2                 2          1
    L1 head ──▶ ann ───▶ bob ───▶ cid ───▶ dan ───▶ nil
                10       25       30       41

A trace lights the way of a search up, stair by stair.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from rinspect.drawing.line import Line, Ref, Segment, fit, words, wrap
from rinspect.drawing.structure.table import blob_text
from rinspect.engine.layout import Allocation, Field, Layout, Shape, Trace

LONGEST_NAME = 14
GAP = 4
"""Cells of an arrow between two neighbours, blanks included."""


@dataclass(frozen=True, slots=True)
class Node:
    """One column of the drawing."""

    name: str
    score: str
    place: int
    """1 for the first node: its rank and one; the header is 0."""
    spans: tuple[tuple[int, bool], ...]
    """Per level, lowest first: the span and whether the arrow leads to another node."""
    ref: Ref
    column: int = 0

    @property
    def height(self) -> int:
        return len(self.spans)

    @property
    def width(self) -> int:
        return max(cell_len(self.name), len(self.score))


def draw_levels(layout: Layout, width: int, lit: Ref | None, trace: Trace | None) -> list[Line]:
    """The window's nodes in all their levels; wider than the screen where need be."""
    levels, length = _figure(layout, "levels"), _figure(layout, "length")
    head = [_head_line(layout, levels, length)]
    if trace is not None:
        head += wrap(_sentence(trace, length), width, "path")
    nodes = _columns(layout, levels)
    if len(nodes) < 2:
        return [*head, words(("no node is in the window", "dim"))]
    lit_arrows, found = _way(trace)
    lines: list[Line] = [*(fit(line, width) for line in head), ()]
    for level in range(levels, 0, -1):
        lines.append(_level_line(nodes, level, length, lit, lit_arrows, found))
        lines.append(_scores(nodes, lit) if level == 1 else _spans(nodes, level, lit_arrows))
    left = length - nodes[-1].place
    if left > 0:
        lines.append(words((f"… {left:,} more nodes to the right", "dim")))
    return lines


def _head_line(layout: Layout, levels: int, length: int) -> Line:
    heights = layout.facts.get("heights")
    shown = ""
    if isinstance(heights, list | tuple):
        shown = " · by height " + " ".join(f"{count:,}" for count in heights)
    return words(
        (f"{length:,} nodes · {levels} levels{shown} · a dict of {_figure(layout, 'size0'):,} buckets beside it", "dim")
    )


def _columns(layout: Layout, levels: int) -> list[Node]:
    """The header and the nodes of the window, each with the cell where it starts."""
    texts: dict[object, str] = {
        a.serial: blob_text(a, LONGEST_NAME) for a in layout.allocations if a.shape is Shape.BLOB
    }
    columns: list[Node] = []
    at = 3
    place = layout.window.first
    for allocation in (a for a in layout.allocations if a.shape is Shape.LEVELS):
        is_head = not columns
        place = 0 if is_head else max(place, layout.window.first) + 1
        name = "head" if is_head else texts.get(_target(allocation, "ele"), "?")
        score = "" if is_head else _score(allocation)
        spans = _spans_of(allocation, levels)
        node = Node(name, score, place, spans, Ref(allocation.serial, 0, allocation.asked), at)
        columns.append(node)
        at += node.width + GAP + 1
    return columns


def _spans_of(allocation: Allocation, levels: int) -> tuple[tuple[int, bool], ...]:
    found: list[tuple[int, bool]] = []
    for level in range(levels):
        forward = _field(allocation, f"level[{level}].forward")
        span = _field(allocation, f"level[{level}].span")
        if forward is None or span is None:
            break
        found.append((span.value if isinstance(span.value, int) else 0, forward.target is not None))
    return tuple(found)


def _score(allocation: Allocation) -> str:
    field = _field(allocation, "score")
    value = 0.0 if field is None or not isinstance(field.value, float) else field.value
    return str(int(value)) if value == value // 1 and abs(value) < 1e15 else f"{value:g}"


def _way(trace: Trace | None) -> tuple[frozenset[tuple[int, int]], int]:
    """The arrows of a search, as (level, place that they lead to), and the place where it ended."""
    if trace is None:
        return frozenset(), -1
    arrows = [
        (step.level, step.rank)
        for step in trace.steps
        if step.decided.startswith("go on") and step.level is not None and step.rank is not None
    ]
    return frozenset(arrows), arrows[-1][1] if arrows else 0


def _sentence(trace: Trace, length: int) -> str:
    compared = ", ".join(
        f"{step.saw} {'≤' if step.decided.startswith('go on') else '>'}" for step in trace.steps if step.saw != "nil"
    )
    spans = [step.decided.removeprefix("go on by ") for step in trace.steps if step.decided.startswith("go on")]
    walked = f" · spans {' + '.join(spans)}" if spans else ""
    last = trace.steps[-1].rank if trace.steps and trace.steps[-1].rank is not None else 0
    return (
        f"{trace.operation}: {trace.result} · {trace.comparisons} comparisons: {compared}{walked}"
        f" · a plain linked list would take {min(last + 1, length)}"
    )


def _level_line(
    nodes: list[Node], level: int, length: int, lit: Ref | None, arrows: frozenset[tuple[int, int]], found: int
) -> Line:
    tall = [node for node in nodes if node.height >= level]
    parts: list[Segment] = [Segment(f"L{level} ", "dim")]
    at = 3
    for number, node in enumerate(tall):
        follower = tall[number + 1] if number + 1 < len(tall) else None
        if at < node.column:
            parts.append(Segment(" " * (node.column - at)))
            at = node.column
        kind = "name" if node.place else "dim"
        if node.place == found and node.place:
            kind = "path cursor"
        elif node.ref.touches(lit):
            kind = "path"
        parts.append(Segment(node.name, kind, node.ref))
        at += cell_len(node.name)
        end = follower.column if follower is not None else nodes[-1].column + nodes[-1].width + GAP + 1
        lit_here = follower is not None and (level, follower.place) in arrows
        # Between the header and a window that begins further on, nodes are left out.
        gap = follower is not None and follower.place - node.place != node.spans[level - 1][0]
        dash = ("┅" if gap else "━") if lit_here else ("┄" if gap else "─")
        parts.append(Segment(" " + dash * max(1, end - at - 3) + "▶ ", "path" if lit_here else "pointer"))
        at = end
        if number + 1 == len(tall):
            parts.append(Segment("…" if node.spans[level - 1][1] else "nil", "dim"))
    return tuple(parts)


def _spans(nodes: list[Node], level: int, arrows: frozenset[tuple[int, int]]) -> Line:
    """The spans of a level, each under the middle of its arrow."""
    tall = [node for node in nodes if node.height >= level]
    parts: list[Segment] = []
    at = 0
    for number, node in enumerate(tall):
        start = node.column + cell_len(node.name)
        end = tall[number + 1].column if number + 1 < len(tall) else nodes[-1].column + nodes[-1].width + GAP + 1
        span = node.spans[level - 1][0]
        shown = number + 1 == len(tall) or tall[number + 1].place - node.place == span
        text = str(span) if shown else " "
        middle = max(at, (start + end - len(text)) // 2)
        lit = number + 1 < len(tall) and (level, tall[number + 1].place) in arrows
        parts.append(Segment(" " * (middle - at)))
        parts.append(Segment(text, "path" if lit else "span"))
        at = middle + len(text)
    return tuple(parts)


def _scores(nodes: list[Node], lit: Ref | None) -> Line:
    parts: list[Segment] = []
    at = 0
    for node in nodes:
        if at < node.column:
            parts.append(Segment(" " * (node.column - at)))
        parts.append(Segment(node.score, "path" if node.ref.touches(lit) else "score", node.ref))
        at = node.column + len(node.score)
    return tuple(parts)


def _target(allocation: Allocation, name: str) -> object:
    field = _field(allocation, name)
    return None if field is None else field.target


def _field(allocation: Allocation, name: str) -> Field | None:
    return next((f for f in allocation.fields if f.name == name), None)


def _figure(layout: Layout, name: str) -> int:
    value = layout.facts.get(name, 0)
    return value if isinstance(value, int) else 0
