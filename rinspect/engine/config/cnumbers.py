"""Numbers as C's library reads them: what configuration texts with several words in them rely on."""

from __future__ import annotations

import re

from rinspect.engine.numbers import INT64_MAX, INT64_MIN

_SIGNED = {
    8: re.compile(r"[ \t\n\v\f\r]*([+-]?[0-7]+)\Z"),
    10: re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+)\Z"),
}
_LEADING = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]+)")
_LEADING_DECIMAL = re.compile(r"[ \t\n\v\f\r]*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
_MEMORY = re.compile(r"([0-9]*)([a-z]*)\Z", re.IGNORECASE)
_UNITS = {"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 10**6, "mb": 1 << 20, "g": 10**9, "gb": 1 << 30}
_MOST_DIGITS = 127
UINT64_MAX = (1 << 64) - 1


def strtoll(text: str, base: int = 10) -> int | None:
    """The number to base 8 or 10 that all of the text is, brought into 64 bits; 0 for no text, None for another."""
    if not text:
        return 0
    found = _SIGNED[base].match(text)
    return None if found is None else min(max(int(found[1], base), INT64_MIN), INT64_MAX)


def atoi(text: str) -> int:
    """The 32-bit number that the text begins with, or 0."""
    found = _LEADING.match(text)
    return 0 if found is None else to_int32(int(found[1]))


def strtod(text: str) -> float:
    """The decimal number that the text begins with, or 0."""
    found = _LEADING_DECIMAL.match(text)
    return 0.0 if found is None else float(found[1])


def to_int32(number: int) -> int:
    """What is left of a number in a C int."""
    return (number + (1 << 31)) % (1 << 32) - (1 << 31)


def to_int64(number: int) -> int:
    """What is left of a number in a C long long."""
    return (number + (1 << 63)) % (1 << 64) - (1 << 63)


def memtoull(text: str) -> int | None:
    """Bytes, from 7.0 on: digits, perhaps none, and a unit. Stops at 64 bits, then wraps around with the unit."""
    found = _MEMORY.match(text)
    unit = None if found is None else _UNITS.get(found[2].lower())
    if found is None or unit is None or len(found[1]) > _MOST_DIGITS:
        return None
    return min(int(found[1] or 0), UINT64_MAX) * unit & UINT64_MAX


def memtoll(text: str) -> int | None:
    """Bytes, in 6.2: signed throughout, and nothing that comes out below zero."""
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    found = _MEMORY.match(digits)
    unit = None if found is None else _UNITS.get(found[2].lower())
    if found is None or unit is None or len(found[1]) > _MOST_DIGITS or (sign < 0 and not found[1]):
        return None
    value = to_int64(min(max(sign * int(found[1] or 0), INT64_MIN), INT64_MAX) * unit)
    return value if value >= 0 else None


def format_memory(size: int) -> str:
    """Bytes as CONFIG REWRITE writes them: in the largest unit that leaves no rest."""
    for unit, shift in (("gb", 30), ("mb", 20), ("kb", 10)):
        if size and size % (1 << shift) == 0:
            return f"{size >> shift}{unit}"
    return str(size)
