"""Glob patterns, with the server's own quirks."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.glob import MAX_STARS, stringmatch


@pytest.mark.parametrize(
    ("pattern", "fits", "not_these"),
    [
        (b"hello", [b"hello"], [b"hell", b"hello!", b"Hello", b""]),
        (b"h?llo", [b"hello", b"h\xffllo", b"h\nllo"], [b"hllo", b"heello"]),
        (b"h*llo", [b"hllo", b"heeeello", b"h\n\nllo"], [b"hlo", b"ahllo"]),
        (b"*", [b"a", b"\n", b"abc"], [b""]),
        (b"", [b""], [b"a"]),
        (b"a**b", [b"ab", b"axxb"], [b"a", b"abx"]),
        (b"*a*b*", [b"ab", b"xxaxxbxx"], [b"ba", b"a"]),
        (b"a*b*c", [b"abc", b"aXbbYbZc"], [b"acb", b"ab"]),
        (b"h[ae]llo", [b"hello", b"hallo"], [b"hillo"]),
        (b"h[^e]llo", [b"hallo", b"h^llo"], [b"hello"]),
        (b"h[a-b]llo", [b"hallo", b"hbllo"], [b"hcllo"]),
        (b"h[b-a]llo", [b"hallo", b"hbllo"], [b"hcllo"]),
        (b"[a-]", [b"a", b"]", b"^"], [b"-", b"b"]),
        (b"[a-]x", [b"^", b"x"], [b"-", b"ax"]),
        (b"[^]x", [b"ax", b"]x"], [b"x"]),
        (b"[]x", [], [b"x", b"]x"]),
        (b"[ab", [b"a", b"b"], [b"[ab", b"c"]),
        (b"[", [], [b"[", b"a", b""]),
        (b"[^", [b"a"], [b"", b"ab"]),
        (b"h\\?llo", [b"h?llo"], [b"hello"]),
        (b"[\\]]", [b"]"], [b"\\"]),
        (b"[\\^a]", [b"^", b"a"], [b"\\"]),
        (b"a\\", [b"a\\"], [b"a"]),
        (b"[\x80-a]", [b"\x80", b"\xff", b"\x00", b"a"], [b"b"]),
    ],
)
def test_patterns(pattern: bytes, fits: list[bytes], not_these: list[bytes]) -> None:
    assert [text for text in fits if not stringmatch(pattern, text)] == []
    assert [text for text in not_these if stringmatch(pattern, text)] == []


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (b"HeLLo", b"hEllO", True),
        (b"[A-C]x", b"bX", True),
        (b"[Z-a]", b"z", False),
        (b"[\\A]", b"a", False),
        (b"maxmemory*", b"MAXMEMORY-policy", True),
    ],
)
def test_without_regard_to_case(pattern: bytes, text: bytes, fits: bool) -> None:
    assert stringmatch(pattern, text, nocase=True) == fits


@given(st.lists(st.sampled_from([b"a", b"b", b"*", b"?"]), max_size=10), st.text("ab", max_size=10))
def test_stars_and_question_marks_are_those_of_a_slow_and_simple_matcher(parts: list[bytes], text: str) -> None:
    def fits(pattern: bytes, rest: bytes) -> bool:
        if not pattern:
            return not rest
        if pattern[:1] == b"*":
            return fits(pattern[1:], rest) or (bool(rest) and fits(pattern, rest[1:]))
        return bool(rest) and pattern[:1] in (b"?", rest[:1]) and fits(pattern[1:], rest[1:])

    pattern, data = b"".join(parts), text.encode()
    if data:
        assert stringmatch(pattern, data) == fits(pattern, data)


@pytest.mark.parametrize(
    "pattern", [b"*a" * 500 + b"*b", b"a*" * 500 + b"b", b"*?" * 300 + b"*b", b"[ab]*" * 400 + b"c"]
)
def test_hostile_patterns_end_soon(pattern: bytes) -> None:
    began = time.perf_counter()
    assert not stringmatch(pattern, b"a" * 20_000)
    assert time.perf_counter() - began < 2


def test_more_stars_than_the_server_would_follow_match_nothing() -> None:
    text = b"a" * (MAX_STARS + 5)
    assert stringmatch(b"*a" * MAX_STARS + b"*", text)
    assert not stringmatch(b"*a" * (MAX_STARS + 1), text)
