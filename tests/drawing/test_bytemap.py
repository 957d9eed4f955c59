"""The byte map: what each cell shows, and what each byte is said to be."""

from __future__ import annotations

import re

import pytest

from rinspect.drawing.bytemap import byte_row, bytes_per_row, explain, field_at, row_count, row_width, slack_start
from rinspect.drawing.line import Line, joined, text_of, width_of
from rinspect.engine import Engine
from rinspect.engine.layout import Allocation, Kind, Window
from rinspect.sources.engine.looking import look
from tests.drawing.expectations import check, too_wide, written
from tests.drawing.gallery import CASES, Case, exhibit

cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def named(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


def rows(allocation: Allocation, per_row: int = 16) -> list[Line]:
    return [byte_row(allocation, row, per_row) for row in range(row_count(allocation, per_row))]


@pytest.mark.parametrize("width", range(20, 130))
def test_a_row_fits(width: int) -> None:
    count = bytes_per_row(width)
    assert row_width(count) <= width or count == 4
    allocation = exhibit(named("hash-listpack")).look.layout.allocations[-1]
    assert {width_of(line) for line in rows(allocation, count)} == {row_width(count)}


@pytest.mark.parametrize(
    "name", ["hash-listpack", "embstr-binary", "set-intset-32", "hash-hashtable-ttl", "hash-listpackex", "hll-sparse"]
)
def test_maps_are_drawn_as_stored(name: str) -> None:
    lines: list[str] = []
    for allocation in exhibit(named(name)).look.layout.allocations:
        lines += [f"--- {allocation.role}: {allocation.name}"]
        for line in rows(allocation):
            lines.append(text_of(line).rstrip())
        for field in allocation.fields:
            lines += [f"  {line}" for line in written(explain(allocation, field.offset, 110))]
        if allocation.slack:
            lines += [f"  {line}" for line in written(explain(allocation, allocation.asked, 110))]
    check(f"bytes-{name}", lines)


@cases
def test_the_digits_are_the_bytes(case: Case) -> None:
    """Slack, pointers and what is outside the window are the only cells that are not the byte itself."""
    for allocation in exhibit(case).look.layout.allocations:
        shown = [segment for line in rows(allocation) for segment in line if segment.ref is not None]
        assert [segment.ref.offset for segment in shown if segment.ref] == list(range(allocation.size_class))
        for segment in shown:
            assert segment.ref is not None
            offset = segment.ref.offset
            field = field_at(allocation, offset)
            at = offset - allocation.data_offset
            if offset >= slack_start(allocation):
                assert segment.text == "░░"
            elif field is not None and field.kind is Kind.POINTER:
                assert segment.text in ("→→", "00")
            elif 0 <= at < len(allocation.data):
                assert segment.text == f"{allocation.data[at]:02x}"
            else:
                assert segment.text == "··"


@cases
def test_every_byte_is_explained(case: Case) -> None:
    for allocation in exhibit(case).look.layout.allocations:
        for offset in {*(f.offset for f in allocation.fields), allocation.size_class - 1}:
            lines = explain(allocation, offset, 56)
            assert 1 <= len(lines) <= 2
            assert not too_wide(lines, 56)
            text = joined(explain(allocation, offset, 300))
            field = field_at(allocation, offset)
            if offset >= slack_start(allocation):
                assert text.startswith(f"slack: {allocation.asked} bytes were asked for")
            elif field is not None:
                assert field.name in text
                assert field.note in text or re.search(r"\b1 (byte|entry|element|value|node|member|field)\b", text)
                assert re.search(r"bytes? \d+(–\d+)?$", text)


@cases
def test_a_pointer_without_a_target_is_nil_or_says_what_it_points_to(case: Case) -> None:
    for allocation in exhibit(case).look.layout.allocations:
        for field in allocation.fields:
            if field.kind is not Kind.POINTER:
                continue
            text = joined(explain(allocation, field.offset, 300))
            if field.target is not None:
                assert f"→ #{field.target}" in text
            elif field.value is not None:
                assert f"→ {field.value}" in text
                assert "nil" not in text
            else:
                assert text.count("nil") >= 1


def test_the_cursor_its_field_and_changes_are_marked() -> None:
    allocation = exhibit(named("hash-listpack")).look.layout.allocations[-1]
    field = field_at(allocation, 8)
    assert field is not None
    assert field.value == b"name"
    line = byte_row(allocation, 0, 16, cursor=field, at=8, changed=((0, 2), (8, 9)))
    kinds = {s.ref.offset: s.kind for s in line if s.ref is not None}
    assert [at for at, kind in kinds.items() if "cursor" in kind] == [8]
    assert [at for at, kind in kinds.items() if "field" in kind] == [7, 9, 10]
    assert [at for at, kind in kinds.items() if "changed" in kind] == [0, 1]


def test_bytes_outside_the_window_say_how_to_get_them() -> None:
    allocation = exhibit(Case("far", "SETRANGE k 9999 end", window=Window(0, 256, 4096, 1024))).look.layout.allocations[
        -1
    ]
    for offset in (100, 4095, 5120, 9999):
        assert byte_row(allocation, offset // 16, 16)
        assert text_of(byte_row(allocation, offset // 16, 16)).count("··") or field_at(allocation, offset)
    assert "outside what was fetched" in joined(explain(allocation._replace(fields=()), 100, 80))


def test_text_beside_the_digits_is_ascii_only() -> None:
    allocation = exhibit(named("embstr-binary")).look.layout.allocations[-1]
    text = "".join(text_of(line)[-17:] for line in rows(allocation))
    assert all(character in "· " or 32 <= ord(character) < 127 for character in text)


@pytest.mark.parametrize("limit", [b"128", b"0"], ids=["listpack", "skiplist"])
def test_the_score_of_a_place_is_told_as_that_place(limit: bytes) -> None:
    session = Engine("8.0").session()
    session.execute([b"CONFIG", b"SET", b"zset-max-listpack-entries", limit])
    session.execute([b"GEOADD", b"k", b"13.361389", b"38.115556", b"Palermo"])
    session.execute([b"ZADD", b"k", b"1500000000000", b"moment", b"2.5", b"half"])
    seen = look(session.call.db, b"k", Window())
    assert seen is not None
    told = [
        joined(explain(allocation, field.offset, 300))
        for allocation in seen.layout.allocations
        for field in allocation.fields
        if field.name == "score"
    ]
    places = [text for text in told if "longitude" in text]
    assert len(places) == 1
    assert "longitude 13.36139, latitude 38.11556" in places[0]
    assert len(told) >= 3
