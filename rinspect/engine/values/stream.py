"""stream: entries in order of their ids, which are only ever added at the end.

    robj ─▶ stream ─┬▶ rax by id ─▶ listpack | listpack | …            each of up to some 100 entries
                    └▶ rax by name ─▶ consumer groups (stream_groups.py), from the first group on

A node takes no more entries when it has stream-node-max-entries of them, deleted ones included, or when its bytes and those
of the new entry's texts would reach stream-node-max-bytes. It goes when its last entry does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rinspect.engine.encodings.rax import STRUCT_SIZE as RAX_SIZE
from rinspect.engine.encodings.rax import Rax
from rinspect.engine.encodings.sds import element_size
from rinspect.engine.encodings.streamid import LAST_ID, id_key
from rinspect.engine.encodings.streamnode import StreamNode
from rinspect.engine.layout import Layout, Window
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.stream_groups import UNKNOWN, Group
from rinspect.engine.values.stream_layout import StreamLayout
from rinspect.engine.values.tree_layout import tree_charge
from rinspect.engine.values.value import ROBJ_SIZE, Value, robj_run

MAX_NODE = 1 << 30
"""No listpack of a stream grows beyond this."""
PREALLOCATED = 4096
"""Bytes that a new node's listpack is given at the most."""


class StreamValue(Value):
    """A stream.

    `last_id` is the last id ever given, `first_id` that of the first entry (0 without any), `max_deleted_id` the highest
    one that XDEL deleted, `entries_added` how many entries were ever added. `room` is a running total: what the allocator
    gave for the listpacks.
    """

    type = "stream"
    __slots__ = (
        "entries_added", "first_id", "groups", "last_id", "length", "max_deleted_id", "nodes", "room", "struct_serial",
    )  # fmt: skip

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime)
        self.nodes: Rax[StreamNode] = Rax(runtime.usable)
        self.length = 0
        self.last_id = 0
        self.first_id = 0
        self.max_deleted_id = 0
        self.entries_added = 0
        self.groups: Rax[Group] | None = None
        """None until there is a first one."""
        self.room = 0
        self.struct_serial = 0

    @property
    def encoding(self) -> str:
        return "stream"

    def __len__(self) -> int:
        return self.length

    # -- reading ------------------------------------------------------------------------------------------------------

    def entries(
        self, start: int = 0, end: int = LAST_ID, *, backward: bool = False
    ) -> Iterator[tuple[int, list[bytes]]]:
        """(id, fields and values in turn) of the entries from id `start` to id `end`, both included. The stream must stay as
        it is meanwhile."""
        for node in self._nodes(start, end, backward=backward):
            for identity, place in node.entries(start, end, backward=backward):
                yield identity, node.words_at(place)

    def _nodes(self, start: int, end: int, *, backward: bool) -> Iterator[StreamNode]:
        """The nodes in which ids of a range can be."""
        if backward:
            for _, node in self.nodes.backward(id_key(end)):
                yield node
                if node.first <= start:
                    return
            return
        before = next(self.nodes.backward(id_key(start)), None)
        for _, node in self.nodes.items(id_key(start) if before is None else before[0]):
            if node.first > end:
                return
            yield node

    def has(self, identity: int) -> bool:
        """Whether there is an entry with that id."""
        return next(self.entries(identity, identity), None) is not None

    def last_entry_id(self) -> int:
        """The id of the last entry that is there; 0 without any."""
        return next((identity for identity, _ in self.entries(backward=True)), 0)

    # -- changing -----------------------------------------------------------------------------------------------------

    def add(self, identity: int, words: Sequence[bytes]) -> None:
        """Add an entry of fields and values in turn; its id is higher than `last_id`."""
        node = self.nodes.last()
        if node is not None and self._is_full(node, sum(map(len, words))):
            before = node.room
            node.shrink()
            self.room += node.room - before
            node = None
        if node is None:
            limit = self.runtime.config.stream_node_max_bytes
            room = min(PREALLOCATED, limit) if limit > 0 else PREALLOCATED
            node = StreamNode.begun(identity, words, room, self.runtime.usable)
            self.nodes.insert(id_key(identity), node)
            self._count(node, 1)
        else:
            self._count(node, -1)
            node.append(identity, words)
            self._count(node, 1)
        self.length += 1
        self.entries_added += 1
        self.last_id = identity
        if self.length == 1:
            self.first_id = identity

    def _is_full(self, node: StreamNode, more: int) -> bool:
        """Whether an entry with texts of so many bytes begins a new node."""
        config = self.runtime.config
        limit = config.stream_node_max_bytes
        if node.nbytes + more >= (limit if 0 < limit <= MAX_NODE else MAX_NODE):
            return True
        most = config.stream_node_max_entries
        return most > 0 and node.count + node.deleted >= most

    def delete(self, identity: int) -> bool:
        """Delete an entry, as XDEL does; whether it was there."""
        for node in self._nodes(identity, identity, backward=False):
            for _, place in node.entries(identity, identity):
                self._delete_at(node, place)
                self.max_deleted_id = max(self.max_deleted_id, identity)
                if identity == self.first_id or not self.length:
                    self._find_first()
                return True
        return False

    def _delete_at(self, node: StreamNode, place: int) -> None:
        self._count(node, -1)
        if node.count == 1:
            self.nodes.remove(id_key(node.first))
        else:
            node.delete(place)
            self._count(node, 1)
        self.length -= 1

    def trim(self, *, maxlen: int | None = None, minid: int = 0, approximately: bool = False, limit: int = 0) -> int:
        """Delete from the beginning until `maxlen` entries are left, or none before id `minid`; how many went.

        `approximately` lets only whole nodes go. Not more than `limit` go in nodes, if it is not 0.
        """
        gone = 0
        while (first := next(self.nodes.items(), None)) is not None and (maxlen is None or self.length > maxlen):
            key, node = first
            count = node.count
            if limit and gone + count > limit:
                break
            if self.length - count >= maxlen if maxlen is not None else node.last_id() < minid:
                self._count(node, -1)
                self.nodes.remove(key)
                self.length -= count
                gone += count
                continue
            if not approximately:
                gone += self._trim_within(node, maxlen, minid)
            break
        if gone:
            self._find_first()
        return gone

    def _trim_within(self, node: StreamNode, maxlen: int | None, minid: int) -> int:
        length = self.length

        def goes(identity: int, marked: int) -> bool:
            return length - marked > maxlen if maxlen is not None else identity < minid

        self._count(node, -1)
        marked = node.trim(goes)
        self._count(node, 1)
        self.length -= marked
        return marked

    def _find_first(self) -> None:
        self.first_id = next((identity for identity, _ in self.entries()), LAST_ID) if self.length else 0

    def _count(self, node: StreamNode, sign: int) -> None:
        """Take a node into the running total, or out of it."""
        self.room += sign * node.room

    # -- consumer groups ----------------------------------------------------------------------------------------------

    def group(self, name: bytes) -> Group | None:
        return None if self.groups is None else self.groups.find(name)

    def add_group(self, name: bytes, last_id: int, entries_read: int = UNKNOWN) -> Group:
        """A new group; there is none of that name."""
        if self.groups is None:
            self.groups = Rax(self.runtime.usable)
        group = Group(last_id, entries_read, self.runtime.usable)
        self.groups.insert(name, group)
        return group

    def named_groups(self) -> Iterator[tuple[bytes, Group]]:
        """The groups by name."""
        return iter(()) if self.groups is None else self.groups.items()

    # -- whole values -------------------------------------------------------------------------------------------------

    def adopt_node(self, node: StreamNode) -> bool:
        """Take in a node that was read from a payload; False if there is one under its id."""
        if not self.nodes.insert(id_key(node.first), node):
            return False
        self._count(node, 1)
        return True

    def copy(self) -> StreamValue:
        twin = StreamValue(self.runtime)
        for node in self.nodes.values():
            twin.adopt_node(node.copy())
        twin.length, twin.last_id, twin.first_id = self.length, self.last_id, self.first_id
        twin.max_deleted_id, twin.entries_added = self.max_deleted_id, self.entries_added
        for name, group in self.named_groups():
            if twin.groups is None:
                twin.groups = Rax(self.runtime.usable)
            twin.groups.insert(name, group.copy())
        return twin

    def widen_last(self, more: int) -> bool:
        """Give the last node so many bytes more room, as is known of it from elsewhere; False if the allocator has no such
        class."""
        last = self.nodes.last()
        if last is None:
            return not more
        room = last.room + more
        if room < last.nbytes or self.runtime.usable(room) != room:
            return False
        last.room = room
        self.room += more
        return True

    # -- what it costs, what it looks like ----------------------------------------------------------------------------

    def charged(self, samples: int = 0) -> int:
        sizes = self.runtime.profile.stream_sizes
        fixed = ROBJ_SIZE + sizes[0] + tree_charge(self.nodes) + self._groups_charge()
        count = len(self.nodes)
        if not samples or samples >= count:
            return fixed + self.room
        sampled = sum(node.room for _, node in zip(range(samples), self.nodes.values(), strict=False))
        last = self.nodes.last()
        return fixed + sampled // samples * (count - 1) + (0 if last is None else last.room)

    def _groups_charge(self) -> int:
        _, group_size, consumer_size, nack_size = self.runtime.profile.stream_sizes
        total = 0
        for _, group in self.named_groups():
            total += group_size + tree_charge(group.pel) + nack_size * len(group.pel)
            for consumer in group.consumers.values():
                total += consumer_size + len(consumer.name) + tree_charge(consumer.pel)
        return total

    def allocated(self) -> int:
        usable = self.runtime.usable
        stream_size, group_size, consumer_size, nack_size = self.runtime.profile.stream_sizes
        tree = usable(RAX_SIZE)
        total = usable(ROBJ_SIZE) + usable(stream_size) + tree + self.nodes.size_class + self.room
        if self.groups is not None:
            total += tree + self.groups.size_class
        for _, group in self.named_groups():
            total += usable(group_size) + 2 * tree + group.pel.size_class + group.consumers.size_class
            total += usable(nack_size) * len(group.pel)
            for consumer in group.consumers.values():
                total += usable(consumer_size) + usable(element_size(len(consumer.name)))
                total += tree + consumer.pel.size_class
        return total

    def layout(self, window: Window) -> Layout:
        view = StreamLayout(self)
        robj = self.robj(view.serial, pointer_note="to the stream")
        runs = (robj_run(self.runtime), *view.runs())
        allocations = (robj, *view.allocations(window))
        return Layout("stream", "stream", view.elements, window, allocations, runs, facts=view.facts())
