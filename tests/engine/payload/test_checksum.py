"""CRC-64, in C and in Python."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.payload.checksum import by_tables, crc64


@pytest.mark.parametrize("crc", [crc64, lambda data: by_tables(data, 0)], ids=["C", "Python"])
def test_it_is_redis_own(crc: object) -> None:
    assert callable(crc)
    assert crc(b"123456789") == 0xE9C6D914C4B8D9CA  # as crc64.c of Redis tests itself
    assert crc(b"") == 0


@given(st.binary(), st.binary())
def test_both_agree_also_on_what_comes_in_pieces(first: bytes, second: bytes) -> None:
    whole = crc64(first + second)
    assert crc64(second, crc64(first)) == whole
    assert by_tables(memoryview(second), by_tables(first, 0)) == whole
