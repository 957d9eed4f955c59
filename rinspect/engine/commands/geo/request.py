"""What the words of a search ask for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from rinspect.engine import geohash
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.geo.areas import Shape
from rinspect.engine.commands.geo.distances import measure, unit
from rinspect.engine.numbers import parse_double, parse_int
from rinspect.engine.replies import NOT_A_FLOAT, NOT_AN_INTEGER, SYNTAX, CommandError, quotable
from rinspect.engine.values.zset import ZsetValue

NO_SUCH_MEMBER = "ERR could not decode requested zset member"


class Kind(Enum):
    """Who asks: they have different options."""

    RADIUS = auto()
    """GEORADIUS and GEORADIUSBYMEMBER: centre and radius stand before the options; STORE is one."""
    RADIUS_RO = auto()
    SEARCH = auto()
    """GEOSEARCH: centre and shape are options."""
    SEARCH_STORE = auto()


@dataclass(slots=True)
class Request:
    """A search: from where, how far, what to answer of each place, in which order, and how many."""

    kind: Kind
    centre: tuple[float, float] | None = None
    sizes: tuple[float, ...] = ()
    """Radius, or width and height, in the unit."""
    metres: float = 1.0
    """Of the unit."""
    with_distance: bool = False
    with_hash: bool = False
    with_coordinates: bool = False
    order: int = 0
    """1 from near to far, -1 from far to near, 0 as they are found."""
    count: int = 0
    """How many at most; 0 for all."""
    any: bool = False
    """The first that are found will do."""
    store: bytes | None = None
    store_distances: bool = False

    @property
    def shape(self) -> Shape:
        assert self.centre is not None
        if len(self.sizes) == 1:
            radius = self.sizes[0] * self.metres
            return Shape(*self.centre, 2 * radius, 2 * radius, radius, round=True)
        width, height = self.sizes
        reach = math.sqrt((width / 2) * (width / 2) + (height / 2) * (height / 2)) * self.metres
        return Shape(*self.centre, width * self.metres, height * self.metres, reach, round=False)


def read_place(longitude_word: bytes, latitude_word: bytes) -> tuple[float, float]:
    """Longitude and latitude; CommandError if they are none, or beyond the limits."""
    longitude, latitude = parse_double(longitude_word), parse_double(latitude_word)
    if longitude is None or latitude is None:
        raise CommandError(NOT_A_FLOAT)
    if not geohash.valid(longitude, latitude):
        raise CommandError(f"ERR invalid longitude,latitude pair {longitude:f},{latitude:f}")
    return longitude, latitude


def member_place(value: ZsetValue, member: bytes) -> tuple[float, float]:
    """Where a member is; CommandError if there is none."""
    score = value.score(member)
    if score is None:
        raise CommandError(NO_SUCH_MEMBER)
    return geohash.place(score)


def read_radius(request: Request, call: Call, words: Sequence[bytes]) -> None:
    """Radius and unit."""
    radius = measure(words[0], "radius")
    if radius < 0:
        raise CommandError("ERR radius cannot be negative")
    request.metres = unit(call, words[1])
    request.sizes = (radius,)


def _read_box(request: Request, call: Call, words: Sequence[bytes]) -> None:
    width, height = measure(words[0], "width"), measure(words[1], "height")
    if width < 0 or height < 0:
        raise CommandError("ERR height or width cannot be negative")
    request.metres = unit(call, words[2])
    request.sizes = (width, height)


class Reader:
    """Reads the options of one command, a word after the other: what is wrong first is told."""

    def __init__(self, call: Call, value: ZsetValue | None, request: Request) -> None:
        self._call = call
        self._value = value
        self._request = request
        self._from_member = self._from_place = False

    def read(self, words: Sequence[bytes]) -> None:
        """All of them; CommandError for what is wrong, or does not go together."""
        at = 0
        while at < len(words):
            taken = self._option(words[at].upper(), words[at + 1 :])
            if not taken:
                raise CommandError(SYNTAX)
            at += taken
        self._check()

    def _option(self, option: bytes, rest: Sequence[bytes]) -> int:
        """How many words an option takes, itself included; 0 for what is none."""
        request, left = self._request, len(rest)
        match option:
            case b"WITHDIST":
                request.with_distance = True
            case b"WITHHASH":
                request.with_hash = True
            case b"WITHCOORD":
                request.with_coordinates = True
            case b"ANY":
                request.any = True
            case b"ASC" | b"DESC":
                request.order = 1 if option == b"ASC" else -1
            case b"COUNT" if left:
                request.count = _count(rest[0])
                return 2
            case b"STORE" | b"STOREDIST" if left and request.kind is Kind.RADIUS:
                request.store, request.store_distances = rest[0], option == b"STOREDIST"
                return 2
            case b"STOREDIST" if request.kind is Kind.SEARCH_STORE:
                request.store_distances = True
            case _:
                return self._area(option, rest) if request.kind in (Kind.SEARCH, Kind.SEARCH_STORE) else 0
        return 1

    def _area(self, option: bytes, rest: Sequence[bytes]) -> int:
        request, left = self._request, len(rest)
        shapes = len(request.sizes)
        match option:
            case b"FROMMEMBER" if left and not self._from_place:
                self._from_member = True
                # Without a key there is nothing to be found, but the options must be right.
                if self._value is not None:
                    request.centre = member_place(self._value, rest[0])
                return 2
            case b"FROMLONLAT" if left > 1 and not self._from_member:
                request.centre = read_place(rest[0], rest[1])
                self._from_place = True
                return 3
            case b"BYRADIUS" if left > 1 and shapes != 2:
                read_radius(request, self._call, rest)
                return 3
            case b"BYBOX" if left > 2 and shapes != 1:
                _read_box(request, self._call, rest)
                return 4
        return 0

    def _check(self) -> None:
        request, version = self._request, self._call.runtime.profile.version
        searches = request.kind in (Kind.SEARCH, Kind.SEARCH_STORE)
        if request.store is not None and (request.with_distance or request.with_hash or request.with_coordinates):
            who, options = "STORE option in GEORADIUS", "WITHCOORD"
            if version < (7, 0):
                options = "WITHCOORDS"
            elif request.kind is Kind.SEARCH_STORE:
                who = "GEOSEARCHSTORE"
            raise CommandError(f"ERR {who} is not compatible with WITHDIST, WITHHASH and {options} options")
        running = self._call.runtime.running
        name = quotable(running[0]) if running else ""
        if searches and not (self._from_member or self._from_place):
            raise CommandError(f"ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for {name}")
        if searches and not request.sizes:
            raise CommandError(f"ERR exactly one of BYRADIUS and BYBOX can be specified for {name}")
        if request.any and not request.count:
            raise CommandError("ERR the ANY argument requires COUNT argument")


def _count(word: bytes) -> int:
    count = parse_int(word)
    if count is None:
        raise CommandError(NOT_AN_INTEGER)
    if count <= 0:
        raise CommandError("ERR COUNT must be > 0")
    return count
