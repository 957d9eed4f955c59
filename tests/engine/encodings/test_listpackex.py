"""listpackex: triples in the order of their expiry."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.encodings import listpackex, zipmap
from rinspect.engine.encodings.entries import CorruptBlob
from rinspect.engine.encodings.listpack import Listpack
from rinspect.engine.encodings.listpackex import MAX_EXPIRY, ListpackEx


def test_the_dumps_in_the_docstrings() -> None:
    assert doctest.testmod(listpackex) == doctest.TestResults(failed=0, attempted=2)
    assert doctest.testmod(zipmap) == doctest.TestResults(failed=0, attempted=1)


def test_a_plain_listpack_gets_a_place_for_each_expiry() -> None:
    triples = ListpackEx.from_pairs(Listpack([b"a", b"1", b"b", b"2"]))
    assert list(triples) == [(b"a", b"1", 0), (b"b", b"2", 0)]
    assert triples.minimum() == 0


def test_of_equal_expiries_the_newest_comes_first() -> None:
    triples = ListpackEx([(b"a", b"v", 500), (b"b", b"v", 500), (b"c", b"v", 400), (b"d", b"v", 600)])
    assert [field for field, _, _ in triples] == [b"c", b"b", b"a", b"d"]
    assert triples.minimum() == 400


def test_a_field_moves_with_its_expiry() -> None:
    triples = ListpackEx([(b"a", b"1", 0), (b"b", b"2", 500), (b"c", b"3", 900)])
    triples.move(triples.index(b"a"), 600)
    assert list(triples) == [(b"b", b"2", 500), (b"a", b"1", 600), (b"c", b"3", 900)]
    triples.move(triples.index(b"b"), 0)
    assert list(triples) == [(b"a", b"1", 600), (b"c", b"3", 900), (b"b", b"2", 0)]


def test_what_is_due_stands_in_front() -> None:
    triples = ListpackEx([(b"a", b"v", 100), (b"b", b"v", 200), (b"c", b"v", 0)])
    assert [triples.due(now) for now in (0, 99, 100, 199, 200, 10**12)] == [0, 0, 1, 1, 2, 2]


def test_a_value_that_reads_like_a_field_is_none() -> None:
    triples = ListpackEx([(b"a", b"b", 0), (b"b", b"0", 0)])
    assert (triples.index(b"b"), triples.index(b"0")) == (3, -1)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([0, 0, 1, 5, 5, 300, 70000, 1 << 40])), max_size=40))
def test_order_and_bytes_hold_after_any_changes(changes: list[tuple[int, int]]) -> None:
    triples = ListpackEx()
    for number, expiry in changes:
        field = b"%d" % number
        at = triples.index(field)
        if at < 0:
            triples.insert(field, b"v", expiry)
        else:
            triples.move(at, expiry)
    expiries = [expiry or MAX_EXPIRY + 1 for _, _, expiry in triples]
    assert expiries == sorted(expiries)
    read = ListpackEx.from_bytes(bytes(triples.pack.data))
    assert list(read) == list(triples)
    assert list(triples.copy()) == list(triples)


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ([b"a", b"1"], "no triples"),
        ([b"a", b"1", b"x"], "no moment"),
        ([b"a", b"1", b"-5"], "no moment"),
        ([b"a", b"1", b"%d" % (MAX_EXPIRY + 1)], "no moment"),
        ([b"a", b"1", b"9", b"b", b"1", b"8"], "order"),
        ([b"a", b"1", b"0", b"b", b"1", b"8"], "order"),
    ],
)
def test_broken_blobs_are_refused(texts: list[bytes], why: str) -> None:
    with pytest.raises(CorruptBlob, match=why):
        ListpackEx.from_bytes(bytes(Listpack(texts).data))


# -- zipmaps, which hashes were once ----------------------------------------------------------------------------------


def test_a_long_text_has_its_length_in_five_bytes_and_room_behind_a_value_is_passed_over() -> None:
    long = b"x" * 300
    data = b"\x01\xfe" + len(long).to_bytes(4, "little") + long + b"\x03\x02abc??" + b"\xff"
    assert zipmap.read_zipmap(data) == [(long, b"abc")]


@pytest.mark.parametrize(
    "data", ["", "00", "01 01 61 01 00 62", "02 01 61 01 00 62 ff", "01 05 61 ff", "00 ff 00", "00 01 61 ff"]
)
def test_broken_zipmaps_are_refused(data: str) -> None:
    with pytest.raises(CorruptBlob, match="zipmap"):
        zipmap.read_zipmap(bytes.fromhex(data))
