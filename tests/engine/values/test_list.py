"""Lists: which encoding when and why, what MEMORY USAGE says, layouts, and the way to payloads and back."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rinspect.engine import payload
from rinspect.engine.encodings.compact import Listpack, Ziplist
from rinspect.engine.encodings.quicklist import Plain, Quicklist
from rinspect.engine.events import EncodingChanged, Event
from rinspect.engine.layout import Kind, Shape, Window
from rinspect.engine.payload.codec import CorruptPayload, Reader, Writer
from rinspect.engine.profile import PROFILES
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.list import ListValue
from tests.engine.checks import check_layout, runtime_of

ALL = tuple(PROFILES)
BARE = ("7.2", "7.4", "8.0")
"""The versions in which a small list is a bare listpack."""


def made(profile: str, *elements: bytes, **settings: int) -> ListValue:
    value = ListValue(runtime_of(profile, **settings))
    for element in elements:
        value.push((element,), head=False)
    return value


def quicklist(value: ListValue) -> Quicklist:
    assert isinstance(value.body, Quicklist)
    return value.body


def reasons(runtime: Runtime) -> list[str]:
    """Why encodings change, from now on."""
    seen: list[str] = []

    def observe(event: Event) -> None:
        if isinstance(event, EncodingChanged):
            seen.append(f"{event.before} to {event.after}: {event.reason}")

    runtime.observers.append(observe)
    return seen


# -- encodings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ALL)
def test_how_a_list_starts(profile: str) -> None:
    assert made(profile, b"a").encoding == ("listpack" if profile in BARE else "quicklist")
    assert len(made(profile)) == 0


@pytest.mark.parametrize("profile", BARE)
@pytest.mark.parametrize(
    ("setting", "first", "then", "encoding"),
    [
        # 4011 bytes + 85: what will surround the new one is not counted.
        (-1, [b"x" * 4000], [b"y" * 85], "listpack"),
        (-1, [b"x" * 4000], [b"y" * 86], "quicklist"),
        # All arguments together.
        (-2, [b"x" * 100], [b"y" * 4050, b"z" * 4050], "quicklist"),
        (3, [b"a", b"b"], [b"c"], "listpack"),
        (3, [b"a", b"b"], [b"c", b"d"], "quicklist"),
        (0, [], [b"a"], "listpack"),
        (0, [], [b"a", b"b"], "quicklist"),
        (100, [], [b"x" * 8185], "listpack"),
        (100, [], [b"x" * 8186], "quicklist"),
    ],
)
def test_growing_into_a_quicklist(
    profile: str, setting: int, first: list[bytes], then: list[bytes], encoding: str
) -> None:
    value = made(profile, *first, list_max_listpack_size=setting)
    assert value.encoding == "listpack"
    value.push(then, head=False)
    assert value.encoding == encoding
    assert value.elements() == first + then


def test_the_reasons_for_changes_name_the_figures() -> None:
    value = made("8.0", b"a", b"b", b"c", list_max_listpack_size=3)
    seen = reasons(value.runtime)
    value.push((b"d",), head=True)
    value.pop(head=True)
    value.pop(head=True)
    value.shrink()
    value.pop(head=True)
    value.shrink()
    why = "one node is left, and its 1 elements are no more than half of list-max-listpack-size 3 allows"
    assert seen == [
        "listpack to quicklist: 4 elements > 3, by list-max-listpack-size 3",
        f"quicklist to listpack: {why}",
    ]
    value.runtime.config.list_max_listpack_size = -1
    value.push((b"x" * 5000,), head=True)
    assert seen[2] == "listpack to quicklist: 5010 bytes > 4096, by list-max-listpack-size -1"


@pytest.mark.parametrize("profile", BARE)
@pytest.mark.parametrize(("setting", "encodings"), [(1, "q"), (4, "qqll"), (5, "qqqll")])
def test_shrinking_to_half(profile: str, setting: int, encodings: str) -> None:
    value = made(profile, *[b"%d" % n for n in range(setting + 1)], list_max_listpack_size=setting)
    seen = ""
    while len(value) > 1:
        value.pop(head=False)
        value.shrink()
        seen += value.encoding[0]
    assert seen == encodings


@pytest.mark.parametrize("profile", BARE)
def test_shrinking_by_bytes(profile: str) -> None:
    value = made(profile, b"a" * 2036, b"b" * 2000, b"c" * 40, b"dddd", list_max_listpack_size=-1)
    sizes = []
    for text in (b"dddd", b"b" * 2000, b"c" * 40):
        assert value.encoding == "quicklist"
        value.remove(text, 0)
        sizes.append(sum(node.blob.nbytes for node in quicklist(value).nodes()))
        value.shrink()
    assert sizes == [4093, 2089, 2047]
    assert value.encoding == "listpack"


@pytest.mark.parametrize("profile", ["7.4", "8.0"])
def test_a_plain_node_is_no_listpack(profile: str) -> None:
    value = made(profile, b"x" * 9000)
    value.shrink()
    assert value.encoding == "quicklist"
    value.replace(0, b"small")
    assert value.encoding == "listpack"


@pytest.mark.parametrize("profile", ALL)
@pytest.mark.parametrize(("setting", "depth"), [(2, 1), (-2, 0)])
def test_a_sorted_result(profile: str, setting: int, depth: int) -> None:
    limits = {"list_max_listpack_size": setting, "list_compress_depth": depth}
    few = ListValue.from_elements(runtime_of(profile, **limits), [b"a", b"b"])
    assert few.encoding == ("listpack" if profile in BARE else "quicklist")
    many = quicklist(ListValue.from_elements(runtime_of(profile, **limits), [b"%d" % n for n in range(5000)]))
    heeded = profile in ("7.4", "8.0")
    assert (many.fill.setting, many.depth) == ((setting, depth) if heeded else (-2, 0))


@pytest.mark.parametrize("profile", BARE)
def test_a_moved_number_counts_for_nothing(profile: str) -> None:
    source = made(profile, *[b"12345678"] * 3, list_max_listpack_size=1)
    assert source.encoding == "quicklist"
    assert source.hands_on_number(head=True)
    element = source.pop(head=True)
    for size, encoding in ((0, "listpack"), (None, "quicklist")):
        target = made(profile, b"x" * 8178)  # 8190 bytes
        target.push((element,), head=True, size=size)
        assert target.encoding == encoding
        assert target.elements() == [element, b"x" * 8178]
    assert not made(profile, b"12").hands_on_number(head=True)  # from a listpack it comes as a text


# -- memory -------------------------------------------------------------------------------------------------------------


def nodes_of(profile: str, *counts: int) -> ListValue:
    """A list with nodes of so many elements, of different sizes."""
    value = ListValue(runtime_of(profile), Quicklist(runtime_of(profile), -2, 0))
    body = quicklist(value)
    for at, count in enumerate(counts):
        body.append_blob(body.blob_class([b"x" * (10 + 50 * at)] * count))
    return value


@pytest.mark.parametrize("profile", ALL)
def test_samples(profile: str) -> None:
    value = nodes_of(profile, 3, 1, 2)
    size, usable = value.runtime.profile.quicklist_node_size, value.runtime.usable
    blobs = [node.blob.nbytes for node in quicklist(value).nodes()]
    weights = [size + (blob if profile == "6.2" else usable(blob)) for blob in blobs]
    assert value.charged(0) == value.charged(3) == value.charged(5) == 16 + 40 + sum(weights)
    if profile == "8.0":
        assert value.charged(1) == int(56 + weights[0] / 3 * 6)
        assert value.charged(2) == int(56 + (weights[0] + weights[1]) / 4 * 6)
    else:
        assert value.charged(1) == 56 + weights[0] * 3
        assert value.charged(2) == int(56 + (weights[0] + weights[1]) / 2 * 3)


@pytest.mark.parametrize("profile", BARE)
def test_a_bare_listpack_is_charged_as_allocated(profile: str) -> None:
    value = made(profile, b"abc")
    assert value.charged(0) == value.charged(1) == 16 + 16  # 12 bytes


@pytest.mark.parametrize("profile", ALL)
def test_rounding_is_named(profile: str) -> None:
    """The sum of 8.0 goes through bytes per element; 31 times 1/31 of something may lack a bit."""
    odd = 0
    for count in range(1, 60):
        value = nodes_of(profile, count, 2)
        layout = check_layout(value)
        assert layout.rounding in (0, -1)
        odd += layout.rounding
    assert (odd < 0) == (profile == "8.0")


# -- layouts ------------------------------------------------------------------------------------------------------------

LONG = b"compressible " * 6


@pytest.mark.parametrize("profile", ALL)
@pytest.mark.parametrize(
    "limits",
    [{}, {"list_max_listpack_size": 2}, {"list_max_listpack_size": 2, "list_compress_depth": 1}],
    ids=["default", "nodes", "compressed"],
)
def test_the_layout_is_whole(profile: str, limits: dict[str, int]) -> None:
    value = made(profile, b"a", LONG, LONG, b"12", b"", LONG, b"x" * 9000, b"z", **limits)
    layout = check_layout(value)
    assert [run.name for run in layout.runs][:2] == (
        ["robj", "listpack"] if not quick(value) else ["robj", "quicklist"]
    )


def quick(value: ListValue) -> bool:
    return isinstance(value.body, Quicklist)


@pytest.mark.parametrize("profile", ALL)
def test_the_nodes_are_a_chain(profile: str) -> None:
    value = made(profile, *[b"%d" % n for n in range(7)], list_max_listpack_size=2)
    layout = check_layout(value)
    assert (layout.elements, layout.facts["nodes"], layout.facts["fill"], layout.facts["compress"]) == (4, 4, 2, 0)
    assert (layout.facts["limit"], layout.facts["elements_limit"]) == (8192, 2)
    chain = [allocation for allocation in layout.allocations if allocation.shape is Shape.CHAIN]
    pointers = {allocation.serial: {f.name: f.target for f in allocation.fields} for allocation in chain}
    serials = [allocation.serial for allocation in chain]
    assert [pointers[serial]["next"] for serial in serials] == [*serials[1:], None]
    assert [pointers[serial]["prev"] for serial in serials] == [None, *serials[:-1]]
    assert {allocation.asked for allocation in chain} == {32 if profile == "6.2" else 40}
    assert [allocation.element for allocation in chain] == [0, 1, 2, 3]


@pytest.mark.parametrize("profile", ALL)
def test_a_window_of_nodes(profile: str) -> None:
    value = made(profile, *[b"%d" % n for n in range(9)], list_max_listpack_size=2)
    roles = [allocation.role for allocation in value.layout(Window(1, 2)).allocations]
    blob = "ziplist" if profile == "6.2" else "listpack"
    assert roles == [
        "value", "value/quicklist",
        "value/node[1]", f"value/node[1]/{blob}",
        "value/node[2]", f"value/node[2]/{blob}",
    ]  # fmt: skip
    assert len(value.layout(Window(7, 3)).allocations) == 2


@pytest.mark.parametrize("profile", ALL)
def test_of_long_blobs_the_windows_bytes_are_shown(profile: str) -> None:
    value = nodes_of(profile, 50)
    blob = value.layout(Window(0, 1, start=200, size=100)).allocations[-1]
    assert 180 <= blob.data_offset <= 200
    assert blob.data_offset + len(blob.data) >= 300
    assert len(blob.data) < 150
    assert bytes(quicklist(value).nodes().__next__().blob.data)[blob.data_offset :].startswith(blob.data)


@pytest.mark.parametrize("profile", ALL)
def test_a_compressed_node_shows_its_bytes(profile: str) -> None:
    value = made(profile, b"a", LONG, b"z", list_max_listpack_size=1, list_compress_depth=1)
    layout = check_layout(value)
    node = next(node for node in quicklist(value).nodes() if node.compressed is not None)
    assert node.compressed is not None
    shown = next(allocation for allocation in layout.allocations if allocation.name == "quicklistLZF")
    width = 4 if profile == "6.2" else 8
    assert shown.data == len(node.compressed).to_bytes(width, "little") + node.compressed
    assert [(field.name, field.size) for field in shown.fields] == [("sz", width), ("compressed", len(node.compressed))]
    assert shown.charged == (len(node.compressed) if profile == "6.2" else value.runtime.usable(shown.asked))
    flags = [f.value for a in layout.allocations for f in a.fields if f.kind is Kind.FLAGS and "container" in f.name]
    assert flags == [(1, 2), (2, 2), (1, 2)]


@pytest.mark.parametrize("profile", ["7.4", "8.0"])
def test_a_plain_node_shows_the_element(profile: str) -> None:
    value = made(profile, b"a", b"x" * 9000)
    shown = next(a for a in check_layout(value).allocations if a.name == "element")
    assert (shown.data, shown.asked) == (b"x" * 9000, 9000)


def test_serials_stay_with_what_lives_on() -> None:
    value = made("8.0", *[b"%d" % n for n in range(5)], list_max_listpack_size=2)
    before = {a.role: a.serial for a in value.layout(Window()).allocations}
    value.push((b"x",), head=True)
    after = {a.role: a.serial for a in value.layout(Window()).allocations}
    assert after["value/quicklist"] == before["value/quicklist"]
    assert [after[f"value/node[{n}]"] for n in (1, 2, 3)] == [before[f"value/node[{n}]"] for n in (0, 1, 2)]
    assert after["value/node[0]"] not in before.values()


# -- payloads -----------------------------------------------------------------------------------------------------------


def load(profile: str, kind: int, body: bytes, **settings: int) -> ListValue:
    value = payload.load_value(kind, Reader(body), runtime_of(profile, **settings))
    assert isinstance(value, ListValue)
    return value


def test_type_1_is_plain_strings() -> None:
    out = Writer()
    out.length(3)
    for text in (b"a", b"12", b"x" * 100):
        out.string(text)
    for profile in ALL:
        value = load(profile, 1, bytes(out.data))
        assert value.elements() == [b"a", b"12", b"x" * 100]
        assert value.settle().encoding == ("listpack" if profile in BARE else "quicklist")


def test_type_10_is_a_ziplist_and_becomes_a_quicklist() -> None:
    out = Writer()
    out.string(Ziplist([b"a", b"12", b"b"]).data)
    for profile in ALL:
        value = load(profile, 10, bytes(out.data), list_max_listpack_size=2)
        assert (value.encoding, value.elements()) == ("ziplist", [b"a", b"12", b"b"])
        check_layout(value)
        settled = value.settle()
        assert [node.blob.texts for node in quicklist(settled).nodes()] == [[b"a", b"12"], [b"b"]]
        assert {type(node.blob) for node in quicklist(settled).nodes()} == {Ziplist if profile == "6.2" else Listpack}


def ziplist_nodes() -> bytes:
    out = Writer()
    out.length(3)
    for texts in ([b"a", b"b"], [], [b"c"]):
        out.string(Ziplist(texts).data)
    return bytes(out.data)


@pytest.mark.parametrize("profile", ALL)
def test_type_14_is_read_as_found_and_settles(profile: str) -> None:
    value = load(profile, 14, ziplist_nodes())
    found = [node.blob for node in quicklist(value).nodes()]
    assert [blob.texts for blob in found] == [[b"a", b"b"], [b"c"]]
    assert {type(blob) for blob in found} == {Ziplist}
    check_layout(value)
    again = Writer()
    payload.save_value(value, again)
    assert again.data[0] == 14
    settled = quicklist(value.settle())
    assert [node.blob.texts for node in settled.nodes()] == [[b"a", b"b"], [b"c"]]
    assert {type(node.blob) for node in settled.nodes()} == {Ziplist if profile == "6.2" else Listpack}


@pytest.mark.parametrize("profile", ALL[1:])
def test_type_18(profile: str) -> None:
    out = Writer()
    out.length(2)
    out.length(2)
    out.string(Listpack([b"a", b"b"]).data)
    out.length(1)
    out.string(b"plain")
    value = load(profile, 18, bytes(out.data))
    assert [type(node.blob) for node in quicklist(value).nodes()] == [Listpack, Plain]
    assert value.elements() == [b"a", b"b", b"plain"]
    again = Writer()
    payload.save_value(value, again)
    assert bytes(again.data[1:]) == bytes(out.data)


@pytest.mark.parametrize("profile", ALL[1:])
def test_one_packed_node_is_taken_for_a_listpack(profile: str) -> None:
    out = Writer()
    out.length(1)
    out.length(2)
    out.string(Listpack([b"x" * 5000]).data)
    assert load(profile, 18, bytes(out.data)).encoding == ("listpack" if profile in BARE else "quicklist")
    assert load(profile, 18, bytes(out.data), list_max_listpack_size=-1).encoding == "quicklist"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (1, b"\x00"),
        (10, b"\x0b" + Ziplist().data),
        (10, b"\x03abc"),
        (14, b"\x00"),
        (14, b"\x01\x0b" + Ziplist().data),
        (18, b"\x00"),
        (18, b"\x01\x02\x07" + Listpack().data),
        (18, b"\x01\x03\x07" + Listpack().data),
        (18, b"\x01\x01\x00"),
        (18, b"\x01\x02\x03abc"),
    ],
)
def test_corrupt_payloads_are_refused(kind: int, body: bytes) -> None:
    with pytest.raises(CorruptPayload):
        load("8.0", kind, bytes(body))


elements = st.lists(
    st.sampled_from([b"", b"a", b"12", b"-700", LONG, b"y" * 300, b"B" * 9000]), min_size=1, max_size=12
)


@pytest.mark.parametrize("profile", ALL)
@settings(max_examples=30)
@given(elements, st.sampled_from([-2, -1, 1, 3]), st.integers(0, 2), st.booleans())
def test_round_trip(profile: str, texts: list[bytes], setting: int, depth: int, compression: bool) -> None:
    limits = {"list_max_listpack_size": setting, "list_compress_depth": depth}
    value = made(profile, *texts, **limits)
    value.runtime.config.rdbcompression = compression
    data = payload.dump(value)
    read = payload.read(data, runtime_of(profile, **limits)).settle()
    assert isinstance(read, ListValue)
    assert read.elements() == texts
    check_layout(value)
    check_layout(read)
    twin = value.copy()
    assert (twin.encoding, twin.elements()) == (value.encoding, texts)
    check_layout(twin)


# -- as a list ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ALL)
@given(
    st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=14),
    st.integers(-5, 5).filter(bool),
    st.integers(0, 4),
    st.integers(0, 9),
    st.sampled_from([-2, 1, 3]),
)
def test_positions(profile: str, texts: list[bytes], rank: int, limit: int, longest: int, setting: int) -> None:
    value = made(profile, *texts, list_max_listpack_size=setting)
    order = list(range(len(texts)))[:: -1 if rank < 0 else 1]
    matches = [at for at in order[: longest or None] if texts[at] == b"a"][abs(rank) - 1 :]
    assert value.positions(b"a", rank, limit, longest) == matches[: limit or None]


@pytest.mark.parametrize("profile", ALL)
@given(st.integers(-15, 15), st.integers(-15, 15), st.sampled_from([-2, 1, 3]))
def test_range_and_trim(profile: str, start: int, stop: int, setting: int) -> None:
    texts = [b"%d" % n for n in range(8)]
    first, last = (at + 8 if at < 0 else at for at in (start, stop))
    expected = texts[max(first, 0) : max(last + 1, 0)]
    value = made(profile, *texts, list_max_listpack_size=setting)
    assert value.range(start, stop) == expected
    value.trim(start, stop)
    assert value.elements() == expected


@pytest.mark.parametrize("profile", ALL)
def test_traces(profile: str) -> None:
    value = made(profile, *[b"%d" % n for n in range(5)], list_max_listpack_size=2)
    assert value.trace_index(-1).result == "node 2, entry 0"
    assert value.trace_insert(b"1", b"x", after=True).steps
    few = made("8.0", b"a", b"b")
    assert few.trace_index(1).result == "entry 1 of the listpack"
    assert few.trace_index(2).result == "out of range"
    assert few.trace_insert(b"b", b"x", after=True).comparisons == 2
