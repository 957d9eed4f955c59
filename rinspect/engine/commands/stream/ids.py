"""Ids as words of commands: `5-3`, `5` for all of that millisecond, `-` and `+` for the ends, `(5-3` for what is beyond."""

from __future__ import annotations

import re

from rinspect.engine.encodings.streamid import LAST_ID, make_id
from rinspect.engine.replies import CommandError

INVALID_ID = "ERR Invalid stream ID specified as stream command argument"
INVALID_START = "ERR invalid start ID for the interval"
INVALID_END = "ERR invalid end ID for the interval"

LAST_PART = (1 << 64) - 1
LONGEST = 127

_NUMBER = re.compile(rb"[ \t\n\v\f\r]*([+-]?)([0-9]+)\Z")
"""What C's strtoull reads to its end."""
_PLAIN_NEGATIVE = re.compile(rb"-[1-9][0-9]{0,18}\Z")


def _number(text: bytes) -> int:
    """64 bits without a sign, as the server reads them; CommandError if the text is nothing like it."""
    match = _NUMBER.match(text)
    if match is None or _PLAIN_NEGATIVE.match(text):
        raise CommandError(INVALID_ID)
    value = int(match[2])
    if value > LAST_PART:
        raise CommandError(INVALID_ID)
    return -value & LAST_PART if match[1] == b"-" else value


def _parts(word: bytes) -> tuple[bytes, bytes | None]:
    """What is before the dash, and behind it if there is one; the server reads up to a NUL."""
    if len(word) > LONGEST:
        raise CommandError(INVALID_ID)
    ms, dash, seq = word.partition(b"\0")[0].partition(b"-")
    return ms, seq if dash else None


def parse_id(word: bytes, missing_seq: int = 0) -> int:
    """An id; `missing_seq` is what one without a sequence number gets. CommandError if it is none."""
    ms, seq = _parts(word)
    return make_id(_number(ms), missing_seq if seq is None else _number(seq))


def parse_id_to_complete(word: bytes) -> tuple[int, bool]:
    """The same, and whether its sequence number is to be found: `5-*`."""
    ms, seq = _parts(word)
    if seq == b"*":
        return make_id(_number(ms), 0), True
    return parse_id(word), False


def parse_bound(word: bytes, missing_seq: int = 0) -> int:
    """An id, or one of the ends."""
    ends = {b"-": 0, b"+": LAST_ID}
    return ends[word] if word in ends else parse_id(word, missing_seq)


def parse_start(word: bytes) -> int:
    """The first id of an interval that begins at, or behind, a bound."""
    if len(word) > 1 and word.startswith(b"("):
        start = parse_id(word[1:])
        if start == LAST_ID:
            raise CommandError(INVALID_START)
        return start + 1
    return parse_bound(word)


def parse_end(word: bytes) -> int:
    """The last id of an interval that ends at, or before, a bound."""
    if len(word) > 1 and word.startswith(b"("):
        end = parse_id(word[1:], LAST_PART)
        if not end:
            raise CommandError(INVALID_END)
        return end - 1
    return parse_bound(word, LAST_PART)
