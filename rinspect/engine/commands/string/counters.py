"""Strings as numbers: INCR and its kind."""

from __future__ import annotations

from collections.abc import Iterable

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.propagating import Argv
from rinspect.engine.commands.registry import command
from rinspect.engine.long_double import add_long_double
from rinspect.engine.numbers import INT64_MAX, INT64_MIN, parse_int
from rinspect.engine.replies import NOT_A_FLOAT, NOT_AN_INTEGER, OVERFLOW, CommandError, Reply
from rinspect.engine.values.string import StringValue


def _add(call: Call, key: bytes, increment: int) -> Reply:
    db = call.db
    value = db.find_write(key, StringValue)
    if value is None:
        db.put(key, StringValue(call.runtime, b"%d" % increment))
        return increment
    number = parse_int(value.data or value.bytes())
    if number is None:
        raise CommandError(NOT_AN_INTEGER)
    number += increment
    if not INT64_MIN <= number <= INT64_MAX:
        raise CommandError(OVERFLOW)
    value.assign_integer(number)
    db.changed(key)
    return number


@command(
    "INCR",
    "key",
    group="string",
    since="1.0.0",
    flags="write denyoom fast",
    access="RW access update",
    summary="Increments the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
)
def incr(call: Call, key: bytes) -> Reply:
    return _add(call, key, 1)


@command(
    "DECR",
    "key",
    group="string",
    since="1.0.0",
    flags="write denyoom fast",
    access="RW access update",
    summary="Decrements the integer value of a key by one. Uses 0 as initial value if the key doesn't exist.",
)
def decr(call: Call, key: bytes) -> Reply:
    return _add(call, key, -1)


@command(
    "INCRBY",
    "key increment:int",
    group="string",
    since="1.0.0",
    flags="write denyoom fast",
    access="RW access update",
    summary="Increments the integer value of a key by a number. Uses 0 as initial value if the key doesn't exist.",
)
def incrby(call: Call, key: bytes, increment: int) -> Reply:
    return _add(call, key, increment)


@command(
    "DECRBY",
    "key decrement:int",
    group="string",
    since="1.0.0",
    flags="write denyoom fast",
    access="RW access update",
    summary="Decrements a number from the integer value of a key. Uses 0 as initial value if the key doesn't exist.",
)
def decrby(call: Call, key: bytes, decrement: int) -> Reply:
    if decrement == INT64_MIN:
        # It has no opposite: turned round in 64 bits it stays what it is, and before 7.0 was added so.
        if call.runtime.profile.version >= (7, 0):
            raise CommandError("ERR decrement would overflow")
        return _add(call, key, INT64_MIN)
    return _add(call, key, -decrement)


def _incrbyfloat_propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    """The sum: another machine might round otherwise."""
    assert isinstance(reply, bytes)
    yield (b"SET", argv[1], reply, b"KEEPTTL")


@command(
    "INCRBYFLOAT",
    "key increment:decimal",
    group="string",
    since="2.6.0",
    flags="write denyoom fast",
    access="RW access update",
    summary="Increment the floating point value of a key by a number. Uses 0 as initial value if the key doesn't exist.",
    propagated=_incrbyfloat_propagated,
)
def incrbyfloat(call: Call, key: bytes, increment: bytes) -> Reply:
    value = call.find_write(key, StringValue)
    try:
        text = add_long_double(b"0" if value is None else value.bytes(), increment)
    except ValueError:
        raise CommandError(NOT_A_FLOAT) from None
    except OverflowError:
        raise CommandError("ERR increment would produce NaN or Infinity") from None
    call.db.put(key, StringValue(call.runtime, text, textual=True), keep_ttl=True, looked_up=True)
    return text
