"""The skiplist against a sorted list: order, spans, backward pointers, levels, and what its traces say."""

import doctest
from bisect import insort
from itertools import islice
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.allocator import Allocator
from rinspect.engine.encodings import skiplist
from rinspect.engine.encodings.bounds import score_bounds
from rinspect.engine.encodings.skiplist import (
    MAX_LEVEL,
    Rung,
    Skiplist,
    level_of,
    node_of,
    node_size,
    rungs,
)

INF = float("inf")
SCORES = st.sampled_from([0.0, 1.0, 1.5, 2.0, -3.0, INF, -INF])
MEMBERS = st.binary(max_size=2)


def check(names: Skiplist, expected: list[tuple[float, bytes]]) -> None:
    """Everything that links the nodes agrees with the order that they should have."""
    nodes = list(names)
    assert [(node.score, node.member) for node in nodes] == expected
    assert len(names) == len(expected)
    if nodes:
        assert list(names.nodes_backward(len(nodes) - 1))[::-1] == nodes
    else:
        assert names.end.backward is names.head
    assert names.levels == max(map(level_of, nodes), default=1)
    for level in range(1, names.levels + 1):
        check_level(names, nodes, level)
    for level in range(1, MAX_LEVEL + 1):
        assert names.heights[level] == sum(level_of(node) == level for node in nodes)


def check_level(names: Skiplist, nodes: list[Rung], level: int) -> None:
    """One level's spans are differences of ranks, and its rungs know who comes before them and who is above."""
    ranks = {names.head: 0} | {node: rank for rank, node in enumerate(nodes, 1)}
    node: Rung | None = names.head
    walked = []
    while node is not None:
        walked.append(node)
        follower, span = names.steps(node)[level - 1]
        # A step to nil passes over all nodes that are left.
        assert span == (len(nodes) if follower is None else ranks[follower]) - ranks[node]
        node = follower
    assert walked[1:] == [node for node in nodes if level_of(node) >= level]
    last, last_above = names.head, names.head
    for node in walked[1:]:
        (rung,) = islice(rungs(node), level - 1, level)
        assert (rung.score, rung.member) == (node.score, node.member)
        assert node_of(rung) is node
        assert node_of(rung.backward) is last
        last = node
        if level_of(node) > level:
            last_above = node
        assert node_of(rung.above) is last_above


def check_lookups(names: Skiplist, expected: list[tuple[float, bytes]]) -> None:
    for rank, (score, member) in enumerate(expected):
        assert names.rank(score, member) == rank
        assert names.by_rank(rank).member == member
        assert names.trace_rank(score, member).result == f"rank {rank}"
        assert names.trace_by_rank(rank).steps
    assert names.by_rank(len(expected)) is names.end


class Model:
    """A skiplist and the list of what should be in it."""

    def __init__(self, seed: int) -> None:
        self.names = Skiplist(Random(seed))
        self.ranked: list[tuple[float, bytes]] = []
        self.nodes: dict[bytes, Rung] = {}

    def put(self, score: float, member: bytes) -> None:
        if member not in self.nodes:
            self.nodes[member] = self.names.insert(score, member)
        else:
            self.ranked.remove((self.nodes[member].score, member))
            self.names.update_score(self.nodes[member], score)
        insort(self.ranked, (score, member))

    def delete(self, member: bytes) -> None:
        node = self.nodes.pop(member, None)
        if node is not None:
            self.ranked.remove((node.score, member))
            self.names.delete(node)

    def delete_ranks(self, start: int, stop: int) -> None:
        gone = self.names.delete_ranks(start, stop)
        assert [(node.score, node.member) for node in gone] == self.ranked[start:stop]
        del self.ranked[start:stop]
        for node in gone:
            del self.nodes[node.member]


OPERATIONS = st.one_of(
    st.tuples(st.just("put"), SCORES, MEMBERS),
    st.tuples(st.just("put"), SCORES, MEMBERS),
    st.tuples(st.just("delete"), MEMBERS),
    st.tuples(st.just("delete_ranks"), st.integers(0, 8), st.integers(0, 8)),
)


@given(st.lists(OPERATIONS, max_size=40), st.integers(0, 1 << 30))
def test_spans_are_ranks_after_any_operations(operations: list[tuple[object, ...]], seed: int) -> None:
    model = Model(seed)
    for name, *arguments in operations:
        getattr(model, str(name))(*arguments)
        check(model.names, model.ranked)
    check_lookups(model.names, model.ranked)


def test_many_nodes() -> None:
    model, rng = Model(3), Random(4)
    for _ in range(2000):
        model.put(rng.randrange(500) / 4, b"%d" % rng.randrange(1000))
    check(model.names, model.ranked)
    check_lookups(model.names, model.ranked)
    for _ in range(20):
        start = rng.randrange(len(model.ranked))
        model.delete_ranks(start, start + rng.randrange(30))
    check(model.names, model.ranked)


def test_a_node_that_keeps_its_place_stays() -> None:
    names = Skiplist(Random(0))
    first, second = names.insert(1, b"a"), names.insert(5, b"b")
    first.serial, second.serial = 1, 2
    names.update_score(first, 4.9)
    names.update_score(second, 100)
    assert (first.serial, second.serial) == (1, 2)
    check(names, [(4.9, b"a"), (100, b"b")])
    # With the score of a neighbour the server moves it, even where its place stays the same: a node not seen before.
    names.update_score(first, 100)
    assert first.serial == 0
    check(names, [(100, b"a"), (100, b"b")])


def test_count_before_finds_where_a_predicate_ends() -> None:
    model = Model(1)
    for number in range(100):
        model.put(number // 3, b"%02d" % number)
    for limit in (-1.0, 0.0, 5.0, 33.0, 40.0):
        expected = sum(score < limit for score, _ in model.ranked)
        assert model.names.count_before(score_bounds(limit, INF).before) == expected


def test_levels_follow_the_geometric_distribution() -> None:
    """The mean node of 20,000 took 45.75 … 45.83 bytes in real servers, against 45.84 by theory."""
    names = Skiplist(Random(6))
    for number in range(20_000):
        names.insert(number, b"%d" % number)
    usable = Allocator().usable
    taken = sum(usable(node_size(level)) * count for level, count in enumerate(names.heights))
    assert 45.6 < taken / 20_000 < 46.1
    for level in (1, 2, 3):
        expected = 20_000 * 0.75 / 4 ** (level - 1)
        assert abs(names.heights[level] - expected) < 4 * expected**0.5


def test_the_same_chance_gives_the_same_levels() -> None:
    one, other = Skiplist(Random(9)), Skiplist(Random(9))
    for number in range(200):
        one.insert(number, b"%d" % number)
        other.insert(number, b"%d" % number)
    assert one.drawn() == other.drawn()


def test_a_trace_walks_down_the_levels() -> None:
    names = Skiplist(Random(410))
    for score, member in ((2, b"cyd"), (1, b"ada"), (7, b"eve"), (1.5, b"bob"), (2, b"dan")):
        names.insert(score, member)
    trace = names.trace_rank(2, b"dan")
    assert [(step.level, step.at, step.saw, step.decided, step.rank) for step in trace.steps] == [
        (3, "head", "cyd (2)", "go on by 3", 3),
        (3, "cyd", "nil", "down", 3),
        (2, "cyd", "nil", "down", 3),
        (1, "cyd", "dan (2)", "go on by 1", 4),
        (1, "dan", "eve (7)", "too far: here", 4),
    ]
    assert (trace.comparisons, trace.result) == (3, "rank 3")
    assert names.trace_rank(2, b"fay").result == "not there"
    assert names.trace_by_rank(4).result == "eve (7)"
    assert names.trace_by_rank(5).result == "not there"
    assert names.trace_insert(1.2, b"x").result == "after ada (1), rank 1"
    assert names.trace_insert(-1, b"x").result == "at the head, rank 0"
    assert [node.member for node in names] == [b"ada", b"bob", b"cyd", b"dan", b"eve"]


def test_the_examples_in_the_docstring() -> None:
    assert doctest.testmod(skiplist) == doctest.TestResults(failed=0, attempted=5)
