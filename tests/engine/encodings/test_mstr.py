"""mstr: headers by length, and what stands in front of a field that may expire."""

import doctest

import pytest

from rinspect.engine.encodings import mstr

LENGTHS = [0, 1, 31, 32, 255, 256, 65535, 65536]


def test_the_dumps_in_the_docstring() -> None:
    assert doctest.testmod(mstr) == doctest.TestResults(failed=0, attempted=2)


@pytest.mark.parametrize(
    ("length", "asked"),
    [(0, 2), (1, 3), (31, 33), (32, 36), (255, 259), (256, 260), (65535, 65539), (65536, 65546)],
)
def test_sizes(length: int, asked: int) -> None:
    assert mstr.mstr_size(length) == asked
    assert mstr.mstr_size(length, expires=True) == asked + 18


@pytest.mark.parametrize("expiry", [None, 0, 4_000_000_000_000])
@pytest.mark.parametrize("length", LENGTHS)
def test_fields_cover_the_bytes_and_say_what_they_hold(length: int, expiry: int | None) -> None:
    text = b"x" * length
    data = mstr.encode(text, expiry)
    fields = mstr.describe(length, expiry)
    assert len(data) == mstr.mstr_size(length, expiry is not None) == fields[-1].end
    assert [f.offset for f in fields] == [0, *(f.end for f in fields[:-1])]
    by_name = {f.name: data[f.offset : f.end] for f in fields}
    assert by_name["NUL"] == b"\0"
    assert by_name.get("field", b"") == text
    info = by_name["info"][0]
    assert info & 3 == (0 if length < 32 else 1 if length < 256 else 2 if length < 65536 else 3)
    assert bool(info & 4) == (expiry is not None)
    if length < 32:
        assert info >> 3 == length
    else:
        assert int.from_bytes(by_name["len"], "little") == length
    if expiry is not None:
        assert int.from_bytes(by_name["expire time"], "little") == expiry
        in_use = not int.from_bytes(by_name["expiry flags"], "little") >> 8 & 1
        assert in_use == bool(expiry)
