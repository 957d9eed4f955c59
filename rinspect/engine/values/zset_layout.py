"""How a sorted set with dict and skiplist looks in memory.

    zset ─┬▶ dict ─▶ table ─▶ dictEntry ┬▶ member's sds
          │                             └▶ score inside the node
          └▶ zskiplist ─▶ header ─▶ node ─▶ node …      each with its member's sds

Its elements are nodes, by rank. With each come the sds and the dictEntry of its member.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from struct import pack

from rinspect.engine.encodings.hashtable import Entry
from rinspect.engine.encodings.indexedzset import STRUCT_SIZE, IndexedZset
from rinspect.engine.encodings.skiplist import (
    HEADER_SIZE,
    LEVEL_SIZE,
    MAX_LEVEL,
    NODE_SIZE,
    Rung,
    node_size,
)
from rinspect.engine.encodings.skiplist import STRUCT_SIZE as SKIPLIST_STRUCT_SIZE
from rinspect.engine.layout import Allocation, Field, Kind, Run, Shape, Window
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.table_layout import Held, TableLayout, key_serial, text_allocation
from rinspect.engine.values.value import struct_allocation

_POINTER = bytes(8)


class IndexedLayout:
    """A view of one sorted set with its dict and skiplist."""

    def __init__(self, body: IndexedZset, runtime: Runtime) -> None:
        self.body = body
        self.runtime = runtime
        self.nodes = body.nodes
        self.window = Window()
        self.dict = TableLayout(body.table, runtime, self._hold, role="value/zset/dict")
        if not body.serial:
            body.serial = runtime.serial()
        if not self.nodes.serial:
            self.nodes.serial = runtime.serial()

    @property
    def serial(self) -> int:
        """The zset struct's."""
        return self.body.serial

    def allocations(self, window: Window) -> Iterator[Allocation]:
        """The structs, the dict's tables and the header node; then node, entry and member of the window's ranks."""
        self.window = window
        yield self._zset()
        yield from self.dict.allocations(Window(0, 0))
        yield self._skiplist()
        yield self._node(self.nodes.head, None)
        first = min(window.first, len(self.nodes))
        for rank, node in enumerate(islice(self.nodes.nodes(first), window.count), first):
            yield self._node(node, rank)
            yield from self.dict.entry_of(node.member, rank)

    def runs(self) -> tuple[Run, ...]:
        """Sums of all, the robj excepted."""
        usable, body = self.runtime.usable, self.body
        heights = [(node_size(level), count) for level, count in enumerate(self.nodes.heights) if count]
        asked = sum(size * count for size, count in heights)
        size_class = sum(usable(size) * count for size, count in heights)
        header = usable(HEADER_SIZE)
        return (
            Run("zset", 1, STRUCT_SIZE, usable(STRUCT_SIZE), STRUCT_SIZE),
            *self.dict.runs(),
            Run("zskiplist", 1, SKIPLIST_STRUCT_SIZE, usable(SKIPLIST_STRUCT_SIZE), SKIPLIST_STRUCT_SIZE),
            Run("zskiplistNode (header)", 1, HEADER_SIZE, header, header),
            Run("zskiplistNode", len(body), asked, size_class, size_class),
            Run("sds", len(body), body.asked, body.size_class, body.size_class),
        )

    def facts(self) -> dict[str, object]:
        """The figures that a drawing names; `heights` are the nodes of level 1, 2, …"""
        heights = self.nodes.heights[1 : self.nodes.levels + 1]
        return {"levels": self.nodes.levels, "length": len(self.nodes), "heights": heights, **self.dict.facts()}

    # -- the pieces ---------------------------------------------------------------------------------------------------

    def _zset(self) -> Allocation:
        fields = (
            Field(0, 8, "dict", None, Kind.POINTER, "from a member to its score", target=self.dict.serial),
            Field(8, 8, "zsl", None, Kind.POINTER, "the skiplist: members in order", target=self.nodes.serial),
        )
        size_class = self.runtime.usable(16)
        return struct_allocation(self.serial, "value/zset", "zset", _POINTER * 2, fields, size_class=size_class)

    def _skiplist(self) -> Allocation:
        length, levels = len(self.nodes), self.nodes.levels
        tail = self._serial(self.nodes.end.backward)
        fields = (
            Field(0, 8, "header", None, Kind.POINTER, "where every search begins", target=self._head_serial()),
            Field(8, 8, "tail", None, Kind.POINTER, "the last node, where walks backwards begin", target=tail),
            Field(16, 8, "length", length, Kind.COUNT, f"{length} nodes, the header not counted"),
            Field(24, 4, "level", levels, Kind.COUNT, f"the tallest node is in {levels} levels: a search begins there"),
            Field(28, 4, "padding", 0, Kind.SLACK, "fills up to a multiple of 8"),
        )
        data = _POINTER * 2 + pack("<QII", length, levels, 0)
        size_class, serial = self.runtime.usable(len(data)), self.nodes.serial
        return struct_allocation(serial, "value/zset/zskiplist", "zskiplist", data, fields, size_class=size_class)

    def _head_serial(self) -> int:
        head = self.nodes.head
        if not head.serial:
            head.serial = self.runtime.serial()
        return head.serial

    def _serial(self, node: Rung) -> int | None:
        """What a pointer to a node points to; None where Redis has nil."""
        if node is self.nodes.end or node is self.nodes.head:
            return None
        if not node.serial:
            node.serial = self.runtime.serial()
        return node.serial

    def _node(self, node: Rung, rank: int | None) -> Allocation:
        steps = self.nodes.steps(node)
        fields = [*self._node_start(node, rank), *self._levels(steps, rank)]
        data = _POINTER + pack("<d", node.score) + _POINTER
        data += b"".join(_POINTER + pack("<Q", span) for _, span in steps)
        size = self.runtime.usable(len(data))
        if rank is None:
            serial, role = self._head_serial(), "value/zset/zskiplist/header"
            summary = f"header: room for {MAX_LEVEL} levels, {self.nodes.levels} in use"
        else:
            serial, role = self._serial(node) or 0, f"value/zset/zskiplist/node[{rank}]"
            summary = f"rank {rank}, {len(steps)} level{'s' * (len(steps) > 1)}"
        return Allocation(
            serial, role, "zskiplistNode", len(data), size, size, Shape.LEVELS, tuple(fields), data, summary=summary,
            element=rank,
        )  # fmt: skip

    def _node_start(self, node: Rung, rank: int | None) -> Iterator[Field]:
        if rank is None:
            yield Field(0, 8, "ele", None, Kind.POINTER, "nil: the header has no member")
            yield Field(8, 8, "score", 0.0, Kind.SCORE, "unused in the header")
            yield Field(16, 8, "backward", None, Kind.POINTER, "nil: nothing before the header")
            return
        entry, score = self.body.table.index[node.member], node.score
        note = "the member, the same sds that is the key in the dict"
        yield Field(0, 8, "ele", None, Kind.POINTER, note, target=key_serial(entry, self.runtime))
        yield Field(8, 8, "score", score, Kind.SCORE, f"{score!r}, a binary double")
        back = self._serial(node.backward)
        note = "nil: this is the first node" if back is None else "the node before, on the lowest level"
        yield Field(16, 8, "backward", None, Kind.POINTER, note, target=back)

    def _levels(self, steps: list[tuple[Rung | None, int]], rank: int | None) -> Iterator[Field]:
        used = self.nodes.levels
        for level, (follower, span) in enumerate(steps):
            offset = NODE_SIZE + LEVEL_SIZE * level
            target = None if follower is None else self._serial(follower)
            if level >= used:
                note = "nil: no node is in this level"
                span_note = "without meaning while the level is not in use"
            elif target is None:
                note = "nil: no later node is in this level"
                span_note = f"{span} nodes are left, none of them in this level"
            else:
                note = f"the next node in level {level + 1}"
                span_note = f"{span} place{'s' * (span > 1)} forward, to rank {(-1 if rank is None else rank) + span}"
            yield Field(offset, 8, f"level[{level}].forward", None, Kind.POINTER, note, target=target)
            yield Field(offset + 8, 8, f"level[{level}].span", span, Kind.SPAN, span_note)

    def _hold(self, entry: Entry, role: str, element: int) -> Held:
        serial = key_serial(entry, self.runtime)
        text = text_allocation(
            entry.key, serial, f"{role}/key", self.runtime, self.window, what="member", element=element
        )
        node: Rung = entry.value  # type: ignore[assignment]
        note = "to the score inside the member's node"
        value = Field(8, 8, "value", None, Kind.POINTER, note, target=self._serial(node))
        return Held(serial, value, (text,))
