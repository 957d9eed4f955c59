"""DUMP and RESTORE."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rinspect.engine import lru, payload
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.propagating import Argv
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import parse_int
from rinspect.engine.propagation import deletion
from rinspect.engine.replies import NOT_AN_INTEGER, OK, SYNTAX, CommandError, Reply


@command(
    "DUMP",
    "key",
    group="generic",
    since="2.6.0",
    tips="nondeterministic_output",
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


def _restore_propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    key, options = argv[1], [word.upper() for word in argv[4:]]
    if call.db.peek(key) is None:
        # What it was to replace has gone, and what was to come in its place is over.
        yield deletion(key, lazily=call.runtime.config.lazyfree_lazy_server_del)
    elif not _number(argv[2]) or b"ABSTTL" in options or call.runtime.profile.version < (7, 0):
        yield argv
    else:
        yield [*argv[:2], b"%d" % (call.db.expiry(key) or 0), *argv[3:], b"ABSTTL"]


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
    raw=True,
    propagated=_restore_propagated,
)
def restore(call: Call, key: bytes, ttl: bytes, serialized: bytes, *words: bytes) -> Reply:
    replace, absolute, idle, frequency = _restore_options(words)
    if not replace and call.db.lookup_write(key) is not None:
        raise CommandError("BUSYKEY Target key name already exists.")
    milliseconds = _number(ttl)
    if milliseconds < 0:
        raise CommandError("ERR Invalid TTL value, must be >= 0")
    try:
        value = payload.read(serialized, call.runtime).settle()
    except payload.WrongFooter:
        raise CommandError("ERR DUMP payload version or checksum are wrong") from None
    except payload.CorruptPayload:
        raise CommandError("ERR Bad data format") from None
    there = replace and call.db.table.find(key) is not None
    dirty = call.db.dirty
    if there:
        call.db.delete(key)
    when = milliseconds if absolute or not milliseconds else call.now + milliseconds
    if when and when < call.now and not call.runtime.loading:
        return OK
    call.db.put(key, value)
    if when:
        call.db.expire_at(key, when)
    call.db.dirty = dirty + 1
    # Whichever the policy does not know is passed over.
    if call.runtime.lfu:
        if frequency is not None:
            value.used = lru.counted(frequency, call.now)
    elif idle is not None:
        value.used = lru.idle_since(call.now, idle * 1000)
    return OK


def _restore_options(words: Sequence[bytes]) -> tuple[bool, bool, int | None, int | None]:
    """Whether there is REPLACE, and ABSTTL; IDLETIME and FREQ, of which only one may be given."""
    replace = absolute = False
    idle: int | None = None
    frequency: int | None = None
    rest = iter(words)
    left = len(words)
    for word in rest:
        left -= 1
        option = word.upper()
        if option == b"REPLACE":
            replace = True
        elif option == b"ABSTTL":
            absolute = True
        elif option == b"IDLETIME" and left and frequency is None:
            idle = _number(next(rest))
            if idle < 0:
                raise CommandError("ERR Invalid IDLETIME value, must be >= 0")
            left -= 1
        elif option == b"FREQ" and left and idle is None:
            frequency = _number(next(rest))
            if not 0 <= frequency <= 255:
                raise CommandError("ERR Invalid FREQ value, must be >= 0 and <= 255")
            left -= 1
        else:
            raise CommandError(SYNTAX)
    return replace, absolute, idle, frequency


def _number(word: bytes) -> int:
    number = parse_int(word)
    if number is None:
        raise CommandError(NOT_AN_INTEGER)
    return number
