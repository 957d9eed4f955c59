"""The expiry of fields: giving, asking and taking it away. From 7.4 on."""

from __future__ import annotations

from collections.abc import Callable

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.hash.lookup import leave
from rinspect.engine.commands.hash.propagating import expire_propagated
from rinspect.engine.commands.hash.words import fields_of, moment
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import Reply
from rinspect.engine.values.hash import DELETED, EXPIRY_SET, NO_SUCH_FIELD, HashValue

NO_EXPIRY = -1
TAKEN_AWAY = 1

_CONDITION = "[condition=NX|XX|GT|LT] (FIELDS numfields:count field*numfields)"
_COMPLEXITY = "O(N) where N is the number of specified fields"


def _expire(call: Call, name: str, key: bytes, words: tuple[bytes, ...], *, seconds: bool, absolute: bool) -> Reply:
    value = call.db.find_write(key, HashValue)
    when = moment(call, name, words[0], seconds=seconds, absolute=absolute)
    condition = words[1].upper() if words[1].upper() in (b"NX", b"XX", b"GT", b"LT") else b""
    fields = fields_of(words[2 if condition else 1 :], "ERR Parameter `numFields` should be greater than 0")
    if value is None:
        return [NO_SUCH_FIELD] * len(fields)
    outcomes = value.expire(fields, when, condition.decode() or None)
    changed = outcomes.count(EXPIRY_SET) + outcomes.count(DELETED)
    if changed:
        leave(call, key, value, changed)
    return list(outcomes)


@command(
    "HEXPIRE", f"key seconds:int {_CONDITION}", raw=True,
    group="hash", since="7.4.0", flags="write fast", access="RW update", complexity=_COMPLEXITY,
    summary="Set expiry for hash field using relative time to expire (seconds)",
    propagated=expire_propagated,
)  # fmt: skip
def hexpire(call: Call, key: bytes, *words: bytes) -> Reply:
    return _expire(call, "hexpire", key, words, seconds=True, absolute=False)


@command(
    "HPEXPIRE", f"key milliseconds:int {_CONDITION}", raw=True,
    group="hash", since="7.4.0", flags="write fast", access="RW update", complexity=_COMPLEXITY,
    summary="Set expiry for hash field using relative time to expire (milliseconds)",
    propagated=expire_propagated,
)  # fmt: skip
def hpexpire(call: Call, key: bytes, *words: bytes) -> Reply:
    return _expire(call, "hpexpire", key, words, seconds=False, absolute=False)


@command(
    "HEXPIREAT", f"key unix-time-seconds:unix-time {_CONDITION}", raw=True,
    group="hash", since="7.4.0", flags="write fast", access="RW update", complexity=_COMPLEXITY,
    summary="Set expiry for hash field using an absolute Unix timestamp (seconds)",
    propagated=expire_propagated,
)  # fmt: skip
def hexpireat(call: Call, key: bytes, *words: bytes) -> Reply:
    return _expire(call, "hexpireat", key, words, seconds=True, absolute=True)


@command(
    "HPEXPIREAT", f"key unix-time-milliseconds:unix-time {_CONDITION}", raw=True,
    group="hash", since="7.4.0", flags="write fast", access="RW update", complexity=_COMPLEXITY,
    summary="Set expiry for hash field using an absolute Unix timestamp (milliseconds)",
    propagated=expire_propagated,
)  # fmt: skip
def hpexpireat(call: Call, key: bytes, *words: bytes) -> Reply:
    return _expire(call, "hpexpireat", key, words, seconds=False, absolute=True)


def _ask(call: Call, key: bytes, words: tuple[bytes, ...], shown: Callable[[int], int]) -> Reply:
    value = call.db.find(key, HashValue)
    fields = fields_of(words)
    if value is None:
        return [NO_SUCH_FIELD] * len(fields)
    answers: list[Reply] = []
    for field in fields:
        if value.get(field) is None:
            answers.append(NO_SUCH_FIELD)
        else:
            expiry = value.fields.expiry(field)
            answers.append(shown(expiry) if expiry else NO_EXPIRY)
    return answers


@command(
    "HTTL", "key (FIELDS numfields:count field*numfields)", raw=True,
    group="hash", since="7.4.0", flags="readonly fast", access="RO access", complexity=_COMPLEXITY,
    tips="nondeterministic_output",
    summary="Returns the TTL in seconds of a hash field.",
)  # fmt: skip
def httl(call: Call, key: bytes, *words: bytes) -> Reply:
    return _ask(call, key, words, lambda expiry: (expiry + 999 - call.now) // 1000)


@command(
    "HPTTL", "key (FIELDS numfields:count field*numfields)", raw=True,
    group="hash", since="7.4.0", flags="readonly fast", access="RO access", complexity=_COMPLEXITY,
    tips="nondeterministic_output",
    summary="Returns the TTL in milliseconds of a hash field.",
)  # fmt: skip
def hpttl(call: Call, key: bytes, *words: bytes) -> Reply:
    return _ask(call, key, words, lambda expiry: expiry - call.now)


@command(
    "HEXPIRETIME", "key (FIELDS numfields:count field*numfields)", raw=True,
    group="hash", since="7.4.0", flags="readonly fast", access="RO access", complexity=_COMPLEXITY,
    summary="Returns the expiration time of a hash field as a Unix timestamp, in seconds.",
)  # fmt: skip
def hexpiretime(call: Call, key: bytes, *words: bytes) -> Reply:
    return _ask(call, key, words, lambda expiry: (expiry + 999) // 1000)


@command(
    "HPEXPIRETIME", "key (FIELDS numfields:count field*numfields)", raw=True,
    group="hash", since="7.4.0", flags="readonly fast", access="RO access", complexity=_COMPLEXITY,
    summary="Returns the expiration time of a hash field as a Unix timestamp, in msec.",
)  # fmt: skip
def hpexpiretime(call: Call, key: bytes, *words: bytes) -> Reply:
    return _ask(call, key, words, lambda expiry: expiry)


@command(
    "HPERSIST", "key (FIELDS numfields:count field*numfields)", raw=True,
    group="hash", since="7.4.0", flags="write fast", access="RW update", complexity=_COMPLEXITY,
    summary="Removes the expiration time for each specified field",
)  # fmt: skip
def hpersist(call: Call, key: bytes, *words: bytes) -> Reply:
    value = call.db.find_write(key, HashValue)
    fields = fields_of(words)
    if value is None:
        return [NO_SUCH_FIELD] * len(fields)
    answers: list[Reply] = []
    for field in fields:
        if value.get(field) is None:
            answers.append(NO_SUCH_FIELD)
        else:
            answers.append(TAKEN_AWAY if value.persist(field) else NO_EXPIRY)
    if TAKEN_AWAY in answers:
        call.db.changed(key)
    return answers
