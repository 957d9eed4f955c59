"""LZF: the compression of long strings in RDB files and of quicklist nodes.

The output is a row of chunks, each led by a control byte:

    000nnnnn  bytes                n + 1 literal bytes follow (1 … 32)
    lllooooo  o8                   copy l + 2 bytes (3 … 8) from `o + 1` bytes back; o has 13 bits, high bits first
    111ooooo  l8 o8                the same for 9 … 264 bytes: l8 + 9

    >>> compress(b"abcabcabcabc", 12).hex(" ")        # 4 literals "abca", 6 bytes from 3 back, 2 literals "bc"
    '03 61 62 63 61 80 02 01 62 63'

A compressor is free in how it looks for matches. This one finds what the server's finds: a table of the last position of
each three-byte sequence's hash, no chains, greedy, after a match only its last two positions are entered. The server's
table keeps what earlier calls left in it, and rarely an old entry leads to a different, equally valid, output: that
alone cannot be reproduced.

Where python-lzf is installed (the extra `lzf`), which is the server's own code in C, it does the work, some hundred times
as fast. What it finds is the same, except that its table is not cleared either.
"""

from __future__ import annotations

try:
    import lzf as native
except ImportError:
    native = None

MAX_OFFSET = 1 << 13
MAX_MATCH = 264
MAX_LITERALS = 32
UNROLLED = 16


class CorruptLzf(ValueError):
    """Bytes that do not decompress to the length they claim."""


def compress(data: bytes | bytearray, limit: int) -> bytes | None:
    """`data` compressed to at most `limit` bytes; None if it does not fit."""
    if native is None or limit < 2:
        return python_compress(data, limit)
    # It makes its buffer one byte larger than it is told.
    compressed: bytes | None = native.compress(bytes(data), limit - 1)
    return compressed


def python_compress(data: bytes | bytearray, limit: int) -> bytes | None:
    """`compress` in Python."""
    size = len(data)
    if size < 4 or limit < 1:
        return None
    table: dict[int, int] = {}
    out = bytearray()
    at = literal_start = 0
    last = size - 2
    while at < last:
        triple = data[at] << 16 | data[at + 1] << 8 | data[at + 2]
        slot = ((triple >> 8) - triple * 5) & 0xFFFF
        found = table.get(slot, 0)
        table[slot] = at
        if not (found > 0 and at - found <= MAX_OFFSET and data[found : found + 3] == data[at : at + 3]):
            at += 1
            continue
        length = _match_length(data, found, at, min(size - at - 2, MAX_MATCH))
        literals = at - literal_start
        if _written(out, literals) - (literals % MAX_LITERALS == 0) + 4 >= limit:
            return None
        _literals(out, data, literal_start, at)
        back = at - found - 1
        if length - 2 < 7:
            out += bytes((length - 2 << 5 | back >> 8, back & 255))
        else:
            out += bytes((7 << 5 | back >> 8, length - 9, back & 255))
        end = at + length
        for position in (end - 2, end - 1):
            if position + 2 < size and end < last:
                triple = data[position] << 16 | data[position + 1] << 8 | data[position + 2]
                table[((triple >> 8) - triple * 5) & 0xFFFF] = position
        at = literal_start = end
    if _written(out, at - literal_start) + 3 > limit:
        return None
    _literals(out, data, literal_start, size)
    return bytes(out)


def _written(out: bytearray, literals: int) -> int:
    """Where the server's output pointer stands with so many literals pending: each run has its control byte set aside.

    It gives up by this pointer, with room for what may come next, and so now and then before the limit is reached.
    """
    return len(out) + literals + literals // MAX_LITERALS + 1


def _match_length(data: bytes | bytearray, found: int, at: int, limit: int) -> int:
    """How many bytes from `found` on equal those from `at` on, the first three known to.

    The server's limit stops two bytes before the end, but where more than 16 are left it compares the next 16 without
    looking at the limit: so a long match may reach the end.
    """
    length = 3
    if limit > UNROLLED:
        while length < 3 + UNROLLED:
            if data[found + length] != data[at + length]:
                return length
            length += 1
    while length < limit and data[found + length] == data[at + length]:
        length += 1
    return length


def _literals(out: bytearray, data: bytes | bytearray, start: int, end: int) -> None:
    while start < end:
        run = min(end - start, MAX_LITERALS)
        out.append(run - 1)
        out += data[start : start + run]
        start += run


def decompress(data: bytes | bytearray, length: int) -> bytes:
    """The `length` bytes that `data` stands for; CorruptLzf if it stands for anything else."""
    if native is None or not data or not length:
        return python_decompress(data, length)
    try:
        plain: bytes | None = native.decompress(bytes(data), length)
    except ValueError:
        plain = None
    # What is wrong, if anything is, the readable one says.
    return plain if plain is not None and len(plain) == length else python_decompress(data, length)


def python_decompress(data: bytes | bytearray, length: int) -> bytes:
    """`decompress` in Python."""
    out = bytearray()
    at, size = 0, len(data)
    try:
        while at < size:
            control = data[at]
            at += 1
            if control < 32:
                if at + control + 1 > size:
                    raise CorruptLzf("a literal run reaches beyond the end")
                out += data[at : at + control + 1]
                at += control + 1
                continue
            run = control >> 5
            if run == 7:
                run += data[at]
                at += 1
            back = ((control & 31) << 8 | data[at]) + 1
            at += 1
            run += 2
            start = len(out) - back
            if start < 0:
                raise CorruptLzf("a match points before the beginning")
            if back >= run:
                out += out[start : start + run]
            else:
                out += (out[start:] * (run // back + 1))[:run]
            if len(out) > length:
                break
    except IndexError:
        raise CorruptLzf("a match is cut off") from None
    if len(out) != length:
        raise CorruptLzf(f"{len(out)} bytes came out where {length} were promised")
    return bytes(out)
