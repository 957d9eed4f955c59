"""Streams: how nodes fill, are trimmed and go; what they cost; how they look."""

import doctest
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rinspect.engine import payload
from rinspect.engine.encodings import streamnode
from rinspect.engine.encodings.streamid import LAST_ID, id_key, make_id
from rinspect.engine.encodings.streamnode import StreamNode
from rinspect.engine.layout import WHOLE, Window
from rinspect.engine.payload.codec import Reader
from rinspect.engine.profile import PROFILES
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.stream_groups import UNKNOWN, Nack
from rinspect.engine.values.stream_reads import count_read, lag, place_of
from rinspect.engine.values.stream_trace import trace_id
from tests.engine.checks import runtime_of
from tests.engine.values.parts import check_parts

every = pytest.mark.parametrize("profile", PROFILES)

Entries = dict[int, list[bytes]]


def stream_of(count: int, profile: str = "8.0", **limits: int) -> StreamValue:
    """A stream with entries 1-0, 2-0, … of one field."""
    stream = StreamValue(runtime_of(profile, **limits))
    for number in range(1, count + 1):
        stream.add(make_id(number, 0), [b"field", b"value:%d" % number])
    return stream


def nodes(stream: StreamValue) -> list[StreamNode]:
    return list(stream.nodes.values())


def check(stream: StreamValue, expected: Entries) -> None:
    """The stream holds these entries, and its totals and caches hold."""
    ids = sorted(expected)
    assert list(stream.entries()) == [(identity, expected[identity]) for identity in ids]
    assert list(stream.entries(backward=True)) == [(identity, expected[identity]) for identity in reversed(ids)]
    assert len(stream) == len(ids)
    assert stream.first_id == min(ids, default=0)
    assert stream.last_entry_id() == max(ids, default=0)
    assert sum(node.count for node in nodes(stream)) == len(ids)
    assert sum(node.room for node in nodes(stream)) == stream.room
    assert all(node.count > 0 for node in nodes(stream))
    for node in nodes(stream):
        found = StreamNode.found(node.first, node.pack, stream.runtime.usable)
        assert found.starts == node.starts
        assert node.room >= node.nbytes
    assert stream.allocated() == stream.layout(Window(0, 0)).size_class


IDS = st.builds(make_id, st.integers(0, 3), st.integers(0, 8))
WORDS = st.sampled_from([[b"a", b"1"], [b"a", b"x" * 70], [b"a", b"1", b"b", b"2"], [b"b", b"-5", b"b", b"300"]])
STEPS = st.one_of(
    st.tuples(st.just("add"), IDS, WORDS),
    st.tuples(st.just("delete"), IDS, WORDS),
    st.tuples(st.just("maxlen"), st.integers(0, 8), WORDS),
    st.tuples(st.just("minid"), IDS, WORDS),
)


@settings(max_examples=50)
@given(st.lists(STEPS, max_size=25), st.integers(0, 4), st.sampled_from([0, 100, 4096]), IDS, IDS)
def test_it_holds_what_a_dict_holds(
    steps: list[tuple[str, int, list[bytes]]], most: int, size: int, start: int, end: int
) -> None:
    stream = StreamValue(runtime_of("8.0", stream_node_max_entries=most, stream_node_max_bytes=size))
    expected: Entries = {}
    last = 0
    for what, number, words in steps:
        if what == "add":
            last = last + 1 + number % 7
            stream.add(last, words)
            expected[last] = words
        elif what == "delete":
            identity = sorted(expected)[number % len(expected)] if expected else number
            assert stream.delete(identity) == (identity in expected)
            expected.pop(identity, None)
        elif what == "maxlen":
            gone = max(0, len(expected) - number)
            assert stream.trim(maxlen=number) == gone
            expected = {identity: expected[identity] for identity in sorted(expected)[gone:]}
        else:
            kept = {identity: words for identity, words in expected.items() if identity >= number}
            assert stream.trim(minid=number) == len(expected) - len(kept)
            expected = kept
        check(stream, expected)
    between = [(identity, expected[identity]) for identity in sorted(expected) if start <= identity <= end]
    assert list(stream.entries(start, end)) == between
    assert list(stream.entries(start, end, backward=True)) == between[::-1]
    check(stream.copy(), expected)
    check_parts(stream)


def test_a_node_ends_at_its_hundredth_entry() -> None:
    assert [node.count for node in nodes(stream_of(250))] == [100, 100, 50]
    assert [node.count for node in nodes(stream_of(7, stream_node_max_entries=3))] == [3, 3, 1]
    assert [node.count for node in nodes(stream_of(250, stream_node_max_entries=0, stream_node_max_bytes=0))] == [250]


def test_deleted_entries_take_their_place() -> None:
    stream = stream_of(3, stream_node_max_entries=3)
    stream.delete(make_id(2, 0))
    stream.add(make_id(4, 0), [b"field", b"x"])
    assert [(node.count, node.deleted) for node in nodes(stream)] == [(2, 1), (1, 0)]


def test_a_node_ends_where_the_texts_would_reach_the_limit() -> None:
    stream = StreamValue(runtime_of("8.0", stream_node_max_bytes=100))
    stream.add(1, [b"a", b"b"])
    size = nodes(stream)[0].nbytes
    stream.add(2, [b"a", b"x" * (100 - size - 2)])
    assert len(stream.nodes) == 1
    fuller = StreamValue(runtime_of("8.0", stream_node_max_bytes=100))
    fuller.add(1, [b"a", b"b"])
    fuller.add(2, [b"a", b"x" * (100 - size - 1)])
    assert len(fuller.nodes) == 2


def test_room_for_what_is_to_come() -> None:
    stream = stream_of(100)
    (node,) = nodes(stream)
    assert node.room == 4096
    assert node.nbytes < 2000
    stream.add(make_id(200, 0), [b"field", b"x"])
    assert node.room == stream.runtime.usable(node.nbytes)
    assert nodes(stream_of(1, stream_node_max_bytes=50))[0].room == stream.runtime.usable(50)


def test_trimming_to_a_length_roughly_takes_whole_nodes() -> None:
    stream = stream_of(10, stream_node_max_entries=3)
    assert stream.trim(maxlen=5, approximately=True) == 3
    assert stream.trim(maxlen=4, approximately=True, limit=2) == 0
    assert stream.trim(maxlen=4, approximately=True, limit=3) == 3
    assert stream.trim(minid=make_id(9, 0), approximately=True) == 0
    assert stream.trim(minid=make_id(10, 0), approximately=True) == 3
    assert [node.count for node in nodes(stream)] == [1]


def test_trimming_exactly_marks_what_it_cannot_take() -> None:
    stream = stream_of(10, stream_node_max_entries=5)
    assert stream.trim(maxlen=7) == 3
    assert [(node.count, node.deleted) for node in nodes(stream)] == [(2, 3), (5, 0)]
    assert stream.first_id == make_id(4, 0)
    # Only XDEL is remembered as having left a gap.
    assert stream.max_deleted_id == 0


def test_a_hundred_and_twenty_eight_entries_take_a_byte_more() -> None:
    stream = stream_of(128, stream_node_max_entries=0, stream_node_max_bytes=0)
    (node,) = nodes(stream)
    before, room = node.nbytes, node.room
    assert room == 4096
    stream.delete(make_id(7, 0))
    # The count is shorter, and what becomes shorter gives back its room.
    assert node.nbytes == before - 1
    assert node.room == stream.runtime.usable(node.nbytes) < room


@every
def test_layout(profile: str) -> None:
    stream = stream_of(7, profile, stream_node_max_entries=3)
    whole = check_parts(stream)
    assert whole.elements == 3
    assert {run.name for run in whole.runs} == {"robj", "stream", "rax", "raxNode", "listpack"}
    stream.delete(make_id(1, 0))
    group = stream.add_group(b"group", make_id(2, 0))
    stream.add_group(b"gross", 0)
    for name in (b"al", b"al's brother", b""):
        consumer = group.add_consumer(name, 5)
        for number in range(3):
            group.add_pending(make_id(len(name), number), Nack(consumer, 5))
    whole = check_parts(stream)
    assert whole.elements == 3 + (1 + 9 + 3 * (1 + 3)) + 1
    sizes = {allocation.name: allocation.asked for allocation in whole.allocations}
    found = tuple(sizes[name] for name in ("stream", "streamCG", "streamConsumer", "streamNACK"))
    assert found == PROFILES[profile].stream_sizes


def test_an_empty_tree_keeps_its_first_node() -> None:
    stream = stream_of(1)
    stream.delete(make_id(1, 0))
    assert len(stream.nodes) == 0
    names = [allocation.name for allocation in check_parts(stream).allocations]
    assert names == ["robj", "stream", "rax", "raxNode"]


def test_a_node_says_what_its_numbers_mean() -> None:
    stream = StreamValue(runtime_of("8.0"))
    stream.add(make_id(1000, 5), [b"t", b"21"])
    stream.add(make_id(1007, 1), [b"t", b"22"])
    stream.add(make_id(1009, 0), [b"door", b"open"])
    stream.delete(make_id(1007, 1))
    listpack = next(a for a in stream.layout(WHOLE).allocations if a.name == "listpack")
    notes = {(field.name, field.value): field.note for field in listpack.fields}
    assert notes["count", 2].startswith("2 entries of the node are not deleted")
    assert notes["flags", 3].startswith("flags: deleted, the fields are the master entry’s")
    assert notes["flags", 0].startswith("flags: fields of its own")
    assert notes["ms", 7].startswith("1000 + 7: the entry is of 1007")
    assert notes["seq", -4].startswith("5 + -4: its sequence number is 1")
    assert notes["lp-count", 6].startswith("the entry takes the 6 elements before this one")
    room = listpack.fields[-1]
    assert (room.name, room.end) == ("room", 4096)


def test_memory_usage_of_samples() -> None:
    stream = stream_of(250)
    sizes = [node.room for node in nodes(stream)]
    assert len(set(sizes)) > 1
    rest = stream.charged() - sum(sizes)
    assert stream.charged(1) == rest + 2 * sizes[0] + sizes[2]
    assert stream.charged(2) == rest + 2 * ((sizes[0] + sizes[1]) // 2) + sizes[2]
    assert stream.charged(3) == stream.charged(5) == stream.charged(0)


# -- groups ------------------------------------------------------------------------------------------------------------


def test_what_is_pending_is_pending_for_one() -> None:
    stream = stream_of(5)
    group = stream.add_group(b"g", 0)
    al, bo = group.add_consumer(b"al", 1), group.add_consumer(b"bo", 2)
    for number in (1, 2, 3):
        group.deliver(make_id(number, 0), al, 10)
    group.deliver(make_id(2, 0), bo, 20)
    assert (len(group.pel), len(al.pel), len(bo.pel)) == (3, 2, 1)
    nack = group.pending(make_id(2, 0))
    assert nack is not None
    assert (nack.consumer, nack.delivery_time, nack.delivery_count) == (bo, 20, 1)
    assert group.acknowledge(make_id(2, 0))
    assert not group.acknowledge(make_id(2, 0))
    assert (len(group.pel), len(bo.pel)) == (2, 0)
    assert group.drop_consumer(al) == 2
    assert (len(group.pel), list(group.consumers.keys())) == (0, [b"bo"])


def test_a_copy_has_groups_of_its_own() -> None:
    stream = stream_of(5)
    group = stream.add_group(b"g", make_id(3, 0), 3)
    group.deliver(make_id(1, 0), group.add_consumer(b"al", 1), 10)
    twin = stream.copy()
    assert payload.dump(twin) == payload.dump(stream)
    group.acknowledge(make_id(1, 0))
    copied = twin.group(b"g")
    assert copied is not None
    nack = copied.pending(make_id(1, 0))
    assert nack is not None
    assert copied.consumer(b"al") is nack.consumer
    assert nack.consumer.pel.find(id_key(make_id(1, 0))) is nack


@every
def test_payload_and_back(profile: str) -> None:
    stream = stream_of(7, profile, stream_node_max_entries=3)
    stream.delete(make_id(2, 0))
    group = stream.add_group(b"g", make_id(3, 0), -1)
    stream.add_group(b"", LAST_ID, 7)
    consumer = group.add_consumer(b"al", 1_000)
    consumer.active_time = -1
    group.deliver(make_id(1, 0), consumer, 2_000)
    data = payload.dump(stream)
    assert data[0] == {"6.2": 15, "7.0": 19}.get(profile, 21)
    again = payload.load_value(data[0], Reader(data, 1, len(data) - payload.FOOTER), stream.runtime)
    assert payload.dump(again) == data
    assert isinstance(again, StreamValue)
    assert again.charged() == again.layout(WHOLE).charged
    check_parts(again)


@pytest.mark.parametrize(
    ("change", "identity", "expected"),
    [
        (lambda stream: None, 0, 0),
        (lambda stream: None, make_id(1, 0), 1),
        (lambda stream: None, make_id(2, 0), UNKNOWN),
        (lambda stream: None, make_id(5, 0), 5),
        (lambda stream: None, make_id(9, 0), UNKNOWN),
        (lambda stream: stream.delete(make_id(1, 0)), make_id(1, 0), 1),
        (lambda stream: stream.delete(make_id(3, 0)), make_id(1, 0), UNKNOWN),
        (lambda stream: stream.trim(maxlen=2), 0, 3),
        (lambda stream: stream.trim(maxlen=0), make_id(3, 0), 5),
    ],
)
def test_how_many_entries_are_up_to_an_id(
    change: Callable[[StreamValue], object], identity: int, expected: int
) -> None:
    stream = stream_of(5)
    change(stream)
    assert place_of(stream, identity) == expected


def test_the_lag_of_a_group() -> None:
    stream = stream_of(5)
    group = stream.add_group(b"g", 0)
    assert lag(stream, group) == 5
    count_read(stream, group, make_id(1, 0))
    assert (group.entries_read, lag(stream, group)) == (1, 4)
    stream.delete(make_id(3, 0))
    assert lag(stream, group) is None
    for number in (2, 4, 5):
        count_read(stream, group, make_id(number, 0))
    assert (group.entries_read, lag(stream, group)) == (5, 0)


def test_the_way_to_an_entry() -> None:
    stream = stream_of(9, stream_node_max_entries=4)
    stream.delete(make_id(6, 0))
    found = trace_id(stream, b"7-0")
    assert found is not None
    assert (found.result, found.comparisons) == ("node 1, entry 2", 3)
    assert [step.saw for step in found.steps] == ["5-0", "6-0 (deleted)", "7-0"]
    results = {}
    for word in (b"6-0", b"6", b"4-5", b"0-1", b"99-0", b"9"):
        trace = trace_id(stream, word)
        assert trace is not None
        results[word] = (trace.result, trace.comparisons)
    assert results == {
        b"6-0": ("not there", 2),
        b"6": ("not there", 2),
        b"4-5": ("not there", 4),
        b"0-1": ("before the first node: not there", 0),
        b"99-0": ("not there", 1),
        b"9": ("node 2, entry 0", 1),
    }
    assert trace_id(stream, b"x") is None


def test_the_example_in_the_docstring() -> None:
    assert doctest.testmod(streamnode) == doctest.TestResults(failed=0, attempted=4)
