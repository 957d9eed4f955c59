"""Lines of text: cut, wrapped and padded by cells, never by characters; and data never read as markup."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from rinspect.drawing.line import (
    Ref,
    Segment,
    count_of,
    fit,
    joined,
    justify,
    moment,
    show,
    show_ends,
    show_word,
    singular,
    size_text,
    text_of,
    width_of,
    words,
    wrap,
)

texts = st.lists(st.text(st.sampled_from("ab 水é🙂\u0301"), max_size=8), max_size=5)


@given(texts, st.integers(0, 30))
def test_fit_never_exceeds_the_width(parts: list[str], width: int) -> None:
    line = tuple(Segment(part) for part in parts)
    cut = fit(line, width)
    assert width_of(cut) <= width
    if width_of(line) <= width:
        assert cut == line
    assert width_of(fit(line, width, pad=True)) == width or width == 0


@given(texts, texts, st.integers(1, 40))
def test_justify_fills_the_width_and_keeps_the_right_end(left: list[str], right: list[str], width: int) -> None:
    one, other = (tuple(Segment(part) for part in parts) for parts in (left, right))
    line = justify(one, other, width)
    assert width_of(line) <= width
    if width_of(other) <= width - 4:
        assert width_of(line) == width
        assert text_of(line).endswith(text_of(other))


@given(st.text("ab c水\u00a0", max_size=60), st.integers(4, 30))
def test_wrap_keeps_the_words_and_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(width_of(line) <= width for line in lines)
    if all(cell_len(word) <= width for word in text.split(" ")):
        assert " ".join(text_of(line) for line in lines).split() == text.split()


@given(st.binary(max_size=60), st.integers(1, 30))
def test_data_is_shown_in_printable_cells(data: bytes, limit: int) -> None:
    shown = show(data, limit)
    assert cell_len(shown) <= limit
    assert shown.isprintable()
    assert show(data).isprintable()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"plain", "plain"),
        ("水".encode(), "水"),
        (b"\x00\xff", r"\x00\xff"),
        (b"a\nb\tc\r", r"a\nb\tc\r"),
        ("\u202e".encode(), r"\x202e"),
        (b"[bold red]", "[bold red]"),
        (b"\x1b[31m", r"\x1b[31m"),
    ],
)
def test_control_characters_never_reach_the_terminal(data: bytes, text: str) -> None:
    assert show(data) == text


@pytest.mark.parametrize(
    ("word", "text"),
    [(b"GET", "GET"), (b"", '""'), (b"a b", '"a b"'), (b'say "hi"', r'"say \"hi\""'), (b"\xff", r'"\xff"')],
)
def test_words_are_quoted_where_they_need_it(word: bytes, text: str) -> None:
    assert show_word(word) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "…"), (0, "0"), (80, "80"), (999, "999"), (1000, "1.0K"), (1740, "1.7K"), (25_600, "25K"),
        (1 << 20, "1.0M"), (3 << 30, "3.0G"), (10**13, "9.1T"), (10**16, "8.9P"),
    ],
)  # fmt: skip
def test_sizes_take_five_cells_at_most(count: int | None, text: str) -> None:
    assert size_text(count) == text
    assert len(size_text(count)) <= 5


@given(st.integers(0, 10**15))
def test_no_size_takes_more(count: int) -> None:
    assert len(size_text(count)) <= 5


def test_moments_beyond_the_calendar_are_numbers() -> None:
    assert moment(1_800_000_000_000) == "2027-01-15 08:00:00 UTC"
    assert moment(1 << 60) == f"at {1 << 60} ms"


def test_counts_agree_with_their_noun() -> None:
    assert [count_of(n, "node") for n in (0, 1, 2000)] == ["0 nodes", "1 node", "2,000 nodes"]
    assert count_of(2, "entry", "entries") == "2 entries"


def test_refs_touch_where_they_have_a_byte_in_common() -> None:
    ref = Ref(3, 4, 2)
    assert ref.touches(Ref(3, 5, 1))
    assert ref.touches(Ref(3, 0, 100))
    assert not any(ref.touches(other) for other in (Ref(3, 6, 1), Ref(3, 0, 4), Ref(4, 4, 2), Ref("3", 4, 2), None))


def test_words_leaves_out_what_is_empty() -> None:
    assert words("", ("a", "dim"), Segment("b"), ("", "dim")) == (Segment("a", "dim"), Segment("b"))
    assert joined([(Segment("a  "),), ()]) == "a\n"


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode), st.integers(3, 40))
def test_a_name_that_does_not_fit_is_cut_in_the_middle(data: bytes, limit: int) -> None:
    shown = show_ends(data, limit)
    assert cell_len(shown) <= limit
    assert shown.isprintable() or not shown
    if cell_len(show(data)) <= limit:
        assert shown == show(data)


def test_names_that_differ_at_their_end_are_told_apart() -> None:
    assert show_ends(b"load:string:3066", 11) == "load:…:3066"
    assert show_ends(b"x" * 1_000_000 + b"END", 11) == "xxxxx…xxEND"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 entries in 48 bytes", "1 entry in 48 bytes"),
        ("11 entries, 1 deleted in 1 bytes", "11 entries, 1 deleted in 1 byte"),
        ("1 fields, 4.1 bytes and 2,1 nodes", "1 field, 4.1 bytes and 2,1 nodes"),
    ],
)
def test_one_thing_is_told_of_as_one(text: str, said: str) -> None:
    assert singular(text) == said
