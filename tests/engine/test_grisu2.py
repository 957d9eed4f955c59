"""Scores as text: what the digits must satisfy, and what servers print."""

import doctest
import math
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine import grisu2
from rinspect.engine.grisu2 import digits, double_text, stored_score
from rinspect.engine.profile import PROFILES
from tests.real.servers import RealServer

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1, b"0.1"),
        (1e-7, b"1e-7"),
        (0.000012, b"0.000012"),
        (1.25, b"1.25"),
        (-2.25, b"-2.25"),
        (1e20, b"1e+20"),
        (1e17, b"100000000000000000"),
        (9223372036854775807.0, b"9223372036854776000"),
        (5e-324, b"5e-324"),
        (1.7976931348623157e308, b"1.7976931348623157e+308"),
        (-0.0, b"-0"),
        (math.inf, b"inf"),
        (-math.inf, b"-inf"),
        # Not the shortest text, or not the nearest of the shortest.
        (34539630392221.188, b"34539630392221.187"),
        (1.8089e21, b"1808899999999999900000"),
    ],
)
def test_the_text_from_7_2_on(value: float, text: bytes) -> None:
    assert double_text(value, PROFILES["8.0"]) == text
    assert double_text(value, PROFILES["7.2"]) == text


@given(FINITE)
def test_the_text_reads_back_as_the_same_double(value: float) -> None:
    for profile in PROFILES.values():
        for text in (double_text(value, profile), stored_score(value, profile)):
            assert float(text) == value


@given(st.floats(min_value=0, exclude_min=True, allow_infinity=False, allow_nan=False))
def test_digits_neither_begin_with_a_zero_nor_exceed_17(value: float) -> None:
    text, power = digits(value)
    assert text[0] != "0"
    assert len(text) <= 17
    assert float(f"{text}e{power}") == value


@pytest.mark.parametrize(
    ("value", "profile", "reply", "stored"),
    [
        (-0.0, "6.2", b"-0", b"-0"),
        (-0.0, "7.0", b"-0", b"0"),
        (-0.0, "8.0", b"-0", b"0"),
        (1e17, "6.2", b"1e+17", b"1e+17"),
        (1e17, "7.0", b"1e+17", b"100000000000000000"),
        (1e17, "8.0", b"100000000000000000", b"100000000000000000"),
        (0.1, "6.2", b"0.10000000000000001", b"0.10000000000000001"),
        (0.1, "7.0", b"0.10000000000000001", b"0.10000000000000001"),
        (2.0**62, "7.0", b"4.6116860184273879e+18", b"4611686018427387904"),
        (2.0**63, "7.0", b"9.2233720368547758e+18", b"9.2233720368547758e+18"),
    ],
)
def test_replies_and_blobs_write_whole_numbers_by_different_rules(
    value: float, profile: str, reply: bytes, stored: bytes
) -> None:
    assert double_text(value, PROFILES[profile]) == reply
    assert stored_score(value, PROFILES[profile]) == stored


def _doubles(rng: random.Random, count: int) -> list[float]:
    """Of every size: random bits, decimals of few digits, whole numbers, powers of two."""
    found = [struct.unpack("<d", rng.randbytes(8))[0] for _ in range(count)]
    found = [value for value in found if not math.isnan(value)]
    found += [round(rng.uniform(-1e4, 1e4), rng.randrange(8)) for _ in range(count)]
    found += [float(rng.randrange(10 ** rng.randrange(1, 25))) for _ in range(count)]
    found += [2.0 ** rng.randrange(-1074, 1024) for _ in range(count)]
    return found


def test_a_server_prints_the_same(real_server: RealServer) -> None:
    profile = PROFILES.get(real_server.profile, PROFILES["7.2"])  # Valkey's rules are those of 7.2
    old_name = real_server.profile == "6.2"
    real_server.execute("CONFIG", "SET", f"zset-max-{'ziplist' if old_name else 'listpack'}-entries", 0)
    values = _doubles(random.Random(5), 1000)
    real_server.execute("ZADD", "z", *(word for n, value in enumerate(values) for word in (repr(value), n)))
    printed = real_server.execute("ZMSCORE", "z", *range(len(values)))
    assert printed == [double_text(value, profile) for value in values]


def test_the_examples_in_the_docstring() -> None:
    assert doctest.testmod(grisu2) == doctest.TestResults(failed=0, attempted=2)
