"""Keys as the commands that make them anew: an append-only file's beginning, where that is to be no RDB file.

Large values come in several commands, of so many elements each that no client waits long for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TypeVar

from rinspect.engine.encodings.streamid import id_of, id_text
from rinspect.engine.keyspace import Keyspace
from rinspect.engine.networking.multibulks import multibulk
from rinspect.engine.persistence.saving import Told
from rinspect.engine.values.hash import HashValue
from rinspect.engine.values.list import ListValue
from rinspect.engine.values.set import SetValue
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.stream_groups import Group
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.value import Value
from rinspect.engine.values.zset import ZsetValue

AT_ONCE = 64
"""Elements in one command: AOF_REWRITE_ITEMS_PER_CMD."""

Argv = Sequence[bytes]
T = TypeVar("T")


def rebuild(keyspace: Keyspace, write: Callable[[bytes], object], told: Told = lambda: None) -> None:
    """Write the commands that make all keys of all databases. `told` is called after each key. Changes nothing."""
    for db in keyspace.databases:
        if not len(db):
            continue
        write(multibulk((b"SELECT", b"%d" % db.number)))
        for entry in db.table:
            value = entry.value
            assert isinstance(value, Value)
            for argv in made_by(entry.key, value):
                write(multibulk(argv))
            when = db.expiry(entry.key)
            if when is not None:
                write(multibulk((b"PEXPIREAT", entry.key, b"%d" % when)))
            told()


def made_by(key: bytes, value: Value) -> Iterator[Argv]:
    """The commands that make a value under a key that is not there."""
    match value:
        case StringValue():
            yield (b"SET", key, value.bytes())
        case ListValue():
            yield from ((b"RPUSH", key, *part) for part in _parts(value))
        case SetValue():
            yield from ((b"SADD", key, *part) for part in _parts(value))
        case ZsetValue():
            pairs = ((b"%.17g" % score, member) for member, score in value.pairs(0, len(value)))
            yield from ((b"ZADD", key, *chain.from_iterable(part)) for part in _parts(pairs))
        case HashValue():
            yield from _hash(key, value)
        case StreamValue():
            yield from _stream(key, value)
        case _:
            raise AssertionError(value)


def _parts(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while part := list(islice(rest, AT_ONCE)):
        yield part


def _hash(key: bytes, value: HashValue) -> Iterator[Argv]:
    if not value.fields.timed:
        pairs = ((field, text) for field, text, _ in value.fields)
        yield from ((b"HMSET", key, *chain.from_iterable(part)) for part in _parts(pairs))
        return
    for field, text, expiry in value.fields:
        yield (b"HMSET", key, field, text)
        if expiry:
            yield (b"HPEXPIREAT", key, b"%d" % expiry, b"FIELDS", b"1", field)


def _stream(key: bytes, stream: StreamValue) -> Iterator[Argv]:
    counts = stream.runtime.profile.version >= (7, 0)
    for identity, words in stream.entries():
        yield (b"XADD", key, id_text(identity), *words)
    if not len(stream):
        # There is no other way to an empty one.
        yield (b"XADD", key, b"MAXLEN", b"0", b"0-1", b"x", b"y")
    more = (
        (b"ENTRIESADDED", b"%d" % stream.entries_added, b"MAXDELETEDID", id_text(stream.max_deleted_id))
        if counts
        else ()
    )
    yield (b"XSETID", key, id_text(stream.last_id), *more)
    if stream.groups is not None:
        for name, group in stream.groups.items():
            read = (b"ENTRIESREAD", b"%d" % group.entries_read) if counts else ()
            yield (b"XGROUP", b"CREATE", key, name, id_text(group.last_id), *read)
            yield from _consumers(key, name, group)


def _consumers(key: bytes, name: bytes, group: Group) -> Iterator[Argv]:
    for consumer_name, consumer in group.consumers.items():
        if not consumer.pel.index:
            yield (b"XGROUP", b"CREATECONSUMER", key, name, consumer_name)
        for entry, nack in consumer.pel.items():
            yield (
                b"XCLAIM", key, name, consumer_name, b"0", id_text(id_of(entry)), b"TIME", b"%d" % nack.delivery_time,
                b"RETRYCOUNT", b"%d" % nack.delivery_count, b"JUSTID", b"FORCE",
            )  # fmt: skip
