r"""Doubles as text: how replies and compact sorted sets write a score.

From 7.2 on the digits come from Loitsch's Grisu2 ("Printing floating-point numbers quickly and accurately with
integers", 2010). It works in 64-bit integers: every number is `f × 2^e`.

    w- < value < w+         half way to the neighbouring doubles: any text between them reads back as the value
    × 10^k                  a power from a table, chosen so that -60 <= e <= -32 for the product
    narrow by 1 unit        the table's power and the product are rounded: stay on the safe side
    digits of w+ one by one until what is left is smaller than the width w+ - w-
    then walk the last digit down towards the value itself

    >>> digits(0.3)
    ('3', -1)
    >>> digits(34539630392221.188)      # 17 digits; the narrowing hides a shorter text, or here the nearest one
    ('34539630392221187', -3)

The result always reads back as the same double, but is not always the shortest that does: in about one of 200 random
doubles it differs from what Python's `repr` prints. The same bytes as the server's need the same algorithm.
"""

from __future__ import annotations

import math
import struct
from functools import cache, lru_cache

from rinspect.engine.profile import Profile

_MASK = (1 << 64) - 1
_HIDDEN_BIT = 1 << 52
_EXPONENT_BIAS = 1023 + 52

_FIRST_POWER, _POWER_STEP, _POWERS = -348, 8, 87
_LOG10_OF_2 = 0.30102999566398114
_LOWEST_EXPONENT, _HIGHEST_EXPONENT = -60, -32

WHOLE_LIMIT = float(1 << 62)
"""Whole numbers up to here, in either direction, are written as integers (7.0+ in blobs, 7.2+ everywhere)."""


def double_text(value: float, profile: Profile) -> bytes:
    """A double as a reply gives it, in RESP2 and RESP3 alike."""
    if profile.score_text == "grisu2":
        if -WHOLE_LIMIT <= value <= WHOLE_LIMIT and value == (whole := int(value)):
            return b"%d" % whole if whole or _is_positive_zero(value) else b"-0"
        return grisu2_text(value)
    return b"%.17g" % value


def stored_score(value: float, profile: Profile) -> bytes:
    """A score as a ziplist or listpack entry holds it; a whole number's digits then become an integer entry.

    A listpack is given the number itself and so forgets the sign of -0; a ziplist is given the text "-0", and keeps it.
    """
    if profile.score_text == "ziplist":
        # From 2^52 on 6.2 leaves whole numbers to %.17g, which prints the same digits up to 10^17 and then an exponent.
        return b"%.17g" % value
    if -WHOLE_LIMIT <= value <= WHOLE_LIMIT and value == (whole := int(value)):
        return b"%d" % whole
    return grisu2_text(value) if profile.score_text == "grisu2" else b"%.17g" % value


def _is_positive_zero(value: float) -> bool:
    return math.copysign(1.0, value) > 0


def grisu2_text(value: float) -> bytes:
    """The digits set out: plain while few zeros must be added, with a point, or with an exponent."""
    if not math.isfinite(value):
        return b"nan" if math.isnan(value) else b"inf" if value > 0 else b"-inf"
    if not value:
        # Not remembered: to a dictionary both zeros are the same.
        return b"0" if _is_positive_zero(value) else b"-0"
    return _set_out(value)


@lru_cache(maxsize=8192)
def _set_out(value: float) -> bytes:
    sign = "-" if value < 0 else ""
    text, power = digits(abs(value))
    count = len(text)
    exponent = abs(power + count - 1)
    if power >= 0 and exponent < count + 7:
        out = text + "0" * power
    elif power < 0 and (power > -7 or exponent < 4):
        point = count + power
        out = f"{text[:point]}.{text[point:]}" if point > 0 else "0." + "0" * -point + text
    else:
        fraction = "." + text[1:] if count > 1 else ""
        out = f"{text[0]}{fraction}e{'-' if power + count - 1 < 0 else '+'}{exponent}"
    return (sign + out).encode()


def digits(value: float) -> tuple[str, int]:
    """Grisu2: digits d and power p, so that d × 10^p reads back as `value`, which must be positive and finite."""
    fraction, exponent = _parts(value)
    # Both borders have one more bit than the value; the lower is nearer where the spacing of doubles changes.
    upper = fraction * 2 + 1
    if fraction == _HIDDEN_BIT:
        lower, lower_shift = fraction * 4 - 1, 2
    else:
        lower, lower_shift = fraction * 2 - 1, 1
    shift = 64 - upper.bit_length()
    upper_exponent = exponent - 1 - shift
    upper <<= shift
    lower <<= exponent - lower_shift - upper_exponent
    value_shift = 64 - fraction.bit_length()
    power, power_exponent, decimal = _power_for(upper_exponent)

    middle = _times(fraction << value_shift, power)
    upper = _times(upper, power) - 1
    lower = _times(lower, power) + 1
    return _generate(middle, upper, lower, -(upper_exponent + power_exponent + 64), -decimal)


def _parts(value: float) -> tuple[int, int]:
    """(f, e): the value is f × 2^e."""
    bits = int.from_bytes(struct.pack(">d", value), "big")
    fraction, exponent = bits & (_HIDDEN_BIT - 1), bits >> 52
    if exponent:
        return fraction + _HIDDEN_BIT, exponent - _EXPONENT_BIAS
    return fraction, 1 - _EXPONENT_BIAS


def _times(a: int, b: int) -> int:
    """The upper 64 bits of the product, rounded at the bit below."""
    return (a * b + (1 << 63)) >> 64


@cache
def _power(index: int) -> tuple[int, int]:
    """(f, e) of the table's power of ten, rounded to 64 bits; computed when first wanted."""
    decimal = _FIRST_POWER + index * _POWER_STEP
    if decimal >= 0:
        exact = 10**decimal
        exponent = exact.bit_length() - 64
        if exponent <= 0:
            return exact << -exponent, exponent
        return (exact + (1 << (exponent - 1))) >> exponent, exponent
    divisor = 10**-decimal
    exponent = -(divisor.bit_length() + 63)
    return ((2 << -exponent) // divisor + 1) >> 1, exponent


def _power_for(exponent: int) -> tuple[int, int, int]:
    """(f, e, k): the power 10^k that brings a number with this binary exponent into the window."""
    guess = int(-(exponent + _POWERS) * _LOG10_OF_2)
    index = int((guess - _FIRST_POWER) / _POWER_STEP)
    while True:
        power, power_exponent = _power(index)
        reached = exponent + power_exponent + 64
        if reached < _LOWEST_EXPONENT:
            index += 1
        elif reached > _HIGHEST_EXPONENT:
            index -= 1
        else:
            return power, power_exponent, _FIRST_POWER + index * _POWER_STEP


def _generate(middle: int, upper: int, lower: int, point: int, power: int) -> tuple[str, int]:
    """Digits of `upper` until the rest is below `upper - lower`. All three have `point` bits after the binary point."""
    width, distance = upper - lower, upper - middle
    one = 1 << point
    whole, rest = upper >> point, upper & (one - 1)
    found = 0
    for left in range(len(str(whole)) - 1, -1, -1):
        unit = 10**left
        found = found * 10 + whole // unit
        whole %= unit
        remainder = (whole << point) + rest
        if remainder <= width:
            return str(_towards(found, remainder, unit << point, width, distance)), power + left
    left = 0
    while True:
        rest *= 10
        width *= 10
        distance *= 10
        left -= 1
        found = found * 10 + (rest >> point)
        rest &= one - 1
        if rest < width:
            return str(_towards(found, rest, one, width, distance)), power + left


def _towards(found: int, remainder: int, unit: int, width: int, distance: int) -> int:
    """Count the last digit down while that comes nearer to the value and stays inside the borders."""
    while (
        remainder < distance
        and width - remainder >= unit
        and (remainder + unit < distance or distance - remainder > remainder + unit - distance)
    ):
        found -= 1
        remainder += unit
    return found
