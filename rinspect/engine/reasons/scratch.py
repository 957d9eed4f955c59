"""Scratch engines: copies of one key, to try things on."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from rinspect.engine import payload
from rinspect.engine.encodings.streamid import LAST_ID, id_text
from rinspect.engine.engine import Engine, Session
from rinspect.engine.keyspace import Database
from rinspect.engine.payload.codec import Reader
from rinspect.engine.profile import PROFILES, Profile
from rinspect.engine.reasons.records import Rebuilt
from rinspect.engine.replies import CommandError
from rinspect.engine.values.hash import HashValue
from rinspect.engine.values.list import ListValue
from rinspect.engine.values.set import SetValue
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.stream_groups import pending_ids
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.value import Value
from rinspect.engine.values.zset import ZsetValue

MOST_ELEMENTS = 5_000
MOST_BYTES = 1 << 20
"""Larger values are not copied in passing: a try would hold up the commands that come meanwhile."""


def is_small(value: Value) -> bool:
    """Whether a value may be copied for a try."""
    count = 0 if isinstance(value, StringValue) else len(value)
    return count <= MOST_ELEMENTS and value.charged() <= MOST_BYTES


def scratch(db: Database, profile: Profile | None = None) -> Session:
    """A session of an empty engine with the settings, allocator and clock of `db`'s, and chance of its own."""
    runtime = db.runtime
    engine = Engine(profile or runtime.profile, runtime.allocator.name, runtime.clock, Random(1))
    engine.runtime.config.adopt(runtime.config)
    return engine.session()


def scratch_copy(db: Database, key: bytes, value: Value) -> Session:
    """A scratch session that holds a copy of the value under the same key, in the same encoding."""
    session = scratch(db)
    data = payload.dump(value)
    reader = Reader(data, 1, len(data) - payload.FOOTER)
    session.call.db.put(key, payload.load_value(data[0], reader, session.engine.runtime))
    expiry = db.expiry(key)
    if expiry is not None:
        session.call.db.expire_at(key, expiry)
    return session


def usage(session: Session, key: bytes) -> int:
    """MEMORY USAGE of all elements; 0 without the key."""
    reply = session.execute([b"MEMORY", b"USAGE", key, b"SAMPLES", b"0"])
    return reply if isinstance(reply, int) else 0


def rebuilt(db: Database, key: bytes) -> tuple[Rebuilt, ...]:
    """The value as a fresh copy under each profile, oldest first; none if it is too large, or not there.

    The copy is built by commands, an element at a time, in the order in which the value has them. A version that cannot
    hold the value (a hash with field TTLs before 7.4) is left out.
    """
    value = db.peek(key)
    if value is None or not is_small(value):
        return ()
    copies = []
    for profile in PROFILES.values():
        session = scratch(db, profile)
        if any(isinstance(session.execute(argv), CommandError) for argv in commands_for(key, value)):
            continue
        copy = session.call.db.peek(key)
        if copy is not None:
            copies.append(Rebuilt(profile.name, copy.encoding, usage(session, key)))
    return tuple(copies)


def commands_for(key: bytes, value: Value) -> Iterator[list[bytes]]:
    """Commands that build a value anew, an element each."""
    if isinstance(value, StringValue):
        yield [b"SET", key, value.bytes()]
    elif isinstance(value, ListValue):
        for element in value:
            yield [b"RPUSH", key, element]
    elif isinstance(value, SetValue):
        for member in value:
            yield [b"SADD", key, member]
    elif isinstance(value, ZsetValue):
        for member, score in value.pairs():
            yield [b"ZADD", key, repr(score).encode(), member]
    elif isinstance(value, StreamValue):
        yield from _stream_commands(key, value)
    elif isinstance(value, HashValue):
        for field, text, expiry in value.items():
            yield [b"HSET", key, field, text]
            if expiry:
                yield [b"HPEXPIREAT", key, b"%d" % expiry, b"FIELDS", b"1", field]


def _stream_commands(key: bytes, value: StreamValue) -> Iterator[list[bytes]]:
    """The entries, then the groups with what is pending in them."""
    for identity, words in value.entries():
        yield [b"XADD", key, id_text(identity), *words]
    for name, group in value.named_groups():
        yield [b"XGROUP", b"CREATE", key, name, id_text(group.last_id), b"MKSTREAM"]
        for consumer in group.consumers.values():
            yield [b"XGROUP", b"CREATECONSUMER", key, name, consumer.name]
        for identity, nack in pending_ids(group.pel, 0, LAST_ID):
            if value.has(identity):
                count = b"%d" % nack.delivery_count
                yield [
                    b"XCLAIM",
                    key,
                    name,
                    nack.consumer.name,
                    b"0",
                    id_text(identity),
                    b"RETRYCOUNT",
                    count,
                    b"FORCE",
                ]
