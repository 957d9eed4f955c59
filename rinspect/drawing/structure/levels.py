"""A skiplist as its levels: arrows over what they skip, the span under each, scores below.

    L2 head ───────────▶ bob ────────────▶ dan ───▶ nil
                 2                 2          1
    L1 head ──▶ ann ───▶ bob ───▶ cid ───▶ dan ───▶ nil
                10       25       30       41

A trace lights the way of a search up, stair by stair. Nodes left of the window are one `⋯`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from rinspect.drawing.line import Line, Ref, Segment, count_of, words, wrap
from rinspect.drawing.structure.table import blob_text
from rinspect.drawing.structure.way import sentence, some
from rinspect.engine.layout import Allocation, Field, Layout, Serial, Shape, Step, Trace

LONGEST_NAME = 14
LONGEST_SCORE = 12
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
    ref: Ref | None
    column: int = 0

    @property
    def height(self) -> int:
        return len(self.spans)

    @property
    def width(self) -> int:
        return max(cell_len(self.name), cell_len(self.score))


@dataclass(frozen=True, slots=True)
class Arrow:
    """One arrow of a level: from the cell behind a name to the cell where the next begins."""

    start: int
    end: int
    lit: bool
    span: int | None
    """None where the node that it comes from is left of the window."""


def draw_levels(layout: Layout, width: int, lit: Ref | None, trace: Trace | None) -> list[Line]:
    """The window's nodes in all their levels; wider than the screen where need be."""
    levels, length = _figure(layout, "levels"), _figure(layout, "length")
    head = wrap(_head_text(layout, levels, length), width, "dim")
    nodes = _columns(layout, levels)
    if nodes[-1].place <= 0:
        return [*head, words(("no node is in the window", "dim"))]
    arrows = _lit_arrows(trace)
    found = max((place for _, place in arrows), default=_place_of(layout, _target_of(trace)))
    under = _place_of(layout, None if lit is None else lit.serial)
    lines: list[Line] = [*head, ()]
    for level in range(levels, 0, -1):
        stops = [node for node in nodes if node.height >= level]
        drawn, tail = _arrows(nodes, level, arrows)
        lines.append(_level_line(stops, drawn, tail, level, under, found))
        lines.append(_scores(nodes, under) if level == 1 else _spans(drawn))
    left = length - nodes[-1].place
    if left > 0:
        lines.append(words((f"… {count_of(left, 'more node')} to the right", "dim")))
    return lines


def _place_of(layout: Layout, serial: Serial | None) -> int:
    """The place of the node that an allocation serves: the node itself, its member, its entry in the dict; 0 of the
    header, -1 of anything else."""
    found = None if serial is None else layout.find(serial)
    if found is None:
        return -1
    if found.element is not None:
        return found.element + 1
    return 0 if found.shape is Shape.LEVELS else -1


def _target_of(trace: Trace | None) -> Serial | None:
    """Where a lookup in the dict ended."""
    return None if trace is None or not trace.steps or trace.result != "found" else trace.steps[-1].target


def _head_text(layout: Layout, levels: int, length: int) -> str:
    heights = layout.facts.get("heights")
    shown = ""
    if isinstance(heights, list | tuple):
        shown = " · by height " + " ".join(f"{count:,}" for count in heights)
    sizes = " and ".join(f"{_figure(layout, f'size{table}'):,}" for table in (0, 1) if _figure(layout, f"size{table}"))
    return f"{count_of(length, 'node')} · {count_of(levels, 'level')}{shown} · a dict of {sizes} buckets beside it"


# -- columns ----------------------------------------------------------------------------------------------------------


def _columns(layout: Layout, levels: int) -> list[Node]:
    """The header, a `⋯` for what is left of the window, and the window's nodes, each with the cell where it starts."""
    texts: dict[object, str] = {
        a.serial: blob_text(a, LONGEST_NAME) for a in layout.allocations if a.shape is Shape.BLOB
    }
    columns: list[Node] = []
    at = 3
    for allocation in (a for a in layout.allocations if a.shape is Shape.LEVELS):
        ref = Ref(allocation.serial, 0, allocation.asked)
        spans = _spans_of(allocation, levels)
        if not columns:
            columns.append(Node("head", "", 0, spans, ref, at))
            at += 4 + GAP + 1
            if layout.window.first:
                columns.append(Node("⋯", "", -1, ((0, True),) * levels, None, at))
                at += 1 + GAP + 1
            continue
        assert allocation.element is not None
        name, place = texts.get(_target(allocation, "ele"), "?"), allocation.element + 1
        columns.append(Node(name, _score(allocation), place, spans, ref, at))
        at += columns[-1].width + GAP + 1
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
    text = str(int(value)) if value == value // 1 and abs(value) < 1e15 else repr(value)
    return text if len(text) <= LONGEST_SCORE else text[: LONGEST_SCORE - 1] + "…"


# -- the way of a search ----------------------------------------------------------------------------------------------


def _goes_on(step: Step) -> bool:
    return step.decided.startswith("go on")


def _lit_arrows(trace: Trace | None) -> frozenset[tuple[int, int]]:
    """The arrows that a search went along, as (level, place that they lead to)."""
    steps = () if trace is None else trace.steps
    return frozenset(
        (step.level, step.rank) for step in steps if _goes_on(step) and step.level is not None and step.rank is not None
    )


def verdict_of_levels(layout: Layout, trace: Trace) -> str:
    """How a search went: its result, what the levels saved, and what it compared; that may be cut."""
    length = _figure(layout, "length")
    if all(step.level is None for step in trace.steps):
        return sentence(trace)  # a lookup in the dict beside it
    compared = [
        f"{step.saw} {'≤' if _goes_on(step) else '>'}".replace(" ", "\N{NO-BREAK SPACE}")
        for step in trace.steps
        if step.saw != "nil"
    ]
    spans = [step.decided.removeprefix("go on by ") for step in trace.steps if _goes_on(step)]
    last = trace.steps[-1].rank if trace.steps and trace.steps[-1].rank is not None else 0
    walked = f" · spans {' + '.join(some(spans))} = {last}" if len(spans) > 1 else ""
    said = trace.result if trace.result.startswith(trace.operation) else f"{trace.operation}: {trace.result}"
    named = f" · {', '.join(some(compared))}" if compared else ""
    count = count_of(trace.comparisons, "comparison")
    return f"{said} · {count}, a plain linked list would take {min(last + 1, length):,}{walked}{named}"


# -- lines ------------------------------------------------------------------------------------------------------------


def _arrows(nodes: list[Node], level: int, lit: frozenset[tuple[int, int]]) -> tuple[list[Arrow], str]:
    """The arrows of a level from left to right, and what stands after the last one. Arrows over a `⋯` that lead into or
    beyond the window leave it out."""
    end = nodes[-1].column + nodes[-1].width + GAP + 1
    head, *others = nodes
    gap = others[0] if others[0].place < 0 else None
    inside = [node for node in others if node is not gap and node.height >= level]
    first_place = next(node.place for node in others if node is not gap)
    found: list[Arrow] = []
    before, span = head, head.spans[level - 1]
    if gap is not None and span[1] and span[0] < first_place:
        passed = any(at == level and 0 < place < first_place for at, place in lit)
        found.append(Arrow(head.column + 4, gap.column, passed, span[0]))
        before, span = gap, (0, True)
    for node in [*inside, None]:
        reach = end if node is None else node.column
        if node is None:
            last = nodes[-1].place
            passed = any(at == level and place > last for at, place in lit)
        else:
            passed = (level, node.place) in lit
        start = before.column + cell_len(before.name)
        found.append(Arrow(start, reach, passed, None if before is gap else span[0]))
        if node is not None:
            before, span = node, node.spans[level - 1]
    return found, "…" if span[1] else "nil"


def _level_line(stops: list[Node], arrows: list[Arrow], tail: str, level: int, under: int, found: int) -> Line:
    parts: list[Segment] = [Segment(f"L{level} ", "dim")]
    names = {node.column: node for node in stops}
    at = 3
    for arrow in arrows:
        node = names[max(column for column in names if column <= arrow.start)]
        kind = "name" if node.place > 0 else "dim"
        if node.place == found and node.place > 0:
            kind = "path cursor"
        elif node.place == under:
            kind = "path"
        parts.append(Segment(node.name, kind, node.ref))
        at = arrow.start
        dash = "━" if arrow.lit else "─"
        parts.append(Segment(" " + dash * max(1, arrow.end - at - 3) + "▶ ", "path" if arrow.lit else "pointer"))
    parts.append(Segment(tail, "dim"))
    return tuple(parts)


def _spans(arrows: list[Arrow]) -> Line:
    """The spans of a level, each under the middle of its arrow."""
    parts: list[Segment] = []
    at = 0
    for arrow in arrows:
        if arrow.span is None:
            continue
        text = str(arrow.span)
        middle = max(at, (arrow.start + arrow.end - len(text)) // 2)
        parts.append(Segment(" " * (middle - at)))
        parts.append(Segment(text, "path" if arrow.lit else "span"))
        at = middle + len(text)
    return tuple(parts)


def _scores(nodes: list[Node], under: int) -> Line:
    return tuple(_placed((node.column, node.score, node.ref, node.place == under and node.place > 0) for node in nodes))


def _placed(scores: Iterator[tuple[int, str, Ref | None, bool]]) -> Iterator[Segment]:
    at = 0
    for column, score, ref, marked in scores:
        if not score:
            continue
        if at < column:
            yield Segment(" " * (column - at))
        yield Segment(score, "path" if marked else "score", ref)
        at = column + cell_len(score)


def _target(allocation: Allocation, name: str) -> object:
    field = _field(allocation, name)
    return None if field is None else field.target


def _field(allocation: Allocation, name: str) -> Field | None:
    return next((f for f in allocation.fields if f.name == name), None)


def _figure(layout: Layout, name: str) -> int:
    value = layout.facts.get(name, 0)
    return value if isinstance(value, int) else 0
