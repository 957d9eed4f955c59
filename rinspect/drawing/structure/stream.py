"""A stream: the tree of its nodes, how full they are, its consumer groups and what is pending for whom.

node             first id  entries  deleted    bytes  of 4,096
   0      1700000000000-1      100        2    2,310  ▓▓▓▓▓▓▓▓▓▓░░░░░░░░░░
   1      1700000000700-2       48        0    1,105  ▓▓▓▓▓░░░░░░░░░░░░░░░
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from rinspect.drawing.line import Line, Ref, count_of, fit, show, singular, words, wrap
from rinspect.drawing.structure.streamnode import draw_node
from rinspect.drawing.structure.tree import Found, Tree, field_of, number_of, piece, target_of, whole
from rinspect.drawing.structure.way import Way
from rinspect.engine.layout import Allocation, Kind, Layout, Serial

LEAST_BAR = 4
"""Cells below which a bar tells nothing."""

Changed = Callable[[Serial], Sequence[tuple[int, int]]]


def draw_stream(layout: Layout, width: int, lit: Ref | None, way: Way, changed: Changed) -> list[Line]:
    """The window's nodes, groups and pending entries; all entries of the node where a search ended, or that under the cursor,
    or the only one. `changed` tells the stretches of an allocation that a command wrote to."""
    found = {a.serial: a for a in layout.allocations}
    struct = next(a for a in layout.allocations if a.name == "stream")
    lines: list[Line] = [*wrap(_summary(layout), width, "dim"), ()]
    nodes = [a for a in layout.allocations if a.name == "listpack"]
    ids = dict(_first_ids(layout))
    tree = target_of(found, struct, "rax")
    if tree is not None:
        lines += [*Tree(found, lit, "the tree of ids").lines(tree, width), ()]
    if nodes:
        lines += [*_node_table(layout, nodes, ids, width, lit, way), ()]
    opened = _opened(layout, nodes, lit, way)
    if opened is not None:
        entry = way.entry if way.passed(opened.element or 0) else None
        lines += [*draw_node(opened, ids.get(opened.serial), width, lit, changed(opened.serial), entry), ()]
    names = target_of(found, struct, "cgroups")
    if names is not None:
        lines += [*Tree(found, lit, "the tree of groups, by name").lines(names, width), ()]
        for group in (a for a in layout.allocations if a.name == "streamCG"):
            lines += [*_group(found, group, width, lit), ()]
    return lines[:-1]


def _summary(layout: Layout) -> str:
    facts = layout.facts
    groups = facts.get("groups")
    limits = [f"{facts['max_entries']:,} entries"] if facts.get("max_entries") else []
    limits += [f"{facts['max_bytes']:,} bytes"] if facts.get("max_bytes") else []
    full = f" · a node is full at {singular(' or '.join(limits))}" if limits else ""
    with_groups = f" · {count_of(groups, 'consumer group')}" if isinstance(groups, int) and groups else ""
    entries = count_of(_figure(layout, "entries"), "entry", "entries")
    return f"{entries} in {count_of(_figure(layout, 'listpacks'), 'node')}{full}{with_groups}"


def _figure(layout: Layout, name: str) -> int:
    value = layout.facts.get(name, 0)
    return value if isinstance(value, int) else 0


def _first_ids(layout: Layout) -> Iterator[tuple[Serial, tuple[int, int]]]:
    """For each listpack the id under which the tree has it: the bytes that lead to it."""
    for node in layout.allocations:
        value = field_of(node, "value") if node.role.startswith("value/stream/rax/node[") else None
        if value is not None and value.target is not None:
            key = bytes.fromhex(node.role.rpartition("[")[2].rstrip("]"))
            yield value.target, (int.from_bytes(key[:8], "big"), int.from_bytes(key[8:], "big"))


def _node_table(
    layout: Layout,
    nodes: list[Allocation],
    ids: Mapping[Serial, tuple[int, int]],
    width: int,
    lit: Ref | None,
    way: Way,
) -> list[Line]:
    """The window's nodes, one a line, with how full each is of the bytes that it may have."""
    limit = _figure(layout, "max_bytes")
    texts = {serial: f"{ms}-{seq}" for serial, (ms, seq) in ids.items()}
    column = max([8, *map(len, texts.values())])
    head = f"  node  {'first id':>{column}}  entries  deleted    bytes"
    cells = min(20, width - len(head) - 2) if limit else 0
    of = f"  of {limit:,}" if cells >= len(f"of {limit:,}") else ""
    lines: list[Line] = [fit(words((head + of, "dim")), width)]
    if layout.window.first:
        lines.append(words((f"… {count_of(layout.window.first, 'node')} before", "dim")))
    for node in nodes:
        used = number_of(node, "total bytes")
        full = min(cells, max(1, round(used / limit * cells))) if cells >= LEAST_BAR else 0
        row = words(
            piece(node, f"  {node.element:>4}", lit, "path" if way.passed(node.element or 0) else "label"),
            (f"  {texts.get(node.serial, '?'):>{column}}", "number"),
            f"  {_element(node, 'count'):>7,}  {_element(node, 'deleted'):>7,}  {used:>7,}  ",
            ("▓" * full, "bar"),
            ("░" * (cells - full) if full else "", "bar-rest"),
        )
        lines.append(fit(row, width))
    left = _figure(layout, "listpacks") - layout.window.first - len(nodes)
    if left > 0:
        lines.append(words((f"… {left:,} more node{'' if left == 1 else 's'}", "dim")))
    return lines


def _element(node: Allocation, name: str) -> int:
    """A number of the master entry; the header's field that is called `count` as well belongs to no entry."""
    found = next((f for f in node.fields if f.name == name and f.entry is not None and f.kind is Kind.INTEGER), None)
    return found.value if found is not None and isinstance(found.value, int) else 0


def _group(found: Found, group: Allocation, width: int, lit: Ref | None) -> list[Line]:
    """A group: what is pending in it, and its consumers with what is pending for them."""
    last = f"{number_of(group, 'last_id.ms')}-{number_of(group, 'last_id.seq')}"
    lines = [fit(words(piece(group, group.summary, lit, "title"), (f" · was given all up to {last}", "dim")), width)]
    for name, title in (("pel", "pending, by id"), ("consumers", "consumers, by name")):
        tree = target_of(found, group, name)
        if tree is not None:
            lines += _indented(Tree(found, lit, title).lines(tree, width - 2))
    for consumer in (a for a in found.values() if a.name == "streamConsumer" and a.role.startswith(f"{group.role}/")):
        name_text = target_of(found, consumer, "name")
        text = "" if name_text is None else show(_payload(name_text))
        named = words(
            piece(consumer, "consumer ", lit),
            piece(consumer if name_text is None else name_text, f'"{text}"', lit, "name"),
        )
        tree = target_of(found, consumer, "pel")
        lines += _indented([fit(named, width - 2)])
        if tree is not None:
            lines += _indented(_indented(Tree(found, lit, "pending for it, by id").lines(tree, width - 4)))
    return lines


def _indented(lines: list[Line]) -> list[Line]:
    return [words("  ", *line) for line in lines]


def _payload(name: Allocation) -> bytes:
    payload = next((f for f in name.fields if f.kind is Kind.PAYLOAD), None)
    return b"" if payload is None else name.data[payload.offset : payload.end]


def _opened(layout: Layout, nodes: list[Allocation], lit: Ref | None, way: Way) -> Allocation | None:
    """The node where a search ended, else that under the cursor, else the only one."""
    ended = way.places[-1][1] if way.places else None
    under = next(
        (node for node in nodes if node.element == ended or (ended is None and whole(node).touches(lit))), None
    )
    return under or (nodes[0] if _figure(layout, "listpacks") == 1 and nodes else None)
