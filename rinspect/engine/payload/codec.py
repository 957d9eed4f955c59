"""The primitives of RDB: lengths, strings, numbers.

00nnnnnn                 length 0 … 63
01nnnnnn n8              length 0 … 16383, high bits first
80 u32 · 81 u64          longer, big endian
C0 i8 · C1 i16 · C2 i32  not a length: the string is this integer, little endian
C3 clen plen bytes       not a length: the string is LZF-compressed
"""

from __future__ import annotations

import struct

from rinspect.engine.encodings import lzf
from rinspect.engine.numbers import parse_int


class CorruptPayload(ValueError):
    """A payload that does not follow the format; the text says where and what."""


class NotALength(CorruptPayload):
    """A length was wanted, and there is a byte with which none begins."""


class EmptyValue(CorruptPayload):
    """A collection without elements, read to its end: RESTORE refuses it, who loads a file passes over the key."""


class Writer:
    """Builds a payload. `compression` is the server's `rdbcompression`."""

    __slots__ = ("compression", "data")

    def __init__(self, compression: bool = True) -> None:
        self.data = bytearray()
        self.compression = compression

    def u8(self, value: int) -> None:
        self.data.append(value)

    def raw(self, data: bytes | bytearray) -> None:
        self.data += data

    def u64(self, value: int) -> None:
        """64 bits, little endian."""
        self.data += value.to_bytes(8, "little")

    def double_le(self, value: float) -> None:
        """A binary double, little endian."""
        self.data += struct.pack("<d", value)

    def length(self, n: int) -> None:
        if n < 1 << 6:
            self.data.append(n)
        elif n < 1 << 14:
            self.data += bytes((0x40 | n >> 8, n & 255))
        elif n < 1 << 32:
            self.data += b"\x80" + n.to_bytes(4, "big")
        else:
            self.data += b"\x81" + n.to_bytes(8, "big")

    def lzf(self, compressed: bytes, plain_length: int) -> None:
        """A string that is compressed already, as quicklist nodes may be."""
        self.data.append(0xC3)
        self.length(len(compressed))
        self.length(plain_length)
        self.data += compressed

    def string(self, text: bytes | bytearray) -> None:
        """A string in the shortest form the server tries: small integer, LZF from 21 bytes on, else as it is."""
        size = len(text)
        if size <= 11 and (number := parse_int(bytes(text))) is not None and self._integer(number):
            return
        if self.compression and size > 20:
            compressed = lzf.compress(text, size - 4)
            if compressed is not None:
                self.lzf(compressed, size)
                return
        self.length(size)
        self.data += text

    def _integer(self, number: int) -> bool:
        for code, width in ((0xC0, 1), (0xC1, 2), (0xC2, 4)):
            if -(1 << 8 * width - 1) <= number < 1 << 8 * width - 1:
                self.data.append(code)
                self.data += number.to_bytes(width, "little", signed=True)
                return True
        return False


class Reader:
    """Reads a payload from `at` on; every method raises CorruptPayload where the bytes do not follow the format."""

    __slots__ = ("at", "data", "end")

    def __init__(self, data: bytes, at: int = 0, end: int | None = None) -> None:
        self.data = data
        self.at = at
        self.end = len(data) if end is None else end

    def raw(self, count: int) -> bytes:
        if count > self.end - self.at:
            raise CorruptPayload(f"{count} bytes wanted at offset {self.at}, {self.end - self.at} left")
        self.at += count
        return self.data[self.at - count : self.at]

    def u8(self) -> int:
        return self.raw(1)[0]

    def u64(self) -> int:
        return int.from_bytes(self.raw(8), "little")

    def double_le(self) -> float:
        value: float = struct.unpack("<d", self.raw(8))[0]
        return value

    def length(self) -> int:
        """A plain length. Of an encoded string in its place the code is taken for one, as the server does."""
        n = self._length_or_code()
        return n if n >= 0 else -1 - n

    def unchecked_length(self) -> int:
        """A length where the server does not look whether it is one: if not, that byte stands for 2^64 - 1."""
        try:
            return self.length()
        except NotALength:
            return (1 << 64) - 1

    def _length_or_code(self) -> int:
        """A length, or `-1 - code` for an encoded string."""
        first = self.u8()
        kind = first >> 6
        if kind == 0:
            return first
        if kind == 1:
            return (first & 63) << 8 | self.u8()
        if kind == 3:
            return -1 - (first & 63)
        if first == 0x80:
            return int.from_bytes(self.raw(4), "big")
        if first == 0x81:
            return int.from_bytes(self.raw(8), "big")
        raise NotALength(f"no length begins with {first:#04x}, at offset {self.at - 1}")

    def string(self) -> bytes:
        return self.string_as_stored()[0]

    def string_as_stored(self) -> tuple[bytes, bytes | None]:
        """A string, and its compressed form if it was stored in one."""
        n = self._length_or_code()
        if n >= 0:
            return self.raw(n), None
        code = -1 - n
        if code <= 2:
            return b"%d" % int.from_bytes(self.raw(1 << code), "little", signed=True), None
        if code != 3:
            raise CorruptPayload(f"unknown string encoding {code} at offset {self.at - 1}")
        compressed_length, length = self.length(), self.length()
        compressed = self.raw(compressed_length)
        if not length:
            # Nothing is what the server gets from it, and what it expected.
            return b"", None
        # A match of three bytes stands for at most 264: a claim beyond that is a lie, and not worth the memory.
        if length > compressed_length * 264:
            raise CorruptPayload(f"{compressed_length} compressed bytes cannot become {length}")
        try:
            return lzf.decompress(compressed, length), compressed
        except lzf.CorruptLzf as error:
            raise CorruptPayload(f"bad LZF at offset {self.at}: {error}") from None
