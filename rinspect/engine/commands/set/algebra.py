"""Intersection, union and difference, as a reply or into a key.

The result is a set of its own while it grows, and has the encoding that its members lead to, not that of the sources:
integers only and few enough are an intset, even when they come out of hashtables.
"""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.encodings.compact import Listpack
from rinspect.engine.encodings.intset import Intset
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import Reply
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.set import SetValue

TOO_FEW_KEYS = "ERR numkeys should be greater than 0"
TOO_MANY_KEYS = "ERR Number of keys can't be greater than number of args"
NEGATIVE_LIMIT = "ERR LIMIT can't be negative"

_INTERSECTING = "O(N*M) worst case where N is the cardinality of the smallest set and M is the number of sets."
_ADDING = "O(N) where N is the total number of elements in all given sets."


def _sets(call: Call, keys: list[bytes]) -> list[SetValue | None]:
    """The sets under the keys; CommandError if one of them is something else."""
    return [call.find(key, SetValue) for key in keys]


def _sources(call: Call, keys: list[bytes]) -> list[SetValue | None]:
    """The same for a command that stores what it makes of them."""
    return [call.db.find_source(key, SetValue) for key in keys]


def _store(call: Call, key: bytes, result: SetValue) -> Reply:
    if len(result):
        call.db.put(key, result)
    else:
        call.db.delete(key)
    return len(result)


# -- intersection ------------------------------------------------------------------------------------------------------


def _common(sets: list[SetValue | None], limit: int = 0) -> list[bytes]:
    """The members that all sets have, at most `limit` of them unless that is 0. The smallest set is gone through."""
    present = [value for value in sets if value is not None]
    if len(present) < len(sets):
        return []
    smallest, *others = sorted(present, key=len)
    others = [value for value in others if value is not smallest]
    found: list[bytes] = []
    for member in smallest:
        if all(value.has(member) for value in others):
            found.append(member)
            if len(found) == limit:
                break
    return found


@command(
    "SINTER", "key...",
    group="set", since="1.0.0", flags="readonly", access="RO access", complexity=_INTERSECTING,
    tips="nondeterministic_output_order",
    summary="Returns the intersect of multiple sets.",
)  # fmt: skip
def sinter(call: Call, keys: list[bytes]) -> Reply:
    common = _common(_sets(call, keys))
    if common:
        call.session.defer_length()
    return call.set(common)


@command(
    "SINTERCARD", "numkeys:count key*numkeys [LIMIT limit:natural]",
    group="set", since="7.0.0", flags="readonly movablekeys", access="RO access", complexity=_INTERSECTING,
    summary="Returns the number of members of the intersect of multiple sets.",
    errors={"numkeys": TOO_FEW_KEYS, "numkeys>": TOO_MANY_KEYS, "limit": NEGATIVE_LIMIT},
)  # fmt: skip
def sintercard(call: Call, keys: list[bytes], limit: int | None = None) -> Reply:
    return len(_common(_sets(call, keys), limit or 0))


@command(
    "SINTERSTORE", "destination:key key...",
    group="set", since="1.0.0", flags="write denyoom", access="OW update;RO access", complexity=_INTERSECTING,
    summary="Stores the intersect of multiple sets in a key.",
)  # fmt: skip
def sinterstore(call: Call, destination: bytes, keys: list[bytes]) -> Reply:
    sets = _sources(call, keys)
    common = _common(sets)
    return _store(call, destination, _intersection(call.runtime, sets, common))


def _intersection(runtime: Runtime, sets: list[SetValue | None], common: list[bytes]) -> SetValue:
    """Before 7.2 an intset that turns into a hashtable at the first other member. Since, a listpack unless the smallest
    set is an intset, which is made an intset in the end if it has nothing but integers."""
    smallest = min((value for value in sets if value is not None), key=len, default=None)
    result = SetValue(runtime)
    if not runtime.profile.small_set_is_listpack or smallest is None or isinstance(smallest.body, Intset):
        for member in common:
            result.add(member)
        return result
    result.body = Listpack()
    for member in common:
        result.add(member)
    if common and all(parse_int(member) is not None for member in common):
        result.become_intset()
    return result


# -- union and difference ----------------------------------------------------------------------------------------------


def _union(call: Call, sets: list[SetValue | None]) -> SetValue:
    result = SetValue(call.runtime)
    for value in sets:
        for member in value or ():
            result.add(member)
    return result


def _difference(call: Call, sets: list[SetValue | None]) -> SetValue:
    """What the first set has and no other.

    Either each member of the first is looked for in the others, the largest first; or, when that promises to be more
    work, all of the first are taken and those of the others removed again.
    """
    result = SetValue(call.runtime)
    first, *others = sets
    if first is None or any(value is first for value in others):
        return result
    present = [value for value in others if value is not None]
    looking = len(first) * (len(present) + 1) // 2
    if looking <= len(first) + sum(map(len, present)):
        present.sort(key=len, reverse=True)
        for member in first:
            if not any(value.has(member) for value in present):
                result.add(member)
        return result
    for member in first:
        result.add(member)
    for value in present:
        for member in value:
            result.remove(member)
        if not len(result):
            break
    return result


@command(
    "SUNION", "key...",
    group="set", since="1.0.0", tips="nondeterministic_output_order", flags="readonly", access="RO access", complexity=_ADDING,
    summary="Returns the union of multiple sets.",
)  # fmt: skip
def sunion(call: Call, keys: list[bytes]) -> Reply:
    return call.set(_union(call, _sets(call, keys)))


@command(
    "SUNIONSTORE", "destination:key key...",
    group="set", since="1.0.0", flags="write denyoom", access="OW update;RO access", complexity=_ADDING,
    summary="Stores the union of multiple sets in a key.",
)  # fmt: skip
def sunionstore(call: Call, destination: bytes, keys: list[bytes]) -> Reply:
    return _store(call, destination, _union(call, _sources(call, keys)))


@command(
    "SDIFF", "key...",
    group="set", since="1.0.0", tips="nondeterministic_output_order", flags="readonly", access="RO access", complexity=_ADDING,
    summary="Returns the difference of multiple sets.",
)  # fmt: skip
def sdiff(call: Call, keys: list[bytes]) -> Reply:
    return call.set(_difference(call, _sets(call, keys)))


@command(
    "SDIFFSTORE", "destination:key key...",
    group="set", since="1.0.0", flags="write denyoom", access="OW update;RO access", complexity=_ADDING,
    summary="Stores the difference of multiple sets in a key.",
)  # fmt: skip
def sdiffstore(call: Call, destination: bytes, keys: list[bytes]) -> Reply:
    return _store(call, destination, _difference(call, _sources(call, keys)))
