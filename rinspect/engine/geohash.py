"""Geohash: a place on the map as one integer of 52 bits, which serves as a score in a sorted set.

    longitude  -180 … 180           ─▶ 26 bits   x25 x24 … x1 x0
    latitude   -85.05112878 … +85…  ─▶ 26 bits   y25 y24 … y1 y0

    x25 y25 x24 y24 … x1 y1 x0 y0               interleaved: neighbours on the map have nearly the same high bits

52 bits fit into a double exactly. Fewer of them, 2n, name one of 4^n **cells** of the map: all places with these high bits.

Palermo, the cell that has it when the map is cut eight times each way, and the well-known text for it, which counts
latitudes from -90 to 90:

    >>> encode(13.361389, 38.115556)
    3479099956230698
    >>> cell(13.361389, 38.115556, 8)
    Cell(x=137, y=185, steps=8)
    >>> text(13.361389, 38.115556)
    b'sqc8b49rny0'
"""

from __future__ import annotations

from typing import NamedTuple

STEPS = 26
"""Bits for each of the two coordinates."""
LONGITUDE = (-180.0, 180.0)
LATITUDE = (-85.05112878, 85.05112878)
"""The limits of the web's map projection: the poles cannot be encoded."""
_FULL_LATITUDE = (-90.0, 90.0)

_SPREADS = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)
_WORD = 0xFFFFFFFF
_FINEST = 1 << STEPS
_ALPHABET = b"0123456789bcdefghjkmnpqrstuvwxyz"


class Cell(NamedTuple):
    """A part of the map: column and row where it is cut `steps` times each way."""

    x: int
    y: int
    steps: int

    @property
    def bits(self) -> int:
        return _spread(self.y) | _spread(self.x) << 1

    @property
    def scores(self) -> tuple[int, int]:
        """The scores of the places in it, from the first up to the second, that one excluded."""
        shift = 2 * (STEPS - self.steps)
        return self.bits << shift, self.bits + 1 << shift

    def moved(self, east: int, north: int) -> Cell:
        """The cell so many columns and rows away; the map goes on at its other edge."""
        mask = (1 << self.steps) - 1
        # A place on the map's very edge lies one column, or row, beyond the last: it stays there where nothing moves it.
        x = self.x + east & mask if east else self.x
        y = self.y + north & mask if north else self.y
        return Cell(x, y, self.steps)

    @property
    def west(self) -> float:
        return _edge(self.x, self.steps, LONGITUDE)

    @property
    def east(self) -> float:
        return _edge(self.x + 1, self.steps, LONGITUDE)

    @property
    def south(self) -> float:
        return _edge(self.y, self.steps, LATITUDE)

    @property
    def north(self) -> float:
        return _edge(self.y + 1, self.steps, LATITUDE)


def valid(longitude: float, latitude: float) -> bool:
    """Whether a place can be encoded."""
    return LONGITUDE[0] <= longitude <= LONGITUDE[1] and LATITUDE[0] <= latitude <= LATITUDE[1]


def cell(longitude: float, latitude: float, steps: int) -> Cell:
    """The cell that a place lies in; the place must be valid."""
    return Cell(_fixed(longitude, LONGITUDE, steps), _fixed(latitude, LATITUDE, steps), steps)


def encode(longitude: float, latitude: float) -> int:
    """The 52 bits of a place, which must be valid."""
    return cell(longitude, latitude, STEPS).bits


def place(score: float) -> tuple[float, float]:
    """Longitude and latitude of the middle of a score's cell; any score has one, as C converts it to 64 bits."""
    digits = f"{_unsigned(score):064b}"
    return _middle(int(digits[::2], 2), LONGITUDE), _middle(int(digits[1::2], 2), LATITUDE)


def _middle(number: int, limits: tuple[float, float]) -> float:
    """Half way from one of the 2^26 steps of a range to the next, as doubles have it."""
    low, high = limits
    width = high - low
    first = low + number / _FINEST * width
    second = low + (number + 1 & _WORD) / _FINEST * width
    middle = (first + second) / 2
    return low if middle < low else high if middle > high else middle


def text(longitude: float, latitude: float) -> bytes:
    """The standard geohash of a place: 11 letters of five bits each, the last one always 0, for there are only 52."""
    bits = Cell(_fixed(longitude, LONGITUDE, STEPS), _fixed(latitude, _FULL_LATITUDE, STEPS), STEPS).bits
    return bytes(_ALPHABET[bits >> shift & 31] for shift in range(2 * STEPS - 5, 0, -5)) + _ALPHABET[:1]


def _fixed(coordinate: float, limits: tuple[float, float], steps: int) -> int:
    """How many of the 2^steps steps of the range a coordinate lies above its lower limit."""
    low, high = limits
    return int((coordinate - low) / (high - low) * (1 << steps))


def _edge(number: int, steps: int, limits: tuple[float, float]) -> float:
    low, high = limits
    return low + number / (1 << steps) * (high - low)


def _spread(bits: int) -> int:
    """The bits of a number with a zero bit before each: abcd becomes 0a0b0c0d."""
    for shift, mask in _SPREADS:
        bits = (bits | bits << shift) & mask
    return bits


def _unsigned(score: float) -> int:
    """A double as an unsigned 64-bit integer, as the processor converts it; what is out of range becomes 2^63 or 0."""
    if 0 <= score < _FINEST * _FINEST:
        return int(score)
    if score >= 1 << 63:
        return int(score) if score < 1 << 64 else 0
    return int(score) % (1 << 64) if score >= -(1 << 63) else 1 << 63
