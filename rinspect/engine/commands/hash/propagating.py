"""What commands about the expiry of fields did, as commands that do the same at any time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.hash.words import UNITS
from rinspect.engine.commands.propagating import Argv
from rinspect.engine.replies import Reply
from rinspect.engine.values.hash import DELETED, EXPIRY_SET, HashValue


def _place_of_fields(argv: Argv, start: int) -> int:
    """Where the word FIELDS stands, from `start` on."""
    return next(at for at in range(start, len(argv)) if argv[at].upper() == b"FIELDS")


def _moment(call: Call, key: bytes, fields: Iterable[bytes]) -> bytes | None:
    """When those of the fields expire that are there; None if none is."""
    value = call.db.peek(key)
    if not isinstance(value, HashValue):
        return None
    there = (field for field in fields if value.fields.find(field) is not None)
    field = next(there, None)
    return None if field is None else b"%d" % value.fields.expiry(field)


def expire_propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    """HEXPIRE and its kind: the moment, and the fields that have it now; or those that have gone, for it was over."""
    assert isinstance(reply, list)
    at = _place_of_fields(argv, 3)
    outcomes = list(zip(argv[at + 2 :], reply, strict=True))
    concerned = [field for field, outcome in outcomes if outcome == EXPIRY_SET]
    if concerned:
        name = argv[0] if argv[0].upper() == b"HPEXPIREAT" else b"HPEXPIREAT"
        when = _moment(call, argv[1], concerned) or b"0"
        yield (name, argv[1], when, *argv[3 : at + 1], b"%d" % len(concerned), *concerned)
    gone = [field for field, outcome in outcomes if outcome == DELETED]
    if gone:
        yield (b"HDEL", argv[1], *gone)


def getdel_propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    """HGETDEL."""
    yield (b"HDEL", argv[1], *argv[4:])


def getex_propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    """HGETEX."""
    at = _place_of_fields(argv, 3)
    fields = argv[at + 2 :]
    if argv[2].upper() == b"PERSIST":
        yield (b"HPERSIST", argv[1], *argv[at:])
    elif (when := _moment(call, argv[1], fields)) is not None:
        yield (b"HPEXPIREAT", argv[1], when, *argv[at:])
    else:
        yield (b"HDEL", argv[1], *fields)


def setex_propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    """HSETEX."""
    end = _place_of_fields(argv, 2)
    fields: Sequence[bytes] = argv[end + 2 :: 2]
    unit = next((at for at in range(2, end) if argv[at].upper() in UNITS), None)
    if unit is None:
        yield argv
    elif (when := _moment(call, argv[1], fields)) is None:
        yield (b"HDEL", argv[1], *fields)
    elif argv[unit].upper() == b"PXAT":
        yield argv
    else:
        yield (*argv[:unit], b"PXAT", when, *argv[unit + 2 :])
