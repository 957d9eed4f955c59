"""Where members are: GEOPOS, GEOHASH, GEODIST."""

from __future__ import annotations

from rinspect.engine import geohash
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.geo.distances import distance, distance_text, unit
from rinspect.engine.commands.registry import command
from rinspect.engine.long_double import human_double
from rinspect.engine.replies import NULL_ARRAY, SYNTAX, CommandError, Double, Reply
from rinspect.engine.values.zset import ZsetValue


def coordinates(call: Call, longitude: float, latitude: float) -> Reply:
    """Longitude and latitude as replies have them."""
    if call.runtime.profile.version >= (8, 0):
        return [call.double(longitude), call.double(latitude)]
    texts = (human_double(longitude), human_double(latitude))
    return [text if call.resp == 2 else Double(text) for text in texts]


@command(
    "GEOPOS", "key [member...]",
    group="geo", since="3.2.0", flags="readonly", access="RO access", raw=True,
    complexity="O(1) for each member requested.",
    summary="Returns the longitude and latitude of members from a geospatial index.",
)  # fmt: skip
def geopos(call: Call, key: bytes, *members: bytes) -> Reply:
    scores = _scores(call, key, members)
    return [NULL_ARRAY if score is None else coordinates(call, *geohash.place(score)) for score in scores]


@command(
    "GEOHASH", "key [member...]",
    group="geo", since="3.2.0", flags="readonly", access="RO access", raw=True,
    complexity="O(1) for each member requested.",
    summary="Returns members from a geospatial index as geohash strings.",
)  # fmt: skip
def geohash_(call: Call, key: bytes, *members: bytes) -> Reply:
    scores = _scores(call, key, members)
    return [None if score is None else geohash.text(*geohash.place(score)) for score in scores]


def _scores(call: Call, key: bytes, members: tuple[bytes, ...]) -> list[float | None]:
    value = call.find(key, ZsetValue)
    return [None if value is None else value.score(member) for member in members]


@command(
    "GEODIST", "key member1 member2 [unit=M|KM|FT|MI]",
    group="geo", since="3.2.0", flags="readonly", access="RO access", raw=True,
    complexity="O(1)", summary="Returns the distance between two members of a geospatial index.",
)  # fmt: skip
def geodist(call: Call, key: bytes, member1: bytes, member2: bytes, *words: bytes) -> Reply:
    if len(words) > 1:
        raise CommandError(SYNTAX)
    metres = unit(call, words[0]) if words else 1.0
    value = call.find(key, ZsetValue)
    if value is None:
        return None
    first = value.score(member1)
    second = None if first is None else value.score(member2)
    if first is None or second is None:
        return None
    profile = call.runtime.profile
    return distance_text(distance(*geohash.place(first), *geohash.place(second), profile) / metres, profile)
