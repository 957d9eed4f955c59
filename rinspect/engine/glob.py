r"""Glob patterns, as KEYS, SCAN, PSUBSCRIBE and CONFIG GET take them.

    *        any bytes, none included
    ?        one byte
    [abc]    one of these bytes; [^abc] one of all others; [a-z] a range, either way round
    \x       x itself, inside brackets too

Nothing is an error: a bracket that is not closed ends with the pattern, a backslash at the very end stands for itself.
An empty text fits the empty pattern only, not even `*` (commands that list things take a lone `*` for "all" before).

    >>> [word for word in (b"hello", b"hallo", b"hxllo") if stringmatch(b"h[ae]l*", word)]
    [b'hello', b'hallo']

A pattern becomes a regular expression that cannot go astray: what stands between two stars has a fixed length, and the
first place where it fits is as good as any later one, so the search never has to come back (atomic groups). A pattern
of m bytes costs at most n·m on a text of n.
"""

from __future__ import annotations

import re
from functools import lru_cache

MAX_STARS = 1000
"""A pattern with more stars than this, but for one at its end, matches nothing: the server's guard of its stack."""

_ANY = frozenset(range(256))

Segment = list[frozenset[int]]
"""What may stand at each place between two stars: byte values."""


def stringmatch(pattern: bytes, text: bytes, nocase: bool = False) -> bool:
    """Whether the whole text fits the pattern. `nocase` takes ASCII letters of either case for the same."""
    return matcher(pattern, nocase).match(text) is not None


@lru_cache(maxsize=256)
def matcher(pattern: bytes, nocase: bool = False) -> re.Pattern[bytes]:
    """The regular expression of a pattern: for a loop over many texts."""
    segments = _segments(pattern, nocase)
    if len(segments) == 1:
        return re.compile(_regex(segments[0]) + rb"\Z", re.DOTALL)
    first, *middle, last = segments
    if len(middle) + bool(last) > MAX_STARS:
        return re.compile(rb"(?!)")
    parts = [b"(?>.*?" + _regex(segment) + b")" for segment in middle]
    return re.compile(rb"(?!\Z)" + _regex(first) + b"".join(parts) + b".*" + _regex(last) + rb"\Z", re.DOTALL)


def _segments(pattern: bytes, nocase: bool) -> list[Segment]:
    """The pattern cut at its stars; several in a row count as one."""
    segments: list[Segment] = [[]]
    at, end = 0, len(pattern)
    while at < end:
        byte = pattern[at]
        at += 1
        if byte == ord("*"):
            if segments[-1] or len(segments) == 1:
                segments.append([])
        elif byte == ord("?"):
            segments[-1].append(_ANY)
        elif byte == ord("["):
            allowed, at = _bracket(pattern, at, nocase)
            segments[-1].append(allowed)
        else:
            if byte == ord("\\") and at < end:
                byte = pattern[at]
                at += 1
            segments[-1].append(_either_case(byte) if nocase else frozenset((byte,)))
    return segments


def _bracket(pattern: bytes, at: int, nocase: bool) -> tuple[frozenset[int], int]:
    """The bytes that a bracket allows, and where the pattern goes on after it; `at` is just behind the `[`."""
    end = len(pattern)
    negated = pattern[at : at + 1] == b"^"
    if negated:
        at += 1
    allowed: set[int] = set()
    while at < end and pattern[at] != ord("]"):
        if pattern[at] == ord("\\") and end - at >= 2:
            at += 1
            allowed |= frozenset((pattern[at],))
            at += 1
        elif end - at >= 3 and pattern[at + 1] == ord("-"):
            allowed |= _range(pattern[at], pattern[at + 2], nocase)
            at += 3
        else:
            allowed |= _either_case(pattern[at]) if nocase else frozenset((pattern[at],))
            at += 1
    return (_ANY - allowed if negated else frozenset(allowed)), at + 1


def _lower(byte: int) -> int:
    return byte + 32 if 65 <= byte <= 90 else byte


def _either_case(byte: int) -> frozenset[int]:
    return frozenset(other for other in _ANY if _lower(other) == _lower(byte))


def _range(one: int, other: int, nocase: bool) -> frozenset[int]:
    """The bytes from one to the other, put in order as signed chars: those from 80 on come before all letters.

    Without regard to case they are then brought to lower case and compared as unsigned: of [Z-a] nothing is left.
    """
    low, high = sorted((one, other), key=_signed)
    if nocase:
        return frozenset(byte for byte in _ANY if _lower(low) <= _lower(byte) <= _lower(high))
    return frozenset(byte for byte in _ANY if _signed(low) <= _signed(byte) <= _signed(high))


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def _regex(segment: Segment) -> bytes:
    parts = []
    for allowed in segment:
        if allowed == _ANY:
            parts.append(b".")
        elif not allowed:
            parts.append(b"(?!)")
        elif len(allowed) == 1:
            parts.append(re.escape(bytes(allowed)))
        else:
            parts.append(b"[" + b"".join(b"\\x%02x" % byte for byte in sorted(allowed)) + b"]")
    return b"".join(parts)
