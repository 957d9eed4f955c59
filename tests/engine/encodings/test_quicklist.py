"""Quicklists: what may join a node, where elements go, which nodes are compressed, and that nothing is lost."""

import doctest
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.encodings import lzf, quicklist
from rinspect.engine.encodings.compact import compact_class
from rinspect.engine.encodings.quicklist import Fill, Node, Place, Plain, Quicklist, trace_insert, trace_seek
from rinspect.engine.events import Event, NodeSplit
from rinspect.engine.profile import PROFILES
from tests.engine.checks import runtime_of

ALL = tuple(PROFILES)
LISTPACKS = ("7.0", "7.2", "7.4", "8.0")
PLAIN_NODES = ("7.4", "8.0")


def build(profile: str, fill: int, *nodes: list[bytes], depth: int = 0) -> Quicklist:
    """A quicklist with these nodes."""
    made = Quicklist(runtime_of(profile), fill, depth)
    for texts in nodes:
        made.append_blob(made.blob_class(texts))
    return made


def content(made: Quicklist) -> list[list[bytes]]:
    return [node.blob.texts for node in made.nodes()]


def split(words: str) -> list[list[bytes]]:
    """`"a b | c"` as nodes."""
    return [part.split() for part in words.encode().split(b"|")]


def compressed(made: Quicklist) -> str:
    """Z for a compressed node, r for a raw one, m for a raw one with the mark."""
    return "".join("Z" if node.compressed is not None else "m" if node.recompress else "r" for node in made.nodes())


def test_the_dump_in_the_docstring() -> None:
    assert doctest.testmod(quicklist) == doctest.TestResults(failed=0, attempted=6)


# -- fill ---------------------------------------------------------------------------------------------------------------


def blob_of(profile: str, size: int) -> Node:
    """A node whose blob takes so many bytes (some hundreds at least), with two entries."""
    kind = compact_class(PROFILES[profile])
    rest = size - kind([b"x", b"y" * 200]).nbytes
    blob = kind([b"x", b"y" * (200 + rest)])
    blob = kind([b"x", b"y" * (200 + rest - (blob.nbytes - size))])
    assert blob.nbytes == size
    return Node(blob)


@pytest.mark.parametrize("profile", LISTPACKS)
@pytest.mark.parametrize(
    ("setting", "limit"), [(-1, 4096), (-2, 8192), (-3, 16384), (-4, 32768), (-5, 65536), (-9, 65536), (7, 8192)]
)
def test_an_element_is_taken_to_need_eight_bytes_more(profile: str, setting: int, limit: int) -> None:
    fill = Fill(setting, PROFILES[profile])
    assert fill.accepts(blob_of(profile, limit - 108), 100)
    assert not fill.accepts(blob_of(profile, limit - 107), 100)


@pytest.mark.parametrize(
    ("length", "overhead"), [(1, 2), (63, 2), (64, 3), (253, 3), (254, 7), (16383, 7), (16384, 10)]
)
def test_a_ziplist_entry_is_estimated_by_its_lengths(length: int, overhead: int) -> None:
    fill = Fill(-5, PROFILES["6.2"])
    assert fill.accepts(blob_of("6.2", 65536 - length - overhead), length)
    assert not fill.accepts(blob_of("6.2", 65536 - length - overhead + 1), length)


@pytest.mark.parametrize("profile", ALL)
def test_a_positive_fill_counts_elements(profile: str) -> None:
    made = build(profile, 3)
    for text in (b"a", b"b", b"c", b"d"):
        made.push(text)
    assert content(made) == split("a b c|d")
    assert content(build_by_pushing(profile, 0, 3)) == split("0|1|2")


def build_by_pushing(profile: str, fill: int, count: int) -> Quicklist:
    made = build(profile, fill)
    for number in range(count):
        made.push(b"%d" % number)
    return made


@pytest.mark.parametrize(("profile", "discount"), [("6.2", 11), ("7.0", 11), ("7.2", 7), ("7.4", 7), ("8.0", 7)])
def test_two_nodes_merge_up_to_the_limit(profile: str, discount: int) -> None:
    fill = Fill(-1, PROFILES[profile])
    left = blob_of(profile, 2048)
    assert fill.merges(left, blob_of(profile, 2048 + discount))
    assert not fill.merges(left, blob_of(profile, 2048 + discount + 1))
    assert not fill.merges(left, None)


@pytest.mark.parametrize("profile", ALL)
def test_merging_heeds_the_number_of_elements(profile: str) -> None:
    left = blob_of(profile, 300)
    assert Fill(4, PROFILES[profile]).merges(left, blob_of(profile, 300))
    assert not Fill(3, PROFILES[profile]).merges(left, blob_of(profile, 300))


@pytest.mark.parametrize("profile", ALL)
@pytest.mark.parametrize(("setting", "limit"), [(-1, 4096), (-2, 8192), (5, 8192)])
def test_what_gets_a_plain_node(profile: str, setting: int, limit: int) -> None:
    made = build(profile, setting)
    made.push(b"x" * limit)
    made.push(b"y" * (limit + 1), head=True)
    assert [node.is_plain for node in made.nodes()] == [profile in PLAIN_NODES, False]


# -- where an element goes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ALL)
@pytest.mark.parametrize(
    ("nodes", "pivot", "after", "place", "result"),
    [
        ("a b|c d e|f", b"b", True, Place.INSIDE, "a b x|c d e|f"),
        ("a b|c d e|f", b"a", False, Place.INSIDE, "x a b|c d e|f"),
        ("a b|c d e|f", b"c", False, Place.NEIGHBOUR, "a b x|c d e|f"),
        ("a b c|d e f", b"d", False, Place.NEW, "a b c|x|d e f"),
        ("a|b c d|e f g", b"c", True, Place.SPLIT, "a b c|x d|e f g"),  # a and b c have merged
        ("a|b c d|e f g", b"c", False, Place.SPLIT, "a b x|c d|e f g"),
        ("a b c|d e f|g h i", b"e", True, Place.SPLIT, "a b c|d e|x f|g h i"),
        ("a b c|d e f|g|h", b"e", True, Place.SPLIT, "a b c|d e|x f g|h"),  # so do those behind it
    ],
)
def test_where_an_element_goes(profile: str, nodes: str, pivot: bytes, after: bool, place: Place, result: str) -> None:
    made = build(profile, 3, *split(nodes))
    assert made.insert_beside(pivot, b"x", after=after) is place
    assert content(made) == split(result)
    assert made.count == sum(map(len, split(result)))


@pytest.mark.parametrize(
    ("nodes", "pivot", "after", "later", "old"),
    [
        ("a b c|d e", b"c", True, (Place.NEIGHBOUR, "a b c|x d e"), (Place.SPLIT, "a b c|x d e")),
        ("a b c|d e f", b"c", True, (Place.NEW, "a b c|x|d e f"), (Place.SPLIT, "a b c|x|d e f")),
        ("a b c|d", b"a", False, (Place.NEW, "x|a b c|d"), (Place.SPLIT, "x|a b c|d")),
        ("a b c", b"c", True, (Place.NEW, "a b c|x"), (Place.SPLIT, "a b c|x")),
    ],
)
def test_6_2_splits_at_edges(
    nodes: str, pivot: bytes, after: bool, later: tuple[Place, str], old: tuple[Place, str]
) -> None:
    for profile in ALL:
        made = build(profile, 3, *split(nodes))
        place, result = old if profile == "6.2" else later
        assert made.insert_beside(pivot, b"x", after=after) is place
        assert content(made) == split(result)


def test_no_pivot() -> None:
    made = build("8.0", 3, *split("a b|c"))
    assert made.insert_beside(b"nope", b"x", after=True) is None
    assert content(made) == split("a b|c")


BIG = b"B" * 8193


@pytest.mark.parametrize("profile", PLAIN_NODES)
@pytest.mark.parametrize(
    ("nodes", "pivot", "after", "place", "result"),
    [
        ("a b c", b"a", False, Place.PLAIN, [[BIG], [b"a", b"b", b"c"]]),
        ("a b c", b"c", True, Place.PLAIN, [[b"a", b"b", b"c"], [BIG]]),
        ("a b c", b"b", True, Place.PLAIN_SPLIT, [[b"a", b"b"], [BIG], [b"c"]]),
        ("a b c", b"b", False, Place.PLAIN_SPLIT, [[b"a"], [BIG], [b"b", b"c"]]),
    ],
)
def test_a_big_element_stands_alone(
    profile: str, nodes: str, pivot: bytes, after: bool, place: Place, result: list[list[bytes]]
) -> None:
    made = build(profile, 5, *split(nodes))
    assert made.insert_beside(pivot, BIG, after=after) is place
    assert content(made) == result
    assert made.count == 4


@pytest.mark.parametrize("profile", PLAIN_NODES)
def test_replacing_by_a_big_element_splits(profile: str) -> None:
    made = build(profile, 5, *split("a b c d|e"))
    assert made.replace(1, BIG)
    assert content(made) == [[b"a"], [BIG], [b"c", b"d", b"e"]]  # behind it two nodes have merged
    assert made.replace(0, BIG)
    assert content(made) == [[BIG], [BIG], [b"c", b"d", b"e"]]
    assert made.replace(-1, BIG)
    assert content(made) == [[BIG], [BIG], [b"c", b"d"], [BIG]]
    assert made.count == 5


@pytest.mark.parametrize("profile", PLAIN_NODES)
def test_a_plain_node_replaced_by_a_small_element(profile: str) -> None:
    made = build(profile, 2, [b"a"])
    for text in (BIG, BIG, b"b"):
        made.push(text)
    assert made.replace(2, b"x")
    assert content(made) == [[b"a"], [BIG], [b"x", b"b"]]  # into the next node, which has room
    assert made.replace(1, b"y")
    assert content(made) == [[b"a"], [b"y"], [b"x", b"b"]]  # a new node: the next one is full now
    assert made.replace(1, BIG)
    assert made.replace(1, BIG + b"!")
    assert content(made) == [[b"a"], [BIG + b"!"], [b"x", b"b"]]


@pytest.mark.parametrize("profile", ALL)
def test_inside_a_node_nothing_is_split_for_a_longer_element(profile: str) -> None:
    made = build(profile, -1, [b"a" * 2000, b"b" * 2000])
    assert made.replace(0, b"c" * 4000)
    assert content(made) == [[b"c" * 4000, b"b" * 2000]]
    assert not made.replace(2, b"x")


# -- compression --------------------------------------------------------------------------------------------------------

LONG = b"compressible " * 6


@pytest.mark.parametrize("profile", ALL)
@pytest.mark.parametrize(
    ("depth", "state"), [(0, "rrrrrr"), (1, "rZZZZr"), (2, "rrZZrr"), (3, "rrrrrr"), (9, "rrrrrr")]
)
def test_the_ends_stay_raw(profile: str, depth: int, state: str) -> None:
    made = build(profile, 1, *([LONG + b"%d" % n] for n in range(6)), depth=depth)
    assert compressed(made) == state


@pytest.mark.parametrize("profile", ALL)
def test_short_and_random_blobs_stay_raw(profile: str) -> None:
    noise = bytes(range(100))
    made = build(profile, 1, [b"a"], [b"a" * 34], [b"a" * 40], [noise], [b"a"], depth=1)
    # 34 bytes with header, entry and end make fewer than 48.
    assert compressed(made) == "rrZrr"


@pytest.mark.parametrize("profile", ALL)
def test_reading_unpacks_and_packs_again(profile: str) -> None:
    made = build(profile, 1, *([LONG + b"%d" % n] for n in range(6)), depth=1)
    assert made.slice(0, 6) == [LONG + b"%d" % n for n in range(6)]
    assert compressed(made) == "rZZZZr"
    # An iterator that ends on a node leaves it unpacked in 6.2.
    assert made.slice(1, 2) == [LONG + b"1", LONG + b"2"]
    assert compressed(made) == ("rZmZZr" if profile == "6.2" else "rZZZZr")
    assert made.at(3) == LONG + b"3"
    assert compressed(made) == ("rZmmZr" if profile == "6.2" else "rZZZZr")
    assert made.replace(2, LONG)
    assert made.replace(3, LONG)
    assert compressed(made) == "rZZZZr"


@pytest.mark.parametrize("profile", ALL)
def test_a_raw_inner_node_that_grows_stays_raw_until_something_settles(profile: str) -> None:
    made = build(profile, 4, [b"h"], [b"a"], [b"m"], [b"z"], [b"t"], depth=1)
    assert made.insert_beside(b"m", LONG, after=True) is Place.INSIDE
    assert compressed(made) == "rrrrr"
    made.link(Node(made.blob_class([b"new"])), made.head, after=False)
    made.count += 1
    assert compressed(made) == "rrrrrr"  # only the first inner nodes are tried
    made.slice(0, made.count)
    assert compressed(made) == "rrrZrr"  # leaving an unmarked node tries it


@pytest.mark.parametrize("profile", ALL)
def test_unlinking_unpacks_what_becomes_an_end(profile: str) -> None:
    made = build(profile, 1, *([LONG + b"%d" % n] for n in range(4)), depth=1)
    assert made.pop(head=True) == LONG + b"0"
    assert compressed(made) == "rZr"
    assert made.pop(head=False) == LONG + b"3"
    assert compressed(made) == "rr"


def test_6_2_may_compress_an_end_and_goes_on() -> None:
    """That server damages such a list with the next push; this one unpacks the node."""
    made = build("6.2", 3, [LONG], [LONG] * 3, [LONG], depth=1)
    assert made.at(2) == LONG
    made.delete(0, 2)
    assert compressed(made) == "Zr"
    made.push(b"x", head=True)
    assert content(made) == [[b"x", LONG, LONG], [LONG]]
    assert compressed(made) == "rr"
    check(made)


@pytest.mark.parametrize("profile", ALL)
def test_what_is_compressed_unpacks_to_the_blob(profile: str) -> None:
    made = build(profile, 2, [b"a"], [LONG, b"12"], [b"z"], depth=1)
    node = made.node_at(1)
    assert node is not None
    assert node.compressed is not None
    assert lzf.decompress(node.compressed, node.blob.nbytes) == bytes(node.blob.data)
    measure = node.weigh(made.runtime)
    assert measure.asked == len(node.compressed) + (4 if profile == "6.2" else 8)
    assert measure.charged == (len(node.compressed) if profile == "6.2" else made.runtime.usable(measure.asked))


# -- everything together ------------------------------------------------------------------------------------------------


def check(made: Quicklist) -> None:
    """The links, the counts, the bytes and the running totals."""
    nodes = list(made.nodes())
    assert made.nodes_count == len(nodes)
    assert made.count == sum(len(node) for node in nodes)
    assert [node.prev for node in nodes] == [None, *nodes][: len(nodes)]
    assert made.tail is (nodes[-1] if nodes else None)
    by_kind: dict[str, list[int]] = {}
    for node in nodes:
        if not isinstance(node.blob, Plain):
            assert type(node.blob).from_bytes(bytes(node.blob.data)).texts == node.blob.texts
        if node.compressed is not None:
            assert lzf.decompress(node.compressed, node.blob.nbytes) == bytes(node.blob.data)
        measure = node.weigh(made.runtime)
        sums = by_kind.setdefault(measure.kind, [0, 0, 0, 0])
        for slot, number in enumerate((1, measure.asked, measure.size_class, measure.charged)):
            sums[slot] += number
    totals = made.totals()
    assert {k: [t.count, t.asked, t.size_class, t.charged] for k, t in totals.items()} == by_kind


texts = st.sampled_from([b"a", b"b", b"12", b"", LONG, b"y" * 250, b"z" * 3000, b"B" * 9000])
operations = st.lists(
    st.tuples(
        st.sampled_from(["head", "tail", "pop", "before", "after", "set", "delete", "remove", "read", "copy"]),
        st.integers(-40, 40),
        texts,
        texts,
    ),
    max_size=40,
)


def insert(model: list[bytes], pivot: bytes, text: bytes, after: bool) -> None:
    if pivot in model:
        model.insert(model.index(pivot) + after, text)


def remove(model: list[bytes], text: bytes, count: int) -> None:
    places = [at for at, here in enumerate(model) if here == text]
    places = places[:count] if count > 0 else places[count:]
    for at in reversed(places):
        del model[at]


def step(made: Quicklist, model: list[bytes], name: str, number: int, text: bytes, other: bytes) -> Quicklist:
    length = len(model)
    if name in ("before", "after"):
        made.insert_beside(other, text, after=name == "after")
        insert(model, other, text, name == "after")
    elif name == "remove":
        made.remove(text, abs(number) % 3, backwards=number < 0)
        remove(model, text, (abs(number) % 3) * (-1 if number < 0 else 1))
    elif name == "delete":
        made.delete(number, 3)
        if -length <= number < length:
            at = number % length
            del model[at : at + 3]
    elif name == "set":
        assert made.replace(number, text) == (-length <= number < length)
        if -length <= number < length:
            model[number] = text
    elif name == "read":
        expected = model[number] if -length <= number < length else None
        assert made.at(number) == expected
        first = number % (length or 1)
        assert made.slice(first, 7) == model[first : first + 7]
        assert made.slice(first, 7, backwards=True) == model[max(first - 6, 0) : first + 1][::-1]
    elif name == "copy":
        return made.copy()
    elif name == "pop":
        if model:
            assert made.pop(head=number < 0) == model.pop(0 if number < 0 else -1)
    elif name == "head":
        made.push(text, head=True)
        model.insert(0, text)
    else:
        made.push(text)
        model.append(text)
    return made


@pytest.mark.parametrize("profile", ALL)
@given(st.sampled_from([-1, -2, 0, 1, 2, 3, 5]), st.integers(0, 3), operations)
def test_it_holds_what_a_list_holds(
    profile: str, fill: int, depth: int, steps: list[tuple[str, int, bytes, bytes]]
) -> None:
    made, model = build(profile, fill, depth=depth), []  # type: ignore[var-annotated]
    for name, number, text, other in steps:
        made = step(made, model, name, number, text, other)
        assert [text for node in made.nodes() for text in node.blob.texts] == model
        check(made)
    if made.fill.count < 1 << 30:
        assert all(len(node) <= made.fill.count for node in made.nodes())


# -- what is told -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", ALL)
def test_seeking_goes_from_the_nearer_end(profile: str) -> None:
    made = build(profile, 2, *split("a b|c d|e f|g h"))
    assert trace_seek(made, 2).result == "node 1, entry 0"
    assert [step.at for step in trace_seek(made, 2).steps] == ["node 0", "node 1"]
    assert [step.at for step in trace_seek(made, -3).steps] == ["node 3", "node 2"]
    assert trace_seek(made, -3).result == "node 2, entry 1"
    assert trace_seek(made, 8).result == trace_seek(made, -9).result == "out of range"


@given(st.integers(-12, 12))
def test_the_trace_of_a_seek_ends_where_the_element_is(index: int) -> None:
    made = build("8.0", 3, *split("a b c|d|e f|g h i"))
    found = made.locate(index)
    if found is None:
        assert trace_seek(made, index).result == "out of range"
    else:
        node, offset = found
        assert trace_seek(made, index).result == f"node {made.position(node)}, entry {offset}"


@pytest.mark.parametrize("profile", ALL)
def test_the_trace_of_an_insertion_changes_nothing(profile: str) -> None:
    made = build(profile, 3, *split("a|b c d|e f g"), depth=1)
    trace = trace_insert(made, b"c", b"x", after=True)
    assert content(made) == split("a|b c d|e f g")
    assert (trace.result, trace.comparisons) == ("split", 3)
    assert [(step.at, step.decided.split(":")[0]) for step in trace.steps[3:]] == [
        ("nodes 2 and 3", "too much for one node"),  # x d and e f g
        ("nodes 0 and 1", "one node of 3"),  # a and b c
        ("nodes 0 and 1", "too much for one node"),  # a b c and x d
    ]
    assert [step.at for step in trace.steps[:3]] == ["node 0", "node 1", "node 1"]
    assert trace_insert(made, b"nope", b"x", after=True).result == "no pivot"
    assert trace_insert(made, b"a", b"x", after=True).result == "inside"


def watch(made: Quicklist, seen: list[Event]) -> Callable[[], None]:
    made.runtime.observers.append(seen.append)
    made.owner = 77
    return lambda: made.runtime.observers.remove(seen.append)


def test_a_split_is_told() -> None:
    made, seen = build("8.0", 3, *split("a b c|d e f")), list[Event]()
    stop = watch(made, seen)
    made.insert_beside(b"d", b"x", after=True)
    assert seen == [NodeSplit(77, 1, 1)]
    stop()
    made.insert_beside(b"b", b"x", after=True)
    assert len(seen) == 1
