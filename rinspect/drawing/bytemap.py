"""The byte map: an allocation in hexadecimal and as text, coloured by what each byte is for.

    0000  1b 00 00 00 04 00 84 6e  61 6d 65 05 83 41 64 61   ·······n ame··Ada
    0010  04 84 62 6f 72 6e 05 c7  17 02 ff ░░ ░░ ░░ ░░ ░░   ··born·· ···

Bytes that the allocator gave beyond what was asked show as ░░; those of a pointer as →→, for an address would be invented.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from rinspect.drawing.line import Line, Ref, Segment, moment, name_of, singular, wrap
from rinspect.engine import geohash
from rinspect.engine.layout import Allocation, Field, Kind, Shape

SLACK = "░░"
POINTER = "→→"
UNSEEN = "··"
"""A byte outside the window that was asked for."""

LEAST_GEOHASH = 1 << 46
"""Smaller scores are those of places at the south-western edge, and more often something else."""

Stretches = Sequence[tuple[int, int]]


def bytes_per_row(width: int) -> int:
    """16 where they fit, else 8, else 4."""
    for count in (16, 8):
        if row_width(count) <= width:
            return count
    return 4


def row_width(count: int) -> int:
    """Cells of a row of `count` bytes: offset, hexadecimal with a gap after eight, text."""
    gaps = (count - 1) // 8
    return 6 + 3 * count - 1 + gaps + 3 + count + gaps


def row_count(allocation: Allocation, per_row: int) -> int:
    return -(-allocation.size_class // per_row)


def slack_start(allocation: Allocation) -> int:
    """Where the bytes begin that nobody uses. An sds may have taken what the allocator gave beyond the asked for room."""
    return max(allocation.asked, allocation.fields[-1].end if allocation.fields else 0)


def field_at(allocation: Allocation, offset: int) -> Field | None:
    """The field that covers a byte; None in the slack and outside the window."""
    fields = allocation.fields
    at = bisect_right(fields, offset, key=lambda field: field.offset) - 1
    if at >= 0 and fields[at].offset <= offset < fields[at].end:
        return fields[at]
    return None


def byte_row(
    allocation: Allocation,
    row: int,
    per_row: int,
    *,
    cursor: Field | None = None,
    at: int = -1,
    changed: Stretches = (),
) -> Line:
    """One row of the map. `cursor` is the field to mark, `at` the byte in it; `changed` stretches are lit."""
    start = row * per_row
    hexes: list[Segment] = [Segment(f"{start:04x}  ", "dim")]
    texts: list[Segment] = [Segment("   ")]
    for place in range(per_row):
        offset = start + place
        if place and place % 8 == 0:
            hexes.append(Segment(" "))
            texts.append(Segment(" "))
        field = field_at(allocation, offset)
        digits, glyph, kind = _cell(allocation, field, offset)
        ref = Ref(allocation.serial, offset, 1)
        marked = cursor is not None and cursor.offset <= offset < cursor.end
        if offset == at:
            kind += " cursor"
        elif marked:
            kind += " field"
        elif any(low <= offset < high for low, high in changed):
            kind += " changed"
        hexes.append(Segment(digits, kind, ref if digits.strip() else None))
        texts.append(Segment(glyph, kind))
        if place + 1 < per_row:
            inside = marked and cursor is not None and offset + 1 < cursor.end and (place + 1) % 8 != 0
            hexes.append(Segment(" ", f"{field.kind if field else ''} field" if inside else ""))
    return (*hexes, *texts)


def _cell(allocation: Allocation, field: Field | None, offset: int) -> tuple[str, str, str]:
    """(two digits, one character of text, kind) of one byte."""
    if offset >= allocation.size_class:
        return "  ", " ", ""
    if offset >= slack_start(allocation):
        return SLACK, " ", Kind.SLACK
    if field is None:
        at = offset - allocation.data_offset
        if 0 <= at < len(allocation.data):
            return f"{allocation.data[at]:02x}", _glyph(allocation.data[at]), ""
        return UNSEEN, " ", "dim"
    if field.kind is Kind.POINTER:
        return ("00" if is_nil(field) else POINTER), "·", Kind.POINTER
    at = offset - allocation.data_offset
    if not 0 <= at < len(allocation.data):
        return UNSEEN, " ", "dim"
    byte = allocation.data[at]
    return f"{byte:02x}", _glyph(byte), field.kind


def is_nil(field: Field) -> bool:
    """Whether a pointer points nowhere: one without a target may still point out of the picture."""
    return field.target is None and field.value is None


def _glyph(byte: int) -> str:
    return chr(byte) if 32 <= byte < 127 else "·"


def explain(allocation: Allocation, offset: int, width: int, lines: int = 2) -> list[Line]:
    """What the byte at `offset` is, in a sentence on at most `lines` lines."""
    if offset >= slack_start(allocation):
        text = (
            f"slack: {allocation.asked} bytes were asked for, the allocator's next class is {allocation.size_class}:"
            f" {allocation.slack} bytes cannot be used for anything else"
        )
        return wrap(text, width, Kind.SLACK)[:lines]
    field = field_at(allocation, offset)
    if field is None:
        return wrap(f"byte {offset}: outside what was fetched; move on to fetch it", width, "dim")[:lines]
    where = f"byte {field.offset}" if field.size == 1 else f"bytes {field.offset}–{field.end - 1}"
    of_entry = field.entry is not None and allocation.shape is not Shape.TABLE
    head = f"entry {field.entry} · {field.name}" if of_entry else field.name
    note = singular(field.note)
    if field.kind is Kind.POINTER and not (is_nil(field) and note.startswith("nil")):
        head += f" → {pointed(field)}"
    elif field.name in ("expiry", "expire time") and field.value:
        note += f" · {moment(field.value)}"
    elif field.name == "score":
        note = _place(field.value) + note
    return wrap(f"{head} · {note} · {where}", width)[:lines]


def _place(score: object) -> str:
    """Where a sorted set's member is, if its score may be what GEOADD makes of a place: 52 bits, of which few are 0 ahead."""
    if not isinstance(score, int | float) or not LEAST_GEOHASH <= score < 1 << 52 or score != int(score):
        return ""
    longitude, latitude = geohash.place(score)
    return f"longitude {longitude:.5f}, latitude {latitude:.5f}, if GEOADD stored it · "


def pointed(field: Field) -> str:
    """Where a pointer points to: an allocation, something that is not in the picture, or nowhere."""
    if field.target is not None:
        return name_of(field.target)
    return "nil" if field.value is None else str(field.value)
