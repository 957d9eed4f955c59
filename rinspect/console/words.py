"""A typed line as words, with redis-cli's quoting.

Blanks separate words. Between double quotes `\\n \\r \\t \\b \\a`, `\\xHH`, `\\"` and `\\\\` mean what they do in C; between
single quotes only `\\'` is special. A quoted word ends at its closing quote, and a blank must follow.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ESCAPES = {"n": b"\n", "r": b"\r", "t": b"\t", "b": b"\b", "a": b"\a"}
_BLANK = " \t\n\r\v\f"
"""What C's isspace takes for a blank: a no-break or an ideographic space is part of a word."""
_BLANKS = re.compile(r"[ \t\n\r\v\f]*")
_PLAIN = re.compile(r"""[^ \t\n\r\v\f"']*""")
_HEX = frozenset("0123456789abcdefABCDEF")


class Unbalanced(ValueError):
    """Quotes that do not close; the text says where they open."""


class Word(NamedTuple):
    """A word and where it stands in the line."""

    value: bytes
    start: int
    end: int


def _bytes(text: str) -> bytes:
    """The bytes that were typed or read, also those that are no UTF-8."""
    return text.encode(errors="surrogateescape")


def split(line: str) -> list[bytes]:
    """The words of a line, none of a comment (`# …`); Unbalanced if a quote does not close."""
    return [] if line.lstrip().startswith("#") else [word.value for word in locate(line)]


def locate(line: str) -> list[Word]:
    """The words of a line with their places; Unbalanced if a quote does not close."""
    words: list[Word] = []
    at = 0
    while (at := _end(_BLANKS, line, at)) < len(line):
        start, value = at, b""
        while at < len(line) and line[at] not in _BLANK:
            if line[at] in "\"'":
                piece, at = _quoted(line, at)
                value += piece
                if at < len(line) and line[at] not in _BLANK:
                    raise Unbalanced(f"a blank must follow the closing quote at column {at}")
            else:
                end = _end(_PLAIN, line, at)
                value += _bytes(line[at:end])
                at = end
        words.append(Word(value, start, at))
    return words


def _end(pattern: re.Pattern[str], line: str, at: int) -> int:
    found = pattern.match(line, at)
    return at if found is None else found.end()


def _quoted(line: str, at: int) -> tuple[bytes, int]:
    quote, opened = line[at], at
    at += 1
    value = bytearray()
    while at < len(line):
        character = line[at]
        if character == quote:
            return bytes(value), at + 1
        following = line[at + 1 : at + 2]
        if character == "\\" and quote == "'" and following == "'":
            value += b"'"
            at += 2
        elif character == "\\" and quote == '"' and following:
            if following == "x" and len(digits := line[at + 2 : at + 4]) == 2 and set(digits) <= _HEX:
                value.append(int(digits, 16))
                at += 4
            else:
                value += _ESCAPES.get(following, _bytes(following))
                at += 2
        else:
            value += _bytes(character)
            at += 1
    raise Unbalanced(f"the quote {quote} at column {opened + 1} does not close")


def quote(word: bytes) -> str:
    """A word as one would type it: bare where that is enough, else in double quotes."""
    try:
        text = word.decode()
    except UnicodeDecodeError:
        text = ""
    if text and text.isprintable() and not any(c.isspace() or c in "\"'\\" for c in text):
        return text
    return quoted(word)


def quoted(word: bytes) -> str:
    """A word in double quotes, every byte that is not printable ASCII escaped: as redis-cli shows replies."""
    names = {34: '\\"', 92: "\\\\", 10: "\\n", 13: "\\r", 9: "\\t", 7: "\\a", 8: "\\b"}
    return '"' + "".join(names.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02x}") for b in word) + '"'
