r"""sds: a string that knows its length, and how much room it has.

    | len | alloc | flags | payload … | 00 | spare … |
                            ^ a pointer to an sds points here

`len` and `alloc` have the width that the header's type says; `flags` holds the type in its low three bits. Five types:

    type      header                           longest
    sdshdr5   1: the length in the flag's      31     no alloc: never has spare room
              upper five bits
    sdshdr8   3: u8 len, u8 alloc, flags       255
    sdshdr16  5: u16 len, u16 alloc, flags     65,535
    sdshdr32  9: u32, u32, flags               2^32 - 1
    sdshdr64  17: u64, u64, flags              2^64 - 1

"Ada" as a key, and the same as a value that was appended to (newlen 3 asks for alloc 6):

    >>> encode(b"Ada").hex(" ")                   # 18 = 00011|000: length 3, type 5
    '18 41 64 61 00'
    >>> encode(b"Ada", alloc=6).hex(" ")          # len 3, alloc 6, type 1 (sdshdr8); 3 spare bytes
    '03 06 01 41 64 61 00 00 00 00'
"""

from __future__ import annotations

from rinspect.engine.allocator import Allocator
from rinspect.engine.layout import Field, Kind, Window

HEADERS = ((32, 1), (1 << 8, 3), (1 << 16, 5), (1 << 32, 9))
"""(first length that no longer fits, header bytes), smallest type first; beyond them sdshdr64 with 17."""

TYPES = {1: 0, 3: 1, 5: 2, 9: 3, 17: 4}
"""Header bytes to the type number in the flags."""

_CAPACITY = {3: (1 << 8) - 1, 5: (1 << 16) - 1, 9: (1 << 32) - 1, 17: (1 << 64) - 1}

MAX_PREALLOC = 1 << 20
"""Up to here a string that grows asks for twice its new length, beyond for one MiB more."""


def header_size(length: int) -> int:
    """Header bytes of a string created with `length` bytes."""
    for limit, header in HEADERS:
        if length < limit:
            return header
    return 17


def sds_size(length: int) -> int:
    """Bytes that an sds of `length` asks for: header, payload and the closing NUL."""
    return header_size(length) + length + 1


def element_size(length: int) -> int:
    """Bytes that the sds of a key, member, field or value asks for: an empty one has sdshdr8, for it might grow."""
    return sds_size(length) if length else 4


def growable_header(length: int) -> int:
    """Like `header_size`, for strings that have room to grow: sdshdr5 cannot."""
    return header_size(length) if length >= 32 else 3


def type_name(header: int) -> str:
    return f"sdshdr{(5, 8, 16, 32, 64)[TYPES[header]]}"


def greedy_request(length: int) -> tuple[int, int]:
    """(header, bytes asked) of the allocation made when a string grows to `length` beyond its room."""
    target = length * 2 if length < MAX_PREALLOC else length + MAX_PREALLOC
    header = growable_header(target)
    return header, header + target + 1


def capacity(header: int, usable: int) -> int:
    """The `alloc` field of a string with that header in an allocation of `usable` bytes."""
    return min(usable - header - 1, _CAPACITY[header])


def encode(payload: bytes | bytearray, alloc: int | None = None, header: int | None = None) -> bytes:
    """The bytes of an sds: created to measure, or with room for `alloc` bytes.

    `header` is the header's size where it is not the one that follows from the length.
    """
    length = len(payload)
    if header is None:
        header = header_size(length) if alloc is None else growable_header(max(length, alloc))
    room = length if alloc is None else alloc
    return _head(length, room, header) + payload + bytes(1 + room - length)


def _head(length: int, alloc: int, header: int) -> bytes:
    if header == 1:
        return bytes([length << 3])
    width = (header - 1) // 2
    return length.to_bytes(width, "little") + alloc.to_bytes(width, "little") + bytes([TYPES[header]])


def describe(
    length: int, alloc: int | None = None, *, at: int = 0, what: str = "payload", header: int | None = None
) -> tuple[Field, ...]:
    """The fields of an sds that starts at offset `at`. `alloc` None means that it was created to measure."""
    if header is None:
        header = header_size(length) if alloc is None else growable_header(max(length, alloc))
    room = length if alloc is None else alloc
    fields = []
    if header == 1:
        note = f"sdshdr5: the length {length} in the upper five bits, type 0 in the lower three; no room is recorded"
        fields.append(Field(at, 1, "flags", length, Kind.HEADER, note))
    else:
        width = (header - 1) // 2
        kind = type_name(header)
        fields.append(Field(at, width, "len", length, Kind.LENGTH, f"{kind}: {length} bytes in use"))
        note = f"room for {room} bytes, {room - length} of them spare"
        fields.append(Field(at + width, width, "alloc", room, Kind.LENGTH, note))
        fields.append(Field(at + 2 * width, 1, "flags", TYPES[header], Kind.HEADER, f"type {TYPES[header]}: {kind}"))
    at += header
    if length:
        fields.append(Field(at, length, what, None, Kind.PAYLOAD, f"{length} bytes"))
    fields.append(Field(at + length, 1, "NUL", 0, Kind.TERMINATOR, "ends the payload for C's string functions"))
    if room > length:
        note = f"spare: the string can grow by {room - length} without a new allocation"
        fields.append(Field(at + length + 1, room - length, "spare", None, Kind.SLACK, note))
    return tuple(fields)


def visible(fields: tuple[Field, ...], window: Window) -> tuple[Field, ...]:
    """The fields that a window's bytes touch."""
    return tuple(f for f in fields if window.covers(f.offset, f.size))


class Sds:
    """A raw string's sds: the payload, and the allocation it lives in.

    Grows as Redis's does: in place while `alloc` has room, greedily (room for twice the new length) when it has not.
    """

    __slots__ = ("alloc", "asked", "header", "payload", "serial")

    def __init__(self, payload: bytes | bytearray, allocator: Allocator, *, extra: int = 0) -> None:
        """Created to measure; `extra` bytes are asked for beyond (and show as room). An empty one can grow."""
        self.move(payload, allocator, extra=extra)

    def move(self, payload: bytes | bytearray, allocator: Allocator, *, extra: int = 0) -> None:
        """Be another text, in a new allocation, as one that is created."""
        length = len(payload)
        self.payload = bytearray(payload)
        self.header = header_size(length) if length else growable_header(0)
        self.asked = self.header + length + 1 + extra
        """Bytes asked of the allocator."""
        self.serial = 0
        self.alloc = length if self.header == 1 else capacity(self.header, allocator.usable(self.asked))
        """The `alloc` field: how long the payload may become where it is."""

    def __len__(self) -> int:
        return len(self.payload)

    def make_room(self, length: int, allocator: Allocator) -> None:
        """Make sure that the payload can become `length` bytes long; reallocates greedily if there is no room."""
        if length > self.alloc:
            self.header, self.asked = greedy_request(length)
            self.alloc = capacity(self.header, allocator.usable(self.asked))

    def append(self, tail: bytes, allocator: Allocator) -> None:
        self.make_room(len(self.payload) + len(tail), allocator)
        self.payload += tail

    def resize(self, size: int) -> None:
        """Reallocate for exactly `size` bytes, at least those that there are; what the allocator gives beyond is no room."""
        if size != self.alloc:
            header = growable_header(size)
            # A larger header than needed may stay where it costs little.
            self.header = self.header if header < self.header and header > 3 else header
            self.asked = self.header + size + 1
            self.alloc = size

    def trim(self) -> None:
        """Give back all spare room: the allocation becomes one to measure, and `alloc` the length."""
        self.header = header_size(len(self.payload))
        self.asked = self.header + len(self.payload) + 1
        self.alloc = len(self.payload)

    def describe(self) -> tuple[Field, ...]:
        """Header, payload, NUL and room, as they stand in memory."""
        return describe(len(self.payload), self.alloc, header=self.header)

    def window(self, start: int, size: int) -> bytes:
        """The bytes from offset `start` on, `size` of them at most, header included."""
        head = _head(len(self.payload), self.alloc, self.header)
        after = bytes(max(0, self.alloc - len(self.payload)) + 1)
        pieces = bytearray()
        for piece, at in ((head, 0), (self.payload, len(head)), (after, len(head) + len(self.payload))):
            low, high = max(0, start - at), start + size - at
            if high > 0:
                pieces += piece[low:high]
        return bytes(pieces)
