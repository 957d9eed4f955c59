"""SET and GET in all their forms."""

from __future__ import annotations

from collections.abc import Iterable

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.expiration import Expiration, moment
from rinspect.engine.commands.propagating import Argv, expiry_of
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import parse_int
from rinspect.engine.propagation import deletion
from rinspect.engine.replies import NOT_AN_INTEGER, OK, SYNTAX, WRONGTYPE, CommandError, Reply
from rinspect.engine.values.string import StringValue

# `number`: a syntax error further on is told before a number that is none.
_EXPIRY = (
    "EX seconds:number|PX milliseconds:number|EXAT unix-time-seconds:unix-time|PXAT unix-time-milliseconds:unix-time"
)


def _set_until(call: Call, key: bytes, value: bytes) -> Argv:
    """That a key has a value until the moment at which it expires now."""
    return (b"SET", key, value, b"PXAT", b"%d" % (call.db.expiry(key) or 0))


def _set_propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    if len(argv) == 3:
        yield argv
        return
    options = [word.upper() for word in argv[3:]]
    units = {b"EX", b"PX", b"EXAT"} if call.runtime.profile.version >= (7, 2) else {b"EX", b"PX", b"EXAT", b"PXAT"}
    if not units.isdisjoint(options):
        yield _set_until(call, argv[1], argv[2])
    elif b"GET" in options and b"PXAT" not in options:
        yield [*argv[:3], *(word for word in argv[3:] if word.upper() != b"GET")]
    else:
        yield argv


@command(
    "SET",
    f"key value [condition=NX|XX] [GET] [expiration={_EXPIRY}|KEEPTTL]",
    group="string",
    since="1.0.0",
    flags="write denyoom",
    access="RW access update variable_flags",
    summary="Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.",
    propagated=_set_propagated,
)
def set_(
    call: Call,
    key: bytes,
    value: bytes,
    condition: str | None = None,
    get: bool | None = None,
    expiration: Expiration | None = None,
) -> Reply:
    db = call.db
    if condition is None and get is None and expiration is None:
        db.put_text(key, value)
        return OK
    if get and condition == "NX" and call.runtime.profile.version < (7, 0):
        raise CommandError(SYNTAX)
    when = None
    if expiration is not None and expiration[1] is not None:
        when = _moment(call, "set", expiration[0], expiration[1])
    before: Reply = None
    if get:
        held = db.find(key, StringValue)
        before = None if held is None else held.bytes()
    once = call.runtime.profile.version >= (7, 0)
    if condition is not None or once:
        exists = db.lookup_write(key) is not None
        if (condition == "NX" and exists) or (condition == "XX" and not exists):
            return before
    keep = (expiration is not None and expiration[0] == "KEEPTTL") or (once and when is not None)
    db.put(key, StringValue(call.runtime, value), keep_ttl=keep, looked_up=once)
    if when is not None:
        db.expire_at(key, when)
        db.dirty -= 1
    return before if get else OK


def _moment(call: Call, name: str, unit: str, word: bytes) -> int:
    amount = parse_int(word)
    if amount is None:
        raise CommandError(NOT_AN_INTEGER)
    return moment(call, name, unit, amount, positive=True)


@command(
    "GET",
    "key",
    group="string",
    since="1.0.0",
    flags="readonly fast",
    access="RO access",
    summary="Returns the string value of a key.",
)
def get(call: Call, key: bytes) -> Reply:
    value = call.db.lookup(key)
    if value is None:
        return None
    if not isinstance(value, StringValue):
        raise CommandError(WRONGTYPE)
    return value.data if value.buffer is None else bytes(value.buffer.payload)


@command(
    "GETSET",
    "key value",
    group="string",
    since="1.0.0",
    flags="write denyoom fast",
    access="RW access update",
    summary="Returns the previous string value of a key after setting it to a new value.",
    propagated=lambda call, argv, reply: [(b"SET", *argv[1:])],
)
def getset(call: Call, key: bytes, value: bytes) -> Reply:
    before = get(call, key)
    call.db.put(key, StringValue(call.runtime, value))
    return before


@command(
    "GETDEL",
    "key",
    group="string",
    since="6.2.0",
    flags="write fast",
    access="RW access delete",
    summary="Returns the string value of a key after deleting the key.",
    propagated=lambda call, argv, reply: [deletion(argv[1], lazily=False)],
)
def getdel(call: Call, key: bytes) -> Reply:
    before = get(call, key)
    if before is not None:
        call.db.delete(key)
    return before


def _getex_propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    yield (b"PERSIST", argv[1]) if argv[2].upper() == b"PERSIST" else expiry_of(call, argv)


@command(
    "GETEX",
    f"key [expiration={_EXPIRY}|PERSIST]",
    group="string",
    since="6.2.0",
    flags="write fast",
    access="RW access update",
    summary="Returns the string value of a key after setting its expiration time.",
    propagated=_getex_propagated,
)
def getex(call: Call, key: bytes, expiration: Expiration | None = None) -> Reply:
    value = call.db.find(key, StringValue)
    if value is None:
        return None
    text = value.bytes()
    if expiration is None:
        return text
    unit, amount = expiration
    if amount is None:
        call.db.persist(key)
        return text
    when = _moment(call, "getex", unit, amount)
    if unit.endswith("AT") and when < call.now:
        call.db.delete(key, lazily=call.runtime.config.lazyfree_lazy_expire)
    else:
        call.db.expire_at(key, when)
    return text


@command(
    "SETNX",
    "key value",
    group="string",
    since="1.0.0",
    flags="write denyoom fast",
    access="OW insert",
    summary="Set the string value of a key only when the key doesn't exist.",
)
def setnx(call: Call, key: bytes, value: bytes) -> Reply:
    if call.db.lookup_write(key) is not None:
        return 0
    call.db.put(key, StringValue(call.runtime, value))
    return 1


@command(
    "SETEX",
    "key seconds:int value",
    group="string",
    since="2.0.0",
    flags="write denyoom",
    access="OW update",
    summary="Sets the string value and expiration time of a key. Creates the key if it doesn't exist.",
    propagated=lambda call, argv, reply: [_set_until(call, argv[1], argv[3])],
)
def setex(call: Call, key: bytes, seconds: int, value: bytes) -> Reply:
    return _set_for(call, key, value, moment(call, "setex", "EX", seconds, positive=True))


@command(
    "PSETEX",
    "key milliseconds:int value",
    group="string",
    since="2.6.0",
    flags="write denyoom",
    access="OW update",
    summary="Sets both string value and expiration time in milliseconds of a key. The key is created if it doesn't exist.",
    propagated=lambda call, argv, reply: [_set_until(call, argv[1], argv[3])],
)
def psetex(call: Call, key: bytes, milliseconds: int, value: bytes) -> Reply:
    return _set_for(call, key, value, moment(call, "psetex", "PX", milliseconds, positive=True))


def _set_for(call: Call, key: bytes, value: bytes, when: int) -> Reply:
    call.db.put(key, StringValue(call.runtime, value))
    call.db.expire_at(key, when)
    call.db.dirty -= 1
    return OK


@command(
    "MSET",
    "data=(key value)...",
    group="string",
    since="1.0.1",
    tips="request_policy:multi_shard response_policy:all_succeeded",
    flags="write denyoom",
    access="OW update",
    complexity="O(N) where N is the number of keys to set.",
    summary="Atomically creates or modifies the string values of one or more keys.",
    raw=True,
)
def mset(call: Call, *words: bytes) -> Reply:
    _check_pairs(call, "mset", words)
    call.db.put_texts(words)
    return OK


def _check_pairs(call: Call, name: str, words: tuple[bytes, ...]) -> None:
    if len(words) % 2:
        old = call.runtime.profile.version < (7, 0)
        raise CommandError("ERR wrong number of arguments for " + ("MSET" if old else f"'{name}' command"))


@command(
    "MSETNX",
    "data=(key value)...",
    group="string",
    since="1.0.1",
    flags="write denyoom",
    access="OW insert",
    complexity="O(N) where N is the number of keys to set.",
    summary="Atomically modifies the string values of one or more keys only when all keys don't exist.",
    raw=True,
)
def msetnx(call: Call, *words: bytes) -> Reply:
    _check_pairs(call, "msetnx", words)
    if any(call.db.lookup_write(key) is not None for key in words[::2]):
        return 0
    call.db.put_texts(words)
    return 1


@command(
    "MGET",
    "key...",
    group="string",
    since="1.0.0",
    tips="request_policy:multi_shard",
    flags="readonly fast",
    access="RO access",
    complexity="O(N) where N is the number of keys to retrieve.",
    summary="Atomically returns the string values of one or more keys.",
)
def mget(call: Call, keys: list[bytes]) -> Reply:
    found = (call.db.lookup(key) for key in keys)
    return [value.bytes() if isinstance(value, StringValue) else None for value in found]
