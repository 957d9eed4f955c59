"""BITFIELD: integers of any width, anywhere in a string.

    i5 at bit 6     ······xx xxx·····        five bits, the highest first; here -16 … 15
    u8 at #2        ········ ········ xxxxxxxx

Reading beyond the string's end gives zeros, writing makes it longer.
"""

from __future__ import annotations

from typing import NamedTuple

from rinspect.engine.commands.bits.offsets import bit_offset, writable
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import INT64_MAX, parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, SYNTAX, CommandError, Reply
from rinspect.engine.values.string import StringValue

NO_TYPE = "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is."
NO_OVERFLOW = "ERR Invalid OVERFLOW type specified"
ONLY_GET = "ERR BITFIELD_RO only supports the GET subcommand"

_ARGUMENTS = {b"GET": 2, b"SET": 3, b"INCRBY": 3}
_UINT64 = (1 << 64) - 1


class Operation(NamedTuple):
    """One subcommand. `amount` is what SET writes or INCRBY adds."""

    name: bytes
    signed: bool
    width: int
    offset: int
    overflow: bytes
    amount: int = 0

    @property
    def limits(self) -> tuple[int, int]:
        """The lowest and the highest value of the field."""
        if self.signed:
            return -(1 << self.width - 1), (1 << self.width - 1) - 1
        return 0, (1 << self.width) - 1

    def wrapped(self, value: int) -> int:
        """The value that the lowest bits of a number are."""
        low, _ = self.limits
        return (value - low) % (1 << self.width) + low

    def fitting(self, value: int) -> int | None:
        """A value as it goes into the field, by the rule for overflow: around, to the limit, or not at all."""
        low, high = self.limits
        if low <= value <= high:
            return value
        if self.overflow == b"WRAP":
            return self.wrapped(value)
        if self.overflow == b"FAIL":
            return None
        # The server's own arithmetic overflows when SET writes what is too far below: it sees a value that is too high.
        too_far = self.name == b"SET" and self.signed and self.width < 64 and high - value > INT64_MAX
        return high if value > high or too_far else low

    def read(self, text: bytes | bytearray) -> int:
        start, stop, spare = self._place()
        piece = int.from_bytes(text[start:stop].ljust(stop - start, b"\0"))
        return self.wrapped(piece >> spare & (1 << self.width) - 1)

    def write(self, text: bytearray, value: int) -> None:
        start, stop, spare = self._place()
        mask = (1 << self.width) - 1
        piece = int.from_bytes(text[start:stop]) & ~(mask << spare) | (value & mask) << spare
        text[start:stop] = piece.to_bytes(stop - start)

    def _place(self) -> tuple[int, int, int]:
        """(first byte, the one behind the last, bits behind the field in its last byte)."""
        end = self.offset + self.width
        return self.offset >> 3, end + 7 >> 3, -end & 7


def _operations(call: Call, words: tuple[bytes, ...]) -> list[Operation]:
    found: list[Operation] = []
    overflow = b"WRAP"
    at = 0
    while at < len(words):
        name, left = words[at].upper(), len(words) - at - 1
        if name == b"OVERFLOW" and left:
            overflow = words[at + 1].upper()
            if overflow not in (b"WRAP", b"SAT", b"FAIL"):
                raise CommandError(NO_OVERFLOW)
            at += 2
            continue
        if left < _ARGUMENTS.get(name, left + 1):
            raise CommandError(SYNTAX)
        signed, width = _type(words[at + 1])
        offset = bit_offset(call, words[at + 2], width)
        amount = 0 if name == b"GET" else parse_int(words[at + 3])
        if amount is None:
            raise CommandError(NOT_AN_INTEGER)
        found.append(Operation(name, signed, width, offset, overflow, amount))
        at += _ARGUMENTS[name] + 1
    return found


def _type(word: bytes) -> tuple[bool, int]:
    """(signed, width) of `i5`, `u8` …"""
    text, _, _ = word.partition(b"\0")
    width = parse_int(text[1:])
    signed = text[:1] == b"i"
    if width is None or text[:1] not in (b"i", b"u") or not 1 <= width <= (64 if signed else 63):
        raise CommandError(NO_TYPE)
    return signed, width


@command(
    "BITFIELD",
    "key [operation=get-block=(GET encoding offset:number)|write=([overflow-block=OVERFLOW overflow=<WRAP|SAT|FAIL>]"
    " write-operation=<set-block=(SET encoding offset:number value:int)"
    "|incrby-block=(INCRBY encoding offset:number increment:int)>)]*",
    group="bitmap", since="3.2.0", flags="write denyoom", access="RW access update variable_flags", raw=True,
    complexity="O(1) for each subcommand specified",
    summary="Performs arbitrary bitfield integer operations on strings.",
)  # fmt: skip
def bitfield(call: Call, key: bytes, *words: bytes) -> Reply:
    operations = _operations(call, words)
    writes = [operation for operation in operations if operation.name != b"GET"]
    if not writes:
        return _read(call, key, operations)
    buffer, longer, new = writable(call, key, max(operation.offset + operation.width - 1 for operation in writes))
    text = buffer.payload
    replies: list[Reply] = []
    changes = 0
    for operation in operations:
        before = operation.read(text)
        if operation.name == b"GET":
            replies.append(before)
            continue
        amount = operation.amount
        if operation.name == b"INCRBY":
            amount += before
        elif not operation.signed:
            # A negative number written to an unsigned field is a very large one.
            amount &= _UINT64
        value = operation.fitting(amount)
        changes += (value is not None and (longer or value != before)) or call.runtime.profile.version < (7, 0)
        if value is None:
            replies.append(None)
            continue
        operation.write(text, value)
        replies.append(before if operation.name == b"SET" else value)
    if changes and not new:
        call.db.changed(key)
    if changes or new:
        # Each field that changed is a change.
        call.db.dirty += changes - 1
    return replies


@command(
    "BITFIELD_RO", "key [get-block=GET encoding offset:number]*",
    group="bitmap", since="6.0.0", flags="readonly fast", access="RO access", raw=True,
    complexity="O(1) for each subcommand specified",
    summary="Performs arbitrary read-only bitfield integer operations on strings.",
)  # fmt: skip
def bitfield_ro(call: Call, key: bytes, *words: bytes) -> Reply:
    operations = _operations(call, words)
    if any(operation.name != b"GET" for operation in operations):
        raise CommandError(ONLY_GET)
    return _read(call, key, operations)


def _read(call: Call, key: bytes, operations: list[Operation]) -> Reply:
    value = call.find(key, StringValue)
    text: bytes | bytearray = b""
    if value is not None:
        text = value.data if value.buffer is None else value.buffer.payload
    return [operation.read(text) for operation in operations]
