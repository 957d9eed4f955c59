"""DUMP and RESTORE."""

from __future__ import annotations

from rinspect.engine import payload
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, OK, CommandError, Reply


@command(
    "DUMP",
    "key",
    group="generic",
    since="2.6.0",
    flags="readonly",
    access="RO access",
    complexity="O(1) to access the key and additional O(N*M) to serialize it, where N is the number of Redis objects composing"
    " the value and M their average size. For small string values the time complexity is thus O(1)+O(1*M) where M is small,"
    " so simply O(1).",
    summary="Returns a serialized representation of the value stored at a key.",
)
def dump(call: Call, key: bytes) -> Reply:
    value = call.db.lookup(key)
    return None if value is None else payload.dump(value)


@command(
    "RESTORE",
    "key ttl:number serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds:int] [FREQ frequency:int]",
    group="generic",
    since="2.6.0",
    flags="write denyoom",
    access="OW update",
    acl="dangerous",
    complexity="O(1) to create the new key and additional O(N*M) to reconstruct the serialized value, where N is the number of"
    " Redis objects composing the value and M their average size. For small string values the time complexity is thus"
    " O(1)+O(1*M) where M is small, so simply O(1). However for sorted set values the complexity is O(N*M*log(N)) because"
    " inserting values into sorted sets is O(log(N)).",
    summary="Creates a key from the serialized representation of a value.",
)
def restore(
    call: Call,
    key: bytes,
    ttl: bytes,
    serialized: bytes,
    replace: bool | None = None,
    absolute: bool | None = None,
    idle: int | None = None,
    frequency: int | None = None,
) -> Reply:
    if idle is not None and idle < 0:
        raise CommandError("ERR Invalid IDLETIME value, must be >= 0")
    if frequency is not None and not 0 <= frequency <= 255:
        raise CommandError("ERR Invalid FREQ value, must be >= 0 and <= 255")
    if not replace and call.db.peek(key) is not None:
        raise CommandError("BUSYKEY Target key name already exists.")
    milliseconds = parse_int(ttl)
    if milliseconds is None:
        raise CommandError(NOT_AN_INTEGER)
    if milliseconds < 0:
        raise CommandError("ERR Invalid TTL value, must be >= 0")
    try:
        value = payload.read(serialized, call.runtime).settle()
    except payload.WrongFooter:
        raise CommandError("ERR DUMP payload version or checksum are wrong") from None
    except payload.CorruptPayload:
        raise CommandError("ERR Bad data format") from None
    if replace:
        call.db.peek(key)
        call.db.delete(key)
    when = milliseconds if absolute or not milliseconds else call.now + milliseconds
    if when and when < call.now:
        return OK
    call.db.put(key, value)
    if when:
        call.db.expire_at(key, when)
    if idle is not None:
        value.accessed = call.now - idle * 1000
    if frequency is not None:
        value.frequency = frequency
    return OK
