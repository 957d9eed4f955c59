"""The way of an operation through a key's structure."""

from __future__ import annotations

from rinspect.engine.encodings.indexedzset import IndexedZset
from rinspect.engine.keyspace import Database
from rinspect.engine.layout import Trace
from rinspect.engine.numbers import parse_int
from rinspect.engine.values.hash import HashValue
from rinspect.engine.values.list import ListValue
from rinspect.engine.values.set import SetValue
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.stream_trace import trace_id, trace_place
from rinspect.engine.values.zset import ZsetValue


def trace_key(db: Database, key: bytes, operation: str, argument: bytes) -> Trace | None:
    """The way that an operation takes; None where the value has no such way.

    `find` looks for a member, field, id of a stream or (for `#3` in a list) an index, `rank` for a member's rank, `byrank`
    for the member at a rank, or a stream's entry at a place.
    """
    value = db.peek(key)
    number = parse_int(argument)
    if isinstance(value, ZsetValue):
        return _trace_zset(value, operation, argument, number)
    if isinstance(value, ListValue):
        return None if number is None else value.trace_index(number)
    if isinstance(value, StreamValue):
        if operation == "byrank":
            return None if number is None else trace_place(value, number)
        return trace_id(value, argument)
    if isinstance(value, HashValue | SetValue):
        return value.trace_find(argument)
    return None


def _trace_zset(value: ZsetValue, operation: str, argument: bytes, number: int | None) -> Trace | None:
    if operation == "find" or not isinstance(value.body, IndexedZset):
        return value.trace_find(argument)
    if operation == "byrank":
        rank = number if number is None or number >= 0 else number + len(value)
        return None if rank is None or not 0 <= rank < len(value) else value.body.nodes.trace_by_rank(rank)
    # Not through `score`: looking must not move a bucket.
    entry = value.body.table.index.get(argument)
    return None if entry is None else value.body.nodes.trace_rank(entry.value.score, argument)  # type: ignore[attr-defined]
