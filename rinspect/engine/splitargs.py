r"""A line as words, as the server reads its configuration file and inline commands, and a word as it writes one.

    >>> splitargs(b'''set "a \\x62\\n" 'it\\'s' ''')
    [b'set', b'a b\n', b"it's"]

Blanks separate words; a quote may open inside a word and must be followed by a blank where it closes. Between double quotes
`\n \r \t \b \a` and `\xHH` mean what they do in C; between single quotes only `\'` is special.
"""

from __future__ import annotations

import re

_BLANKS = re.compile(rb"[ \t\n\v\f\r]*")
# Between words any of C's blanks is skipped; only these four end a word that no quote has opened.
_PLAIN = re.compile(rb"[^ \t\n\r\"']*")
_DOUBLE = re.compile(rb'((?:[^"\\]|\\.)*)"(?=[ \t\n\v\f\r]|\Z)', re.DOTALL)
_SINGLE = re.compile(rb"((?:\\'|[^'\\]|\\(?!'))*)'(?=[ \t\n\v\f\r]|\Z)", re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_MEANS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"a": b"\a"}
_NAMES = {92: "\\\\", 34: '\\"', 10: "\\n", 13: "\\r", 9: "\\t", 7: "\\a", 8: "\\b"}


def splitargs(line: bytes) -> list[bytes] | None:
    """The words of a line, which ends at a NUL; None if a quote does not close or something follows it at once."""
    line, _, _ = line.partition(b"\0")
    words: list[bytes] = []
    at = _end(_BLANKS, line, 0)
    while at < len(line):
        end = _end(_PLAIN, line, at)
        word = line[at:end]
        quote = line[end : end + 1]
        if quote in (b'"', b"'"):
            found = (_DOUBLE if quote == b'"' else _SINGLE).match(line, end + 1)
            if found is None:
                return None
            word += _ESCAPE.sub(_meaning, found[1]) if quote == b'"' else found[1].replace(b"\\'", b"'")
            end = found.end()
        words.append(word)
        at = _end(_BLANKS, line, end)
    return words


def _end(pattern: re.Pattern[bytes], line: bytes, at: int) -> int:
    found = pattern.match(line, at)
    return at if found is None else found.end()


def _meaning(escape: re.Match[bytes]) -> bytes:
    digits, character = escape.groups()
    return bytes.fromhex(digits.decode()) if digits else _MEANS.get(character, character)


def catrepr(word: bytes) -> str:
    """A word between double quotes, every byte that is not printable ASCII escaped; `splitargs` reads it back."""
    return (
        '"' + "".join(_NAMES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in word) + '"'
    )
