"""Counting bits and looking for the first one, in the whole string or in a stretch of bytes or bits."""

from __future__ import annotations

from typing import NamedTuple

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, SYNTAX, CommandError, Reply
from rinspect.engine.values.string import StringValue

NO_SUCH_BIT = "ERR The bit argument must be 1 or 0."


class Stretch(NamedTuple):
    """From `start` to `end`, that one included, negative numbers from the end; in bits or in bytes."""

    start: int = 0
    end: int = -1
    in_bits: bool = False

    def within(self, size: int) -> tuple[int, int]:
        """First bit and the one behind the last in a string of `size` bytes."""
        unit = 1 if self.in_bits else 8
        total = size * 8 // unit
        start = max(self.start + total, 0) if self.start < 0 else self.start
        end = max(self.end + total, 0) if self.end < 0 else self.end
        return start * unit, (min(end, total - 1) + 1) * unit


def _number(word: bytes) -> int:
    number = parse_int(word)
    if number is None:
        raise CommandError(NOT_AN_INTEGER)
    return number


def _in_bits(words: tuple[bytes, ...]) -> bool:
    """Whether the word behind both ends says BIT."""
    if words and words[0].upper() not in (b"BIT", b"BYTE"):
        raise CommandError(SYNTAX)
    return bool(words) and words[0].upper() == b"BIT"


def _most_words(call: Call) -> int:
    """Start, end and, from 7.0 on, the unit."""
    return 3 if call.runtime.profile.version >= (7, 0) else 2


def _bits(value: StringValue, first: int, stop: int, filler: int) -> bytearray:
    """The bytes that hold the bits first … stop - 1, with bits of other places in them set to `filler`."""
    text = bytearray((value.data if value.buffer is None else value.buffer.payload)[first >> 3 : stop + 7 >> 3])
    before, behind = 0xFF00 >> (first & 7) & 0xFF, 0xFF >> (stop & 7) if stop & 7 else 0
    if filler:
        text[0] |= before
        text[-1] |= behind
    else:
        text[0] &= ~before & 0xFF
        text[-1] &= ~behind & 0xFF
    return text


@command(
    "BITCOUNT", "key [range=start:int end:int [unit=BYTE|BIT]@7.0]",
    group="bitmap", since="2.6.0", flags="readonly", access="RO access", complexity="O(N)", raw=True,
    summary="Counts the number of set bits (population counting) in a string.",
)  # fmt: skip
def bitcount(call: Call, key: bytes, *words: bytes) -> Reply:
    # Before 7.4 words were read only once there was a reason to.
    old = call.runtime.profile.version < (7, 4)
    value = call.find(key, StringValue) if old else None
    if old and value is None:
        return 0
    if len(words) == 1 or len(words) > _most_words(call):
        raise CommandError(SYNTAX)
    stretch = Stretch()
    if words:
        start, end = _number(words[0]), _number(words[1])
        if old and end < start < 0:
            return 0
        stretch = Stretch(start, end, _in_bits(words[2:]))
    if not old:
        value = call.find(key, StringValue)
    if value is None or stretch.end < stretch.start < 0:
        return 0
    first, stop = stretch.within(len(value))
    return int.from_bytes(_bits(value, first, stop, 0)).bit_count() if first < stop else 0


@command(
    "BITPOS", "key bit:int [range=start:int [end-unit-block=end:int [unit=BYTE|BIT]@7.0]]",
    group="bitmap", since="2.8.7", flags="readonly", access="RO access", complexity="O(N)", raw=True,
    summary="Finds the first set (1) or clear (0) bit in a string.",
)  # fmt: skip
def bitpos(call: Call, key: bytes, bit_word: bytes, *words: bytes) -> Reply:
    bit = _number(bit_word)
    if bit not in (0, 1):
        raise CommandError(NO_SUCH_BIT)
    old = call.runtime.profile.version < (7, 4)
    value = call.find(key, StringValue) if old else None
    if old and value is None:
        return -1 if bit else 0
    if len(words) > _most_words(call):
        raise CommandError(SYNTAX)
    start = _number(words[0]) if words else 0
    in_bits = _in_bits(words[2:])
    end = _number(words[1]) if len(words) > 1 else -1
    if not old:
        value = call.find(key, StringValue)
    if value is None:
        return -1 if bit else 0
    first, stop = Stretch(start, end, in_bits).within(len(value))
    if first >= stop:
        return -1
    text = _bits(value, first, stop, 1 - bit)
    rest = text.lstrip(b"\0" if bit else b"\xff")
    if rest:
        wanted = rest[0] if bit else rest[0] ^ 0xFF
        return (first & ~7) + 8 * (len(text) - len(rest)) + 8 - wanted.bit_length()
    # Behind the string's end all bits are clear, unless an end was named.
    return -1 if bit or len(words) > 1 else stop
