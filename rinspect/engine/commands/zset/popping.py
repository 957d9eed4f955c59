"""Taking members from either end, from one sorted set or the first of several that has any."""

from __future__ import annotations

from rinspect.engine.commands.blocking import WouldBlock, timeout
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.propagating import from_the_one, so_many_from_the_one
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.zset.removing import removed_from
from rinspect.engine.commands.zset.replies import pairs_reply
from rinspect.engine.encodings.indexedzset import Pair
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, NULL_ARRAY, SYNTAX, CommandError, Reply
from rinspect.engine.values.zset import ZsetValue

MUST_BE_POSITIVE = "ERR value is out of range, must be positive"
TOO_FEW_KEYS = "ERR numkeys should be greater than 0"
TOO_FEW_MEMBERS = "ERR count should be greater than 0"

_ONE = "O(log(N)) with N being the number of elements in the sorted set."
_MANY = "O(log(N)*M) with N being the number of elements in the sorted set, and M being the number of elements popped."
_FROM_SEVERAL = (
    "O(K) + O(M*log(N)) where K is the number of provided keys, N being the number of elements in the sorted set,"
    " and M being the number of elements popped."
)
_SO_MANY = so_many_from_the_one(b"ZPOPMIN", b"ZPOPMAX")


def _take(call: Call, key: bytes, value: ZsetValue, count: int, *, highest: bool) -> list[Pair]:
    """Up to `count` pairs from one end, taken out of the value one by one."""
    size = len(value)
    count = min(count, size)
    pairs = value.pairs(size - count, size)[::-1] if highest else value.pairs(0, count)
    for member, _ in pairs:
        value.remove(member)
    removed_from(call, key, value, count)
    return pairs


# -- from one ----------------------------------------------------------------------------------------------------------


@command(
    "ZPOPMIN", "key [count:int]",
    group="sorted-set", since="5.0.0", flags="write fast", access="RW access delete", complexity=_MANY, raw=True,
    summary="Returns the lowest-scoring members from a sorted set after removing them."
    " Deletes the sorted set if the last member was popped.",
)  # fmt: skip
def zpopmin(call: Call, key: bytes, *words: bytes) -> Reply:
    return _pop(call, key, words, highest=False)


@command(
    "ZPOPMAX", "key [count:int]",
    group="sorted-set", since="5.0.0", flags="write fast", access="RW access delete", complexity=_MANY, raw=True,
    summary="Returns the highest-scoring members from a sorted set after removing them."
    " Deletes the sorted set if the last member was popped.",
)  # fmt: skip
def zpopmax(call: Call, key: bytes, *words: bytes) -> Reply:
    return _pop(call, key, words, highest=True)


def _pop(call: Call, key: bytes, words: tuple[bytes, ...], *, highest: bool) -> Reply:
    if len(words) > 1:
        raise CommandError(SYNTAX)
    old = call.runtime.profile.version < (7, 0)
    count: int | None = 1
    if words:
        count = parse_int(words[0])
        if old and count is None:
            raise CommandError(NOT_AN_INTEGER)
        if old and count is not None and count <= 0:
            return []
        if count is None or count < 0:
            raise CommandError(MUST_BE_POSITIVE)
    value = call.find_write(key, ZsetValue)
    if value is None or not count:
        return []
    pairs = _take(call, key, value, count, highest=highest)
    return pairs_reply(call, pairs, True, nested=call.resp == 3 and bool(words))


# -- from the first of several -----------------------------------------------------------------------------------------


def _first(call: Call, keys: tuple[bytes, ...]) -> tuple[bytes, ZsetValue] | None:
    """The first key that is there; CommandError WRONGTYPE if that holds something else."""
    for key in keys:
        value = call.find_write(key, ZsetValue)
        if value is not None:
            return key, value
    return None


@command(
    "BZPOPMIN", "key... timeout:decimal",
    group="sorted-set", since="5.0.0", flags="write fast blocking", access="RW access delete", raw=True,
    complexity=_ONE,
    summary="Removes and returns the member with the lowest score from one or more sorted sets."
    " Blocks until a member is available otherwise. Deletes the sorted set if the last element was popped.",
    propagated=from_the_one,
)  # fmt: skip
def bzpopmin(call: Call, *words: bytes) -> Reply:
    return _blocking_pop(call, words, highest=False)


@command(
    "BZPOPMAX", "key... timeout:decimal",
    group="sorted-set", since="5.0.0", flags="write fast blocking", access="RW access delete", raw=True,
    complexity=_ONE,
    summary="Removes and returns the member with the highest score from one or more sorted sets."
    " Blocks until a member available otherwise. Deletes the sorted set if the last element was popped.",
    propagated=from_the_one,
)  # fmt: skip
def bzpopmax(call: Call, *words: bytes) -> Reply:
    return _blocking_pop(call, words, highest=True)


def _blocking_pop(call: Call, words: tuple[bytes, ...], *, highest: bool) -> Reply:
    milliseconds = timeout(call, words[-1])
    found = _first(call, words[:-1])
    if found is None:
        raise WouldBlock(words[:-1], milliseconds, NULL_ARRAY)
    key, value = found
    # The pop itself looks the key up once more.
    call.db.lookup_write(key)
    ((member, score),) = _take(call, key, value, 1, highest=highest)
    return [key, member, call.double(score)]


@command(
    "ZMPOP", "numkeys:count key*numkeys where=<MIN|MAX> [COUNT count:int]",
    group="sorted-set", since="7.0.0", flags="write movablekeys", access="RW access delete", complexity=_FROM_SEVERAL,
    summary="Returns the highest- or lowest-scoring members from one or more sorted sets after removing them."
    " Deletes the sorted set if the last member was popped.", raw=True,
    propagated=_SO_MANY,
)  # fmt: skip
def zmpop(call: Call, *words: bytes) -> Reply:
    return _pop_from(call, *_several(words))


@command(
    "BZMPOP", "timeout:decimal numkeys:count key*numkeys where=<MIN|MAX> [COUNT count:int]",
    group="sorted-set", since="7.0.0", flags="write blocking movablekeys", access="RW access delete",
    complexity=_FROM_SEVERAL, raw=True,
    summary="Removes and returns a member by score from one or more sorted sets. Blocks until a member is available"
    " otherwise. Deletes the sorted set if the last element was popped.",
    propagated=_SO_MANY,
)  # fmt: skip
def bzmpop(call: Call, *words: bytes) -> Reply:
    keys, highest, count = _several(words[1:])
    milliseconds = timeout(call, words[0])
    reply = _pop_from(call, keys, highest, count)
    if reply is NULL_ARRAY:
        raise WouldBlock(keys, milliseconds, reply)
    return reply


def _several(words: tuple[bytes, ...]) -> tuple[tuple[bytes, ...], bool, int]:
    """(keys, whether from the highest score, count) of ZMPOP's words."""
    numkeys = parse_int(words[0])
    if numkeys is None or numkeys < 1:
        raise CommandError(TOO_FEW_KEYS)
    keys, options = words[1 : 1 + numkeys], words[1 + numkeys :]
    if not options or (where := options[0].upper()) not in (b"MIN", b"MAX"):
        raise CommandError(SYNTAX)
    if len(options) == 1:
        return keys, where == b"MAX", 1
    if len(options) == 2 or options[1].upper() != b"COUNT":
        raise CommandError(SYNTAX)
    count = parse_int(options[2])
    if count is None or count < 1:
        raise CommandError(TOO_FEW_MEMBERS)
    if len(options) > 3:
        raise CommandError(SYNTAX)
    return keys, where == b"MAX", count


def _pop_from(call: Call, keys: tuple[bytes, ...], highest: bool, count: int) -> Reply:
    found = _first(call, keys)
    if found is None:
        return NULL_ARRAY
    key, value = found
    return [key, pairs_reply(call, _take(call, key, value, count, highest=highest), True, nested=True)]
