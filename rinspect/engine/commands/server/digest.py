"""DEBUG DIGEST: a fingerprint of values and of the whole dataset, the same whatever the encoding.

A digest is 20 bytes. What comes in an order (a list's elements) is *mixed*: xor with the SHA-1 of the text, then SHA-1 of
the result. What has none (a set's members) is xored.
"""

from __future__ import annotations

from hashlib import sha1

from rinspect.engine.encodings.streamid import ms_of, seq_of
from rinspect.engine.grisu2 import grisu2_text
from rinspect.engine.keyspace import Database, Keyspace
from rinspect.engine.numbers import format_17g
from rinspect.engine.values.hash import HashValue
from rinspect.engine.values.list import ListValue
from rinspect.engine.values.set import SetValue
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.value import Value
from rinspect.engine.values.zset import ZsetValue

_TYPES = {"string": 0, "list": 1, "set": 2, "zset": 3, "hash": 4, "stream": 6}
ZERO = bytes(20)


def _xor(digest: bytes, other: bytes) -> bytes:
    return (int.from_bytes(digest, "big") ^ int.from_bytes(other, "big")).to_bytes(20, "big")


def _add(digest: bytes, text: bytes) -> bytes:
    return _xor(digest, sha1(text, usedforsecurity=False).digest())


def _mix(digest: bytes, text: bytes) -> bytes:
    return sha1(_add(digest, text), usedforsecurity=False).digest()


def value_digest(db: Database, key: bytes, value: Value, digest: bytes = ZERO) -> bytes:
    """The digest of a value with its expiry, on top of `digest`."""
    digest = _mix(digest, _TYPES[value.type].to_bytes(4, "big"))
    if isinstance(value, StringValue):
        digest = _mix(digest, value.bytes())
    elif isinstance(value, ListValue):
        for element in value:
            digest = _mix(digest, element)
    elif isinstance(value, SetValue):
        for member in value:
            digest = _add(digest, member)
    elif isinstance(value, ZsetValue):
        grisu = db.runtime.profile.score_text == "grisu2"
        for member, score in value.pairs():
            text = grisu2_text(score) if grisu else format_17g(score)
            digest = _add(digest, _mix(_mix(ZERO, member), text))
    elif isinstance(value, HashValue):
        for field, text, expiry in value.items():
            pair = _mix(_mix(ZERO, field), text)
            digest = _add(digest, _add(pair, b"!!hexpire!!") if expiry else pair)
    elif isinstance(value, StreamValue):
        for identity, words in value.entries():
            digest = _mix(digest, b"%d.%d" % (ms_of(identity), seq_of(identity)))
            for word in words:
                digest = _mix(digest, word)
    return digest if db.expiry(key) is None else _add(digest, b"!!expire!!")


def dataset_digest(keyspace: Keyspace) -> bytes:
    """The digest of all databases."""
    final = ZERO
    for db in keyspace.databases:
        if len(db):
            final = _mix(final, db.number.to_bytes(4, "big"))
        for entry in db.table:
            value = entry.value
            assert isinstance(value, Value)
            final = _add(final, value_digest(db, entry.key, value, _mix(ZERO, entry.key)))
    return final
