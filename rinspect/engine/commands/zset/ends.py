"""The two ends of a range, as they are written: ranks, scores, names."""

from __future__ import annotations

import re
from typing import NamedTuple

from rinspect.engine.commands.call import Call
from rinspect.engine.encodings.bounds import HIGHEST, LOWEST, Bounds, Edge, lex_bounds, score_bounds
from rinspect.engine.numbers import parse_double, parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, CommandError

NO_SCORE_RANGE = "ERR min or max is not a float"
NO_LEX_RANGE = "ERR min or max not valid string range item"

_DECIMAL = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\Z", re.IGNORECASE)


class RankRange(NamedTuple):
    """From rank `first` to `last`, that one included; negative numbers count from the end."""

    first: int
    last: int

    def within(self, count: int, *, backward: bool = False) -> tuple[int, int]:
        """Ranks (start, stop) among `count` members, counted from the lowest even if asked from the highest."""
        first, last = self
        if first < 0:
            first = max(first + count, 0)
        if last < 0:
            last += count
        stop = last + 1 if last < count else count
        if first >= stop:
            return 0, 0
        return (count - stop, count - first) if backward else (first, stop)


def rank_range(first: bytes, last: bytes) -> RankRange:
    """Both ranks; CommandError if one is no integer."""
    start, stop = parse_int(first), parse_int(last)
    if start is None or stop is None:
        raise CommandError(NOT_AN_INTEGER)
    return RankRange(start, stop)


def score_range(call: Call, low: bytes, high: bytes) -> Bounds:
    """Scores `1.5`, `(1.5`, `-inf` …; CommandError if one is no number."""
    strict = call.runtime.profile.version >= (8, 0)
    first, last = _score(low, strict), _score(high, strict)
    return score_bounds(first[0], last[0], first[1], last[1])


def _score(word: bytes, strict: bool) -> tuple[float, bool]:
    """(score, whether it is open). C reads it, up to a NUL: nothing at all is 0, and 1e400 infinite.

    Before 8.0 blanks may stand before the number, and it may be hexadecimal.
    """
    opened = word[:1] == b"("
    text, _, _ = word[opened:].partition(b"\0")
    if not strict:
        text = text.lstrip(b" \t\n\v\f\r")
    if not text:
        return 0.0, opened
    if _DECIMAL.match(text):
        return float(text), opened
    score = parse_double(text)
    if score is None or (strict and b"x" in text.lower()):
        raise CommandError(NO_SCORE_RANGE)
    return score, opened


def lex_range(low: bytes, high: bytes) -> Bounds:
    """Names `[a`, `(a`, and `-` and `+` for the ends of all; CommandError for anything else."""
    return lex_bounds(_edge(low), _edge(high))


def _edge(word: bytes) -> Edge:
    match word[:1]:
        case b"[":
            return Edge(0, word[1:], False)
        case b"(":
            return Edge(0, word[1:], True)
        case b"-" if word[1:2] in (b"", b"\0"):
            return LOWEST
        case b"+" if word[1:2] in (b"", b"\0"):
            return HIGHEST
    raise CommandError(NO_LEX_RANGE)
