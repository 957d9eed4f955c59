"""ZREM, and members that go with their range."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.zset.ends import lex_range, rank_range, score_range
from rinspect.engine.replies import Reply
from rinspect.engine.values.zset import ZsetValue

_IN_RANGE = (
    "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements removed by the"
    " operation."
)


@command(
    "ZREM", "key member...",
    group="sorted-set", since="1.2.0", flags="write fast", access="RW delete",
    complexity="O(M*log(N)) with N being the number of elements in the sorted set and M the number of elements to be"
    " removed.",
    summary="Removes one or more members from a sorted set. Deletes the sorted set if all members were removed.",
)  # fmt: skip
def zrem(call: Call, key: bytes, members: list[bytes]) -> Reply:
    value = call.find_write(key, ZsetValue)
    if value is None:
        return 0
    removed = 0
    for member in members:
        removed += value.remove(member)
        if not len(value):
            break
    return removed_from(call, key, value, removed)


def removed_from(call: Call, key: bytes, value: ZsetValue, removed: int) -> int:
    """What follows after members went: an empty sorted set goes as well. Returns how many went."""
    if not len(value):
        call.db.delete(key)
    elif removed:
        call.db.changed(key)
    if removed > 1:
        call.db.dirty += removed - 1
    return removed


@command(
    "ZREMRANGEBYRANK", "key start:number stop:number",
    group="sorted-set", since="2.0.0", flags="write", access="RW delete", complexity=_IN_RANGE,
    summary="Removes members in a sorted set within a range of indexes."
    " Deletes the sorted set if all members were removed.",
)  # fmt: skip
def zremrangebyrank(call: Call, key: bytes, first: bytes, last: bytes) -> Reply:
    ranks = rank_range(first, last)
    value = call.find_write(key, ZsetValue)
    return 0 if value is None else _remove(call, key, value, *ranks.within(len(value)))


@command(
    "ZREMRANGEBYSCORE", "key min:decimal max:decimal",
    group="sorted-set", since="1.2.0", flags="write", access="RW delete", complexity=_IN_RANGE,
    summary="Removes members in a sorted set within a range of scores."
    " Deletes the sorted set if all members were removed.",
)  # fmt: skip
def zremrangebyscore(call: Call, key: bytes, low: bytes, high: bytes) -> Reply:
    bounds = score_range(call, low, high)
    value = call.find_write(key, ZsetValue)
    return 0 if value is None else _remove(call, key, value, *value.span(bounds))


@command(
    "ZREMRANGEBYLEX", "key min max",
    group="sorted-set", since="2.8.9", flags="write", access="RW delete", complexity=_IN_RANGE,
    summary="Removes members in a sorted set within a lexicographical range."
    " Deletes the sorted set if all members were removed.",
)  # fmt: skip
def zremrangebylex(call: Call, key: bytes, low: bytes, high: bytes) -> Reply:
    bounds = lex_range(low, high)
    value = call.find_write(key, ZsetValue)
    return 0 if value is None else _remove(call, key, value, *value.span(bounds))


def _remove(call: Call, key: bytes, value: ZsetValue, start: int, stop: int) -> Reply:
    value.remove_ranks(start, stop)
    return removed_from(call, key, value, stop - start)
