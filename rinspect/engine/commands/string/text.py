"""Strings as texts: lengths, ranges, growth, the longest common subsequence."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import INT64_MAX, parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, SYNTAX, CommandError, Reply
from rinspect.engine.values.string import StringValue


def check_length(call: Call, length: int) -> None:
    """CommandError if a string of `length` bytes would exceed proto-max-bulk-len."""
    if length > call.runtime.config.proto_max_bulk_len or length > INT64_MAX:
        raise CommandError("ERR string exceeds maximum allowed size (proto-max-bulk-len)")


@command(
    "STRLEN",
    "key",
    group="string",
    since="2.2.0",
    flags="readonly fast",
    access="RO",
    summary="Returns the length of a string value.",
)
def strlen(call: Call, key: bytes) -> Reply:
    value = call.find(key, StringValue)
    return 0 if value is None else len(value)


@command(
    "APPEND",
    "key value",
    group="string",
    since="2.0.0",
    flags="write denyoom fast",
    access="RW insert",
    complexity="O(1). The amortized time complexity is O(1) assuming the appended value is small and the already present"
    " value is of any size, since the dynamic string library used by Redis will double the free space available on every"
    " reallocation.",
    summary="Appends a string to the value of a key. Creates the key if it doesn't exist.",
)
def append(call: Call, key: bytes, tail: bytes) -> Reply:
    value = call.find_write(key, StringValue)
    if value is None:
        call.db.put(key, StringValue(call.runtime, tail))
        return len(tail)
    check_length(call, len(value) + len(tail))
    buffer = value.raw(len(value) + len(tail))
    buffer.payload += tail
    call.db.changed(key)
    return len(buffer)


@command(
    "SETRANGE",
    "key offset:int value",
    group="string",
    since="2.2.0",
    flags="write denyoom",
    access="RW update",
    complexity="O(1), not counting the time taken to copy the new string in place. Usually, this string is very small so the"
    " amortized complexity is O(1). Otherwise, complexity is O(M) with M being the length of the value argument.",
    summary="Overwrites a part of a string value with another by an offset. Creates the key if it doesn't exist.",
)
def setrange(call: Call, key: bytes, offset: int, patch: bytes) -> Reply:
    if offset < 0:
        raise CommandError("ERR offset is out of range")
    value = call.find_write(key, StringValue)
    if not patch:
        return 0 if value is None else len(value)
    end = offset + len(patch)
    check_length(call, end)
    if value is None:
        call.db.put(key, StringValue.make_raw(call.runtime, bytes(offset) + patch))
        return end
    buffer = value.raw(end)
    if end > len(buffer):
        buffer.payload += bytes(end - len(buffer))
    buffer.payload[offset:end] = patch
    call.db.changed(key)
    return len(buffer)


@command(
    "GETRANGE",
    "key start:int end:int",
    group="string",
    since="2.4.0",
    flags="readonly",
    access="RO access",
    complexity="O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned"
    " length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small"
    " strings.",
    summary="Returns a substring of the string stored at a key.",
)
def getrange(call: Call, key: bytes, start: int, end: int) -> Reply:
    value = call.find(key, StringValue)
    if value is None or (start < 0 and end < 0 and start > end):
        return b""
    size = len(value)
    first = max(0, start + size if start < 0 else start)
    last = min(size - 1, max(0, end + size if end < 0 else end))
    if not size or first > last:
        return b""
    held = value.data if value.buffer is None else value.buffer.payload
    return bytes(held[first : last + 1])


command(
    "SUBSTR",
    "key start:int end:int",
    group="string",
    since="1.0.0",
    flags="readonly",
    access="RO access",
    complexity="O(N) where N is the length of the returned string. The complexity is ultimately determined by the returned"
    " length, but because creating a substring from an existing string is very cheap, it can be considered O(1) for small"
    " strings.",
    summary="Returns a substring from a string value.",
)(getrange)


@command(
    "LCS",
    "key1:key key2:key [LEN] [IDX] [MINMATCHLEN min-match-len:int] [WITHMATCHLEN]",
    group="string",
    since="7.0.0",
    flags="readonly",
    access="RO access",
    complexity="O(N*M) where N and M are the lengths of s1 and s2, respectively",
    summary="Finds the longest common substring.",
    raw=True,
)
def lcs(call: Call, first: bytes, second: bytes, *words: bytes) -> Reply:
    values = [call.db.lookup(key) for key in (first, second)]
    if any(value is not None and not isinstance(value, StringValue) for value in values):
        raise CommandError("ERR The specified keys must contain string values")
    options, minimum = _lcs_options(words)
    if {b"LEN", b"IDX"} <= options:
        raise CommandError("ERR If you want both the length and indexes, please just use IDX.")
    one, other = (value.bytes() if isinstance(value, StringValue) else b"" for value in values)
    pairs = _common(one, other)
    if b"LEN" in options:
        return len(pairs)
    if b"IDX" not in options:
        return bytes(one[at] for at, _ in pairs)
    matches: list[Reply] = []
    for start, other_start, size in _stretches(pairs):
        if size >= minimum:
            match: list[Reply] = [[start, start + size - 1], [other_start, other_start + size - 1]]
            matches.append([*match, size] if b"WITHMATCHLEN" in options else match)
    return call.map([(b"matches", matches[::-1]), (b"len", len(pairs))])


def _lcs_options(words: Sequence[bytes]) -> tuple[set[bytes], int]:
    """The options, and the length that a match must have."""
    options: set[bytes] = set()
    minimum = 0
    rest = iter(words)
    for word in rest:
        option = word.upper()
        if option == b"MINMATCHLEN" and (text := next(rest, None)) is not None:
            number = parse_int(text)
            if number is None:
                raise CommandError(NOT_AN_INTEGER)
            minimum = number
        elif option in (b"LEN", b"IDX", b"WITHMATCHLEN"):
            options.add(option)
        else:
            raise CommandError(SYNTAX)
    return options, minimum


def _common(one: bytes, other: bytes) -> list[tuple[int, int]]:
    """Index pairs of a longest common subsequence, ascending; where two are as long, walks like the server's."""
    table = [[0] * (len(other) + 1)]
    for byte in one:
        above, row = table[-1], [0]
        for at, candidate in enumerate(other):
            row.append(above[at] + 1 if byte == candidate else max(above[at + 1], row[at]))
        table.append(row)
    pairs = []
    i, j = len(one), len(other)
    while i and j:
        if one[i - 1] == other[j - 1]:
            pairs.append((i - 1, j - 1))
            i, j = i - 1, j - 1
        elif table[i - 1][j] > table[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _stretches(pairs: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """(start, other start, length) of the pairs that run side by side."""
    found: list[tuple[int, int, int]] = []
    for i, j in pairs:
        if found and i == found[-1][0] + found[-1][2] and j == found[-1][1] + found[-1][2]:
            found[-1] = (found[-1][0], found[-1][1], found[-1][2] + 1)
        else:
            found.append((i, j, 1))
    return found
