"""One bit: SETBIT and GETBIT."""

from __future__ import annotations

from rinspect.engine.commands.bits.offsets import bit_offset, writable
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.values.string import StringValue

NO_BIT = "ERR bit is not an integer or out of range"


@command(
    "SETBIT", "key offset:number value:number",
    group="bitmap", since="2.2.0", flags="write denyoom", access="RW access update",
    summary="Sets or clears the bit at offset of the string value. Creates the key if it doesn't exist.",
)  # fmt: skip
def setbit(call: Call, key: bytes, offset_word: bytes, bit_word: bytes) -> Reply:
    offset, bit = bit_offset(call, offset_word), parse_int(bit_word)
    if bit not in (0, 1):
        raise CommandError(NO_BIT)
    buffer, longer, new = writable(call, key, offset)
    at, shift = offset >> 3, 7 - (offset & 7)
    before = buffer.payload[at] >> shift & 1
    if before != bit:
        buffer.payload[at] ^= 1 << shift
    # Before 7.0 a bit that stays what it was counts as a change, too.
    if not new and (before != bit or longer or call.runtime.profile.version < (7, 0)):
        call.db.changed(key)
    return before


@command(
    "GETBIT", "key offset:number",
    group="bitmap", since="2.2.0", flags="readonly fast", access="RO access",
    summary="Returns a bit value by offset.",
)  # fmt: skip
def getbit(call: Call, key: bytes, offset_word: bytes) -> Reply:
    offset = bit_offset(call, offset_word)
    value = call.find(key, StringValue)
    if value is None or offset >> 3 >= len(value):
        return 0
    text = value.data if value.buffer is None else value.buffer.payload
    return text[offset >> 3] >> (7 - (offset & 7)) & 1
