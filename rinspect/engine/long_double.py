"""x86's 80-bit long double, in which INCRBYFLOAT and HINCRBYFLOAT add and GEOPOS prints.

    | sign 1 | exponent 15 | mantissa 64 |      value = mantissa × 2^exponent

Eleven bits more than a double: 0.1 + 0.2 comes out as 0.3. Here a finite value is a pair of Python integers; every
operation computes exactly, then rounds once to 64 bits of mantissa (to nearest, ties to even), as the processor does.

    >>> add_long_double(b"0.1", b"0.2")
    b'0.3'
    >>> human(parse_long_double(b"3.0e3"))
    b'3000'
"""

from __future__ import annotations

import re
from typing import NamedTuple

MANTISSA_BITS = 64
LOWEST_EXPONENT = -16445
"""Of the smallest denormal: no bit below it can be set."""
HIGHEST = 1 << 16384
"""The first power of two beyond the range."""

LONGEST_TEXT = 5 * 1024 - 1
"""A longer text is not looked at."""

_DECIMAL = re.compile(rb"([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:e([+-]?\d+))?\Z", re.IGNORECASE)
_HEXADECIMAL = re.compile(rb"([+-]?)0x(?:([\da-f]+)(?:\.([\da-f]*))?|\.([\da-f]+))(?:p([+-]?\d+))?\Z", re.IGNORECASE)
_INFINITY = re.compile(rb"([+-]?)inf(?:inity)?\Z", re.IGNORECASE)


class LongDouble(NamedTuple):
    """The finite number mantissa × 2^exponent."""

    mantissa: int
    exponent: int


def parse_long_double(text: bytes) -> LongDouble | float | None:
    """What C's strtold reads from all of `text`: a LongDouble, or the float ±inf where infinity is spelled out.

    None where the server finds no valid float: no number, "nan", or one too large or too near to zero to be held.
    """
    if len(text) > LONGEST_TEXT:
        return None
    if match := _DECIMAL.match(text):
        return _parsed(match, 10)
    if match := _INFINITY.match(text):
        return float("-inf") if match[1] == b"-" else float("inf")
    match = _HEXADECIMAL.match(text)
    return _parsed(match, 16) if match else None


def _parsed(match: re.Match[bytes], base: int) -> LongDouble | None:
    sign, whole, fraction, only_fraction, exponent = match.groups(b"")
    fraction = fraction or only_fraction
    digits = _integer(whole + fraction) if base == 10 else int(whole + fraction, base)
    if not digits:
        return LongDouble(0, 0)
    if base == 10:
        power = _exponent(exponent) - len(fraction)
        # No power of ten worth computing lies beyond: the range ends near 10^±4950.
        if not -12000 < power < 12000:
            return None
        value = rounded(digits * 10**power, 1) if power >= 0 else rounded(digits, 10**-power)
    else:
        power = _exponent(exponent) - 4 * len(fraction)
        if not -40000 < power < 40000:
            return None
        value = rounded(digits << power, 1) if power >= 0 else rounded(digits, 1 << -power)
    if value is None or not value.mantissa:
        return None
    return LongDouble(-value.mantissa, value.exponent) if sign == b"-" else value


def _exponent(text: bytes) -> int:
    return -_integer(text[1:]) if text[:1] == b"-" else _integer(text.lstrip(b"+"))


_PIECE = 4000
"""Python converts no more than 4300 digits between text and int at once; a server's text may have 5119."""
_PIECE_UNIT: int = 10**_PIECE


def _integer(text: bytes) -> int:
    head, tail = text[:-_PIECE], text[-_PIECE:]
    return (int(head) if head else 0) * _PIECE_UNIT + int(tail or b"0")


def _decimal(number: int) -> str:
    head, tail = divmod(number, _PIECE_UNIT)
    return f"{head}{tail:0{_PIECE}d}" if head else str(tail)


def _round_half_even(numerator: int, denominator: int) -> int:
    """The integer nearest to a fraction that is not negative."""
    quotient, remainder = divmod(numerator, denominator)
    return quotient + (remainder * 2 + (quotient & 1) > denominator)


def rounded(numerator: int, denominator: int) -> LongDouble | None:
    """The long double nearest to a fraction (denominator positive); None if it is beyond the range."""
    magnitude = abs(numerator)
    exponent = max(magnitude.bit_length() - denominator.bit_length() - MANTISSA_BITS, LOWEST_EXPONENT)
    while True:
        up, down = (0, exponent) if exponent > 0 else (-exponent, 0)
        mantissa = _round_half_even(magnitude << up, denominator << down)
        if mantissa.bit_length() <= MANTISSA_BITS:
            break
        exponent += 1
    if mantissa and exponent > 0 and mantissa << exponent >= HIGHEST:
        return None
    return LongDouble(mantissa if numerator >= 0 else -mantissa, exponent)


def add(a: LongDouble, b: LongDouble) -> LongDouble | None:
    """The sum, rounded; None if it is beyond the range."""
    exponent = min(a.exponent, b.exponent)
    total = (a.mantissa << (a.exponent - exponent)) + (b.mantissa << (b.exponent - exponent))
    return rounded(total << exponent, 1) if exponent >= 0 else rounded(total, 1 << -exponent)


def human(value: LongDouble) -> bytes:
    """The text without exponent: 17 decimals, trailing zeros cut off, and no "-0"."""
    scaled = value.mantissa * 10**17
    if value.exponent >= 0:
        scaled <<= value.exponent
    else:
        scaled = _round_half_even(abs(scaled), 1 << -value.exponent) * (1 if scaled >= 0 else -1)
    whole, fraction = divmod(abs(scaled), 10**17)
    text = f"{_decimal(whole)}.{fraction:017d}".rstrip("0").rstrip(".")
    return (f"-{text}" if scaled < 0 else text).encode()


def human_double(value: float) -> bytes:
    """A finite double's text in the same form."""
    return human(LongDouble(*_dyadic(value)))


def _dyadic(value: float) -> tuple[int, int]:
    numerator, denominator = value.as_integer_ratio()
    return numerator, 1 - denominator.bit_length()


def add_long_double(a: bytes, b: bytes) -> bytes:
    """The text of a + b, as INCRBYFLOAT stores it.

    ValueError if one of them is no float; OverflowError where the result would be infinite or no number.
    """
    first, second = parse_long_double(a), parse_long_double(b)
    if first is None or second is None:
        raise ValueError("not a valid float")
    if isinstance(first, float) or isinstance(second, float):
        raise OverflowError("an operand is infinite")
    total = add(first, second)
    if total is None:
        raise OverflowError("the sum is beyond the range of a long double")
    return human(total)
