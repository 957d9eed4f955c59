"""LZF: what was packed unpacks, and what servers packed is packed the same."""

import doctest
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.encodings import lzf
from rinspect.engine.payload.codec import Reader
from tests import golden

# Repetitions near and far, so that there is something to find.
repetitive = st.lists(
    st.tuples(
        st.one_of(st.binary(min_size=1, max_size=40), st.sampled_from([b"a", b"ab", b"abc"])), st.integers(1, 60)
    ),
    max_size=8,
).map(lambda parts: b"".join(piece * times for piece, times in parts))


def test_the_dump_in_the_docstring() -> None:
    assert doctest.testmod(lzf) == doctest.TestResults(failed=0, attempted=1)


@pytest.mark.parametrize(
    ("plain", "packed"),
    [
        # Two literals, a match of 26 from one byte back, the last two bytes as literals: a match ends before them …
        (b"a" * 30, "01 61 61 e0 11 00 01 61 61"),
        # … but for one that begins with 19 or 20 bytes to go.
        (b"x" * 264 + b"y" * 20, "01 78 78 e0 fd 00 00 79 e0 0a 00"),
        # A match may not begin at the very first byte.
        (b"abcd" * 8, "04 61 62 63 64 61 e0 10 03 01 63 64"),
        (b"a" * 300, "01 61 61 e0 ff 00 e0 17 00 01 61 61"),
        (bytes(range(40)), None),
        (b"abcabcabc", None),
    ],
)
def test_known_outputs(plain: bytes, packed: str | None) -> None:
    found = lzf.python_compress(plain, len(plain) - 1)
    assert (found and found.hex(" ")) == packed


@pytest.mark.parametrize("profile", golden.RECORDED)
def test_strings_are_packed_as_servers_packed_them(profile: str) -> None:
    compared = 0
    for case in golden.load(profile):
        if case.type != "string" or case.dump_hex is None or case.config.get("rdbcompression") == "no":
            continue
        plain, packed = Reader(bytes.fromhex(case.dump_hex), 1).string_as_stored()
        if len(plain) > 20:
            assert lzf.python_compress(plain, len(plain) - 4) == packed, case
            compared += packed is not None
    assert compared > 50


@given(repetitive, st.integers(0, 400))
def test_round_trip(plain: bytes, limit: int) -> None:
    packed = lzf.python_compress(plain, limit)
    if packed is not None:
        assert len(packed) <= limit
        assert lzf.python_decompress(packed, len(plain)) == plain


@given(repetitive.filter(lambda plain: len(plain) > 60))
def test_a_tighter_limit_changes_nothing_or_gives_up(plain: bytes) -> None:
    packed = lzf.python_compress(plain, 2 * len(plain))
    assert packed is not None
    assert lzf.python_compress(plain, len(packed) + 4) == packed
    assert lzf.python_compress(plain, len(packed) - 1) is None


@pytest.mark.parametrize(
    ("packed", "length"),
    [
        (b"\x03ab", 4),  # literals beyond the end
        (b"\x00a\x20", 4),  # a match without its offset
        (b"\x00a\xe0\x00", 10),
        (b"\x00a\x20\x01", 4),  # a match that begins before the text
        (b"\x00a\x20\x00", 3),  # more than was promised
        (b"\x00a\x20\x00", 5),  # less
        (b"", 1),
    ],
)
def test_what_is_no_lzf_is_refused(packed: bytes, length: int) -> None:
    with pytest.raises(lzf.CorruptLzf):
        lzf.decompress(packed, length)


@pytest.mark.skipif(find_spec("lzf") is None, reason="python-lzf is not installed")
@given(repetitive, st.integers(2, 400))
def test_the_one_in_c_gives_the_same(plain: bytes, limit: int) -> None:
    packed = lzf.python_compress(plain, limit)
    assert lzf.compress(plain, limit) == packed
    if packed:
        assert lzf.decompress(packed, len(plain)) == plain
