r"""mstr: a string that never changes, with room for facts about it in front. From 7.4 on the field of a hash is one.

    | expiry record, 16 bytes | flags u16 |  header | payload … | 00 |
    '---- only if it may expire ---------'          ^ a pointer to an mstr points here

Headers end with the info byte: type in its low two bits, then a bit that tells whether there is something in front.

    type       header                        longest
    mstrhdr5   1: the length in the info     31
               byte's upper five bits
    mstrhdr8   3: unused, u8 len, info       255
    mstrhdr16  3: u16 len, info              65,535
    mstrhdr64  9: u64 len, info              2^64 - 1

The expiry record holds the moment in 48 bits, flags, and a link to the next field in the hash's index of fields by
expiry. "Ada" that expires at 1815, and for ever:

    >>> encode(b"Ada").hex(" ")                   # 18 = 00011|0|00: length 3, nothing in front, type 5
    '18 41 64 61 00'
    >>> encode(b"Ada", 1815).hex(" ", -2)         # 0717 = 1815; … 0001: one thing in front; 1c = 00011|1|00
    '1707 0000 0000 0000 0000 0000 0000 0000 0100 1c41 6461 00'
"""

from __future__ import annotations

from rinspect.engine.layout import Field, Kind

RECORD = 16
EXTRA = RECORD + 2
"""Bytes in front of the header of a string that may expire."""

_TRASH = 1 << 8
"""In the record's flags: it is not in use, whatever its moment says."""


def header_size(length: int) -> int:
    """Header bytes of a string of `length`."""
    if length < 32:
        return 1
    return 3 if length < 1 << 16 else 9


def mstr_size(length: int, expires: bool = False) -> int:
    """Bytes that a string of `length` asks for; `expires`: with a record in front."""
    return header_size(length) + length + 1 + (EXTRA if expires else 0)


def _type(length: int) -> tuple[int, str]:
    if length < 32:
        return 0, "mstrhdr5"
    if length < 256:
        return 1, "mstrhdr8"
    return (2, "mstrhdr16") if length < 1 << 16 else (3, "mstrhdr64")


def encode(payload: bytes, expiry: int | None = None) -> bytes:
    """The bytes of an mstr. `expiry` None: without a record; 0: with one that is not in use."""
    length, (number, _) = len(payload), _type(len(payload))
    in_front = b""
    if expiry is not None:
        flags = 0 if expiry else _TRASH
        in_front = expiry.to_bytes(6, "little") + flags.to_bytes(2, "little") + bytes(8) + b"\x01\x00"
    info = (4 if in_front else 0) | number
    if number == 0:
        head = bytes((length << 3 | info,))
    elif number == 1:
        head = bytes((0, length, info))
    else:
        head = length.to_bytes(header_size(length) - 1, "little") + bytes((info,))
    return in_front + head + payload + b"\0"


def describe(length: int, expiry: int | None = None, *, what: str = "field") -> tuple[Field, ...]:
    """The fields of an mstr; `expiry` as for `encode`."""
    fields = [] if expiry is None else list(record_fields(expiry, 0, "field"))
    at = 0
    if expiry is not None:
        fields.append(Field(RECORD, 2, "mflags", 1, Kind.FLAGS, "bit 0: an expiry record stands in front"))
        at = EXTRA
    number, name = _type(length)
    attached = "something stands" if expiry is not None else "nothing stands"
    if number == 0:
        note = f"{name}: the length {length} in the upper five bits; {attached} in front; type 0"
        fields.append(Field(at, 1, "info", length, Kind.HEADER, note))
    else:
        width = header_size(length) - 1
        if number == 1:
            fields.append(Field(at, 1, "unused", 0, Kind.SLACK, "keeps the header's size odd"))
            at, width = at + 1, 1
        fields.append(Field(at, width, "len", length, Kind.LENGTH, f"{name}: {length} bytes"))
        at += width
        fields.append(Field(at, 1, "info", number, Kind.HEADER, f"type {number}: {name}; {attached} in front"))
    at += 1
    if length:
        fields.append(Field(at, length, what, None, Kind.PAYLOAD, f"{length} bytes"))
    fields.append(Field(at + length, 1, "NUL", 0, Kind.TERMINATOR, "ends the payload for C's string functions"))
    return tuple(fields)


def record_fields(expiry: int, at: int, of: str) -> tuple[Field, ...]:
    """The fields of an expiry record (ExpireMeta) at offset `at`: `of` a field, or of a whole hash."""
    when = f"the {of} expires at {expiry} ms since 1970" if expiry else "not in use"
    link = "to the next one in the index by expiry (ebuckets)"
    flags = 0 if expiry else _TRASH
    return (
        Field(at, 6, "expire time", expiry or None, Kind.EXPIRY, f"48 bits: {when}"),
        Field(at + 6, 2, "expiry flags", flags, Kind.FLAGS, "its place in the index; bit 8: not in use"),
        Field(at + 8, 8, "next", "ebuckets" if expiry else None, Kind.POINTER, link if expiry else "not in use"),
    )
