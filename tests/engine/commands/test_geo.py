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


def test_the_examples_in_the_docstring() -> None:
    assert doctest.testmod(geohash) == doctest.TestResults(failed=0, attempted=1)
