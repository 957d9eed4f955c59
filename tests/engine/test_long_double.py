"""80-bit arithmetic: exact cases, and what servers answer."""

import doctest
import random
import struct
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine import long_double
from rinspect.engine.long_double import (
    LongDouble,
    add,
    add_long_double,
    human,
    human_double,
    parse_long_double,
    rounded,
)
from tests.real.servers import RealServer


@pytest.mark.parametrize(
    ("a", "b", "total"),
    [
        (b"0.1", b"0.2", b"0.3"),
        (b"10.50", b"0.1", b"10.6"),
        (b"3.0e3", b"200", b"3200"),
        (b"5", b"-5", b"0"),
        (b"-1e-20", b"0", b"0"),
        (b"0x1.8p3", b"0", b"12"),
        # 64 bits hold 2^64 - 1 exactly; one more bit is too many, and ties go to even.
        (b"18446744073709551615", b"0", b"18446744073709551615"),
        (b"18446744073709551615", b"2", b"18446744073709551616"),
        (b"18446744073709551616", b"1", b"18446744073709551616"),
        (b"18446744073709551616", b"3", b"18446744073709551620"),
        (b"1", b"1e-30", b"1"),
    ],
)
def test_sums(a: bytes, b: bytes, total: bytes) -> None:
    assert add_long_double(a, b) == total


def test_numbers_of_thousands_of_digits() -> None:
    total = add_long_double(b"1" + b"0" * 4700, b"0." + b"0" * 4000 + b"1e4001")
    assert len(total) == 4701
    assert abs(Fraction(int(total[:40]), 10**39) - 1) < Fraction(1, 1 << 64)


@pytest.mark.parametrize(
    "text", [b"", b"a", b"1 ", b" 1", b"nan", b"1e", b"0x", b"1_0", b"1e5000", b"1e-5000", b"1" * 5120]
)
def test_no_floats(text: bytes) -> None:
    assert parse_long_double(text) is None
    with pytest.raises(ValueError, match="not a valid float"):
        add_long_double(b"1", text)


@pytest.mark.parametrize(("a", "b"), [(b"inf", b"1"), (b"1", b"-Infinity"), (b"1.1e4932", b"1.1e4932")])
def test_infinite_results(a: bytes, b: bytes) -> None:
    with pytest.raises(OverflowError):
        add_long_double(a, b)


@given(st.integers(-(1 << 200), 1 << 200), st.integers(1, 1 << 200))
def test_rounding_is_to_the_nearest_of_64_bits(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    got = rounded(numerator, denominator)
    assert got is not None
    assert abs(got.mantissa).bit_length() <= 64
    error = abs(Fraction(got.mantissa) * Fraction(2) ** got.exponent - exact)
    assert error <= abs(exact) / (1 << 64)
    half = Fraction(2) ** got.exponent / 2
    assert error < half or (error == half and got.mantissa % 2 == 0)


@given(st.integers(-(1 << 63), 1 << 63), st.integers(-(1 << 63), 1 << 63))
def test_what_fits_is_added_exactly(a: int, b: int) -> None:
    total = add(LongDouble(a, 0), LongDouble(b, 0))
    assert total is not None
    assert human(total) == str(a + b).encode()


@given(st.floats(-1e9, 1e9))
def test_a_doubles_text_is_right_to_17_decimals(value: float) -> None:
    assert abs(Fraction(human_double(value).decode()) - Fraction(value)) <= Fraction(1, 2 * 10**17)


def _text(rng: random.Random) -> str:
    match rng.randrange(5):
        case 0:
            return repr(struct.unpack("<d", rng.randbytes(8))[0])
        case 1:
            return f"{rng.uniform(-1e4, 1e4):.{rng.randrange(20)}f}"
        case 2:
            return str(rng.randrange(10 ** rng.randrange(1, 40)))
        case 3:
            return f"{rng.randrange(10**9)}e{rng.randrange(-5000, 5000)}"
        case _:
            return f"{rng.randrange(2**64)}.{rng.randrange(10**17):017d}"


def test_a_server_adds_the_same(real_server: RealServer) -> None:
    rng = random.Random(11)
    pairs = [(_text(rng), _text(rng)) for _ in range(500)]
    real_server.pipeline([("SET", n, a) for n, (a, _) in enumerate(pairs)])
    replies = real_server.pipeline([("INCRBYFLOAT", n, b) for n, (_, b) in enumerate(pairs)])
    for (a, b), reply in zip(pairs, replies, strict=True):
        try:
            expected: bytes | str = add_long_double(a.encode(), b.encode())
        except ValueError:
            expected = "ERR value is not a valid float"
        except OverflowError:
            expected = "ERR increment would produce NaN or Infinity"
        assert (reply if isinstance(reply, bytes) else str(reply)) == expected, (a, b)


def test_the_examples_in_the_docstring() -> None:
    assert doctest.testmod(long_double) == doctest.TestResults(failed=0, attempted=2)
