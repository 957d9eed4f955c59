"""A server's key, rebuilt here from its DUMP payload, to be looked at like one of our own.

The payload carries compact blobs byte for byte. It does not carry where a hashtable's entries lie, how tall a skiplist's towers
are, or how much room a raw string has: these are drawn as a fresh copy has them, and labelled *reconstructed*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from zlib import crc32

from rinspect.engine import Engine, payload
from rinspect.engine.config import InvalidSetting, UnknownSetting
from rinspect.engine.encodings.indexedzset import IndexedZset
from rinspect.engine.key_layout import key_layout
from rinspect.engine.keyspace import Database
from rinspect.engine.layout import Allocation, Certainty, Field, Layout, Serial, Window
from rinspect.engine.payload.codec import Reader
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.value import Value
from rinspect.engine.values.zset import ZsetValue
from rinspect.sources.server.facts import ServerFacts

EXACT_ENCODINGS = frozenset({"int", "embstr", "intset", "listpack", "ziplist", "listpackex", "quicklist"})
"""Those of which a payload holds every byte."""


STEADY = 10_000
"""Up to so many members a sorted set's towers stay as they are from one look to the next."""


def scratch_engine(facts: ServerFacts) -> Engine:
    """An engine with a server's version, allocator and thresholds."""
    engine = Engine(facts.profile, facts.allocator, rng=Random(1))
    for name, value in facts.settings.items():
        try:
            engine.runtime.config.set([(name, value)])
        except (UnknownSetting, InvalidSetting):
            continue
    return engine


def adopt(db: Database, key: bytes, data: bytes, expires_at: int | None) -> Value:
    """Put the value of a payload under a key, in the encoding that the payload has; CorruptPayload if it cannot be read."""
    reader = Reader(data, 1, len(data) - payload.FOOTER)
    # A payload looked at twice is drawn the same twice.
    db.runtime.rng.seed(1)
    value = payload.load_value(data[0], reader, db.runtime)
    if isinstance(value, ZsetValue) and isinstance(value.body, IndexedZset) and len(value) <= STEADY:
        value.body.arrange([_height(member) for member, _ in value.pairs()])
    db.put(key, value)
    if expires_at is not None:
        db.expire_at(key, expires_at)
    return value


def _height(member: bytes) -> int:
    """A tower's height, drawn with a skiplist's odds but from the member: what is added beside it changes no other's."""
    chance, height = crc32(member), 1
    while chance & 3 == 0 and height < 16:
        chance, height = chance >> 2, height + 1
    return height


def as_there(db: Database, key: bytes, value: Value, encoding: str) -> Value:
    """The value in the encoding that the server reports: a string's payload does not tell how it is held."""
    if not isinstance(value, StringValue) or value.encoding == encoding:
        return value
    if encoding == "raw":
        held = StringValue.make_raw(db.runtime, value.bytes())
    elif encoding == "embstr":
        held = StringValue(db.runtime, value.bytes(), textual=True)
    else:
        return value
    db.put(key, held, keep_ttl=True)
    return held


def xray(db: Database, key: bytes, window: Window, *, estimated: bool) -> Layout | None:
    """The layout of an adopted key: allocations named by their roles, certainty as the encoding allows."""
    found = key_layout(db, key, window)
    if found is None:
        return None
    layout = found.layout
    if estimated:
        certainty = Certainty.ESTIMATED
    else:
        certainty = Certainty.EXACT if layout.encoding in EXACT_ENCODINGS else Certainty.RECONSTRUCTED
    return replace(by_role(layout), certainty=certainty)


def by_role(layout: Layout) -> Layout:
    """The same layout with roles for serials: a copy's numbers mean nothing, and the roles are the same next time."""
    names: Mapping[Serial, Serial] = {a.serial: a.role for a in layout.allocations}
    return replace(layout, allocations=tuple(_renamed(a, names) for a in layout.allocations))


def _renamed(allocation: Allocation, names: Mapping[Serial, Serial]) -> Allocation:
    fields = tuple(_repointed(field, names) for field in allocation.fields)
    return allocation._replace(serial=allocation.role, fields=fields)


def _repointed(field: Field, names: Mapping[Serial, Serial]) -> Field:
    if field.name == "next" and field.target is None and field.note.endswith("if any"):
        return field._replace(value="another key, or nil: the payload does not tell")
    return field if field.target is None else field._replace(target=names.get(field.target, "outside the window"))
