"""Sets and hashes in RDB form: as found, there and back, and what is refused."""

import pytest

from rinspect.engine.encodings.compact import Listpack, Ziplist
from rinspect.engine.encodings.intset import Intset
from rinspect.engine.encodings.listpackex import MAX_EXPIRY, ListpackEx
from rinspect.engine.payload import load_value, save_value
from rinspect.engine.payload.codec import CorruptPayload, EmptyValue, Reader, Writer
from rinspect.engine.values.hash import HashValue
from rinspect.engine.values.hash_fields import TableFields
from rinspect.engine.values.set import SetValue
from rinspect.engine.values.value import Value
from tests.engine.checks import runtime_of
from tests.engine.values.parts import check_parts

LATER = 4_000_000_000_000


def body(*parts: bytes | int | Writer) -> bytes:
    """Strings and lengths, one after the other; a Writer's bytes as they are."""
    out = Writer()
    for part in parts:
        if isinstance(part, Writer):
            out.raw(part.data)
        elif isinstance(part, int):
            out.length(part)
        else:
            out.string(part)
    return bytes(out.data)


def u64(number: int) -> Writer:
    out = Writer()
    out.u64(number)
    return out


def load(kind: int, data: bytes, profile: str = "8.0") -> Value:
    reader = Reader(data)
    value = load_value(kind, reader, runtime_of(profile))
    assert reader.at == len(data)
    return value


def fields(value: Value) -> list[tuple[bytes, bytes, int]]:
    assert isinstance(value, HashValue)
    return sorted(value.fields)


@pytest.mark.parametrize(
    ("kind", "data", "encoding", "members"),
    [
        (2, body(3, b"b", b"a", b"1"), "hashtable", {b"a", b"b", b"1"}),
        (11, body(bytes(Intset([5, -70000]).data)), "intset", {b"5", b"-70000"}),
        (20, body(bytes(Listpack([b"x", b"12"]).data)), "listpack", {b"x", b"12"}),
    ],
)
def test_sets_as_found(kind: int, data: bytes, encoding: str, members: set[bytes]) -> None:
    value = load(kind, data)
    assert isinstance(value, SetValue)
    assert (value.encoding, set(value)) == (encoding, members)
    check_parts(value)
    out = Writer()
    save_value(value, out)
    assert (out.data[0], len(out.data)) == (kind, len(data) + 1)
    if kind != 2:
        assert out.data[1:] == data


PAIRS = [(b"a", b"1", 0), (b"b", b"22", 0)]
TIMED = [(b"a", b"1", LATER), (b"b", b"2", LATER + 500), (b"c", b"3", 0)]


@pytest.mark.parametrize(
    ("kind", "data", "encoding", "expected"),
    [
        (4, body(2, b"a", b"1", b"b", b"22"), "hashtable", PAIRS),
        (9, body(bytes.fromhex("02 0161 010031 0162 02003232 ff")), "listpack", PAIRS),
        (13, body(bytes(Ziplist([b"a", b"1", b"b", b"22"]).data)), "ziplist", PAIRS),
        (16, body(bytes(Listpack([b"a", b"1", b"b", b"22"]).data)), "listpack", PAIRS),
        (22, body(3, LATER, b"a", b"1", LATER + 500, b"b", b"2", 0, b"c", b"3"), "hashtable", TIMED),
        (23, body(bytes(ListpackEx(TIMED).pack.data)), "listpackex", TIMED),
        (24, body(u64(LATER), 3, 1, b"a", b"1", 501, b"b", b"2", 0, b"c", b"3"), "hashtable", TIMED),
        (25, body(u64(LATER), bytes(ListpackEx(TIMED).pack.data)), "listpackex", TIMED),
    ],
)
def test_hashes_as_found(kind: int, data: bytes, encoding: str, expected: list[tuple[bytes, bytes, int]]) -> None:
    value = load(kind, data)
    assert isinstance(value, HashValue)
    assert (value.encoding, fields(value)) == (encoding, expected)
    assert value.registered == (LATER if expected is TIMED else 0)
    check_parts(value)
    out = Writer()
    save_value(value, out)
    assert out.data[0] == {9: 16, 22: 24, 23: 25}.get(kind, kind)
    assert fields(load(out.data[0], bytes(out.data[1:]))) == expected
    if kind in (13, 16, 25):
        assert out.data[1:] == data


def test_a_listpackex_is_saved_with_what_is_registered_a_table_with_the_true_minimum() -> None:
    value = load(25, body(u64(LATER - 9), bytes(ListpackEx(TIMED).pack.data)))
    assert isinstance(value, HashValue)
    assert value.registered == LATER - 9
    out = Writer()
    save_value(value, out)
    assert int.from_bytes(out.data[1:9], "little") == LATER - 9
    table = HashValue(value.runtime, TableFields(value.runtime))
    for field, text, expiry in TIMED:
        table.set(field, text)
        table.fields.expire(field, expiry)
    table.registered = 1
    out = Writer()
    save_value(table, out)
    assert (out.data[0], int.from_bytes(out.data[1:9], "little")) == (24, LATER)


def test_a_table_without_any_expiry_is_saved_as_one_that_never_had_any() -> None:
    runtime = runtime_of("8.0")
    value = HashValue(runtime, TableFields(runtime))
    value.set(b"a", b"1")
    value.expire([b"a"], LATER)
    value.persist(b"a")
    out = Writer()
    save_value(value, out)
    assert out.data[0] == 4


BROKEN = [
    (2, body(0), "without members"),
    (2, body(2, b"a", b"a"), "twice"),
    (2, body(2, b"a"), "wanted"),
    (2, body(1 << 60, b"a"), "wanted"),
    (11, body(bytes(Intset().data)), "without members"),
    (11, body(b"\x02\0\0\0\x02\0\0\0\x02\0\x01\0"), "ascend"),
    (20, body(bytes(Listpack().data)), "without members"),
    (20, body(bytes(Listpack([b"a", b"a"]).data)), "twice"),
    (20, body(b"nonsense"), "listpack"),
    (4, body(0), "without fields"),
    (4, body(2, b"a", b"1", b"a", b"2"), "twice"),
    (4, body(1 << 60, b"a", b"1"), "wanted"),
    (9, body(b"\x01\x05a\xff"), "zipmap"),
    (9, body(b"\x00\xff"), "without fields"),
    (13, body(bytes(Ziplist([b"a"]).data)), "no pairs"),
    (16, body(bytes(Listpack([b"a", b"1", b"b"]).data)), "no pairs"),
    (16, body(bytes(Listpack([b"a", b"1", b"a", b"2"]).data)), "twice"),
    (22, body(1, MAX_EXPIRY + 1, b"a", b"1"), "an expiry"),
    (24, body(u64(MAX_EXPIRY), 1, 2, b"a", b"1"), "an expiry"),
    (24, body(u64(LATER), 0), "without fields"),
    (24, body(u64(LATER), 2, 0, b"a", b"1", 0, b"a", b"1"), "twice"),
    (25, body(u64(LATER), bytes(Listpack([b"a", b"1"]).data)), "no triples"),
    (25, body(u64(LATER), bytes(Listpack([b"a", b"1", b"0", b"a", b"1", b"0"]).data)), "twice"),
    (25, body(u64(LATER), bytes(Listpack().data)), "without fields"),
]


@pytest.mark.parametrize(("kind", "data", "why"), BROKEN)
def test_broken_payloads_are_refused(kind: int, data: bytes, why: str) -> None:
    with pytest.raises(CorruptPayload, match=why) as refused:
        load(kind, data)
    # An intset without members is broken even for who passes over empty values.
    assert isinstance(refused.value, EmptyValue) == (why.startswith("without") and kind != 11)
