"""Where a bit is, and the string that has room for it. Bit 0 is the highest bit of the first byte."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.encodings.sds import Sds
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import CommandError
from rinspect.engine.values.string import StringValue

NO_OFFSET = "ERR bit offset is not an integer or out of range"


def bit_offset(call: Call, word: bytes, width: int = 0) -> int:
    """The bit that a word names; CommandError if none. With a `width`, `#3` is the fourth field of that width."""
    counted = width > 0 and word[:1] == b"#"
    offset = parse_int(word[counted:])
    if offset is not None and counted:
        # The server multiplies in 64 bits and takes what comes out.
        offset = (offset * width + (1 << 63)) % (1 << 64) - (1 << 63)
    if offset is None or offset < 0 or offset >> 3 >= call.runtime.config.proto_max_bulk_len:
        raise CommandError(NO_OFFSET)
    return offset


def writable(call: Call, key: bytes, last_bit: int) -> tuple[Sds, bool, bool]:
    """The raw string under the key, long enough for a bit, made if there is none; whether it became longer; and whether it is
    new, which is a change that need not be told any more."""
    size = (last_bit >> 3) + 1
    value = call.find_write(key, StringValue)
    if value is None:
        value = StringValue.make_raw(call.runtime, bytes(size))
        call.db.put(key, value)
        return value.raw(), True, True
    buffer = value.raw(size)
    missing = size - len(buffer)
    if missing > 0:
        buffer.payload += bytes(missing)
    return buffer, missing > 0, False
