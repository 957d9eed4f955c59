"""Distances on the globe, in metres, and how they are read and written."""

from __future__ import annotations

import math

from rinspect.engine.commands.call import Call
from rinspect.engine.numbers import parse_double
from rinspect.engine.profile import Profile
from rinspect.engine.replies import CommandError

EARTH_RADIUS = 6372797.560856
"""Metres."""

_RADIAN = math.pi / 180.0
_UNITS = {b"m": 1.0, b"km": 1000.0, b"ft": 0.3048, b"mi": 1609.34}
_NO_NUMBER = -(1 << 63)
"""What C's conversion makes of what is no number."""


def radians(degrees: float) -> float:
    return degrees * _RADIAN


def degrees(radians: float) -> float:
    return radians / _RADIAN


def distance(longitude1: float, latitude1: float, longitude2: float, latitude2: float, profile: Profile) -> float:
    """Along the great circle between two places (haversine formula); nan where rounding leads out of its domain."""
    v = math.sin((radians(longitude2) - radians(longitude1)) / 2)
    if v == 0.0 and profile.geo_meridian_shortcut:
        return meridian_distance(latitude1, latitude2)
    lower, upper = radians(latitude1), radians(latitude2)
    u = math.sin((upper - lower) / 2)
    root = math.sqrt(u * u + math.cos(lower) * math.cos(upper) * v * v)
    return 2.0 * EARTH_RADIUS * math.asin(root) if root <= 1.0 else math.nan


def meridian_distance(latitude1: float, latitude2: float) -> float:
    """Between two places of the same longitude."""
    return EARTH_RADIUS * abs(radians(latitude2) - radians(latitude1))


def unit(call: Call, word: bytes) -> float:
    """The metres of a unit; CommandError if it is none."""
    exact = call.runtime.profile.version < (7, 0)
    metres = _UNITS.get(word if exact else word.lower())
    if metres is None:
        names = "m, km, ft, mi" if exact else "M, KM, FT, MI"
        raise CommandError(f"ERR unsupported unit provided. please use {names}")
    return metres


def measure(word: bytes, what: str) -> float:
    """A number for a radius, width or height; CommandError if it is none."""
    number = parse_double(word)
    if number is None:
        raise CommandError(f"ERR need numeric {what}")
    return number


def distance_text(metres: float, profile: Profile) -> bytes:
    """A distance as replies have it: four decimals."""
    if profile.version < (7, 0):
        return b"-nan" if math.isnan(metres) else b"%.4f" % metres
    scaled = _NO_NUMBER if math.isnan(metres) else round(metres * 10_000.0)
    whole, rest = divmod(abs(scaled), 10_000)
    return b"%b%d.%04d" % (b"-" if scaled < 0 else b"", whole, rest)
