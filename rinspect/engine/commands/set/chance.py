"""Members by chance: SPOP and SRANDMEMBER.

A few members are drawn one by one. When nearly all are wanted it is the others that are drawn: SPOP then leaves the old
set to the reply, and the key gets a new one. From a listpack one pass takes as many as are wanted, in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.draws import draws
from rinspect.engine.commands.propagating import Argv
from rinspect.engine.commands.registry import command
from rinspect.engine.encodings.compact import Listpack
from rinspect.engine.encodings.intset import Intset
from rinspect.engine.numbers import INT64_MAX
from rinspect.engine.propagation import EXEC, MULTI, deletion
from rinspect.engine.replies import CommandError, Reply, SetReply
from rinspect.engine.values.set import SetValue

NOT_POSITIVE = "ERR value is out of range, must be positive"
OUT_OF_LONG = f"ERR value is out of range, value must between {-INT64_MAX} and {INT64_MAX}"

POP_ONE_BY_ONE = 5
"""SPOP draws one by one while this many times the members that would stay are more than those that go."""
REMOVED_AT_ONCE = 1024
"""Members that one SREM names at the most where SPOP is handed on."""
DRAW_ONE_BY_ONE = 3
"""SRANDMEMBER draws one by one while there are at least this many times the members that are wanted."""


def _spop_propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    """Which members went. Before 7.2 each in a command of its own, which a transaction kept together."""
    key, version = argv[1], call.runtime.profile.version
    if isinstance(reply, bytes):
        return [(b"SREM", key, reply)]
    if call.db.peek(key) is None:
        return [deletion(key, lazily=call.runtime.config.lazyfree_lazy_server_del and version >= (7, 2))]
    items = reply.members if isinstance(reply, SetReply) else reply
    assert isinstance(items, Sequence)
    members = [item for item in items if isinstance(item, bytes)]
    at_once = REMOVED_AT_ONCE if version >= (7, 2) else 1
    removals: list[Argv] = [(b"SREM", key, *members[at : at + at_once]) for at in range(0, len(members), at_once)]
    if version < (7, 0) and len(removals) > 1 and not call.runtime.executing:
        return [MULTI, *removals, EXEC]
    return removals


@command(
    "SPOP", "key [count:int]",
    group="set", since="1.0.0", tips="nondeterministic_output", flags="write fast", access="RW access delete",
    complexity="Without the count argument O(1), otherwise O(N) where N is the value of the passed count.",
    summary="Returns one or more random members from a set after removing them. Deletes the set if the last member was "
    "popped.",
    errors={"count": NOT_POSITIVE}, propagated=_spop_propagated,
)  # fmt: skip
def spop(call: Call, key: bytes, count: int | None = None) -> Reply:
    if count is not None and count < 0:
        raise CommandError(NOT_POSITIVE)
    value = call.find_write(key, SetValue)
    if value is None or count == 0:
        return None if count is None else call.set(())
    if count is None:
        popped = _pop(value)
        if len(value):
            call.db.changed(key)
        else:
            call.db.delete(key)
        return popped
    call.db.dirty += min(count, len(value)) - 1
    if count >= len(value):
        call.db.delete(key)
        return call.set(value)
    stays = len(value) - count
    if stays * POP_ONE_BY_ONE > count:
        if isinstance(value.body, Listpack):
            gone = _in_order(value.body.texts, count, call.runtime.rng)
            for member in gone:
                value.remove(member)
        else:
            gone = [_pop(value) for _ in range(count)]
        call.db.changed(key)
        return call.set(gone)
    call.db.put(key, _split_off(value, stays), keep_ttl=True)
    return call.set(value)


def _pop(value: SetValue) -> bytes:
    member = value.random_member()
    value.remove(member)
    return member


def _in_order(members: list[bytes], count: int, rng: Random) -> list[bytes]:
    """So many of the members by chance, each selection as likely as any other, in their order."""
    return [members[at] for at in sorted(rng.sample(range(len(members)), count))]


def _split_off(value: SetValue, stays: int) -> SetValue:
    """Move so many members by chance to a new set. From 7.2 on that begins as a listpack even if they are integers."""
    runtime, rest = value.runtime, None
    if isinstance(value.body, Intset):
        rest = SetValue(runtime)
    elif runtime.profile.small_set_is_listpack:
        rest = SetValue(runtime, Listpack())
    if isinstance(value.body, Listpack):
        kept = iter(_in_order(value.body.texts, stays, runtime.rng))
    else:
        kept = (value.random_member() for _ in range(stays))
    for member in kept:
        if rest is None:
            rest = SetValue.starting_with(runtime, member, 1)
        rest.add(member)
        value.remove(member)
    assert rest is not None
    return rest


@command(
    "SRANDMEMBER", "key [count:int]",
    group="set", since="1.0.0", tips="nondeterministic_output", flags="readonly", access="RO access",
    complexity="Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.",
    summary="Get one or multiple random members from a set",
)  # fmt: skip
def srandmember(call: Call, key: bytes, count: int | None = None) -> Reply:
    if count is not None and count < -INT64_MAX:
        raise CommandError(OUT_OF_LONG)
    value = call.find(key, SetValue)
    if value is None or count == 0:
        return None if count is None else []
    if count is None:
        return value.random_member()
    if count < 0 or count == 1:
        return list(draws(call, abs(count), value.random_member))
    if count >= len(value):
        return list(value)
    if isinstance(value.body, Listpack):
        return list(_in_order(value.body.texts, count, call.runtime.rng))
    if count * DRAW_ONE_BY_ONE > len(value):
        return list(call.runtime.rng.sample(list(value), count))
    drawn: dict[bytes, None] = {}
    while len(drawn) < count:
        drawn[value.random_member()] = None
    return list(drawn)
