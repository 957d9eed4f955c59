"""An inline request's words, with the quoting of Redis's sdssplitargs.

Blanks separate words. Between double quotes `\\n \\r \\t \\b \\a`, `\\xHH`, `\\"` and `\\\\` mean what they do in C; between
single quotes only `\\'` is special. A quoted part ends its word.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    rb"""[\s\0]*(?:(?P<bare>[^\s\0"']+)|"(?P<double>(?:[^"\\]|\\.)*)"(?=[\s\0]|\Z)|'(?P<single>(?:[^'\\]|\\'|\\)*?)'(?=[\s\0]|\Z))""",
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"a": b"\a"}


class Unbalanced(ValueError):
    """Quotes that do not close, or close inside a word."""


def _unescape(found: re.Match[bytes]) -> bytes:
    digits, named = found.groups()
    return bytes.fromhex(digits.decode()) if digits else _NAMED.get(named, named)


def split_args(line: bytes) -> list[bytes]:
    """The words of a line; Unbalanced if its quotes are not."""
    line = line.partition(b"\0")[0]
    words: list[bytes] = []
    at, joined = 0, False
    while at < len(line):
        found = _TOKEN.match(line, at)
        if found is None:
            if line[at:].strip():
                raise Unbalanced
            break
        if found["bare"] is not None:
            word = found["bare"]
        elif found["double"] is not None:
            word = _ESCAPE.sub(_unescape, found["double"])
        else:
            word = found["single"].replace(b"\\'", b"'")
        # A quote may open in the middle of a word, and then belongs to it.
        if joined and not line[at : at + 1].isspace():
            words[-1] += word
        else:
            words.append(word)
        at, joined = found.end(), True
    return words
