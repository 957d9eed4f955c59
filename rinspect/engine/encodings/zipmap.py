r"""zipmap: what small hashes were before Redis 2.6. Only read, from old RDB files.

    | count u8 | len | field … | len | free u8 | value … | free bytes | len | … | FF |

A `len` is one byte below 254, or FE and 32 bits, little endian. `free` bytes behind a value are room that it once had.
A count of 254 or more says nothing.

    >>> read_zipmap(bytes.fromhex("02 03 666f6f 03 00 626172 05 68656c6c6f 05 00 776f726c64 ff"))
    [(b'foo', b'bar'), (b'hello', b'world')]
"""

from __future__ import annotations

from rinspect.engine.encodings.entries import CorruptBlob

_WIDE, _END = 254, 255


def read_zipmap(data: bytes) -> list[tuple[bytes, bytes]]:
    """The pairs of field and value; CorruptBlob if `data` is no zipmap."""
    pairs = []
    at = 1
    try:
        while data[at] != _END:
            field, at = _text(data, at, 0)
            value, at = _text(data, at, 1)
            pairs.append((field, value))
    except IndexError:
        raise CorruptBlob("zipmap: it ends before its end mark") from None
    if at + 1 != len(data):
        raise CorruptBlob(f"zipmap: {len(data) - at - 1} bytes behind the end mark")
    if data[0] < _WIDE and data[0] != len(pairs):
        raise CorruptBlob(f"zipmap: the header says {data[0]} pairs, there are {len(pairs)}")
    return pairs


def _text(data: bytes, at: int, extra: int) -> tuple[bytes, int]:
    """A text with its length in front, and where the next begins; `extra` is 1 where a byte tells of room behind."""
    length = data[at]
    if length == _END:
        raise CorruptBlob(f"zipmap: no length at offset {at}")
    start = at + 1
    if length == _WIDE:
        length = int.from_bytes(data[at + 1 : at + 5], "little")
        start = at + 5
    room = data[start] if extra else 0
    start += extra
    end = start + length
    if end + room >= len(data):
        raise CorruptBlob(f"zipmap: the text at offset {at} reaches beyond the end")
    return bytes(data[start:end]), end + room
