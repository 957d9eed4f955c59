r"""ziplist: small values in a row, in one allocation; the compact form before listpacks (6.2, and old RDB files).

    | u32 total bytes | u32 offset of the last entry | u16 count | entry | entry | … | FF |     little endian

    entry = | prevlen | encoding, and data |

`prevlen` is the length of the entry before, to walk backwards: one byte up to 253, beyond that FE and a u32. The byte
after it says what the entry is:

    00llllll  bytes               string of up to 63 bytes
    01llllll l8  bytes            string of up to 16383 bytes, high bits first
    80 u32  bytes                 longer string; the length big endian, the only such number here
    F1 … FD                       the integers 0 … 12
    FE i8 · C0 i16 · F0 i24 · D0 i32 · E0 i64

A text of up to 31 characters that is the canonical decimal form of a 64-bit integer is stored as that integer.

The hash {name: Ada, born: 1815}:

    >>> pack = Ziplist([b"name", b"Ada", b"born", b"1815"])
    >>> pack.data.hex(" ")
    '20 00 00 00 1b 00 00 00 04 00 00 04 6e 61 6d 65 06 03 41 64 61 05 04 62 6f 72 6e 06 c0 17 07 ff'

    20 00 00 00   32 bytes in all
    1b 00 00 00   the last entry starts at byte 27
    04 00         4 entries
    00 04 …       nothing before it; 00|000100: a string of 4, "name"
    06 03 …       the entry before takes 6 bytes; a string of 3, "Ada"
    05 04 …       "born"
    06 c0 17 07   an integer of 16 bits, 0x717 = 1815
    ff            the end

An entry that reaches 254 bytes makes the prevlen after it four bytes longer, that may lift the next entry over 254 in
turn, and so on: the **cascade**. Going back is not symmetric. The entry right behind a change gets the prevlen that
fits; all that the cascade reaches keep a wide one although a single byte would do, lest lengths go up and down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import Struct

from rinspect.engine.encodings.entries import CorruptBlob, Entries, count_note
from rinspect.engine.layout import Field, Kind, Window
from rinspect.engine.numbers import parse_int

WIDE = 254
"""From this length on a prevlen takes five bytes; it is also the byte that announces the wide form."""

_HEAD = Struct("<IIH")


def encode_prevlen(length: int, width: int = 0) -> bytes:
    """The length of the entry before, in the form that fits or in `width` bytes (1 or 5)."""
    if (width or prevlen_size(length)) == 1:
        return bytes((length,))
    return b"\xfe" + length.to_bytes(4, "little")


def prevlen_size(length: int) -> int:
    return 1 if length < WIDE else 5


def encode_body(text: bytes) -> bytes:
    """An entry without its prevlen: encoding and data."""
    length = len(text)
    if length <= 20 and (value := parse_int(text)) is not None:
        return _encode_int(value)
    if length <= 63:
        return bytes((length,)) + text
    if length <= 16383:
        return bytes((0x40 | length >> 8, length & 255)) + text
    return b"\x80" + length.to_bytes(4, "big") + text


def _encode_int(value: int) -> bytes:
    if 0 <= value <= 12:
        return bytes((0xF1 + value,))
    for code, width in ((0xFE, 1), (0xC0, 2), (0xF0, 3), (0xD0, 4)):
        if -(1 << 8 * width - 1) <= value < 1 << 8 * width - 1:
            return bytes((code,)) + value.to_bytes(width, "little", signed=True)
    return b"\xe0" + value.to_bytes(8, "little", signed=True)


_INT_SIZES = {0xFE: 1, 0xC0: 2, 0xF0: 3, 0xD0: 4, 0xE0: 8}


def decode_body(data: bytes | bytearray, at: int) -> tuple[bytes, int]:
    """(text, size) of the encoding and data at offset `at`; CorruptBlob if there is none."""
    try:
        first = data[at]
        if first < 0x40:
            head, length = 1, first
        elif first < 0x80:
            head, length = 2, (first & 63) << 8 | data[at + 1]
        elif first < 0xC0:
            head, length = 5, int.from_bytes(data[at + 1 : at + 5], "big")
        elif 0xF1 <= first <= 0xFD:
            return b"%d" % (first - 0xF1), 1
        else:
            size = _INT_SIZES[first]
            return b"%d" % int.from_bytes(data[at + 1 : at + 1 + size], "little", signed=True), size + 1
    except (IndexError, KeyError):
        raise CorruptBlob(f"ziplist: no valid entry at offset {at}") from None
    end = at + head + length
    if end >= len(data):
        raise CorruptBlob(f"ziplist: the entry at offset {at} reaches beyond the end")
    return bytes(data[at + head : end]), head + length


class Ziplist(Entries):
    """A ziplist in a bytearray; see Entries for `data`, `texts` and `sizes` (an entry's size includes its prevlen)."""

    encoding = "ziplist"
    HEADER = 10
    EMPTY = b"\x0b\x00\x00\x00\x0a\x00\x00\x00\x00\x00\xff"
    __slots__ = ("sizes",)

    def __init__(self, texts: Iterable[bytes] = ()) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.extend(texts)

    def copy(self) -> Ziplist:
        twin = super().copy()
        twin.sizes = self.sizes[:]
        return twin

    @classmethod
    def from_bytes(cls, data: bytes) -> Ziplist:
        """Take over a blob as it was stored; CorruptBlob if it is not a ziplist."""
        if len(data) < len(cls.EMPTY) or data[-1] != 0xFF or int.from_bytes(data[:4], "little") != len(data):
            raise CorruptBlob("ziplist: header, length or end do not agree")
        pack = cls()
        pack.data = bytearray(data)
        at, end, before, last = cls.HEADER, len(data) - 1, 0, cls.HEADER
        while at < end:
            width = 5 if data[at] == WIDE else 1
            said = int.from_bytes(data[at + 1 : at + 5], "little") if width == 5 else data[at]
            if said != before:
                raise CorruptBlob(f"ziplist: at offset {at} {before} bytes precede, not {said}")
            text, size = decode_body(data, at + width)
            before = width + size
            if at + before > end:
                raise CorruptBlob(f"ziplist: the entry at offset {at} reaches beyond the end")
            pack.texts.append(text)
            pack.sizes.append(before)
            last = at
            at += before
        _, tail, count = _HEAD.unpack_from(data)
        if tail != last:
            raise CorruptBlob(f"ziplist: the last entry is at {last}, not at {tail}")
        if count not in (len(pack.texts), 65535):
            raise CorruptBlob(f"ziplist: the header says {count} entries, there are {len(pack.texts)}")
        return pack

    def _update_header(self) -> None:
        length = len(self.data)
        tail = length - 1 - self.sizes[-1] if self.sizes else self.HEADER
        _HEAD.pack_into(self.data, 0, length, tail, min(len(self.texts), 65535))

    def append(self, text: bytes) -> None:
        entry = encode_prevlen(self.sizes[-1] if self.sizes else 0) + encode_body(text)
        self.data[-1:] = entry + b"\xff"
        self.texts.append(text)
        self.sizes.append(len(entry))
        self._update_header()

    def prepend(self, text: bytes) -> None:
        self.insert(0, text)

    def extend(self, texts: Iterable[bytes]) -> None:
        """Append several entries, with one change to the blob."""
        new = list(texts)
        before = self.sizes[-1] if self.sizes else 0
        entries = []
        for text in new:
            entry = encode_prevlen(before) + encode_body(text)
            entries.append(entry)
            before = len(entry)
        self.data[-1:] = b"".join(entries) + b"\xff"
        self.texts += new
        self.sizes += map(len, entries)
        self._update_header()

    def insert(self, index: int, *texts: bytes) -> None:
        """Insert entries before entry `index` (0 … len), one after the other."""
        for position, text in enumerate(texts, index):
            if position == len(self.texts):
                self.append(text)
            else:
                self._insert_before(position, text)

    def _insert_before(self, index: int, text: bytes) -> None:
        at = self.offset(index)
        entry = encode_prevlen(self.sizes[index - 1] if index else 0) + encode_body(text)
        old = 5 if self.data[at] == WIDE else 1
        width = prevlen_size(len(entry))
        # The blob may not end up shorter than before: then the wide prevlen behind a tiny entry stays.
        if old == 5 and len(entry) < 4:
            width = 5
        self.data[at : at + old] = entry + encode_prevlen(len(entry), width)
        self.texts.insert(index, text)
        self.sizes.insert(index, len(entry))
        self.sizes[index + 1] += width - old
        if width != old:
            self._cascade(index + 1, at + len(entry))
        self._update_header()

    def _cascade(self, index: int, at: int) -> None:
        """Entry `index`, at offset `at`, has changed its length: make the prevlens behind it say so.

            | 01 | 252 bytes |  | fd | 252 bytes |  | fd | …          the first entry grows to 254 bytes …
            | fe 00 00 00 00 | 252 … |  | fe 01 01 00 00 | 252 … |  | fe 01 01 00 00 | …    … so every one does

        It ends at the first prevlen that has room for its new value: there is no narrowing here.
        """
        data, sizes = self.data, self.sizes
        while index + 1 < len(sizes):
            length = sizes[index]
            at += length
            index += 1
            old = 5 if data[at] == WIDE else 1
            width = max(old, prevlen_size(length))
            data[at : at + old] = encode_prevlen(length, width)
            if width == old:
                return
            sizes[index] += 4

    def delete(self, index: int, count: int = 1) -> None:
        """Delete `count` entries from `index` on."""
        at = self.offset(index)
        stop = min(index + count, len(self.texts))
        if stop <= index:
            return
        end = at + sum(self.sizes[index:stop])
        if stop == len(self.texts):
            old = width = 0
            del self.data[at:end]
        else:
            before = self.sizes[index - 1] if index else 0
            old = 5 if self.data[end] == WIDE else 1
            width = prevlen_size(before)
            self.data[at : end + old] = encode_prevlen(before)
            self.sizes[stop] += width - old
        del self.texts[index:stop]
        del self.sizes[index:stop]
        if width != old:
            self._cascade(index, at)
        self._update_header()

    def replace(self, index: int, text: bytes) -> None:
        """Put `text` in the place of entry `index`: over it if it is as long, else by deleting and inserting.

        The two steps may leave other prevlens behind than a change in place would.
        """
        at = self.offset(index)
        size = self.sizes[index]
        prevlen = 5 if self.data[at] == WIDE else 1
        body = encode_body(text)
        if prevlen + len(body) == size:
            self.data[at + prevlen : at + size] = body
            self.texts[index] = text
            return
        self.delete(index)
        self.insert(index, text)

    def join(self, other: Entries) -> None:
        """Append all entries of another ziplist as they are; the first of them learns what precedes it."""
        seam = len(self.sizes) - 1
        at = self.offset(seam) if self.sizes else 0
        self.data[-1:] = other.data[self.HEADER :]
        self.texts += other.texts
        self.sizes += other.sizes
        if seam >= 0:
            self._cascade(seam, at)
        self._update_header()

    def fields(self, window: Window, names: tuple[str, ...] = ()) -> tuple[Field, ...]:
        """Header, the window's entries and the end. `names` name the entries' parts in turn: ("field", "value")."""
        length, tail, count = _HEAD.unpack_from(self.data)
        fields = [
            Field(0, 4, "total bytes", length, Kind.LENGTH, f"the whole ziplist takes {length} bytes"),
            Field(4, 4, "tail offset", tail, Kind.LENGTH, f"the last entry starts at byte {tail}: one can begin there"),
            Field(8, 2, "count", count, Kind.COUNT, count_note(count, len(self.texts))),
        ]
        first, stop = min(window.first, len(self.texts)), min(window.stop, len(self.texts))
        at = self.offset(first)
        for index in range(first, stop):
            name = names[index % len(names)] if names else "entry"
            fields += _entry_fields(self.data, at, self.sizes[index], index, name, self.texts[index])
            at += self.sizes[index]
        if stop == len(self.texts):
            note = "FF: no entry begins with it; the ziplist ends here"
            fields.append(Field(at, 1, "end", 0xFF, Kind.TERMINATOR, note))
        return tuple(fields)


def _entry_fields(data: bytes | bytearray, at: int, size: int, index: int, name: str, text: bytes) -> Iterator[Field]:
    """The fields of one entry, with the sentence that explains each."""
    label = f"{name} {index}" if name == "entry" else name
    wide = data[at] == WIDE
    width = 5 if wide else 1
    before = int.from_bytes(data[at + 1 : at + 5], "little") if wide else data[at]
    note = f"the entry before takes {before} bytes" if before else "nothing precedes the first entry"
    if wide:
        kept = "" if before >= WIDE else "; one byte would do, but a cascade never narrows"
        note = f"FE and 32 bits: {note}{kept}"
    yield Field(at, width, "prevlen", before, Kind.BACKLEN, note, index)
    at, size = at + width, size - width
    first = data[at]
    if first < 0xC0:
        head = size - len(text)
        bits = "".join(f"{byte:08b}" for byte in data[at : at + 2 - (head == 1)])
        shown = bytes(data[at : at + head]).hex(" ")
        how = "80 and a 32-bit length, big endian" if head == 5 else f"{shown} = {bits[:2]} {bits[2:]}"
        note = f"{how}: a string of {len(text)} bytes"
        yield Field(at, head, f"{label} encoding", len(text), Kind.ENCODING, note, index)
        if text:
            yield Field(at + head, len(text), label, text, Kind.PAYLOAD, f"{len(text)} bytes", index)
    elif size == 1:
        note = f"{first:02x}: the integer {int(text)} in the encoding byte itself, F1 plus {int(text)}"
        yield Field(at, 1, label, int(text), Kind.INTEGER, note, index)
    else:
        note = f"{first:02x}: an integer of {(size - 1) * 8} bits follows"
        yield Field(at, 1, f"{label} encoding", size - 1, Kind.ENCODING, note, index)
        note = f"{int(text)}, little endian; as text it would take {len(text)} bytes"
        yield Field(at + 1, size - 1, label, int(text), Kind.INTEGER, note, index)
