"""listpack, ziplist, intset: entries in a row. And an sds or embstr: its header, text and room in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from rinspect.drawing.bytemap import is_nil, pointed, slack_start
from rinspect.drawing.line import Line, Ref, show, wrap
from rinspect.drawing.structure.boxes import Box, draw_boxes
from rinspect.drawing.structure.way import Way
from rinspect.engine.layout import Allocation, Field, Kind

LONGEST_TITLE = 18
BOOKKEEPING = frozenset(("count", "deleted", "fields", "end of master", "flags", "ms", "seq", "lp-count"))
"""Numbers in a stream's node that are nobody's text."""


def draw_entries(
    allocation: Allocation,
    width: int,
    lit: Ref | None,
    changed: Sequence[tuple[int, int]],
    *,
    count: int | None = None,
    way: Way | None = None,
) -> list[Line]:
    """The boxes of an allocation's fields, an entry's fields joined in one; what the window left out is counted.

    The entries that an operation passed on its way are lit.
    """
    boxes = [_box(allocation, list(fields), way or Way()) for _, fields in groupby(allocation.fields, key=_group)]
    start = slack_start(allocation)
    slack = allocation.size_class - start
    if slack and allocation.fields and allocation.fields[-1].end >= allocation.asked:
        ref = Ref(allocation.serial, start, slack)
        boxes.append(Box("slack", f"{slack} B", Kind.SLACK, ref, f"slack {slack}"))
    lines = draw_boxes(boxes, width, lit, changed)
    shown = {field.entry for field in allocation.fields if field.entry is not None}
    if count is not None and count > len(shown):
        left = count - len(shown)
        lines += wrap(
            f"… {left:,} of {count:,} entries {'is' if left == 1 else 'are'} outside the window", width, "dim"
        )
    elif count is None and len(allocation.data) < allocation.asked:
        stop = allocation.data_offset + len(allocation.data)
        text = f"… bytes {allocation.data_offset:,}–{stop - 1:,} of {allocation.asked:,} are in the window"
        lines += wrap(text, width, "dim")
    return lines


def _group(field: Field) -> tuple[int, int]:
    """Fields of one entry belong together; all others stand alone."""
    return (field.entry, 0) if field.entry is not None else (-1, field.offset)


def _box(allocation: Allocation, fields: list[Field], way: Way) -> Box:
    box = _entry_box(allocation, fields)
    entry = fields[0].entry
    if entry is None or not way.passed(entry):
        return box
    return replace(box, mark="cursor" if way.ends_at(entry) else "path")


def _entry_box(allocation: Allocation, fields: list[Field]) -> Box:
    first, size = fields[0], fields[-1].end - fields[0].offset
    ref = Ref(allocation.serial, first.offset, size)
    if first.entry is None:
        return _plain_box(allocation, first, ref)
    content = next((f for f in fields if f.kind in (Kind.PAYLOAD, Kind.INTEGER, Kind.SCORE, Kind.EXPIRY)), None)
    if content is None:
        return Box('""', f"str 0 · {size} B", Kind.PAYLOAD, ref, f'"" {size}')
    if content.kind is Kind.PAYLOAD:
        text = show(content.value, LONGEST_TITLE) if isinstance(content.value, bytes) else str(content.value)
        return Box(text, f"str {content.size} · {size} B", _kind(content), ref, f"{text} {size}")
    text = f"{content.name} {content.value}" if content.name in BOOKKEEPING else str(content.value)
    if content.name == "expiry" and content.value == 0:
        return Box("no expiry", f"{integer_name(fields, content)} · {size} B", "dim", ref, f"no expiry {size}")
    return Box(text, f"{integer_name(fields, content)} · {size} B", _kind(content), ref, f"{text} {size}")


def _kind(content: Field) -> str:
    """An entry that names something is drawn as a name: a hash's field, a set's or sorted set's member."""
    return "name" if content.name in ("field", "member") and content.kind is Kind.PAYLOAD else str(content.kind)


def integer_name(fields: Sequence[Field], content: Field) -> str:
    """`u7`, `i13`, `i16` …: how wide an integer is stored."""
    bits = 8 * content.size
    if len(fields) == 1:
        return f"i{bits}"
    if any(f.kind is Kind.ENCODING for f in fields):
        return f"i{bits}"
    return {1: "u7", 2: "i13"}.get(content.size, f"i{bits}")


def _plain_box(allocation: Allocation, field: Field, ref: Ref) -> Box:
    if field.kind is Kind.TERMINATOR:
        byte = allocation.data[field.offset - allocation.data_offset] if field.offset < len(allocation.data) else 0
        return Box(field.name, f"{byte:02X}", field.kind, ref, f"{byte:02X}")
    if field.kind is Kind.PAYLOAD:
        start = field.offset - allocation.data_offset
        text = show(allocation.data[max(0, start) : start + field.size], 40)
        return Box(f"{field.name} {field.size}", text, field.kind, ref, text)
    if field.kind is Kind.POINTER:
        where = "nil" if is_nil(field) else f"→ {pointed(field)}"
        return Box(field.name, where, field.kind, ref, f"{field.name} {where}")
    body = f"{field.size} B" if field.value is None else _figures(field.value)
    return Box(field.name, body, field.kind, ref, f"{field.name} {body}")


def _figures(value: object) -> str:
    """A field's value; of bit fields that share bytes, all of them."""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
