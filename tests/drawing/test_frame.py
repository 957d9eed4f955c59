"""First and last lines, the titles of panes, the rows of the list of keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rinspect.drawing.keyrow import key_header, key_line, ttl_text
from rinspect.drawing.line import text_of, width_of
from rinspect.drawing.top import allocation_title, foot_line, key_title, narrow_line, tabs_line, top_line
from rinspect.engine.layout import Certainty
from rinspect.records import KeyRow, SourceInfo
from tests.drawing.gallery import CASES, exhibit

ENGINE = SourceInfo(
    "built-in", "redis 8.0", "8.0", "jemalloc", embedded=True, read_only=False, database=0, keys=7, used=27_000
)
SERVER = SourceInfo(
    "redis.example:6379", "redis 7.0.15", "7.0", "jemalloc-5.3.0", embedded=False, read_only=True, database=3,
    keys=1_234_567, used=None,
)  # fmt: skip
WIDTHS = (120, 100, 80, 60, 40)
ALWAYS = [("^p", "palette"), ("?", "help"), ("q", "quit")]


def look(name: str = "hash-listpack"):  # type: ignore[no-untyped-def]
    return exhibit(next(case for case in CASES if case.name == name)).look


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("info", [ENGINE, SERVER], ids=["engine", "server"])
def test_the_top_line_fits_and_says_how_much_there_is(info: SourceInfo, width: int) -> None:
    past = "" if width == 100 else "change 3 of 12"
    line = top_line(info, width, ("Explore", "Compare"), "Explore", past)
    text = text_of(line)
    assert width_of(line) <= width
    assert f"{info.keys:,} keys" in text
    if width >= 60:
        assert ("read-only" in text) == info.read_only
    if width >= 100:
        assert info.server in text


def test_the_source_is_told_before_the_other_screens() -> None:
    info = replace(SERVER, label="localhost:7999", server="redis 7.0.15", keys=51, used=1_300_000)
    text = text_of(top_line(info, 80, ("Explore", "Monitor"), "Explore"))
    assert "localhost:7999 · redis 7.0.15" in text
    assert "51 keys" in text
    assert "Monitor" not in text


def test_the_top_line_warns_where_writes_are_allowed() -> None:
    line = top_line(replace(SERVER, read_only=False), 120, (), "")
    assert ("bad", " WRITES ALLOWED ·") in [(s.kind, s.text) for s in line]
    assert "estimated" in text_of(top_line(replace(SERVER, estimated=True), 120, (), ""))


def test_a_lost_server_is_named_with_its_reason() -> None:
    gone = replace(SERVER, connected=False, notice="redis.example:6379 refuses connections")
    text = text_of(top_line(gone, 120, (), ""))
    assert "disconnected: redis.example:6379 refuses connections" in text
    assert text_of(top_line(None, 80, (), "")) == " rinspect"


@pytest.mark.parametrize("width", WIDTHS)
def test_the_foot_keeps_what_is_always_offered(width: int) -> None:
    many = [(chr(97 + n), f"action {n}") for n in range(20)]
    line = foot_line(many, ALWAYS, width)
    text = text_of(line)
    assert width_of(line) <= width
    assert text.rstrip().endswith("^p palette  ? help  q quit")
    assert " a action 0" in text


@pytest.mark.parametrize("width", [120, 76, 60, 40])
def test_titles_fit(width: int) -> None:
    for case in CASES:
        shown = exhibit(case).look
        assert len(key_title(shown, width)) <= width
        for allocation in shown.layout.allocations:
            assert allocation_title(allocation).startswith(f"6 Bytes · {allocation.name} #{allocation.serial} · ")


def test_a_title_cuts_the_name_first() -> None:
    long = look()._replace(key=b"user:" + b"x" * 100)
    assert key_title(long, 50).endswith("… · hash · listpack · 96 B")
    assert len(key_title(long, 50)) == 50
    assert key_title(look()._replace(reported=104), 60) == "k · hash · listpack · 96 B (server: 104 B)"


def test_payloads_allocations_are_named_by_their_role() -> None:
    allocation = look().layout.allocations[-1]._replace(serial="value/listpack")
    assert allocation_title(allocation) == "6 Bytes · value/listpack · 47 of 48 B"


def test_the_narrow_line_names_the_pane_and_the_key() -> None:
    line = narrow_line("bytes", "structure", look(), "", 60)
    assert width_of(line) <= 60
    assert "▌Bytes" in text_of(line)
    assert "k · listpack · 96 B" in text_of(line)
    for tab, digit in (("structure", 2), ("memory", 3), ("why", 4), ("changes", 5)):
        assert f" 1 Keys {digit} {tab.capitalize()} ▌Bytes" in text_of(narrow_line("bytes", tab, None, "", 60))
    assert "▌Keys" in text_of(narrow_line("keys", "structure", None, "change 1 of 2", 60))


# -- the list of keys -------------------------------------------------------------------------------------------------

ROW = KeyRow(b"user:1", "hash", "listpack", 80, 61_000)


@pytest.mark.parametrize("width", range(16, 60))
def test_rows_and_their_header_have_the_panes_width(width: int) -> None:
    rows = (
        ROW,
        ROW._replace(key="水".encode() * 40, encoding="hashtable", charged=10**9),
        ROW._replace(type=None, encoding=None, charged=None, expires_at=None),
        ROW._replace(type="stream", encoding="listpackex", certainty=Certainty.ESTIMATED, charged=999_499),
    )
    assert {width_of(key_line(row, width, 0)) for row in rows} == {width}
    assert len(key_header(width)) == width


def test_a_row_shows_more_the_wider_it_is() -> None:
    assert text_of(key_line(ROW, 46, 0, selected=True)).split() == ["▸user:1", "hash", "listpack", "80", "1m"]
    assert text_of(key_line(ROW, 34, 0)).split() == ["user:1", "hash", "listpack", "80"]
    assert text_of(key_line(ROW, 24, 0)).split() == ["user:1", "listpack", "80"]
    assert text_of(key_line(ROW, 18, 0)).split() == ["user:1", "80"]


@pytest.mark.parametrize(
    ("left", "text"),
    [(None, ""), (-5, "0s"), (999, "0s"), (12_000, "12s"), (300_000, "5m"), (3 * 3600_000, "3h"), (9 * 86_400_000, "9d"),
     (10**15, "999d")],
)  # fmt: skip
def test_time_left_takes_four_cells(left: int | None, text: str) -> None:
    assert ttl_text(None if left is None else 1000 + left, 1000) == text


@pytest.mark.parametrize("short", [False, True])
def test_tabs_keep_their_digits(short: bool) -> None:
    line = tabs_line(("loop", "clients", "slow"), "clients", short=short, first=1)
    assert line == ("1Loo ▌Cli 3Slo" if short else "1 Loop  ▌Clients  3 Slow")
