"""Memory, reasons and changes of a key, in three widths; and one sheet with all of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rinspect.drawing.changes import change_details, draw_changes, signed, summary
from rinspect.drawing.compare import compare_line, draw_comparison, draw_replies, side_name
from rinspect.drawing.line import Line, joined, text_of
from rinspect.drawing.memory import draw_memory
from rinspect.drawing.sheet import MOST_ROWS, change_sheet, look_sheet
from rinspect.drawing.why import draw_why
from rinspect.engine.layout import Certainty, Window
from rinspect.engine.reasons import Why
from rinspect.records import Change, Comparison, Row, SourceInfo
from tests.drawing.expectations import check, too_wide, written
from tests.drawing.gallery import CASES, WIDTHS, Case, exhibit

PANES = (
    "int", "embstr-with-ttl", "raw-with-room", "hash-listpack", "hash-listpackex", "hash-hashtable-ttl", "set-intset-32",
    "set-hashtable-6.2", "quicklist-compressed", "zset-skiplist", "hash-ziplist", "hll-sparse", "hll-dense", "stream-groups",
)  # fmt: skip


def named(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


@pytest.mark.parametrize("name", PANES)
def test_they_are_drawn_as_stored(name: str) -> None:
    shown = exhibit(named(name))
    lines: list[str] = []
    for width in WIDTHS:
        drawn = {
            "memory": draw_memory(shown.look, shown.rebuilt, width),
            "why": draw_why(shown.look, shown.why, width),
            "changes": [line for change in shown.changes for line in change_sheet(change, width)],
            "list of changes": draw_changes(shown.changes, 0, width),
        }
        for title, found in drawn.items():
            assert not too_wide(found, width), title
            lines += [f"--- {title}, {width} columns", *written(found)]
    check(f"panes-{name}", lines)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("width", [100, 30])
def test_nothing_is_wider_than_asked(case: Case, width: int) -> None:
    shown = exhibit(case)
    lines = [
        *draw_memory(shown.look, shown.rebuilt, width),
        *draw_why(shown.look, shown.why, width),
        *draw_changes(shown.changes, None, width),
        *(line for change in shown.changes for line in change_sheet(change, width)),
    ]
    assert not too_wide(lines, width)


# -- memory -----------------------------------------------------------------------------------------------------------


def figures(line: Line) -> list[int]:
    return [int(word.replace(",", "")) for word in text_of(line).split() if word.replace(",", "").isdigit()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_sums_are_sums(case: Case) -> None:
    look = exhibit(case).look
    lines = draw_memory(look, (), 100)
    rule = next(at for at, line in enumerate(lines) if text_of(line).startswith("──"))
    total = figures(lines[rule + 1])
    assert total[:3] == [look.layout.asked, look.layout.size_class, look.layout.charged]
    assert sum(run.charged for run in look.layout.runs) + look.layout.rounding == look.computed


def test_the_servers_figure_is_held_against_ours() -> None:
    look = exhibit(named("hash-listpack")).look
    same = joined(draw_memory(look._replace(reported=96), (), 100))
    assert "the server says 96: the same" in same
    other = look._replace(reported=104, difference="no profile describes redis 9")
    assert "the server says 104: no profile describes redis 9" in joined(draw_memory(other, (), 100))
    assert "the server says 104: unexplained" in joined(draw_memory(look._replace(reported=104), (), 100))
    sampled = look._replace(reported=104, reported_certainty=Certainty.ESTIMATED, difference="it sampled")
    assert "the server says 104 (estimated): it sampled" in joined(draw_memory(sampled, (), 100))


# -- why --------------------------------------------------------------------------------------------------------------


def test_why_that_is_still_asked_for_says_so() -> None:
    assert joined(draw_why(exhibit(named("int")).look, None, 60)) == "asking …"


def test_what_is_not_fetched_has_no_reason_yet() -> None:
    look = exhibit(named("hash-listpack")).look
    unfetched = look._replace(notice="press enter to fetch it: on 7.0.15 DUMP resets the key's idle time")
    assert joined(draw_why(unfetched, None, 100)) == unfetched.notice


def test_the_past_has_no_reasons() -> None:
    """Those of now are not its."""
    shown = exhibit(named("hash-listpack"))
    for why in (None, shown.why):
        assert "worked out for now only" in joined(draw_why(shown.look, why, 100, past=True))


def test_bars_show_how_near_a_threshold_is() -> None:
    kinds = {}
    for count in (1, 52, 64, 65):
        shown = exhibit(Case("near", "HSET k " + "a" * count + " v"))
        lines = draw_why(shown.look, shown.why, 100)
        bars = next(line for line in lines if text_of(line).startswith("  longest text"))
        kinds[count] = next(segment.kind for segment in bars if "▓" in segment.text)
    assert kinds == {1: "bar", 52: "warn", 64: "warn", 65: "bad"}


# -- changes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("amount", "text"), [(0, "±0 B"), (80, "+80 B"), (-8, "−8 B"), (-12345, "−12,345 B")])
def test_signed(amount: int, text: str) -> None:
    assert signed(amount) == text


@pytest.mark.parametrize(
    ("commands", "text"),
    [
        ("HSET k name Ada", "new key +72 B · listpack"),
        ("HSET k name Ada\nDEL k", "key gone −72 B"),
        ("HSET k name Ada\nHSET k name Bob", "3 bytes changed in place"),
        ("HSET k n 1\nHSET k n 2", "1 byte changed in place"),
        ("HSET k name Ada\nHSET k born 1815", "+8 B · listpack"),
        ("HSET k name Ada\nHSET k bio " + "x" * 65, "+216 B · listpack → hashtable"),
        ("SADD k 1 2 3\nSREM k 2", "±0 B · intset"),
        ("SET k a\nEXPIRE k 100", "expires at another time"),
        ("SET k a EX 100\nPERSIST k", "no longer expires"),
        ("SET k a\nGET k", ""),
    ],
)
def test_a_change_in_a_few_words(commands: str, text: str) -> None:
    case = Case("change", commands)
    changes = exhibit(case).changes if "DEL" not in commands else deleted(case)
    found = changes[-1] if len(changes) == len(commands.splitlines()) else None
    assert text_of(summary(found)) == text


def deleted(case: Case) -> tuple[Change, ...]:
    """As `exhibit`, of a key that is gone in the end."""
    whole = replace(case, commands=case.commands + "\nSET k again")
    return exhibit(whole).changes[:-1]


def test_several_keys_are_counted() -> None:
    changes = exhibit(Case("many", "MSET k a other b third c")).changes
    assert text_of(summary(changes[0])) == "new key +56 B · embstr · and 2 more keys"


def test_the_change_that_is_looked_at_is_marked_newest_first() -> None:
    changes = exhibit(Case("three", "SET k a\nAPPEND k b\nDEL other\nAPPEND k c")).changes
    lines = [text_of(line) for line in draw_changes(changes, 1, 60)]
    assert [line[:12] for line in lines] == ["    3 APPEND", "▸   2 APPEND", "    1 SET k "]
    assert "No change yet" in text_of(draw_changes((), None, 60)[0])


def test_what_other_clients_did_is_told_as_theirs() -> None:
    change = exhibit(named("int")).changes[0]
    for commands, text in ((7, "7 commands of other clients"), (0, "commands of other clients"), (1, "1 command of")):
        assert text in text_of(draw_changes([change._replace(argv=None, commands=commands)], None, 80)[0])


def test_a_command_is_shown_as_one_would_type_it() -> None:
    """Bytes that are no text, blanks and empty words must not read as something else."""
    change = exhibit(named("int")).changes[0]
    argv = (b"SET", b"two words", b"", b"\xff\x00", b"x" * 100)
    text = text_of(draw_changes([change._replace(argv=argv)], None, 200)[0])
    assert r'SET "two words" "" "\xff\x00" ' in text
    assert "x" * 38 + "…" in text
    assert "x" * 41 not in text


def test_the_reason_of_a_flip_is_told() -> None:
    change = exhibit(Case("flip", "HSET k a b\nHSET k bio " + "x" * 65)).changes[-1].keys[0]
    text = joined(change_details(change, 100))
    assert "listpack → hashtable: field or value of 65 bytes > hash-max-listpack-value 64" in text


# -- a sheet with all of it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_sheet_of_a_key(case: Case) -> None:
    shown = exhibit(replace(case, window=Window()))
    text = joined(look_sheet(shown.look, shown.why, shown.rebuilt, 80))
    for title in ("── structure ─", "── memory ─", "── why ─"):
        assert title in text
    assert ("── bytes of " in text) == (case.name not in ("int", "stream-empty"))


def test_long_blobs_are_cut_in_the_sheet() -> None:
    lines = [text_of(line) for line in look_sheet(exhibit(Case("long", "SETRANGE k 5000 x")).look, None, (), 80)]
    rows = [line for line in lines if line[:4].isalnum() and line[4:6] == "  " and line.startswith("0")]
    assert len(rows) == MOST_ROWS
    assert any(line.startswith("… ") and line.endswith("more bytes") for line in lines)


# -- two sides --------------------------------------------------------------------------------------------------------

COMPARISON = Comparison(
    b"k", None, None,
    (
        Row("TYPE", "hash", "hash", same=True),
        Row("OBJECT ENCODING", "listpack", "hashtable", same=False),
        Row("MEMORY USAGE", "80 exact", "1,234,567 reported", same=False, note="listpack here, hashtable there " * 3),
        Row("DUMP", "39 bytes", "41 bytes", same=None, note="the order in a hashtable depends on its seed"),
    ),
    (Row("hash-max-listpack-entries", "512", "128", same=False),),
)  # fmt: skip

INFO = SourceInfo(
    "built-in", "redis 8.0", "8.0", "jemalloc", embedded=True, read_only=False, database=0, keys=0, used=0
)


def test_a_comparison_is_drawn_as_stored() -> None:
    server = replace(INFO, label="staging:6379", server="redis 7.0.15", embedded=False, read_only=True)
    lines: list[str] = []
    for width in WIDTHS:
        drawn = draw_comparison(COMPARISON, (side_name(INFO), side_name(server)), width)
        assert not too_wide(drawn, width)
        lines += [f"--- {width} columns", *written(drawn)]
    check("comparison", lines)


def test_equal_thresholds_are_told_apart_from_those_that_differ() -> None:
    names = ("a", "b")
    assert "thresholds that differ" in joined(draw_comparison(COMPARISON, names, 80))
    same = COMPARISON._replace(settings=(Row("list-compress-depth", "0", "0", same=True),))
    text = joined(draw_comparison(same, names, 80))
    assert "thresholds" in text
    assert "thresholds that differ" not in text


def test_sides_say_what_one_may_do_there() -> None:
    server = replace(INFO, label="staging:6379", server="redis 7.0.15", embedded=False, read_only=True)
    assert side_name(INFO) == "built-in · redis 8.0"
    assert side_name(server) == "staging:6379 · redis 7.0.15 · read-only"
    assert side_name(replace(server, read_only=False)).endswith("WRITES ALLOWED")
    assert side_name(replace(server, connected=False)) == "staging:6379 · disconnected"
    assert side_name(None) == "…"
    for may, word in ((True, "read-only"), (False, "WRITES ALLOWED")):
        sides = (INFO, replace(server, read_only=may))
        assert "redis 7.0.15" in text_of(compare_line(sides, ("Compare", "Explore"), 120))
        assert text_of(compare_line(sides, ("Compare", "Explore"), 50)).endswith(word)
    assert "disconnected" in text_of(compare_line((INFO, replace(server, connected=False)), (), 60))


@pytest.mark.parametrize("width", [116, 58, 30])
def test_replies_beside_each_other(width: int) -> None:
    lines = draw_replies([("(integer) 1", "(error) ERR " + "x" * 200), ("", "more")], False, width)
    assert not too_wide(lines, width)
    assert "differs" in text_of(lines[0])
    assert "differs" not in text_of(lines[1])


def test_a_why_without_thresholds_is_a_sentence() -> None:
    lines = draw_why(exhibit(named("int")).look, Why("because.", (), ()), 40)
    assert joined(lines) == "because."
