r"""listpack: small values in a row, in one allocation.

    | u32 total bytes | u16 count | entry | entry | … | FF |        little endian; count 65535 = too many, walk

    entry = | encoding, and data | backlen |

The first byte of an entry says what it is:

    0vvvvvvv                        integer 0 … 127
    10llllll  bytes                 string of up to 63 bytes
    110vvvvv v8                     integer of 13 bits, -4096 … 4095, high bits first
    1110llll l8  bytes              string of up to 4095 bytes, high bits first
    F0 u32  bytes                   longer string
    F1 i16 · F2 i24 · F3 i32 · F4 i64

A text that is the canonical decimal form of a 64-bit integer is stored as that integer. `backlen` is the length of all
before it in the entry, in groups of seven bits, most significant first, bit 7 set on all but the first: read from the
end, it lets one walk backwards.

The hash {name: Ada, born: 1815}:

    >>> pack = Listpack([b"name", b"Ada", b"born", b"1815"])
    >>> pack.data.hex(" ")
    '1b 00 00 00 04 00 84 6e 61 6d 65 05 83 41 64 61 04 84 62 6f 72 6e 05 c7 17 02 ff'

    1b 00 00 00   27 bytes in all
    04 00         4 entries
    84 …          10|000100: a string of 4, "name"; 05: five bytes back to its start
    83 …          10|000011: a string of 3, "Ada"; 04
    84 …          "born"; 05
    c7 17         110|00111 00010111: the integer 0x717 = 1815; 02
    ff            the end
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import Struct

from rinspect.engine.encodings.entries import CorruptBlob, Entries, count_note
from rinspect.engine.layout import Field, Kind, Window
from rinspect.engine.numbers import parse_int

HEADER = 6
EMPTY = 7
"""Bytes of a listpack without entries."""
UNKNOWN_COUNT = 65535

_HEAD = Struct("<IH")
_pack_head = _HEAD.pack_into


def encode_backlen(length: int) -> bytes:
    """The length of encoding and data, to be read backwards."""
    if length <= 127:
        return bytes((length,))
    if length < 16383:
        return bytes((length >> 7, length & 127 | 128))
    if length < 2097151:
        return bytes((length >> 14, length >> 7 & 127 | 128, length & 127 | 128))
    if length < 268435455:
        return bytes((length >> 21, length >> 14 & 127 | 128, length >> 7 & 127 | 128, length & 127 | 128))
    return bytes((length >> 28, *(length >> shift & 127 | 128 for shift in (21, 14, 7, 0))))


def backlen_size(length: int) -> int:
    for size, limit in enumerate((128, 16383, 2097151, 268435455), 1):
        if length < limit:
            return size
    return 5


def encode_int(value: int) -> bytes:
    """Encoding and data of an integer in the smallest form that holds it."""
    if 0 <= value <= 127:
        return bytes((value,))
    if -4096 <= value <= 4095:
        return bytes((0xC0 | (value >> 8 & 31), value & 255))
    if -32768 <= value <= 32767:
        return b"\xf1" + value.to_bytes(2, "little", signed=True)
    if -8388608 <= value <= 8388607:
        return b"\xf2" + value.to_bytes(3, "little", signed=True)
    if -2147483648 <= value <= 2147483647:
        return b"\xf3" + value.to_bytes(4, "little", signed=True)
    return b"\xf4" + value.to_bytes(8, "little", signed=True)


_SHORT = 63
"""Bytes of the longest string whose length the encoding byte holds."""
_SHORT_HEADS = [bytes((0x80 | length,)) for length in range(_SHORT + 1)]
_BACKLENS = [bytes((length,)) for length in range(_SHORT + 2)]
_SHORT_ENDS = [bytes((length + 1, 0xFF)) for length in range(_SHORT + 1)]
"""The backlen of a short string, and the end of the listpack behind it."""
_ROOM = [bytearray(length + 2) for length in range(_SHORT + 1)]
"""As many bytes as a short string takes. (A bytearray would make one of bytes before it takes them in.)"""
_BEGINNINGS = [Struct(f"<IHB{length}sB").pack_into for length in range(_SHORT + 1)]
"""Header and first entry of a listpack that begins with a short string."""


def encode_entry(text: bytes) -> bytes:
    """A whole entry: encoding, data, backlen."""
    length = len(text)
    # An integer begins with a digit or a minus, and both come before the colon.
    if text < b":" and length <= 20 and (value := parse_int(text)) is not None:
        head = encode_int(value)
        return head + _BACKLENS[len(head)]
    if length <= _SHORT:
        return _SHORT_HEADS[length] + text + _BACKLENS[length + 1]
    if length <= 4095:
        return bytes((0xE0 | length >> 8, length & 255)) + text + encode_backlen(length + 2)
    return b"\xf0" + length.to_bytes(4, "little") + text + encode_backlen(length + 5)


_INT_SIZES = {0xF1: 2, 0xF2: 3, 0xF3: 4, 0xF4: 8}


def decode_entry(data: bytes | bytearray, at: int) -> tuple[bytes, int]:
    """(text, size of the whole entry) of the entry at offset `at`; CorruptBlob if it is none."""
    try:
        first = data[at]
        if first < 0x80:
            return b"%d" % first, 2
        if first < 0xC0:
            length = first & 63
            head = 1
        elif first < 0xE0:
            value = (first & 31) << 8 | data[at + 1]
            return b"%d" % (value - 8192 if value >= 4096 else value), 3
        elif first < 0xF0:
            length = (first & 15) << 8 | data[at + 1]
            head = 2
        elif first == 0xF0:
            length = int.from_bytes(data[at + 1 : at + 5], "little")
            head = 5
        else:
            size = _INT_SIZES[first]
            return b"%d" % int.from_bytes(data[at + 1 : at + 1 + size], "little", signed=True), size + 2
    except (IndexError, KeyError):
        raise CorruptBlob(f"listpack: no valid entry at offset {at}") from None
    end = at + head + length
    if end >= len(data):
        raise CorruptBlob(f"listpack: the entry at offset {at} reaches beyond the end")
    return bytes(data[at + head : end]), head + length + backlen_size(head + length)


def size_before(data: bytes | bytearray, end: int) -> int:
    """Size of the entry that ends at offset `end`, as its backlen says."""
    place, shift, length = end - 1, 0, data[end - 1] & 127
    while data[place] & 128 and shift < 28:
        place, shift = place - 1, shift + 7
        length |= (data[place] & 127) << shift
    return length + backlen_size(length)


class Listpack(Entries):
    """A listpack in a bytearray; see Entries for `data`, `texts` and `sizes`.

    Whoever only adds and takes at the ends needs no sizes: they are looked up when somebody wants a place in the middle, and
    from then on kept.
    """

    encoding = "listpack"
    HEADER = HEADER
    EMPTY = b"\x07\x00\x00\x00\x00\x00\xff"
    __slots__ = ("_sizes",)

    def __init__(self, texts: Iterable[bytes] = ()) -> None:
        super().__init__()
        self._sizes: list[int] | None = None
        self.extend(texts)

    @property
    def sizes(self) -> list[int]:
        """See Entries. Not to be changed from outside."""
        if self._sizes is None:
            self._sizes = sizes = []
            at, data = HEADER, self.data
            for _ in self.texts:
                sizes.append(size := decode_entry(data, at)[1])
                at += size
        return self._sizes

    def copy(self) -> Listpack:
        twin = super().copy()
        twin._sizes = None if self._sizes is None else self._sizes[:]
        return twin

    @classmethod
    def from_bytes(cls, data: bytes, *, counted: bool = True) -> Listpack:
        """Take over a blob as it was stored; CorruptBlob if it is not a listpack. Where it is not `counted`, the header may say
        another number of entries."""
        if len(data) < EMPTY or data[-1] != 0xFF or int.from_bytes(data[:4], "little") != len(data):
            raise CorruptBlob("listpack: header, length or end do not agree")
        pack = cls()
        pack.data = bytearray(data)
        at, end = HEADER, len(data) - 1
        while at < end:
            text, size = decode_entry(data, at)
            if at + size > end:
                raise CorruptBlob(f"listpack: the entry at offset {at} reaches beyond the end")
            if size_before(data, at + size) != size:
                raise CorruptBlob(f"listpack: the backlen of the entry at offset {at} does not lead back to it")
            pack.texts.append(text)
            at += size
        count = int.from_bytes(data[4:6], "little")
        if counted and count not in (len(pack.texts), UNKNOWN_COUNT):
            raise CorruptBlob(f"listpack: the header says {count} entries, there are {len(pack.texts)}")
        return pack

    def _update_header(self) -> None:
        count = len(self.texts)
        _pack_head(self.data, 0, len(self.data), count if count < UNKNOWN_COUNT else UNKNOWN_COUNT)

    def append(self, text: bytes) -> None:
        data, texts = self.data, self.texts
        texts.append(text)
        count, length, before = len(texts), len(text), len(data)
        if length <= _SHORT and text >= b":":
            # The usual case, a short string: it is not put together first.
            data[-1] = 0x80 | length
            data += text
            data += _SHORT_ENDS[length]
        else:
            data.pop()
            data += encode_entry(text)
            data.append(0xFF)
        if self._sizes is not None:
            self._sizes.append(len(data) - before)
        _pack_head(data, 0, len(data), count if count < UNKNOWN_COUNT else UNKNOWN_COUNT)

    def prepend(self, text: bytes) -> None:
        data, texts = self.data, self.texts
        # By slices: they move what is behind as a block, list.insert moves it one by one.
        texts[:0] = (text,)
        count, length, before = len(texts), len(text), len(data)
        if length <= _SHORT and text >= b":" and count < UNKNOWN_COUNT:
            # The usual case, a short string: header and entry are written at once into room that was made for them.
            data[:0] = _ROOM[length]
            _BEGINNINGS[length](data, 0, len(data), count, 0x80 | length, text, length + 1)
        else:
            data[HEADER:HEADER] = encode_entry(text)
            _pack_head(data, 0, len(data), count if count < UNKNOWN_COUNT else UNKNOWN_COUNT)
        if self._sizes is not None:
            self._sizes[:0] = (len(data) - before,)

    def extend(self, texts: Iterable[bytes]) -> None:
        """Append several entries, with one change to the blob."""
        new = list(texts)
        entries = [encode_entry(text) for text in new]
        self.data[-1:] = b"".join(entries) + b"\xff"
        self.texts += new
        if self._sizes is not None:
            self._sizes += map(len, entries)
        self._update_header()

    def insert(self, index: int, *texts: bytes) -> None:
        """Insert entries before entry `index` (0 … len)."""
        at = self.offset(index)
        entries = [encode_entry(text) for text in texts]
        self.data[at:at] = b"".join(entries)
        self.texts[index:index] = texts
        if self._sizes is not None:
            self._sizes[index:index] = map(len, entries)
        self._update_header()

    def delete(self, index: int, count: int = 1) -> None:
        """Delete `count` entries from `index` on."""
        at = self.offset(index)
        if count == 1:
            del self.data[at : at + self.sizes.pop(index)]
            del self.texts[index]
            self._update_header()
            return
        del self.data[at : at + sum(self.sizes[index : index + count])]
        del self.texts[index : index + count]
        del self.sizes[index : index + count]
        self._update_header()

    def pop_first(self) -> bytes:
        data, texts = self.data, self.texts
        first = data[HEADER]
        size = (first & 63) + 2 if 0x80 <= first < 0xC0 else decode_entry(data, HEADER)[1]
        text = texts.pop(0)
        if self._sizes is not None:
            del self._sizes[:1]
        count = len(texts)
        # A bytearray that loses its beginning moves nothing: as many bytes as the entry has go there, and the header is
        # written over what stands in its place then.
        del data[:size]
        _pack_head(data, 0, len(data), count if count < UNKNOWN_COUNT else UNKNOWN_COUNT)
        return text

    def pop_last(self) -> bytes:
        data, texts = self.data, self.texts
        text = texts.pop()
        length = data[-2]
        del data[-2 - length if length < 128 else -1 - size_before(data, len(data) - 1) : -1]
        if self._sizes is not None:
            self._sizes.pop()
        count = len(texts)
        _pack_head(data, 0, len(data), count if count < UNKNOWN_COUNT else UNKNOWN_COUNT)
        return text

    def replace(self, index: int, text: bytes) -> None:
        """Put `text` in the place of entry `index`."""
        at = self.offset(index)
        entry = encode_entry(text)
        self.data[at : at + self.sizes[index]] = entry
        self.texts[index] = text
        self.sizes[index] = len(entry)
        self._update_header()

    def join(self, other: Entries) -> None:
        """Append all entries of another listpack as they are."""
        self.data[-1:] = other.data[HEADER:]
        self.texts += other.texts
        self._sizes = None
        self._update_header()

    def fields(self, window: Window, names: tuple[str, ...] = ()) -> tuple[Field, ...]:
        """Header, the window's entries and the end. `names` name the entries' parts in turn: ("field", "value")."""
        count = int.from_bytes(self.data[4:6], "little")
        fields = [
            Field(0, 4, "total bytes", len(self.data), Kind.LENGTH, f"the whole listpack takes {len(self.data)} bytes"),
            Field(4, 2, "count", count, Kind.COUNT, count_note(count, len(self.texts))),
        ]
        first, stop = min(window.first, len(self.texts)), min(window.stop, len(self.texts))
        at = self.offset(first)
        for index in range(first, stop):
            name = names[index % len(names)] if names else "entry"
            fields += _entry_fields(self.data, at, self.sizes[index], index, name, self.texts[index])
            at += self.sizes[index]
        if stop == len(self.texts):
            note = "FF: no entry begins with it; the listpack ends here"
            fields.append(Field(at, 1, "end", 0xFF, Kind.TERMINATOR, note))
        return tuple(fields)


def _bits(data: bytes | bytearray, at: int, prefix: int, total: int) -> str:
    bits = "".join(f"{byte:08b}" for byte in data[at : at + (total + 7) // 8])
    return f"{bits[:prefix]} {bits[prefix:total]}"


def _entry_fields(data: bytes | bytearray, at: int, size: int, index: int, name: str, text: bytes) -> Iterator[Field]:
    """The fields of one entry, with the sentence that explains each."""
    first = data[at]
    pair = bytes(data[at : at + 2]).hex(" ")
    label = f"{name} {index}" if name == "entry" else name
    if first < 0x80:
        note = f"{first:02x} = {_bits(data, at, 1, 8)}: the integer {first}, seven bits in the encoding byte itself"
        yield Field(at, 1, label, int(text), Kind.INTEGER, note, index)
        body = 1
    elif first < 0xC0:
        length = first & 63
        note = f"{first:02x} = {_bits(data, at, 2, 8)}: a string of {length} bytes"
        yield Field(at, 1, f"{label} encoding", length, Kind.ENCODING, note, index)
        body = 1 + length
        if length:
            yield Field(at + 1, length, label, text, Kind.PAYLOAD, f"{length} bytes", index)
    elif first < 0xE0:
        bits = _bits(data, at, 3, 16)
        note = f"{pair} = {bits}: a 13-bit integer, {int(text)}; as text it would take {len(text)} bytes"
        yield Field(at, 2, label, int(text), Kind.INTEGER, note, index)
        body = 2
    elif first <= 0xF0:
        head = 5 if first == 0xF0 else 2
        length = len(text)
        how = "F0 and a 32-bit length" if head == 5 else f"{pair} = {_bits(data, at, 4, 16)}"
        yield Field(at, head, f"{label} encoding", length, Kind.ENCODING, f"{how}: a string of {length} bytes", index)
        yield Field(at + head, length, label, text, Kind.PAYLOAD, f"{length} bytes", index)
        body = head + length
    else:
        width = _INT_SIZES[first]
        note = f"{first:02x}: an integer of {width * 8} bits follows"
        yield Field(at, 1, f"{label} encoding", width, Kind.ENCODING, note, index)
        note = f"{int(text)}, little endian; as text it would take {len(text)} bytes"
        yield Field(at + 1, width, label, int(text), Kind.INTEGER, note, index)
        body = 1 + width
    note = f"{body} bytes back to the start of this entry"
    yield Field(at + body, size - body, "backlen", body, Kind.BACKLEN, note, index)
