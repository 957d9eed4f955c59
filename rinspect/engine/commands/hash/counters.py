"""Counting in a field: HINCRBY and HINCRBYFLOAT. The field keeps its expiry."""

from __future__ import annotations

from collections.abc import Iterable

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.hash.lookup import fetch, find_or_new, store
from rinspect.engine.commands.propagating import Argv
from rinspect.engine.commands.registry import command
from rinspect.engine.long_double import add_long_double, parse_long_double
from rinspect.engine.numbers import INT64_MAX, INT64_MIN, parse_int
from rinspect.engine.replies import NOT_A_FLOAT, OVERFLOW, CommandError, Reply
from rinspect.engine.values.hash import HashValue

VALUE_NOT_AN_INTEGER = "ERR hash value is not an integer"
VALUE_NOT_A_FLOAT = "ERR hash value is not a float"
NOT_FINITE = "ERR value is NaN or Infinity"
RESULT_NOT_FINITE = "ERR increment would produce NaN or Infinity"


@command(
    "HINCRBY", "key field increment:int",
    group="hash", since="2.0.0", flags="write denyoom fast", access="RW access update",
    summary="Increments the integer value of a field in a hash by a number. Uses 0 as initial value if the field "
    "doesn't exist.",
)  # fmt: skip
def hincrby(call: Call, key: bytes, field: bytes, increment: int) -> Reply:
    value = find_or_new(call, key)
    before = fetch(call, key, value, field)
    number = 0 if before is None else parse_int(before)
    if number is None:
        raise CommandError(VALUE_NOT_AN_INTEGER)
    number += increment
    if not INT64_MIN <= number <= INT64_MAX:
        raise CommandError(OVERFLOW)
    _keep(call, key, value, field, b"%d" % number)
    return number


def _hincrbyfloat_propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    """The sum: another machine might round otherwise."""
    assert isinstance(reply, bytes)
    yield (b"HSET", argv[1], argv[2], reply)


@command(
    "HINCRBYFLOAT", "key field increment:decimal",
    group="hash", since="2.6.0", flags="write denyoom fast", access="RW access update",
    summary="Increments the floating point value of a field by a number. Uses 0 as initial value if the field doesn't "
    "exist.", propagated=_hincrbyfloat_propagated,
)  # fmt: skip
def hincrbyfloat(call: Call, key: bytes, field: bytes, increment: bytes) -> Reply:
    parsed = parse_long_double(increment)
    if parsed is None:
        raise CommandError(NOT_A_FLOAT)
    if isinstance(parsed, float):
        raise CommandError(NOT_FINITE)
    value = find_or_new(call, key)
    before = fetch(call, key, value, field)
    try:
        text = add_long_double(b"0" if before is None else before, increment)
    except ValueError:
        raise CommandError(VALUE_NOT_A_FLOAT) from None
    except OverflowError:
        raise CommandError(RESULT_NOT_FINITE) from None
    _keep(call, key, value, field, text)
    return text


def _keep(call: Call, key: bytes, value: HashValue, field: bytes, text: bytes) -> None:
    # A field that was the last and had expired took its hash along: the count goes on in a new one.
    value = value if len(value) else HashValue(call.runtime)
    value.set(field, text, keep_expiry=True)
    store(call, key, value)
