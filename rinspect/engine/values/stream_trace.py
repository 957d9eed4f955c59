"""How the search for an entry goes: down the tree to the node with the highest first id that is not behind it, then through
that node's entries."""

from __future__ import annotations

from rinspect.engine.encodings.streamid import id_key, id_text, make_id
from rinspect.engine.encodings.streamnode import StreamNode
from rinspect.engine.layout import Step, Trace
from rinspect.engine.values.stream import StreamValue


def trace_place(stream: StreamValue, place: int) -> Trace | None:
    """The way to the entry at a place, counted from 0, or from -1 at the end; None where there is none. Changes nothing."""
    left = place if place >= 0 else place + stream.length
    for _, node in stream.nodes.items() if left >= 0 else ():
        if left < node.count:
            there = [start for start in node.starts if not node.is_deleted(start)]
            return trace_id(stream, id_text(node.id_at(there[left])))
        left -= node.count
    return None


def trace_id(stream: StreamValue, word: bytes) -> Trace | None:
    """The way to the entry with the id that a word says; None if it says none. Changes nothing."""
    ms, _, seq = word.partition(b"-")
    if not ms.isdigit() or not (seq or b"0").isdigit():
        return None
    identity = make_id(int(ms), int(seq or b"0"))
    found = next(stream.nodes.backward(id_key(identity)), None)
    if found is None:
        return Trace("find", (), 0, "before the first node: not there")
    key, node = found
    number = sum(1 for other in stream.nodes.index if other < key)
    steps, place = _through(node, identity, f"listpack {number}")
    result = "not there" if place is None else f"node {number}, entry {place}"
    return Trace("find", tuple(steps), len(steps), result)


def _through(node: StreamNode, identity: int, at: str) -> tuple[list[Step], int | None]:
    """The entries that are compared, and which one it is."""
    steps: list[Step] = []
    for place, start in enumerate(node.starts):
        seen = node.id_at(start)
        deleted = " (deleted)" if node.is_deleted(start) else ""
        same = seen == identity and not deleted
        decided = "found" if same else "not there" if seen >= identity else "go on"
        steps.append(Step(at, f"{id_text(seen).decode()}{deleted}", decided))
        if seen >= identity:
            return steps, place if same else None
    return steps, None
