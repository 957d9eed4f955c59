"""What SCAN, SSCAN, HSCAN and ZSCAN have in common: the cursor, the options, the walk over a table.

A small value has no table to walk: it is answered whole, with cursor 0. So a handler of these commands goes

    cursor = scan_cursor(call, word)
    value = call.find(key, …)               # a key that is not there is answered before options are looked at
    options = scan_options(call, words)
    cursor, entries = walk(value.table, cursor, options)
    return scan_reply(cursor, [entry.key for entry in entries if options.fits(entry.key)])
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rinspect.engine.commands.call import Call
from rinspect.engine.encodings.hashtable import Entry, Hashtable
from rinspect.engine.glob import matcher
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, SYNTAX, CommandError, Reply

INVALID_CURSOR = "ERR invalid cursor"
NOVALUES_ELSEWHERE = "ERR NOVALUES option can only be used in HSCAN"

_CURSOR = re.compile(rb"\s*([+-]?)(\d+)\Z")
_UINT64 = (1 << 64) - 1


def scan_cursor(call: Call, word: bytes) -> int:
    """The cursor that a word stands for: what C's strtoul reads from it, up to a NUL; CommandError if that is nothing.

    Before 7.4 an empty word is 0, a negative number wraps around, and leading blanks are refused; later it is the other
    way round.
    """
    text, _, _ = word.partition(b"\0")
    strict = call.runtime.profile.version >= (7, 4)
    if not strict and not text:
        return 0
    found = _CURSOR.match(text)
    if found is None or (not strict and text[:1].isspace()):
        raise CommandError(INVALID_CURSOR)
    negative, number = found[1] == b"-", int(found[2])
    if number > _UINT64 or (strict and (parse_int(text) or 0) < 0):
        raise CommandError(INVALID_CURSOR)
    return -number & _UINT64 if negative else number


@dataclass(slots=True)
class ScanOptions:
    """MATCH, COUNT, TYPE and NOVALUES."""

    pattern: re.Pattern[bytes] | None = None
    count: int = 10
    type: bytes | None = None
    """In lower case; not necessarily the name of a type."""
    novalues: bool = False

    def fits(self, text: bytes) -> bool:
        """Whether an element's name fits the pattern."""
        return self.pattern is None or self.pattern.match(text) is not None


def scan_options(call: Call, words: Sequence[bytes], kind: str = "") -> ScanOptions:
    """The options behind the cursor; CommandError at the first wrong one. `kind` is the type of the value that is
    scanned, empty for SCAN itself, the only one with TYPE."""
    version = call.runtime.profile.version
    options = ScanOptions()
    at = 0
    while at < len(words):
        name = words[at].upper()
        has_value = at + 1 < len(words)
        if name == b"COUNT" and has_value:
            count = parse_int(words[at + 1])
            if count is None:
                raise CommandError(NOT_AN_INTEGER)
            if count < 1:
                raise CommandError(SYNTAX)
            options.count = count
        elif name == b"MATCH" and has_value:
            pattern = words[at + 1]
            options.pattern = None if pattern == b"*" else matcher(pattern)
        elif name == b"TYPE" and has_value and not kind:
            options.type = words[at + 1].lower()
        elif name == b"NOVALUES" and version >= (7, 4):
            if kind != "hash":
                raise CommandError(NOVALUES_ELSEWHERE)
            options.novalues = True
            at -= 1
        else:
            raise CommandError(SYNTAX)
        at += 2
    return options


def walk(table: Hashtable, cursor: int, options: ScanOptions) -> tuple[int, list[Entry]]:
    """Bucket after bucket from the cursor on, until there are COUNT entries or ten times as many buckets were visited.

    The cursor to go on with, 0 at the end, and the entries, whether they fit the pattern or not.
    """
    found: list[Entry] = []
    for _ in range(options.count * 10 + 1):
        cursor, some = table.scan(cursor)
        found += some
        if not cursor or len(found) >= options.count:
            break
    return cursor, found


def scan_reply(cursor: int, items: Iterable[Reply]) -> Reply:
    """The pair of cursor and elements."""
    return [b"%d" % cursor, list(items)]
