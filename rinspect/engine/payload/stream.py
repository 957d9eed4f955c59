"""Streams in RDB form.

15   nodes: count, then each one's id (16 bytes, as a string) and listpack (as a string)                         6.2
     length, last id
     groups: count, then for each: name, last id
         pending entries: count, then for each: id (16 bytes), u64 delivery time, delivery count
         consumers: count, then for each: name, u64 seen time, pending entries: count, ids
19   the same, and behind the last id: first id, highest deleted id, entries added;                              7.0
     behind a group's last id: entries read
21   the same, and behind a consumer's seen time: u64 active time                                                7.2+

An id that is not a node's or of a pending entry is two lengths: milliseconds and sequence number.
"""

from __future__ import annotations

from collections.abc import Callable

from rinspect.engine.encodings.entries import CorruptBlob
from rinspect.engine.encodings.listpack import Listpack
from rinspect.engine.encodings.rax import Rax
from rinspect.engine.encodings.streamid import LAST_ID, id_key, id_of, make_id, ms_of, seq_of, signed
from rinspect.engine.encodings.streamnode import StreamNode
from rinspect.engine.numbers import INT64_MAX
from rinspect.engine.payload.codec import CorruptPayload, Reader, Writer
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.stream_groups import Consumer, Group, Nack
from rinspect.engine.values.stream_reads import place_of

STREAM, STREAM_2, STREAM_3 = 15, 19, 21

_PART = (1 << 64) - 1


def type_byte(value: StreamValue) -> int:
    return value.runtime.profile.stream_payload


def save(value: StreamValue, out: Writer) -> None:
    kind = type_byte(value)
    out.length(len(value.nodes))
    for key, node in value.nodes.items():
        out.string(key)
        out.string(node.pack.data)
    out.length(value.length)
    _save_id(value.last_id, out)
    if kind >= STREAM_2:
        _save_id(value.first_id, out)
        _save_id(value.max_deleted_id, out)
        out.length(value.entries_added & _PART)
    out.length(0 if value.groups is None else len(value.groups))
    for name, group in value.named_groups():
        _save_group(name, group, kind, out)


def _save_id(identity: int, out: Writer) -> None:
    out.length(ms_of(identity))
    out.length(seq_of(identity))


def _save_group(name: bytes, group: Group, kind: int, out: Writer) -> None:
    out.string(name)
    _save_id(group.last_id, out)
    if kind >= STREAM_2:
        out.length(group.entries_read & _PART)
    out.length(len(group.pel))
    for key, nack in group.pel.items():
        out.raw(key)
        out.u64(nack.delivery_time & _PART)
        out.length(nack.delivery_count & _PART)
    out.length(len(group.consumers))
    for consumer in group.consumers.values():
        out.string(consumer.name)
        out.u64(consumer.seen_time & _PART)
        if kind >= STREAM_3:
            out.u64(consumer.active_time & _PART)
        out.length(len(consumer.pel))
        for key in consumer.pel.keys():  # noqa: SIM118 (a tree is no dict)
            out.raw(key)


def _loader(kind: int) -> Callable[[Reader, Runtime], StreamValue]:
    def load(reader: Reader, runtime: Runtime) -> StreamValue:
        value = StreamValue(runtime)
        _load_nodes(reader, value)
        value.length = reader.unchecked_length()
        if value.length > INT64_MAX:
            raise CorruptPayload(f"no stream has {value.length} entries")
        value.last_id = _load_id(reader)
        if kind >= STREAM_2:
            value.first_id = _load_id(reader)
            value.max_deleted_id = _load_id(reader)
            value.entries_added = reader.unchecked_length()
        else:
            value.entries_added = value.length
            value.first_id = next((identity for identity, _ in value.entries()), LAST_ID)
        if value.length and not len(value.nodes):
            raise CorruptPayload(f"a stream of {value.length} entries without nodes")
        for _ in range(reader.length()):
            _load_group(reader, value, kind)
        return value

    return load


def _load_nodes(reader: Reader, value: StreamValue) -> None:
    for _ in range(reader.length()):
        key = reader.string()
        if len(key) != len(id_key(0)):
            raise CorruptPayload(f"the id of a stream's node has 16 bytes, that before offset {reader.at} {len(key)}")
        try:
            node = StreamNode.found(
                id_of(key), Listpack.from_bytes(reader.string(), counted=False), value.runtime.usable
            )
        except CorruptBlob as error:
            raise CorruptPayload(str(error)) from None
        if not value.adopt_node(node):
            raise CorruptPayload(f"the node before offset {reader.at} is there twice")


def _load_id(reader: Reader) -> int:
    ms = reader.unchecked_length()
    return make_id(ms, reader.unchecked_length())


def _load_group(reader: Reader, value: StreamValue, kind: int) -> None:
    name, last_id = reader.string(), _load_id(reader)
    entries_read = signed(reader.unchecked_length()) if kind >= STREAM_2 else place_of(value, last_id)
    if value.group(name) is not None:
        raise CorruptPayload(f"the group before offset {reader.at} is there twice")
    group = value.add_group(name, last_id, entries_read)
    pending: Rax[tuple[int, int]] = Rax()
    for _ in range(reader.length()):
        key, delivered = reader.raw(16), signed(reader.u64())
        if not pending.insert(key, (delivered, reader.unchecked_length())):
            raise CorruptPayload(f"the pending entry before offset {reader.at} is there twice")
    for _ in range(reader.length()):
        _load_consumer(reader, group, pending.index, kind)
    if len(group.pel) < len(pending):
        raise CorruptPayload(f"an entry is pending for no consumer, before offset {reader.at}")


def _load_consumer(reader: Reader, group: Group, pending: dict[bytes, tuple[int, int]], kind: int) -> None:
    name = reader.string()
    if group.consumer(name) is not None:
        raise CorruptPayload(f"the consumer before offset {reader.at} is there twice")
    consumer: Consumer = group.add_consumer(name, signed(reader.u64()))
    consumer.active_time = signed(reader.u64()) if kind >= STREAM_3 else consumer.seen_time
    for _ in range(reader.length()):
        key = reader.raw(16)
        if key not in pending:
            raise CorruptPayload(f"no entry is pending under the id before offset {reader.at}")
        if consumer.pel.find(key) is not None:
            raise CorruptPayload(f"the pending entry before offset {reader.at} is there twice for its consumer")
        group.add_pending(id_of(key), Nack(consumer, *pending[key]))


LOADERS = {kind: _loader(kind) for kind in (STREAM, STREAM_2, STREAM_3)}
