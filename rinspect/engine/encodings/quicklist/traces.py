"""What a quicklist does inside, step by step: the walk to an element, and where an element beside another goes."""

from __future__ import annotations

from rinspect.engine.encodings.quicklist.editing import Place
from rinspect.engine.encodings.quicklist.node import Node
from rinspect.engine.encodings.quicklist.quicklist import Quicklist
from rinspect.engine.layout import Step, Trace

_WHERE = {
    Place.INSIDE: "the node has room",
    Place.NEIGHBOUR: "the node is full, and the neighbour at this edge has room",
    Place.NEW: "the node is full and so is the neighbour at this edge: a new node between them",
    Place.SPLIT: "the node is full: it is split here, the element joins the part that was split off",
    Place.PLAIN: "too big to share a node: a plain node beside it",
    Place.PLAIN_SPLIT: "too big to share a node: the node is split here, a plain node comes between",
}


def trace_seek(quicklist: Quicklist, index: int) -> Trace:
    """The walk to element `index` (negative: from the end): by the nodes' counts, from the nearer end."""
    count = quicklist.count
    wanted = index + count if index < 0 else index
    if not 0 <= wanted < count:
        return Trace("seek", (), 0, "out of range")
    forward = wanted * 2 <= count
    left = wanted if forward else count - 1 - wanted
    number = 0 if forward else quicklist.nodes_count - 1
    node = quicklist.head if forward else quicklist.tail
    steps: list[Step] = []
    while node is not None and left >= len(node):
        decided = f"{left} to go: next" if forward else f"{left} to go, backwards: the one before"
        steps.append(_step(node, number, f"{len(node)} elements", decided))
        left -= len(node)
        node, number = (node.next, number + 1) if forward else (node.prev, number - 1)
    assert node is not None
    offset = left if forward else len(node) - 1 - left
    steps.append(_step(node, number, f"{len(node)} elements", f"it is entry {offset} of this node"))
    return Trace("seek", tuple(steps), len(steps), f"node {number}, entry {offset}")


def trace_insert(quicklist: Quicklist, pivot: bytes, text: bytes, *, after: bool) -> Trace:
    """How inserting `text` beside `pivot` would go: the search, the place, and the merges that are tried after a split.

    It is done on a copy; the quicklist stays as it is.
    """
    steps: list[Step] = []
    comparisons = 0
    for number, node in enumerate(quicklist.nodes()):
        here = node.blob.texts
        if pivot not in here:
            comparisons += len(here)
            steps.append(_step(node, number, f"{len(here)} elements, none equals the pivot", "next node"))
            continue
        offset = here.index(pivot)
        comparisons += offset + 1
        steps.append(_step(node, number, f"entry {offset} equals the pivot", "the element goes beside it"))
        place = quicklist.place(node, offset, len(text), after=after)
        need = f"{len(node)} elements, {node.blob.nbytes} bytes; about {quicklist.fill.estimate(len(text))} more"
        steps.append(_step(node, number, need, _WHERE[place]))
        scratch = _scratch_copy(quicklist)
        scratch.steps = steps
        scratch.insert_beside(pivot, text, after=after)
        return Trace("insert", tuple(steps), comparisons, place.value)
    return Trace("insert", tuple(steps), comparisons, "no pivot")


def _scratch_copy(quicklist: Quicklist) -> Quicklist:
    """The same nodes, uncompressed, to try something on."""
    twin = Quicklist(quicklist.runtime, quicklist.fill.setting, 0)
    for node in quicklist.nodes():
        twin.append_blob(node.blob.copy())
    return twin


def _step(node: Node, number: int, saw: str, decided: str) -> Step:
    return Step(f"node {number}", saw, decided, target=node.serial or None)
