"""Geohash: a place on the map as one integer of 52 bits, which serves as a score in a sorted set.

    longitude  -180 … 180           ─▶ 26 bits   x25 x24 … x1 x0
    latitude   -85.05112878 … +85…  ─▶ 26 bits   y25 y24 … y1 y0

    x25 y25 x24 y24 … x1 y1 x0 y0               interleaved: neighbours on the map have nearly the same high bits

52 bits fit into a double exactly. Palermo:

    >>> encode(13.361389, 38.115556)
    3479099956230698
"""

from __future__ import annotations

STEPS = 26
"""Bits for each of the two coordinates."""
LONGITUDE = (-180.0, 180.0)
LATITUDE = (-85.05112878, 85.05112878)
"""The limits of the web's map projection: the poles cannot be encoded."""

_SPREADS = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


def valid(longitude: float, latitude: float) -> bool:
    """Whether a place can be encoded."""
    return LONGITUDE[0] <= longitude <= LONGITUDE[1] and LATITUDE[0] <= latitude <= LATITUDE[1]


def encode(longitude: float, latitude: float) -> int:
    """The 52 bits of a place, which must be valid."""
    return _spread(_fixed(latitude, LATITUDE)) | _spread(_fixed(longitude, LONGITUDE)) << 1


def _fixed(coordinate: float, limits: tuple[float, float]) -> int:
    """How many of the 2^26 steps of the range a coordinate lies above its lower limit."""
    low, high = limits
    return int((coordinate - low) / (high - low) * (1 << STEPS))


def _spread(bits: int) -> int:
    """The bits of a number with a zero bit before each: abcd becomes 0a0b0c0d."""
    for shift, mask in _SPREADS:
        bits = (bits | bits << shift) & mask
    return bits
