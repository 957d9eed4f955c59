"""The id of a stream's entry: milliseconds since 1970 and a sequence number, 64 bits each, as one number of 128 bits.

So ids compare as numbers, and the id behind another one is one more. As the key of a radix tree an id is that number with its
high bytes first: keys in order are ids in order.

    1700000000000-7  =  1700000000000 << 64 | 7  =  00 00 01 8b cf e5 68 00  00 00 00 00 00 00 00 07
"""

from __future__ import annotations

_PART = (1 << 64) - 1
LAST_ID = (1 << 128) - 1


def make_id(ms: int, seq: int) -> int:
    """The id of these two parts, each cut to 64 bits."""
    return (ms & _PART) << 64 | seq & _PART


def ms_of(identity: int) -> int:
    return identity >> 64


def seq_of(identity: int) -> int:
    return identity & _PART


def id_text(identity: int) -> bytes:
    """As commands write it: `1700000000000-7`."""
    return b"%d-%d" % (identity >> 64, identity & _PART)


def id_key(identity: int) -> bytes:
    """As the key of a radix tree, 16 bytes."""
    return identity.to_bytes(16, "big")


def id_of(key: bytes) -> int:
    return int.from_bytes(key, "big")


def signed(number: int) -> int:
    """A number of 64 bits as a signed one."""
    number &= _PART
    return number - (1 << 64) if number >> 63 else number
