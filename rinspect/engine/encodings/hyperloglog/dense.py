"""Dense registers: 16384 of 6 bits, four in three bytes, from the lowest bit on.

    | 1 1 0 0 0 0 0 0 | 2 2 2 2 1 1 1 1 | 3 3 3 3 3 3 2 2 |        which register each bit is of; highest bit left

All at once they are taken apart and put together four at a time: the first bytes of all triples, the second ones, the
third ones.
"""

from __future__ import annotations

from rinspect.engine.encodings.hyperloglog.hashing import REGISTERS

BITS = 6
SIZE = REGISTERS * BITS // 8
HIGHEST = (1 << BITS) - 1

_LOW_6 = bytes(byte & 63 for byte in range(256))
_HIGH_2 = bytes(byte >> 6 for byte in range(256))
_LOW_4_UP = bytes((byte & 15) << 2 for byte in range(256))
_HIGH_4 = bytes(byte >> 4 for byte in range(256))
_LOW_2_UP = bytes((byte & 3) << 4 for byte in range(256))
_HIGH_6 = bytes(byte >> 2 for byte in range(256))


def get(data: bytes | bytearray, at: int, index: int) -> int:
    """The value of register `index`; the registers begin at offset `at`."""
    byte, shift = divmod(index * BITS, 8)
    return int.from_bytes(data[at + byte : at + byte + 2], "little") >> shift & HIGHEST


def put(data: bytearray, at: int, index: int, value: int) -> None:
    """Give register `index` a value."""
    byte, shift = divmod(index * BITS, 8)
    start, stop = at + byte, min(at + byte + 2, at + SIZE)
    word = int.from_bytes(data[start:stop], "little") & ~(HIGHEST << shift) | value << shift
    data[start:stop] = word.to_bytes(stop - start, "little")


def unpack(packed: bytes | bytearray) -> bytes:
    """The registers, a byte each."""
    first, second, third = packed[::3], packed[1::3], packed[2::3]
    registers = bytearray(len(packed) // 3 * 4)
    registers[::4] = first.translate(_LOW_6)
    registers[1::4] = _either(first.translate(_HIGH_2), second.translate(_LOW_4_UP))
    registers[2::4] = _either(second.translate(_HIGH_4), third.translate(_LOW_2_UP))
    registers[3::4] = third.translate(_HIGH_6)
    return bytes(registers)


def pack(registers: bytes) -> bytes:
    """The registers in six bits each: a multiple of four of them, none above HIGHEST."""
    packed = bytearray(len(registers) // 4 * 3)
    one, two, three, four = (int.from_bytes(registers[first::4], "little") for first in range(4))
    count = len(registers) // 4
    low_2, low_4 = (int.from_bytes(bytes((mask,)) * count, "little") for mask in (3, 15))
    packed[::3] = (one | (two & low_2) << 6).to_bytes(count, "little")
    packed[1::3] = (two >> 2 & low_4 | (three & low_4) << 4).to_bytes(count, "little")
    packed[2::3] = (three >> 4 & low_2 | four << 2).to_bytes(count, "little")
    return bytes(packed)


def _either(one: bytes | bytearray, other: bytes | bytearray) -> bytes:
    """Both, bit by bit."""
    joined = int.from_bytes(one, "little") | int.from_bytes(other, "little")
    return joined.to_bytes(len(one), "little")
