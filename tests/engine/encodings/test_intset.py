"""Intsets: how wide the values are, and that they stay in order."""

import doctest
from bisect import bisect_left

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.encodings import intset
from rinspect.engine.encodings.entries import CorruptBlob
from rinspect.engine.encodings.intset import Intset
from rinspect.engine.layout import WHOLE, Kind, Window

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
NUMBERS = st.one_of(
    st.integers(-20, 20), st.sampled_from([32767, 32768, -32768, -32769, 1 << 31, -(1 << 31) - 1]), INT64
)


def test_the_dump_in_the_docstring() -> None:
    assert doctest.testmod(intset) == doctest.TestResults(failed=0, attempted=3)


@pytest.mark.parametrize(
    ("value", "width"),
    [
        (0, 2),
        (32767, 2),
        (32768, 4),
        (-32768, 2),
        (-32769, 4),
        (2147483647, 4),
        (2147483648, 8),
        (-2147483648, 4),
        (-2147483649, 8),
        ((1 << 63) - 1, 8),
        (-(1 << 63), 8),
    ],
)
def test_the_widest_value_decides_for_all(value: int, width: int) -> None:
    numbers = Intset([1, value, 2])
    assert numbers.width == width
    assert numbers.nbytes == 8 + width * len({1, 2, value})
    assert Intset.from_bytes(bytes(numbers.data)).values == sorted({1, 2, value})


def test_removing_the_widest_narrows_nothing() -> None:
    numbers = Intset([1, 70000])
    assert numbers.remove(70000)
    assert numbers.data.hex(" ", -4) == "04000000 01000000 01000000"
    assert not numbers.remove(70000)


@given(st.lists(st.tuples(st.booleans(), NUMBERS), max_size=60))
def test_bytes_and_cache_agree_after_any_changes(changes: list[tuple[bool, int]]) -> None:
    numbers, model = Intset(), set[int]()
    for add, value in changes:
        if add:
            assert numbers.add(value) == (value not in model)
            model.add(value)
        else:
            assert numbers.remove(value) == (value in model)
            model.discard(value)
    assert list(numbers) == sorted(model)
    read = Intset.from_bytes(bytes(numbers.data))
    assert (read.values, read.width) == (numbers.values, numbers.width)
    assert all(value in numbers for value in model)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("", "cannot be"),
        ("03000000 00000000", "cannot be"),
        ("02000000 02000000 0100", "cannot be"),
        ("02000000 02000000 0200 0100", "do not ascend"),
        ("02000000 02000000 0100 0100", "do not ascend"),
    ],
)
def test_broken_blobs_are_refused(data: str, why: str) -> None:
    with pytest.raises(CorruptBlob, match=why):
        Intset.from_bytes(bytes.fromhex(data))


def test_fields_cover_every_byte() -> None:
    numbers = Intset([-7, 5, 70000])
    fields = numbers.fields(WHOLE)
    assert [(f.offset, f.size, f.value, f.kind) for f in fields] == [
        (0, 4, 4, Kind.ENCODING),
        (4, 4, 3, Kind.COUNT),
        (8, 4, -7, Kind.INTEGER),
        (12, 4, 5, Kind.INTEGER),
        (16, 4, 70000, Kind.INTEGER),
    ]
    assert fields[3].note == "5, little endian; 2 bytes would do"
    assert [f.value for f in numbers.fields(Window(first=1, count=1))[2:]] == [5]


@given(st.sets(st.integers(0, 50), max_size=20), st.integers(-1, 51))
def test_a_traced_search_looks_at_the_ends_and_then_halves(values: set[int], wanted: int) -> None:
    numbers = Intset(values)
    trace = numbers.trace(wanted)
    assert trace.result == ("found" if wanted in values else "not there")
    assert trace.comparisons == len(trace.steps) <= 2 + len(values).bit_length()
    if values and min(values) <= wanted <= max(values):
        assert [step.at for step in trace.steps[:2]] == [f"member {len(values) - 1}", "member 0"]
    else:
        assert len(trace.steps) <= 2
    if wanted in values:
        assert trace.steps[-1].at == f"member {bisect_left(numbers.values, wanted)}"
