"""Words of a line: redis-cli's quoting, both ways."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.console.words import Unbalanced, locate, quote, quoted, split


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("   ", []),
        ("SET a 1", [b"SET", b"a", b"1"]),
        ("  SET\ta   1  ", [b"SET", b"a", b"1"]),
        ('SET "a b" 1', [b"SET", b"a b", b"1"]),
        ('SET "" 1', [b"SET", b"", b"1"]),
        ("SET '' 1", [b"SET", b"", b"1"]),
        (r'"\n\r\t\b\a"', [b"\n\r\t\b\a"]),
        (r'"\x00\xfF"', [b"\x00\xff"]),
        (r'"\xzz"', [b"xzz"]),
        (r'"\x0"', [b"x0"]),
        (r'"\q"', [b"q"]),
        (r'"say \"hi\""', [b'say "hi"']),
        (r"'it\'s'", [b"it's"]),
        (r"'\n\x41'", [rb"\n\x41"]),
        (r"back\slash", [rb"back\slash"]),
        ("naïve 水", ["naïve".encode(), "水".encode()]),
        ('"水"', ["水".encode()]),
        ('a"b c"', [b"ab c"]),
    ],
)
def test_split(line: str, words: list[bytes]) -> None:
    assert split(line) == words


@pytest.mark.parametrize(
    ("line", "place"),
    [('SET "a', "column 5"), ("SET 'a", "column 5"), ('"a"b', "column 3"), ("'a'b", "column 3"), ('"a\\"', "column 1")],
)
def test_quotes_that_do_not_close_say_where_they_open(line: str, place: str) -> None:
    with pytest.raises(Unbalanced, match=place):
        split(line)


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_what_is_quoted_is_split_into_the_same(words: list[bytes]) -> None:
    assert split(" ".join(quote(word) for word in words)) == words
    assert split(" ".join(quoted(word) for word in words)) == words


@given(st.text(st.sampled_from("ab \"'\\x4nt\t水"), max_size=12))
def test_any_line_is_split_or_refused(line: str) -> None:
    with contextlib.suppress(Unbalanced):
        assert split(" ".join(quote(word) for word in split(line))) == split(line)


@given(st.lists(st.binary(min_size=1, max_size=8), min_size=1, max_size=5))
def test_words_stand_where_they_are_said_to(words: list[bytes]) -> None:
    line = "  ".join(quote(word) for word in words)
    found = locate(line)
    assert [split(line[word.start : word.end]) for word in found] == [[word] for word in words]


@pytest.mark.parametrize(
    ("word", "text"),
    [(b"plain", "plain"), (b"user:1", "user:1"), ("水".encode(), "水"), (b"", '""'), (b"a b", '"a b"'), (b"\xff", r'"\xff"'),
     (b'"', r'"\""'), (b"\\", r'"\\"'), ("\u00a0".encode(), r'"\xc2\xa0"'), ("\u202e".encode(), r'"\xe2\x80\xae"')],
)  # fmt: skip
def test_only_what_needs_quotes_gets_them(word: bytes, text: str) -> None:
    assert quote(word) == text
