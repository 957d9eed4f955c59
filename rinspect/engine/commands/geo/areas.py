"""Where to look for places within a shape: nine cells of the map, the one with its centre and those around it.

    | 6 | 1 | 5 |       each cell is a stretch of scores, and so of ranks in the sorted set; they are looked through in this
    | 4 | 0 | 3 |       order, which is that of an unsorted answer
    | 8 | 2 | 7 |

The cells are the smallest of which three by three cover the shape; those that it does not reach into are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from rinspect.engine.commands.geo.distances import EARTH_RADIUS, degrees, distance, meridian_distance, radians
from rinspect.engine.geohash import STEPS, Cell, cell
from rinspect.engine.profile import Profile

_MAP_EDGE = 20037726.37
"""Half the map's width in metres, at the equator."""
_AROUND = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1))
"""Columns east and rows north of the centre, in the order in which the cells are looked through."""


class Shape(NamedTuple):
    """A circle, or a box whose sides run along the meridians and parallels; sizes in metres.

    For a circle `width` and `height` are twice the radius, and `reach` the radius; for a box `reach` is half its diagonal.
    """

    longitude: float
    latitude: float
    width: float
    height: float
    reach: float
    round: bool

    def distance_to(self, longitude: float, latitude: float, profile: Profile) -> float | None:
        """How far a place is from the centre; None if it lies outside."""
        if self.round:
            away = distance(self.longitude, self.latitude, longitude, latitude, profile)
            return None if away > self.reach else away
        if profile.geo_meridian_shortcut:
            north = meridian_distance(latitude, self.latitude)
        else:
            north = distance(longitude, latitude, longitude, self.latitude, profile)
        if north > self.height / 2 or distance(longitude, latitude, self.longitude, latitude, profile) > self.width / 2:
            return None
        return distance(self.longitude, self.latitude, longitude, latitude, profile)

    def bounds(self, height: float, width: float) -> tuple[float, float, float, float]:
        """West, south, east and north of what is to be covered, for half the height and half the width.

        A parallel is shorter the nearer it is to a pole: the edge away from the equator needs the most degrees.
        """
        north = degrees(height / EARTH_RADIUS)
        outer = self.latitude - north if self.latitude < 0 else self.latitude + north
        east = degrees(width / EARTH_RADIUS / _cosine(radians(outer)))
        return self.longitude - east, self.latitude - north, self.longitude + east, self.latitude + north


def areas(shape: Shape) -> Iterator[Cell]:
    """The cells to look through, in order."""
    half = (shape.reach, shape.reach) if shape.round else (shape.height / 2, shape.width / 2)
    west, south, east, north = shape.bounds(*half)
    steps = _steps(shape.reach, shape.latitude)
    centre = cell(shape.longitude, shape.latitude, steps)
    too_small = (
        centre.moved(0, 1).north < north
        or centre.moved(0, -1).south > south
        or centre.moved(1, 0).east < east
        or centre.moved(-1, 0).west > west
    )
    if too_small and steps > 1:
        steps -= 1
        centre = cell(shape.longitude, shape.latitude, steps)
    reached = {
        (0, 1): not centre.north > north, (0, -1): not centre.south < south,
        (1, 0): not centre.east > east, (-1, 0): not centre.west < west,
    }  # fmt: skip
    yield centre
    before: Cell | None = None
    for columns, rows in _AROUND:
        if steps >= 2 and not (reached.get((columns, 0), True) and reached.get((0, rows), True)):
            continue
        found = centre.moved(columns, rows)
        # On a coarse map the cells on both sides are the same one.
        if found != before:
            yield found
            before = found


def _steps(reach: float, latitude: float) -> int:
    """How many times the map is cut for cells that are about as large as a shape."""
    if reach == 0:
        return STEPS
    steps = -1
    while reach < _MAP_EDGE:
        reach *= 2
        steps += 1
    # Towards the poles the map is drawn too large.
    steps -= (abs(latitude) > 66) + (abs(latitude) > 80)
    return min(max(steps, 1), STEPS)


def _cosine(angle: float) -> float:
    return math.cos(angle) if math.isfinite(angle) else math.nan
