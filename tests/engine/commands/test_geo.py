"""Places: their scores, and what GEOADD says."""

import doctest
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine import Engine, geohash
from rinspect.engine.replies import CommandError
from tests.engine.both import Both, versions
from tests.real.servers import RealServer


@pytest.mark.parametrize(
    ("longitude", "latitude", "bits"),
    [
        (13.361389, 38.115556, 3479099956230698),
        (15.087269, 37.502669, 3479447370796909),
        (-180.0, -85.05112878, 0),
        (0.0, 0.0, 0b11 << 50),
    ],
)
def test_the_bits_of_a_place(longitude: float, latitude: float, bits: int) -> None:
    assert geohash.encode(longitude, latitude) == bits


@given(st.floats(-180, 180, exclude_max=True), st.floats(-85, 85))
def test_the_bits_lead_back_to_the_place(longitude: float, latitude: float) -> None:
    digits = f"{geohash.encode(longitude, latitude):052b}"
    for bits, coordinate, (low, high) in (
        (digits[::2], longitude, geohash.LONGITUDE),
        (digits[1::2], latitude, geohash.LATITUDE),
    ):
        step = (high - low) / (1 << 26)
        assert abs(low + int(bits, 2) * step - coordinate) <= step * 1.001


@pytest.mark.parametrize("profile", ["6.2", "7.0", "7.2", "7.4", "8.0"])
def test_geoadd(profile: str) -> None:
    session = Engine(profile).session()
    assert session.execute([b"GEOADD", b"g", b"13.361389", b"38.115556", b"Palermo"]) == 1
    assert session.execute([b"ZSCORE", b"g", b"Palermo"]) == b"3479099956230698"
    assert session.execute([b"GEOADD", b"g", b"XX", b"CH", b"15", b"37", b"Palermo", b"1", b"1", b"x"]) == 1
    error = session.execute([b"GEOADD", b"g", b"181", b"0", b"x"])
    assert error == CommandError("ERR invalid longitude,latitude pair 181.000000,0.000000")
    assert session.execute([b"ZCARD", b"g"]) == 1


@versions
def test_a_server_says_the_same(real_server: RealServer) -> None:
    both = Both(real_server)
    both.run(
        """
        GEOADD g 180 85.05112878 x
        GEOADD g -180 -85.05112878 y
        GEOADD g 0 86.5 x
        GEOADD g a 86.5 x
        GEOADD g 1 nan x
        GEOADD g NX XX 1 1 m
        GEOADD g 1 1
        GEOADD g 1 1 a b
        GEOADD g NX CH CH
        GEOADD g inf 1 a
        SET s v
        GEOADD s 1 1 a
        GEOADD s 1 x a
        """
    )
    rng = Random(3)
    for number in range(300):
        options = rng.choice([[], [b"NX"], [b"CH"], [b"xx", b"ch"]])
        place = (b"%r" % rng.uniform(-180, 180), b"%r" % rng.uniform(-85.05, 85.05))
        both.execute(b"GEOADD", b"g", *options, *place, b"m%d" % (number % 200))
    both.execute(b"ZRANGE", b"g", b"0", b"-1", b"WITHSCORES")


@versions
def test_a_server_finds_the_same_places(real_server: RealServer) -> None:
    """In the same order: around places anywhere, also at the map's edges and near the poles, with every option."""
    both = Both(real_server)
    rng = Random(5)
    if real_server.profile == "8.0":
        both.resp3()
    for number in range(600):
        longitude, latitude = rng.choice(
            [
                (rng.uniform(-180, 180), rng.uniform(-85.05, 85.05)),
                (rng.uniform(13, 15), rng.uniform(37, 39)),
                (rng.choice((-179.99, 179.99)), rng.uniform(-1, 1)),
                (13.361389, 38.115556),
            ]
        )
        both.execute(b"GEOADD", b"g", b"%r" % longitude, b"%r" % latitude, b"m%d" % number)
    everywhere = [b"m%d" % number for number in range(600)] + [b"nobody"]
    both.execute(b"GEOPOS", b"g", *everywhere)
    both.execute(b"GEOHASH", b"g", *everywhere)
    found = 0
    for _ in range(400):
        unit, sizes = rng.choice(
            [(b"m", 1.5e7), (b"km", 1.5e4), (b"KM", 40000.0), (b"mi", 200.0), (b"ft", 900.0), (b"km", 90.0)]
        )
        size, other = (b"%r" % rng.uniform(0, sizes) for _ in range(2))
        place = (b"%r" % rng.uniform(-180, 180), b"%r" % rng.uniform(-85.05, 85.05))
        member = rng.choice(everywhere[:-1])
        options = [word for word in (b"WITHDIST", b"WITHHASH", b"WITHCOORD") if rng.random() < 0.3]
        options += rng.choice([[], [b"ASC"], [b"DESC"]])
        options += rng.choice([[], [b"COUNT", b"%d" % rng.randrange(1, 90)], [b"COUNT", b"3", b"ANY"]])
        where = rng.choice([[b"FROMMEMBER", member], [b"FROMLONLAT", *place]])
        how = rng.choice([[b"BYRADIUS", size, unit], [b"BYBOX", size, other, unit]])
        asked = rng.choice(
            [
                [b"GEOSEARCH", b"g", *where, *how],
                [b"GEORADIUS", b"g", *place, size, unit],
                [b"GEORADIUSBYMEMBER_RO", b"g", member, size, unit],
            ]
        )
        reply = both.execute(*asked, *options)
        found += len(reply) if isinstance(reply, list) else 0
        both.execute(b"GEODIST", b"g", member, rng.choice(everywhere), unit)
        if rng.random() < 0.3:
            both.execute(b"GEOSEARCHSTORE", b"d", b"g", *where, *how, *rng.choice([[], [b"STOREDIST"]]))
            both.execute(b"ZRANGE", b"d", b"0", b"-1", b"WITHSCORES")
            both.execute(b"GEORADIUS", b"g", *place, size, unit, rng.choice((b"STORE", b"STOREDIST")), b"d")
            both.execute(b"ZRANGE", b"d", b"0", b"-1", b"WITHSCORES")
    assert found > 5000


@versions
def test_a_server_refuses_the_same(real_server: RealServer) -> None:
    Both(real_server).run(
        """
        GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
        GEOSEARCH g FROMMEMBER nobody BYRADIUS 1 m
        GEOSEARCH nothing FROMMEMBER nobody BYRADIUS 1 m
        GEOSEARCH nothing FROMMEMBER nobody BYRADIUS x m
        GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 parsec
        GEOSEARCH g FROMMEMBER Palermo BYRADIUS -1 m
        GEOSEARCH g FROMMEMBER Palermo BYBOX 1 -1 m
        GEOSEARCH g FROMMEMBER Palermo BYBOX 1 y m
        GEOSEARCH g FROMMEMBER Palermo BYBOX x 1 m
        GEOSEARCH g FROMMEMBER Palermo BYBOX 1 1 m BYRADIUS 1 m
        GEOSEARCH g FROMMEMBER Palermo FROMLONLAT 1 1 BYRADIUS 1 m
        geosearch g BYRADIUS 1 m ASC DESC
        GeoSearchStore d g FROMLONLAT 1 1 ASC DESC
        GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m ANY
        GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m COUNT 0
        GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m COUNT x
        GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m COUNT
        GEOSEARCH g FROMLONLAT 1 100 BYRADIUS 1 m
        GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 m STORE d
        GEOSEARCHSTORE d g FROMLONLAT 1 1 BYRADIUS 1 m WITHDIST
        GEORADIUS g 1 1 5000 km STORE d WITHCOORD
        GEORADIUS_RO g 1 1 5000 km STORE d
        GEORADIUS g 1 1 5000 km STORE
        GEORADIUS g 1 1 5000 km STORE d STOREDIST d2
        ZRANGE d 0 -1
        ZRANGE d2 0 -1
        GEORADIUS nothing 1 1 5000 km STORE d2
        EXISTS d2
        GEORADIUSBYMEMBER nothing x y z ASC
        GEORADIUSBYMEMBER nothing x y z nonsense
        GEORADIUSBYMEMBER nothing x y z
        GEODIST g Palermo Catania km x
        GEODIST g Palermo Catania Km
        GEODIST nothing Palermo Catania parsec
        GEODIST g Palermo Palermo
        GEOPOS g
        GEOHASH nothing
        GEOPOS nothing a b
        ZADD odd -5 a inf b -inf c 1e300 d 9007199254740993 e 1.8e19 f -1e19 g 4503599627370496 h 0.5 i
        GEOPOS odd a b c d e f g h i
        GEOHASH odd a b c d e f g h i
        GEODIST odd a b
        GEODIST odd a e
        GEOSEARCH odd FROMMEMBER b BYRADIUS 20000 km WITHDIST
        GEOSEARCH odd FROMMEMBER a BYRADIUS inf km WITHDIST
        GEOSEARCH odd FROMLONLAT 180 85.05112878 BYBOX 1e300 1e300 km WITHDIST
        SET s v
        GEOPOS s a
        GEOSEARCH s FROMMEMBER a BYRADIUS 1 m
        GEOSEARCHSTORE s g FROMLONLAT 14 38 BYRADIUS 500 km
        TYPE s
        """
    )


def test_the_examples_in_the_docstring() -> None:
    assert doctest.testmod(geohash) == doctest.TestResults(failed=0, attempted=3)
