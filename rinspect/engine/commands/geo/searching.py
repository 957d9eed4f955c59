"""Places within a circle or box: GEOSEARCH, GEORADIUS and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from rinspect.engine import geohash
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.geo.areas import areas
from rinspect.engine.commands.geo.distances import distance_text
from rinspect.engine.commands.geo.reading import coordinates
from rinspect.engine.commands.geo.request import Kind, Reader, Request, member_place, read_place, read_radius
from rinspect.engine.commands.registry import command
from rinspect.engine.encodings.bounds import score_bounds
from rinspect.engine.partialsort import sort_first
from rinspect.engine.replies import Reply
from rinspect.engine.values.zset import ZsetValue

_UNIT = "unit=<M|KM|FT|MI>"
_WITH = "[WITHCOORD] [WITHDIST] [WITHHASH]"
_COUNT = "[count-block=((COUNT count:int) [ANY])]"
_ORDER = "[order=ASC|DESC]"
_RADIUS_OPTIONS = f"radius:double {_UNIT} {_WITH} {_COUNT} {_ORDER}"
_STORE = "[store=STORE storekey:key|STOREDIST storedistkey:key]"
_AREA = (
    "from=<FROMMEMBER member|fromlonlat=(FROMLONLAT longitude:double latitude:double)>"
    f" by=<circle=((BYRADIUS radius:double) {_UNIT})|box=((BYBOX width:double) height:double {_UNIT})>"
)
_ROUND = (
    "O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and"
    " radius and M is the number of items inside the index."
)
_SHAPED = (
    "O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the"
    " filter and M is the number of items inside the shape"
)


class Found(NamedTuple):
    """A member within the shape."""

    member: bytes
    score: float
    longitude: float
    latitude: float
    distance: float
    """From the centre, in metres."""


@command(
    "GEORADIUS", f"key longitude:double latitude:double {_RADIUS_OPTIONS} {_STORE}",
    group="geo", since="3.2.0", flags="write denyoom movablekeys", access="RO access;OW update incomplete", raw=True,
    complexity=_ROUND,
    summary="Queries a geospatial index for members within a distance from a coordinate, optionally stores the result.",
)  # fmt: skip
def georadius(call: Call, key: bytes, *words: bytes) -> Reply:
    return _around_place(call, Request(Kind.RADIUS), key, words)


@command(
    "GEORADIUS_RO", f"key longitude:double latitude:double {_RADIUS_OPTIONS}",
    group="geo", since="3.2.10", flags="readonly", access="RO access", raw=True, complexity=_ROUND,
    summary="Returns members from a geospatial index that are within a distance from a coordinate.",
)  # fmt: skip
def georadius_ro(call: Call, key: bytes, *words: bytes) -> Reply:
    return _around_place(call, Request(Kind.RADIUS_RO), key, words)


@command(
    "GEORADIUSBYMEMBER", f"key member {_RADIUS_OPTIONS} {_STORE}",
    group="geo", since="3.2.0", flags="write denyoom movablekeys", access="RO access;OW update incomplete", raw=True,
    complexity=_ROUND,
    summary="Queries a geospatial index for members within a distance from a member, optionally stores the result.",
)  # fmt: skip
def georadiusbymember(call: Call, key: bytes, *words: bytes) -> Reply:
    return _around_member(call, Request(Kind.RADIUS), key, words)


@command(
    "GEORADIUSBYMEMBER_RO", f"key member {_RADIUS_OPTIONS}",
    group="geo", since="3.2.10", flags="readonly", access="RO access", raw=True, complexity=_ROUND,
    summary="Returns members from a geospatial index that are within a distance from a member.",
)  # fmt: skip
def georadiusbymember_ro(call: Call, key: bytes, *words: bytes) -> Reply:
    return _around_member(call, Request(Kind.RADIUS_RO), key, words)


@command(
    "GEOSEARCH", f"key {_AREA} {_ORDER} {_COUNT} {_WITH}",
    group="geo", since="6.2.0", flags="readonly", access="RO access", raw=True, complexity=_SHAPED,
    summary="Queries a geospatial index for members inside an area of a box or a circle.",
)  # fmt: skip
def geosearch(call: Call, key: bytes, *words: bytes) -> Reply:
    return _search(call, Request(Kind.SEARCH), call.find(key, ZsetValue), words)


@command(
    "GEOSEARCHSTORE", f"destination:key source:key {_AREA} {_ORDER} {_COUNT} [STOREDIST]",
    group="geo", since="6.2.0", flags="write denyoom", access="OW update;RO access", raw=True, complexity=_SHAPED,
    summary="Queries a geospatial index for members inside an area of a box or a circle, optionally stores the result.",
)  # fmt: skip
def geosearchstore(call: Call, destination: bytes, source: bytes, *words: bytes) -> Reply:
    return _search(call, Request(Kind.SEARCH_STORE, store=destination), call.find(source, ZsetValue), words)


def _around_place(call: Call, request: Request, key: bytes, words: Sequence[bytes]) -> Reply:
    value = call.find(key, ZsetValue)
    request.centre = read_place(words[0], words[1])
    read_radius(request, call, words[2:])
    return _search(call, request, value, words[4:])


def _around_member(call: Call, request: Request, key: bytes, words: Sequence[bytes]) -> Reply:
    value = call.find(key, ZsetValue)
    # Without a key the server does not even look at the radius.
    if value is not None:
        request.centre = member_place(value, words[0])
        read_radius(request, call, words[1:])
    return _search(call, request, value, words[3:])


def _search(call: Call, request: Request, value: ZsetValue | None, words: Sequence[bytes]) -> Reply:
    Reader(call, value, request).read(words)
    found = [] if value is None else _ordered(request, _within(call, request, value))
    return [_shown(call, request, one) for one in found] if request.store is None else _store(call, request, found)


def _within(call: Call, request: Request, value: ZsetValue) -> list[Found]:
    """The members within the shape, as they come: cell by cell, in each by score."""
    shape, profile = request.shape, call.runtime.profile
    found: list[Found] = []
    for area in areas(shape):
        low, high = area.scores
        for member, score in value.pairs(*value.span(score_bounds(low, high, high_open=True))):
            longitude, latitude = geohash.place(score)
            away = shape.distance_to(longitude, latitude, profile)
            if away is not None:
                found.append(Found(member, score, longitude, latitude, away))
                if request.any and len(found) >= request.count:
                    return found
    return found


def _ordered(request: Request, found: list[Found]) -> list[Found]:
    """As many as are asked for, in order. A count asks for the nearest, unless any will do."""
    order = request.order or (1 if request.count and not request.any else 0)
    if not order:
        return found
    if request.count and request.count < len(found):
        sort_first(found, request.count, partial(_compare, order))
        return found[: request.count]
    found.sort(key=lambda one: order * one.distance)
    return found


def _compare(order: int, one: Found, other: Found) -> int:
    return order * ((one.distance > other.distance) - (one.distance < other.distance))


def _shown(call: Call, request: Request, found: Found) -> Reply:
    """A member, with what was asked for about it."""
    parts: list[Reply] = [found.member]
    if request.with_distance:
        parts.append(distance_text(found.distance / request.metres, call.runtime.profile))
    if request.with_hash:
        parts.append(int(found.score))
    if request.with_coordinates:
        parts.append(coordinates(call, found.longitude, found.latitude))
    return parts if len(parts) > 1 else found.member


def _store(call: Call, request: Request, found: list[Found]) -> Reply:
    """Store the members with their scores or distances, in place of what is there; how many."""
    assert request.store is not None
    if not found:
        call.db.delete(request.store)
        return 0
    dirty = call.db.dirty
    result = ZsetValue.indexed(call.runtime)
    for one in found:
        result.insert(one.distance / request.metres if request.store_distances else one.score, one.member)
    result.pack_if_small()
    call.db.put(request.store, result)
    call.db.dirty = dirty + len(found)
    return len(found)
