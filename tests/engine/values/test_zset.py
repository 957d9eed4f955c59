"""Sorted sets in every encoding of every version: what they hold, when they convert, what they cost, what they show."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rinspect.engine import payload
from rinspect.engine.encodings.bounds import HIGHEST, LOWEST, Edge, lex_bounds, score_bounds
from rinspect.engine.encodings.compact import CorruptBlob, Listpack
from rinspect.engine.encodings.indexedzset import IndexedZset
from rinspect.engine.encodings.packedzset import PackedZset
from rinspect.engine.encodings.skiplist import HEADER_SIZE, level_of, node_size
from rinspect.engine.events import EncodingChanged, Event
from rinspect.engine.layout import WHOLE, Kind, Layout, Shape, Window
from rinspect.engine.payload.codec import CorruptPayload, Reader, Writer
from rinspect.engine.profile import PROFILES
from rinspect.engine.values.zset import ZsetValue
from tests.engine.checks import check_layout, runtime_of

ENCODINGS = [(name, "listpack" if profile.listpack else "ziplist") for name, profile in PROFILES.items()]
ENCODINGS += [(name, "skiplist") for name in PROFILES]
every_encoding = pytest.mark.parametrize(("profile", "encoding"), ENCODINGS)
every_profile = pytest.mark.parametrize("profile", list(PROFILES))


def make(profile: str, encoding: str, pairs: dict[bytes, float] | None = None) -> ZsetValue:
    limit = 0 if encoding == "skiplist" else 1 << 30
    runtime = runtime_of(profile, zset_max_listpack_entries=limit, zset_max_listpack_value=limit)
    value = ZsetValue.starting_with(runtime, 0, 1)
    for member, score in (pairs or {}).items():
        value.insert(score, member)
    assert value.encoding == encoding
    return value


def ranked(pairs: dict[bytes, float]) -> list[tuple[bytes, float]]:
    return sorted(pairs.items(), key=lambda pair: (pair[1], pair[0]))


PAIRS = {b"ada": 1.0, b"bob": 1.5, b"cyd": 2.0, b"dan": 2.0, b"eve": -7.25, b"12": 1e300, b"": 0.1}


# -- what they hold -------------------------------------------------------------------------------------------------------


@every_encoding
def test_reading(profile: str, encoding: str) -> None:
    value = make(profile, encoding, PAIRS)
    assert (value.pairs(), list(value)) == (ranked(PAIRS), [member for member, _ in ranked(PAIRS)])
    assert value.pairs(2, 4) == ranked(PAIRS)[2:4]
    assert value.members(5, 100) == [member for member, _ in ranked(PAIRS)[5:]]
    for rank, (member, score) in enumerate(ranked(PAIRS)):
        assert (value.score(member), value.rank(member)) == (score, (rank, score))
    assert value.score(b"fay") is None
    assert value.rank(b"fay") is None
    assert {value.random_pair() for _ in range(200)} == set(PAIRS.items())


@every_encoding
def test_spans(profile: str, encoding: str) -> None:
    value = make(profile, encoding, {b"%d" % number: number // 2 for number in range(10)})
    for low, high, low_open, high_open, expected in (
        (1, 3, False, False, (2, 8)),
        (1, 3, True, False, (4, 8)),
        (1, 3, False, True, (2, 6)),
        (1.5, 1.6, False, False, (4, 4)),
        (1, 1, True, False, None),
        (3, 1, False, False, None),
        (5, 9, False, False, None),
        (-9, -1, False, False, None),
        (-9, 9, False, False, (0, 10)),
    ):
        start, stop = value.span(score_bounds(low, high, low_open, high_open))
        assert (start, stop) == expected if expected else start == stop


@every_encoding
@pytest.mark.parametrize("backward", [False, True])
def test_spans_by_name(profile: str, encoding: str, backward: bool) -> None:
    value = make(profile, encoding, {b"%c" % letter: 0 for letter in b"abcdef"})
    b, e = Edge(0, b"b", False), Edge(0, b"e", True)
    for low, high, expected in (
        (LOWEST, HIGHEST, (0, 6)),
        (b, e, (1, 4)),
        (LOWEST, e, (0, 4)),
        (b, HIGHEST, (1, 6)),
        (HIGHEST, LOWEST, None),
        (LOWEST, LOWEST, None),
        (e, e, None),
        (b, b, (1, 2)),
        (Edge(0, b"x", False), HIGHEST, None),
    ):
        start, stop = value.span(lex_bounds(low, high), backward=backward)
        assert (start, stop) == expected if expected else start == stop


MEMBERS = st.one_of(st.binary(max_size=2), st.just(b"x" * 40), st.integers(-9, 300).map(lambda number: b"%d" % number))
SCORES = st.one_of(st.sampled_from([0.0, 1.0, -1.5, 3.0, float("inf"), 1e17, 0.1]), st.floats(allow_nan=False))
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), MEMBERS, SCORES),
        st.tuples(st.just("put"), MEMBERS, SCORES),
        st.tuples(st.just("remove"), MEMBERS),
        st.tuples(st.just("remove_ranks"), st.integers(0, 6), st.integers(0, 6)),
    ),
    max_size=30,
)


@every_encoding
@settings(max_examples=40)
@given(operations=OPERATIONS)
def test_random_operations(profile: str, encoding: str, operations: list[tuple[Any, ...]]) -> None:
    value, model = make(profile, encoding), dict[bytes, float]()
    for name, *arguments in operations:
        if name == "put":
            member, score = arguments
            known = value.score(member)
            assert known == model.get(member)
            model[member] = score
            if known is None:
                value.insert(score, member)
            elif known != score:
                value.update(member, score)
        elif name == "remove":
            assert value.remove(arguments[0]) == (model.pop(arguments[0], None) is not None)
        else:
            for member, _ in ranked(model)[arguments[0] : arguments[1]]:
                del model[member]
            value.remove_ranks(*arguments)
    assert value.pairs() == ranked(model)
    check_layout(value)
    body = value.body
    if isinstance(body, PackedZset):
        again = type(body.blob).from_bytes(bytes(body.blob.data))
        assert PackedZset(value.runtime.profile, again).ranked == body.ranked
    else:
        assert {entry.key: entry.value for entry in body.table} == {node.member: node for node in body.nodes}


def test_a_blob_that_is_no_sorted_set() -> None:
    profile = PROFILES["8.0"]
    for texts in ([b"a"], [b"a", b"x"], [b"a", b"2", b"b", b"1"], [b"b", b"1", b"a", b"1"], [b"a", b"1", b"a", b"2"]):
        with pytest.raises(CorruptBlob):
            PackedZset(profile, Listpack(texts))


# -- when they convert ----------------------------------------------------------------------------------------------------


@every_profile
def test_the_limits(profile: str) -> None:
    runtime = runtime_of(profile)
    events: list[Event] = []
    value = ZsetValue.starting_with(runtime, 1, 1)
    runtime.observers.append(events.append)
    compact = value.encoding
    for number in range(128):
        value.insert(number, b"%d" % number)
    assert value.encoding == compact
    value.update(b"5", 99)
    assert value.remove(b"6")
    value.insert(6, b"6" * 64)
    assert value.encoding == compact
    value.insert(129, b"129")
    assert value.encoding == "skiplist"
    (event,) = events
    assert isinstance(event, EncodingChanged)
    form = compact if compact == "ziplist" else "listpack"
    assert (event.before, event.after, event.reason) == (
        compact,
        "skiplist",
        f"129 members > zset-max-{form}-entries 128",
    )
    value.remove_ranks(0, 100)
    assert value.encoding == "skiplist"

    value = ZsetValue.starting_with(runtime, 1, 1)
    value.insert(1, b"x" * 65)
    assert value.encoding == "skiplist"


@every_profile
def test_only_since_7_2_the_number_of_arguments_decides(profile: str) -> None:
    counts = PROFILES[profile].version >= (7, 2)
    runtime = runtime_of(profile)
    value = ZsetValue.starting_with(runtime, 1, 129)
    assert (value.encoding == "skiplist") == counts
    if isinstance(value.body, IndexedZset):
        assert value.body.table.buckets == 256
    assert ZsetValue.starting_with(runtime, 65, 1).encoding == "skiplist"

    value = ZsetValue.starting_with(runtime, 1, 1)
    value.insert(1, b"a")
    value.expect(128)
    assert value.encoding != "skiplist"
    value.expect(129)
    assert (value.encoding == "skiplist") == counts


@every_profile
def test_a_conversion_sizes_the_dict(profile: str) -> None:
    """Since 7.2 for all members at once; before, it grows as they come, and is still moving to its last size."""
    runtime = runtime_of(profile)
    value = ZsetValue.starting_with(runtime, 1, 1)
    for number in range(129):
        value.insert(number, b"%d" % number)
    body = value.body
    assert isinstance(body, IndexedZset)
    sizes = [len(table) for table in body.table.tables]
    assert sizes == ([256, 0] if runtime.profile.zset_counts_arguments else [128, 256])


@every_profile
def test_a_result_is_packed_by_what_it_has_become(profile: str) -> None:
    runtime = runtime_of(profile)
    for count, length, packs in ((128, 64, True), (129, 1, False), (1, 65, False)):
        value = ZsetValue.indexed(runtime)
        for number in range(count):
            value.insert(number, b"%d" % number if length < 64 else b"%0*d" % (length, number))
        value.pack_if_small()
        assert (value.encoding != "skiplist") == packs
        check_layout(value)


# -- what they cost and show ----------------------------------------------------------------------------------------------


@every_profile
def test_the_charge_of_a_skiplist_by_the_book(profile: str) -> None:
    value = make(profile, "skiplist", {b"m%03d" % number: number for number in range(200)})
    body, usable = value.body, value.runtime.usable
    assert isinstance(body, IndexedZset)
    nodes = sum(usable(node_size(level_of(node))) for node in body.nodes)
    fixed = 16 + 16 + 32 + value.runtime.profile.dict_size + 8 * body.table.buckets + usable(HEADER_SIZE)
    exact = fixed + nodes + 200 * (24 + usable(6))
    assert value.charged(0) in (exact, exact - 1)
    # Samples are the members with the lowest scores.
    heights = [level_of(node) for node in body.nodes]
    three = sum(24 + usable(6) + usable(node_size(level)) for level in heights[:3])
    assert value.charged(3) == int(fixed + three / 3 * 200)
    assert value.charged(200) == value.charged(1000) == value.charged(0)


def test_a_compact_one_charges_its_blob() -> None:
    for profile, charge in (("6.2", 16 + 20), ("7.0", 16 + 16), ("8.0", 16 + 16)):
        value = make(profile, "ziplist" if profile == "6.2" else "listpack", {b"ada": 1815.0})
        body = value.body
        assert isinstance(body, PackedZset)
        assert body.blob.nbytes == (20 if profile == "6.2" else 15)
        assert value.charged() == charge


@every_encoding
def test_the_layout(profile: str, encoding: str) -> None:
    value = make(profile, encoding, {b"member %d" % number: number / 3 for number in range(40)})
    layout = check_layout(value)
    part = value.layout(Window(10, 5))
    assert part.runs == layout.runs
    assert part.charged == value.charged()
    scores = [field.value for a in part.allocations for field in a.fields if field.kind is Kind.SCORE and a.element]
    if encoding == "skiplist":
        assert scores == [number / 3 for number in range(10, 15)]
        assert [a.element for a in part.allocations if a.name == "sds"] == [10, 11, 12, 13, 14]
        assert layout.facts["length"] == layout.elements == 40
        _check_towers(value, layout)
    else:
        assert {field.entry for field in part.allocations[1].fields if field.entry is not None} == {10, 11, 12, 13, 14}
        assert (layout.elements, layout.facts["entries"]) == (80, 80)


def _check_towers(value: ZsetValue, layout: Layout) -> None:
    """Following the pointers of a level by serial visits the nodes that are in it, and the spans tell their ranks."""
    nodes = {a.serial: a for a in layout.allocations if a.shape is Shape.LEVELS}
    header = next(a for a in nodes.values() if a.element is None)
    assert header.asked == HEADER_SIZE
    levels = layout.facts["levels"]
    assert isinstance(levels, int)
    for level in range(levels):
        at, place = header, -1
        while True:
            pointer = next(field for field in at.fields if field.name == f"level[{level}].forward")
            span = next(field for field in at.fields if field.name == f"level[{level}].span")
            assert isinstance(span.value, int)
            if pointer.target is None:
                assert place + span.value == len(value) - 1
                break
            at, place = nodes[pointer.target], place + span.value
            assert at.element == place
    # The bytes say the same as the fields.
    for node in nodes.values():
        score = next(field for field in node.fields if field.kind is Kind.SCORE)
        (in_bytes,) = memoryview(node.data[8:16]).cast("d")
        assert in_bytes == score.value


def test_serials_stay_when_a_score_changes_in_place() -> None:
    value = make("8.0", "skiplist", PAIRS)
    before = {a.role: a.serial for a in value.layout(WHOLE).allocations}
    value.update(b"12", 2e300)
    assert {a.role: a.serial for a in value.layout(WHOLE).allocations} == before


@every_encoding
def test_a_copy_is_a_sorted_set_of_its_own(profile: str, encoding: str) -> None:
    value = make(profile, encoding, PAIRS)
    twin = value.copy()
    assert isinstance(twin, ZsetValue)
    assert (twin.encoding, twin.pairs()) == (value.encoding, value.pairs())
    check_layout(twin)
    twin.remove(b"ada")
    twin.insert(5, b"fay")
    assert value.pairs() == ranked(PAIRS)


@every_encoding
def test_how_a_member_is_found(profile: str, encoding: str) -> None:
    value = make(profile, encoding, PAIRS)
    assert value.trace_find(b"bob").steps
    assert value.trace_find(b"bob").result != value.trace_find(b"fay").result


# -- payloads -------------------------------------------------------------------------------------------------------------


@every_encoding
def test_a_payload_brings_back_what_it_was_made_of(profile: str, encoding: str) -> None:
    value = make(profile, encoding, PAIRS | {b"inf": float("inf")})
    again = payload.read(payload.dump(value), value.runtime)
    assert isinstance(again, ZsetValue)
    assert (again.encoding, again.pairs()) == (encoding, value.pairs())
    assert payload.dump(again) == payload.dump(value)
    check_layout(again)


@every_profile
def test_settling_chooses_as_restore_does(profile: str) -> None:
    compact = "listpack" if PROFILES[profile].listpack else "ziplist"
    small = {b"%d" % number: float(number) for number in range(10)}
    found = make(profile, "skiplist", small)
    found.runtime = runtime_of(profile)
    assert found.settle().encoding == compact

    found = make(profile, compact, small)
    found.runtime = runtime_of(profile, zset_max_listpack_entries=9)
    assert found.settle().encoding == "skiplist"
    assert found.pairs() == ranked(small)
    check_layout(found)

    # Of a blob only the number of members is looked at, not their lengths.
    found = make(profile, compact, {b"x" * 65: 1})
    found.runtime = runtime_of(profile)
    assert found.settle().encoding == compact


def test_a_ziplist_under_a_newer_version_becomes_a_listpack_and_keeps_its_score_texts() -> None:
    old = make("6.2", "ziplist", {b"ada": 0.1, b"bob": 1e17})
    runtime = runtime_of("8.0")
    found = payload.read(payload.dump(old), runtime)
    assert found.encoding == "ziplist"
    assert found.settle() is found
    assert found.encoding == "listpack"
    assert isinstance(found, ZsetValue)
    assert isinstance(found.body, PackedZset)
    assert found.body.blob.texts == [b"ada", b"0.10000000000000001", b"bob", b"1e+17"]
    found.update(b"ada", 0.2)
    assert found.body.blob.texts[:2] == [b"ada", b"0.2"]
    check_layout(found)


def test_scores_as_text() -> None:
    out = Writer()
    out.length(4)
    for member, score in ((b"a", b"\x04-1.5"), (b"b", b"\xfe"), (b"c", b"\xff"), (b"d", b"\x012")):
        out.string(member)
        out.raw(score)
    value = payload.load_value(3, Reader(bytes(out.data)), runtime_of("8.0"))
    assert isinstance(value, ZsetValue)
    assert value.pairs() == [(b"c", float("-inf")), (b"a", -1.5), (b"d", 2.0), (b"b", float("inf"))]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (5, b"\x00"),
        (5, b"\x01\x01a" + b"\x00" * 7),
        (5, b"\x01\x01a" + b"\x00" * 6 + b"\xf8\x7f"),
        (5, b"\x02\x01a" + b"\x00" * 8 + b"\x01a" + b"\x00" * 8),
        (3, b"\x01\x01a\xfd"),
        (3, b"\x01\x01a\x01x"),
        (17, b"\x07\x07\x00\x00\x00\x00\x00\xff"),
        (17, b"\x06abcdef"),
        (12, b"\x0b\x0b\x00\x00\x00\x0a\x00\x00\x00\x00\x00\xff"),
    ],
)
def test_corrupt_payloads(kind: int, body: bytes) -> None:
    with pytest.raises(CorruptPayload):
        payload.load_value(kind, Reader(body), runtime_of("8.0"))
