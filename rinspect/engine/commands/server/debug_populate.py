"""DEBUG POPULATE: many keys at once."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.server.debugging import debug_command
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import OK, CommandError, Reply
from rinspect.engine.values.string import StringValue


def _positive(word: bytes) -> int:
    number = parse_int(word)
    if number is None or number < 0:
        raise CommandError("ERR value is out of range, must be positive")
    return number


@debug_command("POPULATE", 1, 3)
def _populate(call: Call, args: list[bytes]) -> Reply:
    """Keys `key:0`, `key:1` … with values `value:0` …; those that are there already stay. A size cuts or fills the values."""
    count = _positive(args[0])
    prefix = args[1] if len(args) > 1 else b"key"
    size = _positive(args[2]) if len(args) > 2 else 0
    db = call.db
    for number in range(count):
        # The server has 128 bytes for the name, with a NUL.
        key = (b"%b:%d" % (prefix, number))[:127]
        if db.lookup_write(key) is None:
            text = b"value:%d" % number
            db.put(key, StringValue(call.runtime, text[:size].ljust(size, b"\0") if size else text))
    return OK
