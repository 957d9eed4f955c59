"""Listpacks: every form of an entry, and what stands beside the bytes."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.encodings import listpack
from rinspect.engine.encodings.entries import CorruptBlob
from rinspect.engine.encodings.listpack import Listpack, encode_entry, size_before
from rinspect.engine.layout import WHOLE


def test_the_dump_in_the_docstring() -> None:
    assert doctest.testmod(listpack) == doctest.TestResults(failed=0, attempted=2)


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        (b"", "80 01"),
        (b"a", "81 61 02"),
        (b"x" * 63, "bf" + " 78" * 63 + " 40"),
        (b"x" * 64, "e0 40" + " 78" * 64 + " 42"),
        (b"x" * 126, "e0 7e" + " 78" * 126 + " 01 80"),
        (b"127", "7f 01"),
        (b"128", "c0 80 02"),
        (b"-1", "df ff 02"),
        (b"4095", "cf ff 02"),
        (b"4096", "f1 00 10 03"),
        (b"32768", "f2 00 80 00 04"),
        (b"8388608", "f3 00 00 80 00 05"),
        (b"2147483648", "f4 00 00 00 80 00 00 00 00 09"),
        (b"01", "82 30 31 03"),
    ],
)
def test_forms_of_an_entry(text: bytes, entry: str) -> None:
    assert encode_entry(text).hex(" ") == entry
    pack = Listpack([text])
    assert Listpack.from_bytes(bytes(pack.data)).texts == [text]
    assert size_before(pack.data, len(pack.data) - 1) == len(entry.split())


texts = st.one_of(
    st.binary(max_size=8),
    st.integers(-(1 << 63), (1 << 63) - 1).map(lambda number: b"%d" % number),
    st.sampled_from([62, 63, 64, 124, 125, 126, 127, 128, 4095, 4096]).map(lambda length: b"x" * length),
)
changes = st.lists(
    st.tuples(
        st.sampled_from(["append", "prepend", "pop_first", "pop_last", "insert", "replace", "delete", "join", "copy", "look"]),
        st.integers(0, 1 << 16), texts,
    ),
    max_size=40,
)  # fmt: skip


@given(st.lists(texts, max_size=4), changes)
def test_what_stands_beside_the_bytes_is_what_they_say(first: list[bytes], steps: list[tuple[str, int, bytes]]) -> None:
    """Whether or not somebody has asked for the sizes in between, from when on they are kept."""
    pack, expected = Listpack(first), list(first)
    for what, number, text in steps:
        at = number % (len(expected) + 1)
        match what:
            case "append":
                pack.append(text)
                expected.append(text)
            case "prepend":
                pack.prepend(text)
                expected.insert(0, text)
            case "insert":
                pack.insert(at, text, text)
                expected[at:at] = [text, text]
            case "join":
                pack.join(Listpack([text, b"12"]))
                expected += [text, b"12"]
            case "copy":
                pack = pack.copy()
            case "look":
                assert sum(pack.sizes) == len(pack.data) - 7
            case _ if not expected:
                continue
            case "pop_first":
                assert pack.pop_first() == expected.pop(0)
            case "pop_last":
                assert pack.pop_last() == expected.pop()
            case "replace":
                pack.replace(at % len(expected), text)
                expected[at % len(expected)] = text
            case "delete":
                at %= len(expected)
                count = 1 + number % 3
                count = min(count, len(expected) - at)
                pack.delete(at, count)
                del expected[at : at + count]
        again = Listpack.from_bytes(bytes(pack.data))
        assert pack.texts == again.texts == expected
    assert pack.sizes == Listpack.from_bytes(bytes(pack.data)).sizes == [len(encode_entry(text)) for text in expected]
    assert [pack.offset(index) for index in range(len(expected) + 1)] == [
        6 + sum(pack.sizes[:index]) for index in range(len(expected) + 1)
    ]
    assert sum(field.size for field in pack.fields(WHOLE)) == len(pack.data)


@pytest.mark.parametrize(
    "blob",
    ["", "07 00 00 00 00 00", "08 00 00 00 00 00 ff", "09 00 00 00 01 00 01 02 ff", "09 00 00 00 02 00 01 01 ff"],
)
def test_what_is_no_listpack(blob: str) -> None:
    with pytest.raises(CorruptBlob):
        Listpack.from_bytes(bytes.fromhex(blob))
