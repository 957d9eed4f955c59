"""The structure of every encoding, in three widths."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rinspect.drawing.line import Line, Ref, text_of
from rinspect.drawing.structure import draw_structure, draw_verdict
from rinspect.drawing.structure.graph import draw_graph
from rinspect.engine import Engine
from rinspect.engine.layout import Certainty, Serial, Window
from rinspect.engine.layout_diff import diff
from rinspect.sources.engine.looking import look
from tests.drawing.expectations import check, too_wide, written
from tests.drawing.gallery import CASES, WIDTHS, Case, exhibit

cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def named(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


def drawn(case: Case, width: int) -> list[Line]:
    shown = exhibit(case)
    lines = draw_structure(shown.look, width, ref=shown.ref, trace=shown.trace)
    return lines if shown.trace is None else [*lines, (), *draw_verdict(shown.look.layout, shown.trace, width)]


@cases
def test_it_is_drawn_as_stored(case: Case) -> None:
    lines: list[str] = []
    for width in WIDTHS:
        lines += [f"--- {width} columns", *written(drawn(case, width))]
    check(case.name, lines)


@cases
@pytest.mark.parametrize("width", [*WIDTHS, 30])
def test_no_line_is_wider_than_the_pane(case: Case, width: int) -> None:
    wide = too_wide(drawn(case, width), width)
    # Levels scroll sideways: nothing else may.
    wide = [line for line in wide if exhibit(case).look.encoding != "skiplist" or not is_of_levels(line)]
    assert not wide


def is_of_levels(line: str) -> bool:
    return line.startswith("L") or not line.strip(" 0123456789.e+-inf…")


@cases
def test_what_is_drawn_points_to_bytes_that_exist(case: Case) -> None:
    shown = exhibit(case)
    for width in WIDTHS:
        for line in drawn(case, width):
            for ref in (segment.ref for segment in line if segment.ref is not None):
                allocation = shown.look.layout.find(ref.serial)
                assert allocation is not None
                assert 0 <= ref.offset < ref.offset + ref.size <= max(1, allocation.size_class)


@cases
def test_everything_of_the_window_can_be_pointed_at(case: Case) -> None:
    """Each allocation of the window is behind some text, but for those that only link: a member's dictEntry, a table."""
    shown = exhibit(case)
    lines = drawn(replace(case, under_cursor=None), 116)
    pointed = {segment.ref.serial for line in lines for segment in line if segment.ref is not None}
    unseen = {a.name for a in shown.look.layout.allocations if a.serial not in pointed}
    assert unseen <= {"dictEntry", "sds"} if shown.look.encoding == "skiplist" else unseen <= {"dictEntry"}


def test_the_box_under_the_cursor_stands_out() -> None:
    shown = exhibit(named("hash-listpack"))
    listpack = shown.look.layout.allocations[-1]
    for entry in range(6):
        field = next(f for f in listpack.fields if f.entry == entry)
        ref = Ref(listpack.serial, field.offset, field.size)
        lines = draw_structure(shown.look, 116, ref=ref)
        lit = [s.text for line in lines for s in line if s.kind == "path" and "─" not in s.text and "▲" not in s.text]
        assert str(["name", "Ada", "born", "1815", "field", "mathematics"][entry]) in lit


def test_a_node_of_a_quicklist_opens_under_the_cursor() -> None:
    case = replace(named("quicklist-node"), under_cursor=None)
    shown = exhibit(case)
    nodes = [a for a in shown.look.layout.allocations if a.name == "quicklistNode"]
    blobs = [a for a in shown.look.layout.allocations if a.name == "listpack"]
    for node, blob in zip(nodes, blobs, strict=True):
        opened = [draw_structure(shown.look, 76, ref=Ref(a.serial, 0, 8)) for a in (node, blob)]
        for lines in opened:
            assert any(text_of(line).startswith(f"node {node.element} · listpack #{blob.serial}") for line in lines)
    assert not any("node 0 ·" in text_of(line) for line in draw_structure(shown.look, 76))


def test_what_a_command_changed_is_lit() -> None:
    shown = exhibit(Case("changed", "HSET k name Ada born 1815\nHSET k born 1816"))
    change = shown.changes[-1].keys[0]
    lines = draw_structure(shown.look, 116, diff=change.diff)
    lit = {s.text.strip(" │╭╮╰╯─") for line in lines for s in line if s.kind == "changed"} - {""}
    assert lit == {"1816"}


def test_new_entries_of_a_table_are_lit() -> None:
    shown = exhibit(Case("changed", f"SADD k {'x' * 65}\nSADD k new"))
    lines = draw_structure(shown.look, 116, diff=shown.changes[-1].keys[0].diff)
    assert [s.text for line in lines for s in line if "changed" in s.kind] == ["new"]


def test_a_notice_takes_the_drawings_place() -> None:
    look = exhibit(named("int")).look._replace(notice="12 bytes, 3 elements: press enter to fetch it")
    assert [text_of(line) for line in draw_structure(look, 30)] == ["12 bytes, 3 elements: press", "enter to fetch it"]


@pytest.mark.parametrize("certainty", [c for c in Certainty if c is not Certainty.EXACT])
def test_what_is_not_exact_says_so(certainty: Certainty) -> None:
    look = exhibit(named("set-hashtable")).look
    look = look._replace(layout=replace(look.layout, certainty=certainty))
    for width in WIDTHS:
        lines = draw_structure(look, width)
        assert not too_wide(lines, width)
        assert f"{certainty}: " in " ".join(text_of(line) for line in lines)


@pytest.mark.parametrize("name", ["set-hashtable", "zset-skiplist", "quicklist", "hash-listpack", "set-intset-16"])
def test_a_window_beyond_the_end_is_drawn_too(name: str) -> None:
    case = replace(named(name), window=Window(10**6, 8), trace=None)
    for width in WIDTHS:
        assert drawn(case, width)


def test_a_way_that_ends_outside_the_window_is_drawn_too() -> None:
    for name in ("zset-skiplist-trace", "set-hashtable-rehashing-trace", "quicklist-trace", "hash-listpack-trace"):
        for window in (Window(0, 1), Window(2, 1), Window(6, 1)):
            for width in WIDTHS:
                assert drawn(replace(named(name), window=window), width)


def test_the_bytes_that_move_light_nothing_else() -> None:
    """An insertion in the middle of a listpack changes its counts and the new entries."""
    shown = exhibit(Case("inserted", "ZADD k 1 a 3 c\nZADD k 2 b"))
    found = diff(shown.changes[0].keys[0].after.layout, shown.look.layout)  # type: ignore[union-attr]
    lines = draw_structure(shown.look, 116, diff=found)
    lit = [s.text.strip(" │") for line in lines for s in line if s.kind == "changed" and s.text.strip(" ╭╮╰╯─│")]
    assert lit == ["total bytes", "count", "b", "2"]


@cases
def test_an_arrow_leads_to_what_the_pointer_says(case: Case) -> None:
    """At every width, beside what points to it or below it."""
    layout = exhibit(case).look.layout
    pointers = {(a.serial, f.target) for a in layout.allocations for f in a.fields if f.target is not None}
    for width in range(30, 110):
        placed: list[tuple[int, int, Serial]] = []
        for line in draw_graph(b"some key", layout, width, None):
            cell, arrow = 0, -1
            for segment in line:
                if "▶" in segment.text:
                    assert segment.text.strip()[0] in "─┬├└", "an arrow from nowhere"
                    arrow = cell
                if segment.ref is not None:
                    if arrow >= 0:
                        # It begins where the arrow does, or ends there; the nearest one above or to the left.
                        parent = next(serial for start, end, serial in reversed(placed) if arrow in (start, end))
                        assert (parent, segment.ref.serial) in pointers, text_of(line)
                    placed.append((cell, cell + segment.width, segment.ref.serial))
                cell += segment.width
        assert len({serial for _, _, serial in placed}) == len(placed) >= 1


@pytest.mark.parametrize("width", WIDTHS)
def test_of_a_tree_that_branches_widely_every_node_is_seen(width: int) -> None:
    session = Engine("8.0").session()
    session.execute([b"CONFIG", b"SET", b"stream-node-max-entries", b"1"])
    for number in range(60):
        session.execute([b"XADD", b"s", b"%d-1" % (1000 + 4 * number), b"f", b"v"])
    for letter in b"abcdefghij":
        session.execute([b"XGROUP", b"CREATE", b"s", b"%cgroup" % letter, b"0"])
    seen = look(session.call.db, b"s", Window(0, 100))
    assert seen is not None
    text = [text_of(line) for line in draw_structure(seen, width)]
    for leaf in (
        *(f"() ─▶ node {number}" for number in range(60)),
        *(f"() ─▶ group {letter}group" for letter in "abcj"),
    ):
        assert any(line.endswith(leaf) for line in text), leaf
    # Of a branch whose bytes are not all written out each stands where it leads on.
    assert any("[00 04 08 … cc d0 d4]" in line for line in text)
    assert any("▶ 14 00 00 00 00" in line or "▶ 14 00 00 00 …" in line for line in text)
