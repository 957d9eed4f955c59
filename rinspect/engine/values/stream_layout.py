"""How a stream looks in memory.

    stream ─┬▶ rax ─▶ raxNode … ─▶ listpack                              the entries
            └▶ rax ─▶ raxNode … ─▶ streamCG ─┬▶ rax ─▶ … ─▶ streamNACK   what is pending
                                             └▶ rax ─▶ … ─▶ streamConsumer ─┬▶ sds name
                                                                            └▶ rax ─▶ … ─▶ the same NACKs

Its elements are, in this order, the nodes; then for each group itself, what is pending in it, and each of its consumers
followed by what is pending for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rinspect.engine.encodings.rax import STRUCT_SIZE as RAX_SIZE
from rinspect.engine.encodings.rax import Rax
from rinspect.engine.encodings.sds import element_size
from rinspect.engine.encodings.streamid import id_of, ms_of, seq_of
from rinspect.engine.encodings.streamnode import DELETED, FIRST_FIELD, SAME_FIELDS, StreamNode
from rinspect.engine.layout import Allocation, Field, Kind, Run, Window
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.blob_layout import blob_allocation, entries_touched
from rinspect.engine.values.stream_groups import UNKNOWN, Consumer, Group, Nack
from rinspect.engine.values.table_layout import text_allocation
from rinspect.engine.values.tree_layout import CHARGE_RULE, NOT_COUNTED, TreeLayout, tree_charge
from rinspect.engine.values.value import struct_allocation, struct_bytes

if TYPE_CHECKING:
    from rinspect.engine.values.stream import StreamValue

NAME_RULE = "a consumer's name is charged by its length"


class StreamLayout:
    """A view of one stream."""

    def __init__(self, stream: StreamValue) -> None:
        self.stream = stream
        self.runtime = stream.runtime
        self.sizes = self.runtime.profile.stream_sizes
        self.groups = list(stream.named_groups())
        self.elements = len(stream.nodes)
        if not stream.struct_serial:
            stream.struct_serial = self.runtime.serial()
        starts = []
        for _, group in self.groups:
            starts.append(self.elements)
            self.elements += 1 + len(group.pel) + sum(1 + len(one.pel) for one in group.consumers.values())
        self.starts = starts
        """The groups' numbers among the elements; `elements` is how many there are in all."""

    @property
    def serial(self) -> int:
        """The stream struct's."""
        return self.stream.struct_serial

    # -- sums ---------------------------------------------------------------------------------------------------------

    def runs(self) -> Iterator[Run]:
        """Sums of all, the robj excepted."""
        usable, stream = self.runtime.usable, self.stream
        stream_size, group_size, consumer_size, nack_size = self.sizes
        consumers = [consumer for _, group in self.groups for consumer in group.consumers.values()]
        pels: list[Rax[Any]] = [*(group.pel for _, group in self.groups), *(consumer.pel for consumer in consumers)]
        counted: list[Rax[Any]] = [stream.nodes, *pels]
        names: list[Rax[Any]] = [] if stream.groups is None else [stream.groups]
        names += [group.consumers for _, group in self.groups]
        trees = counted + names
        yield Run("stream", 1, stream_size, usable(stream_size), stream_size)
        yield Run("rax", len(trees), RAX_SIZE * len(trees), usable(RAX_SIZE) * len(trees), 0, NOT_COUNTED)
        yield Run(
            "raxNode", sum(tree.numnodes for tree in trees), sum(tree.asked for tree in trees),
            sum(tree.size_class for tree in trees), sum(map(tree_charge, counted)), CHARGE_RULE,
        )  # fmt: skip
        asked = sum(_asked(node, self.runtime) for node in stream.nodes.values())
        yield Run("listpack", len(stream.nodes), asked, stream.room, stream.room)
        if not self.groups:
            return
        count, pending = len(self.groups), sum(len(group.pel) for _, group in self.groups)
        yield Run("streamCG", count, group_size * count, usable(group_size) * count, group_size * count)
        yield Run("streamNACK", pending, nack_size * pending, usable(nack_size) * pending, nack_size * pending)
        count = len(consumers)
        yield Run("streamConsumer", count, consumer_size * count, usable(consumer_size) * count, consumer_size * count)
        lengths = [len(consumer.name) for consumer in consumers]
        names_asked = [element_size(length) for length in lengths]
        yield Run("sds", count, sum(names_asked), sum(map(usable, names_asked)), sum(lengths), NAME_RULE)

    def facts(self) -> dict[str, object]:
        """The figures that a drawing names."""
        stream, config = self.stream, self.runtime.config
        return {
            "entries": stream.length,
            "listpacks": len(stream.nodes),
            "groups": len(self.groups),
            "max_bytes": config.stream_node_max_bytes,
            "max_entries": config.stream_node_max_entries,
        }

    # -- allocations --------------------------------------------------------------------------------------------------

    def allocations(self, window: Window) -> Iterator[Allocation]:
        """The structs and what is fixed; then the window's nodes, groups, consumers and pending entries."""
        stream, count = self.stream, len(self.stream.nodes)
        tree = TreeLayout(
            stream.nodes, self.runtime, "value/stream/rax", elements=range(count), owner=None, what="listpack",
            serial_of=self._listpack_serial, counted=True,
        )  # fmt: skip
        names = None if stream.groups is None else TreeLayout(
            stream.groups, self.runtime, "value/stream/cgroups", elements=self.starts, owner=None,
            what="group", serial_of=self.own_serial, counted=False,
        )  # fmt: skip
        yield self._struct(tree, names)
        yield from tree.fixed()
        if names is not None:
            yield from names.fixed()
        yield from tree.nodes(tree.keys(window))
        for element, _, node in tree.keys(window):
            yield self._listpack(node, element, window)
        if names is None:
            return
        yield from names.nodes(names.keys(window))
        for number, (start, (name, group)) in enumerate(zip(self.starts, self.groups, strict=True)):
            yield from _GroupLayout(self, group, name, start, f"value/stream/group[{number}]").allocations(window)

    def own_serial(self, thing: Group | Consumer | Nack) -> int:
        """The serial of one of the structs, drawn now if it has none yet."""
        if not thing.serial:
            thing.serial = self.runtime.serial()
        return thing.serial

    def _listpack_serial(self, node: StreamNode) -> int:
        if not node.pack.serial:
            node.pack.serial = self.runtime.serial()
        return node.pack.serial

    def _struct(self, tree: TreeLayout, names: TreeLayout | None) -> Allocation:
        stream, modern = self.stream, self.sizes[0] == 80
        fields = [
            Field(0, 8, "rax", None, Kind.POINTER, "to the tree of nodes, by id", target=tree.serial),
            Field(8, 8, "length", stream.length, Kind.COUNT, f"{stream.length} entries that are not deleted"),
            *_id_fields(16, "last_id", stream.last_id, "the last id ever given: the next one is higher"),
        ]
        if modern:
            fields += _id_fields(32, "first_id", stream.first_id, "the first entry's id")
            fields += _id_fields(48, "max_deleted_entry_id", stream.max_deleted_id, "the highest id that XDEL deleted")
            note = f"{stream.entries_added} entries were ever added"
            fields.append(Field(64, 8, "entries_added", stream.entries_added, Kind.COUNT, note))
        at = fields[-1].end
        if names is None:
            fields.append(Field(at, 8, "cgroups", None, Kind.POINTER, "nil: there has been no consumer group yet"))
        else:
            note = "to the tree of consumer groups, by name"
            fields.append(Field(at, 8, "cgroups", None, Kind.POINTER, note, target=names.serial))
        return self.made(self.serial, "value/stream", "stream", tuple(fields))

    def made(
        self, serial: int, role: str, name: str, fields: tuple[Field, ...], element: int | None = None
    ) -> Allocation:
        """A struct of these fields."""
        size_class = self.runtime.usable(fields[-1].end)
        return struct_allocation(
            serial, role, name, struct_bytes(fields), fields, size_class=size_class, element=element
        )

    def _listpack(self, node: StreamNode, element: int, window: Window) -> Allocation:
        pack, asked = node.pack, _asked(node, self.runtime)
        depends = element, window.start, window.size, asked, node.room, pack.serial, bytes(pack.data)
        if node.drawn is None or node.drawn[0] != depends:
            node.drawn = depends, self._drawn(node, element, window)
        return node.drawn[1]

    def _drawn(self, node: StreamNode, element: int, window: Window) -> Allocation:
        role = f"value/stream/node[{element}]/listpack"
        names = tuple(_names(node))
        found = blob_allocation(node.pack, self.runtime, entries_touched(node.pack, window), role=role, names=names)
        asked, fields, data = _asked(node, self.runtime), tuple(_explained(node, found.fields)), found.data
        if fields and fields[-1].kind is Kind.TERMINATOR and asked > node.nbytes:
            left = asked - node.nbytes
            note = f"{asked} bytes were asked for when the node was begun: room for entries to come"
            fields = (*fields, Field(node.nbytes, left, "room", left, Kind.SLACK, note))
            data += bytes(left)
        deleted = f", {node.deleted} deleted" if node.deleted else ""
        return found._replace(
            asked=asked, size_class=node.room, charged=node.room, rule="", fields=fields, data=data,
            element=element, summary=f"{node.count} entries{deleted} in {node.nbytes} bytes",
        )  # fmt: skip


class _GroupLayout:
    """A view of one group, whose first element is `start`."""

    def __init__(self, whole: StreamLayout, group: Group, name: bytes, start: int, role: str) -> None:
        self.whole = whole
        self.group = group
        self.name = name
        self.start = start
        self.role = role
        self.consumers = list(group.consumers.values())
        after = start + 1 + len(group.pel)
        self.consumer_starts = []
        for consumer in self.consumers:
            self.consumer_starts.append(after)
            after += 1 + len(consumer.pel)
        self.stop = after

    def allocations(self, window: Window) -> Iterator[Allocation]:
        if self.stop <= window.first or self.start >= window.stop:
            return
        group, first = self.group, self.start + 1
        pel = self._tree(group.pel, "pel", range(first, first + len(group.pel)), self.start, "NACK", counted=True)
        names = self._tree(group.consumers, "consumers", self.consumer_starts, self.start, "consumer", counted=False)
        if window.first <= self.start:
            yield self._struct(pel, names)
            yield from pel.fixed()
            yield from names.fixed()
        yield from pel.nodes(pel.keys(window))
        for place, (element, key, nack) in enumerate(pel.keys(window)):
            yield self._nack(nack, key, element, f"{self.role}/nack[{max(0, window.first - first) + place}]")
        yield from names.nodes(names.keys(window))
        for number, (start, consumer) in enumerate(zip(self.consumer_starts, self.consumers, strict=True)):
            yield from self._consumer(consumer, start, f"{self.role}/consumer[{number}]", window)

    def _tree(
        self,
        tree: Rax[Nack] | Rax[Consumer],
        name: str,
        elements: Sequence[int],
        owner: int,
        what: str,
        *,
        counted: bool,
    ) -> TreeLayout:
        return TreeLayout(
            tree, self.whole.runtime, f"{self.role}/{name}", elements=elements, owner=owner, what=what,
            serial_of=self.whole.own_serial, counted=counted,
        )  # fmt: skip

    def _struct(self, pel: TreeLayout, names: TreeLayout) -> Allocation:
        group = self.group
        shown = self.name.decode("utf-8", "backslashreplace")
        fields = list(_id_fields(0, "last_id", group.last_id, f"the group {shown} was given everything up to here"))
        if self.whole.sizes[1] == 40:
            read = "how many entries it has read is unknown" if group.entries_read == UNKNOWN else (
                f"it has read {group.entries_read} entries of all that were ever added")  # fmt: skip
            fields.append(Field(16, 8, "entries_read", group.entries_read, Kind.COUNT, read))
        at = fields[-1].end
        pending = f"to the tree of {len(group.pel)} pending entries, by id"
        fields.append(Field(at, 8, "pel", None, Kind.POINTER, pending, target=pel.serial))
        note = f"to the tree of {len(group.consumers)} consumers, by name"
        fields.append(Field(at + 8, 8, "consumers", None, Kind.POINTER, note, target=names.serial))
        serial = self.whole.own_serial(group)
        made = self.whole.made(serial, self.role, "streamCG", tuple(fields), self.start)
        return made._replace(
            summary=f"group {shown}: {len(group.pel)} pending, {_many(len(group.consumers), 'consumer')}"
        )

    def _nack(self, nack: Nack, key: bytes, element: int, role: str) -> Allocation:
        identity, times = id_of(key), nack.delivery_count
        entry = f"{ms_of(identity)}-{seq_of(identity)}"
        fields = (
            Field(0, 8, "delivery_time", nack.delivery_time, Kind.EXPIRY, f"when {entry} was last delivered"),
            Field(8, 8, "delivery_count", times, Kind.COUNT, f"delivered {times} time{'s' * (times != 1)}"),
            Field(16, 8, "consumer", None, Kind.POINTER, "to whom", target=self.whole.own_serial(nack.consumer)),
        )
        made = self.whole.made(self.whole.own_serial(nack), role, "streamNACK", fields, element)
        return made._replace(summary=f"{entry}: pending, {fields[1].note}")

    def _consumer(self, consumer: Consumer, start: int, role: str, window: Window) -> Iterator[Allocation]:
        runtime, stop = self.whole.runtime, start + 1 + len(consumer.pel)
        if stop <= window.first or start >= window.stop:
            return
        pel = TreeLayout(
            consumer.pel, runtime, f"{role}/pel", elements=range(start + 1, stop), owner=start, what="NACK",
            serial_of=self.whole.own_serial, counted=True,
        )  # fmt: skip
        if window.first <= start:
            if not consumer.name_serial:
                consumer.name_serial = runtime.serial()
            fields = [Field(0, 8, "seen_time", consumer.seen_time, Kind.EXPIRY, "when it last tried to get something")]
            if self.whole.sizes[2] == 32:
                never = "never got anything" if consumer.active_time == UNKNOWN else "when it last got something"
                fields.append(Field(8, 8, "active_time", consumer.active_time, Kind.EXPIRY, never))
            at = fields[-1].end
            fields.append(Field(at, 8, "name", None, Kind.POINTER, "to its name", target=consumer.name_serial))
            note = f"to the tree of {len(consumer.pel)} entries that are pending for it, by id"
            fields.append(Field(at + 8, 8, "pel", None, Kind.POINTER, note, target=pel.serial))
            serial = self.whole.own_serial(consumer)
            made = self.whole.made(serial, role, "streamConsumer", tuple(fields), start)
            shown = consumer.name.decode("utf-8", "backslashreplace")
            yield made._replace(summary=f"consumer {shown}: {len(consumer.pel)} pending")
            name = text_allocation(
                consumer.name, consumer.name_serial, f"{role}/name", runtime, window, what="name", element=start
            )
            yield name._replace(charged=len(consumer.name), rule=NAME_RULE)
            yield from pel.fixed()
        yield from pel.nodes(pel.keys(window))


def _many(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _id_fields(offset: int, name: str, identity: int, note: str) -> Iterator[Field]:
    ms, seq = ms_of(identity), seq_of(identity)
    yield Field(offset, 8, f"{name}.ms", ms, Kind.INTEGER, f"{note}: {ms}-{seq}")
    yield Field(offset + 8, 8, f"{name}.seq", seq, Kind.INTEGER, f"its sequence number: {seq}")


def _asked(node: StreamNode, runtime: Runtime) -> int:
    """What was asked for a node's listpack: the room that it was begun with while it has that, else its length."""
    return node.nbytes if runtime.usable(node.nbytes) == node.room else node.room


def _names(node: StreamNode) -> Iterator[str]:
    """What each element of a node's listpack is called."""
    texts = node.pack.texts
    master = int(texts[FIRST_FIELD - 1])
    yield from ("count", "deleted", "fields", *["field"] * master, "end of master")
    for start in node.starts:
        yield from ("flags", "ms", "seq")
        if int(texts[start]) & SAME_FIELDS:
            yield from ["value"] * master
        else:
            yield from ("fields", *["field", "value"] * int(texts[start + 3]))
        yield "lp-count"


def _explained(node: StreamNode, fields: Sequence[Field]) -> Iterator[Field]:
    """The fields, with what their numbers mean in a stream's node."""
    for field in fields:
        meaning = ""
        if field.entry is not None and field.kind is Kind.INTEGER:
            meaning = _meaning(node, field)
        yield field._replace(note=f"{meaning} ({field.note})") if meaning else field


def _meaning(node: StreamNode, field: Field) -> str:
    number, first = int(str(field.value)), node.first
    if field.name == "ms":
        return f"{ms_of(first)} + {number}: the entry is of {ms_of(first) + number}"
    if field.name == "seq":
        return f"{seq_of(first)} + {number}: its sequence number is {seq_of(first) + number}"
    if field.name == "flags":
        return _flags(number)
    return {
        "count": f"{number} entries of the node are not deleted",
        "deleted": f"{number} entries are deleted, and still there",
        "fields": f"{number} fields",
        "end of master": "the master entry ends here: whoever comes backwards stops",
        "lp-count": f"the entry takes the {number} elements before this one",
    }.get(field.name, "")


def _flags(number: int) -> str:
    deleted = "deleted, " if number & DELETED else ""
    return f"flags: {deleted}{'the fields are the master entry’s' if number & SAME_FIELDS else 'fields of its own'}"
