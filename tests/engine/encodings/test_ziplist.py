"""Ziplists: every form of an entry, and the prevlens that changes leave behind."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.encodings import ziplist
from rinspect.engine.encodings.entries import CorruptBlob
from rinspect.engine.encodings.ziplist import Ziplist
from rinspect.engine.layout import WHOLE, Window


def test_the_dump_in_the_docstring() -> None:
    assert doctest.testmod(ziplist) == doctest.TestResults(failed=0, attempted=2)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        (b"", "00"),
        (b"a", "01 61"),
        (b"x" * 63, "3f" + " 78" * 63),
        (b"x" * 64, "40 40" + " 78" * 64),
        (b"0", "f1"),
        (b"12", "fd"),
        (b"13", "fe 0d"),
        (b"-1", "fe ff"),
        (b"127", "fe 7f"),
        (b"128", "c0 80 00"),
        (b"-129", "c0 7f ff"),
        (b"32768", "f0 00 80 00"),
        (b"-8388608", "f0 00 00 80"),
        (b"8388608", "d0 00 00 80 00"),
        (b"2147483648", "e0 00 00 00 80 00 00 00 00"),
        (b"-9223372036854775808", "e0 00 00 00 00 00 00 00 80"),
        (b"9223372036854775808", "13 39 32 32 33 33 37 32 30 33 36 38 35 34 37 37 35 38 30 38"),
        (b"01", "02 30 31"),
        (b"-0", "02 2d 30"),
        (b"+1", "02 2b 31"),
    ],
)
def test_forms_of_an_entry(text: bytes, body: str) -> None:
    pack = Ziplist([text])
    assert pack.data[10:-1].hex(" ") == "00 " + body
    assert Ziplist.from_bytes(bytes(pack.data)).texts == [text]


@pytest.mark.parametrize(("length", "head"), [(16383, "7f ff"), (16384, "80 00 00 40 00"), (70000, "80 00 01 11 70")])
def test_long_strings_have_their_length_big_endian(length: int, head: str) -> None:
    pack = Ziplist([b"x" * length])
    assert pack.data[11 : 11 + len(head.split())].hex(" ") == head
    assert Ziplist.from_bytes(bytes(pack.data)).texts == [b"x" * length]


def prevlens(pack: Ziplist) -> list[tuple[int, object]]:
    """(width, value) of each prevlen."""
    return [(field.size, field.value) for field in pack.fields(WHOLE) if field.name == "prevlen"]


def test_an_entry_of_254_bytes_widens_all_that_stand_at_the_brink() -> None:
    pack = Ziplist([b"c" * 250] * 4)  # 253 bytes each, with a prevlen of one
    pack.insert(0, b"d" * 300)
    assert prevlens(pack) == [(1, 0), (5, 303), (5, 257), (5, 257), (5, 257)]


def test_the_cascade_ends_where_a_prevlen_has_room() -> None:
    pack = Ziplist([b"c" * 250, b"short", b"c" * 250])
    pack.insert(0, b"d" * 300)
    assert prevlens(pack) == [(1, 0), (5, 303), (5, 257), (1, 11)]


def test_only_the_entry_behind_a_change_is_narrowed() -> None:
    pack = Ziplist([b"d" * 300] + [b"c" * 250] * 4)
    pack.replace(0, b"s")
    assert prevlens(pack) == [(1, 0), (1, 3), (5, 253), (5, 257), (5, 257)]


def test_a_tiny_entry_leaves_the_wide_prevlen_behind_it() -> None:
    pack = Ziplist([b"d" * 300] + [b"c" * 250] * 4)
    pack.replace(0, b"s")
    assert prevlens(pack)[2] == (5, 253)
    pack.insert(2, b"7")  # two bytes: the four that narrowing saves are more than it takes
    assert prevlens(pack)[2:5] == [(1, 253), (5, 2), (5, 257)]


def test_replacing_by_the_same_length_is_done_in_place() -> None:
    pack = Ziplist([b"d" * 300] + [b"c" * 250] * 4)
    pack.replace(0, b"s")
    before = prevlens(pack)
    pack.replace(2, b"e" * 250)
    assert prevlens(pack) == before
    # Another length takes deleting and inserting: then the prevlen behind is made to fit.
    pack.replace(2, b"e" * 10)
    assert prevlens(pack)[3] == (1, 12)


def test_joined_ziplists_widen_from_the_seam_on() -> None:
    pack = Ziplist([b"d" * 300])
    pack.join(Ziplist([b"c" * 250, b"c" * 250, b"x"]))
    assert prevlens(pack) == [(1, 0), (5, 303), (5, 257), (5, 257)]
    empty = Ziplist()
    empty.join(Ziplist([b"a", b"b"]))
    assert empty.data == Ziplist([b"a", b"b"]).data


texts = st.one_of(
    st.sampled_from([b"", b"1", b"12", b"13", b"-5", b"99999999999", b"x" * 16384]),
    st.integers(200, 260).map(lambda n: b"y" * n),
    st.binary(max_size=70),
)
operations = st.lists(
    st.tuples(st.sampled_from(["append", "insert", "replace", "delete", "join"]), st.integers(0, 1 << 16), texts),
    max_size=30,
)


def apply(pack: Ziplist, model: list[bytes], operation: str, number: int, text: bytes) -> None:
    at = number % (len(model) + 1)
    if operation == "append":
        pack.append(text)
        model.append(text)
    elif operation == "insert":
        pack.insert(at, text, b"5")
        model[at:at] = [text, b"5"]
    elif operation == "join":
        pack.join(Ziplist([text, text]))
        model += [text, text]
    elif operation == "delete":
        count = number % 4
        pack.delete(at, count)
        del model[at : at + count]
    elif at < len(model):
        pack.replace(at, text)
        model[at] = text


@given(operations)
def test_whatever_happens_the_bytes_decode_to_the_entries(steps: list[tuple[str, int, bytes]]) -> None:
    pack, model = Ziplist(), []  # type: ignore[var-annotated]
    for operation, number, text in steps:
        apply(pack, model, operation, number, text)
        read = Ziplist.from_bytes(bytes(pack.data))
        assert read.texts == pack.texts == model
        assert read.sizes == pack.sizes
    at = 0
    for field in pack.fields(WHOLE):
        assert field.offset == at
        at = field.end
    assert at == pack.nbytes


def test_a_window_of_fields() -> None:
    pack = Ziplist([b"a", b"300", b"c", b"d"])
    names = [field.name for field in pack.fields(Window(1, 2), ("key", "value"))]
    assert names[3:] == ["prevlen", "value encoding", "value", "prevlen", "key encoding", "key"]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x0b\x00\x00\x00\x0a\x00\x00\x00\x00\x00",
        b"\x0c\x00\x00\x00\x0a\x00\x00\x00\x00\x00\xff",
        b"\x0b\x00\x00\x00\x0b\x00\x00\x00\x00\x00\xff",
        b"\x0b\x00\x00\x00\x0a\x00\x00\x00\x01\x00\xff",
        b"\x0d\x00\x00\x00\x0a\x00\x00\x00\x01\x00\x01\xf1\xff",  # something before the first entry
        b"\x0d\x00\x00\x00\x0a\x00\x00\x00\x01\x00\x00\x05\xff",  # a string beyond the end
        b"\x0d\x00\x00\x00\x0a\x00\x00\x00\x01\x00\x00\xc1\xff",  # no such encoding
        b"\x0d\x00\x00\x00\x0a\x00\x00\x00\x01\x00\x00\xe0\xff",  # an integer beyond the end
    ],
)
def test_what_is_no_ziplist_is_refused(broken: bytes) -> None:
    with pytest.raises(CorruptBlob):
        Ziplist.from_bytes(broken)


@given(st.lists(texts, min_size=1, max_size=5), st.integers(0, 1 << 20), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_harmless(entries: list[bytes], place: int, byte: int) -> None:
    data = bytearray(Ziplist(entries).data)
    data[place % len(data)] = byte
    try:
        pack = Ziplist.from_bytes(bytes(data))
    except CorruptBlob:
        return
    assert len(pack) == len(entries)
    assert sum(pack.sizes) + 11 == len(data)
