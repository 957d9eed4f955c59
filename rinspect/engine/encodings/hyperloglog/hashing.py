"""Which register an element goes to, and what it says there: a hash of 64 bits, cut in two.

    | … 0 1 0 0 | 14 bits |          the low 14 bits number the register; of the rest, the lowest set bit is the third:
          ^ 3rd                      one element of 2^3 gets this far, so 3 says that about 2^3 were seen

The hash is MurmurHash64A, so the same element goes to the same register in every Redis.

    >>> place(b"Ada")
    (8659, 5)
"""

from __future__ import annotations

from struct import unpack_from

REGISTER_BITS = 14
REGISTERS = 1 << REGISTER_BITS
HIGHEST = 64 - REGISTER_BITS + 1
"""The value where all bits of the rest are 0."""

_SEED = 0xADC83B19
_MASK = (1 << 64) - 1
_FACTOR = 0xC6A4A7935BD1E995
_SHIFT = 47


def place(element: bytes) -> tuple[int, int]:
    """(register, value) of an element; the value is from 1 to HIGHEST."""
    digest = murmur64a(element)
    rest = digest >> REGISTER_BITS | 1 << (HIGHEST - 1)
    return digest & (REGISTERS - 1), (rest & -rest).bit_length()


def murmur64a(data: bytes, seed: int = _SEED) -> int:
    """Austin Appleby's MurmurHash2 for 64-bit machines: eight bytes at a time, little endian, then what is left."""
    length = len(data)
    digest = seed ^ (length * _FACTOR & _MASK)
    for (word,) in (unpack_from("<Q", data, at) for at in range(0, length - 7, 8)):
        word = word * _FACTOR & _MASK
        word ^= word >> _SHIFT
        digest = (digest ^ (word * _FACTOR & _MASK)) * _FACTOR & _MASK
    if length & 7:
        digest = (digest ^ int.from_bytes(data[length & ~7 :], "little")) * _FACTOR & _MASK
    digest ^= digest >> _SHIFT
    digest = digest * _FACTOR & _MASK
    return digest ^ digest >> _SHIFT
