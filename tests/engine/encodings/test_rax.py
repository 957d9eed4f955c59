"""The radix tree against a sorted dict; its shape against what the shape has to be."""

import doctest
from bisect import bisect_left, bisect_right
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rinspect.engine.allocator import Allocator
from rinspect.engine.encodings import rax
from rinspect.engine.encodings.rax import HEADER, Node, Rax, _shared

NAMES = st.text("ab", max_size=6).map(str.encode) | st.binary(max_size=3)
IDS = st.tuples(st.integers(0, 3), st.integers(0, 70_000)).map(
    lambda parts: (1_700_000_000_000 + parts[0]).to_bytes(8, "big") + parts[1].to_bytes(8, "big")
)


def check(tree: Rax[int], expected: dict[bytes, int]) -> None:
    """What the tree says of itself, and of what is in it, holds."""
    keys = sorted(expected)
    assert list(tree.items()) == [(key, expected[key]) for key in keys]
    assert list(tree.backward()) == [(key, expected[key]) for key in reversed(keys)]
    assert tree.numele == len(tree) == len(keys)
    assert tree.index == expected
    nodes = [node for node, _, _ in tree.nodes()]
    assert len(nodes) == tree.numnodes
    assert sum(node.asked for node in nodes) == tree.asked
    assert sum(Allocator().usable(node.asked) for node in nodes) == tree.size_class
    for node in nodes:
        assert node.asked >= node.size
        assert node.is_compressed == (len(node.chars) > 1 and len(node.children) == 1)
        if not node.is_compressed:
            assert len(node.chars) == len(node.children)
            assert list(node.chars) == sorted(node.chars)
        assert node.children or node.is_key or node is tree.head


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(["insert", "insert", "remove"]), NAMES | IDS), max_size=60), NAMES | IDS)
def test_it_holds_what_a_dict_holds(steps: list[tuple[str, bytes]], bound: bytes) -> None:
    tree: Rax[int] = Rax(Allocator().usable)
    expected: dict[bytes, int] = {}
    for number, (what, key) in enumerate(steps):
        if what == "insert":
            assert tree.insert(key, number) == (key not in expected)
            expected[key] = number
        else:
            assert tree.remove(key) == (expected.pop(key, None) is not None)
        check(tree, expected)
    keys = sorted(expected)
    assert [key for key, _ in tree.items(bound)] == keys[bisect_left(keys, bound) :]
    assert [key for key, _ in tree.backward(bound)] == keys[: bisect_right(keys, bound)][::-1]
    assert tree.find(bound) == expected.get(bound)


@given(st.sets(IDS, max_size=40), st.sets(IDS, max_size=40))
def test_keys_of_one_length_leave_no_trace(stay: set[bytes], go: set[bytes]) -> None:
    """However it came about, the tree of the same ids has the same nodes; the last value is the last key's."""
    tree, fresh = Rax[bytes](), Rax[bytes]()
    for key in [*stay, *go]:
        tree.insert(key, key)
    for key in go - stay:
        tree.remove(key)
    for key in sorted(stay):
        fresh.insert(key, key)
    assert shape(tree.head) == shape(fresh.head)
    assert tree.last() == max(stay, default=None)


def shape(node: Node[bytes]) -> object:
    return node.chars, node.is_key, [shape(child) for child in node.children]


@pytest.mark.parametrize(
    ("keys", "nodes"),
    [
        ([], 1),
        ([b"annibale"], 2),
        ([b"annibale", b"annientare"], 6),
        ([b"annibale", b"annibali"], 4),
        ([b"annibale", b"ago"], 6),
        ([b"annibale", b"ciao"], 5),
        ([b"annibale", b"anni"], 3),
        ([b"a", b"b"], 3),
        ([b""], 1),
        ([b"foo", b"fob"], 4),
        ([b"ab1", b"ac2"], 6),
        ([b"a" * n + b"b" for n in range(300)], 600),
    ],
)
def test_how_many_nodes(keys: list[bytes], nodes: int) -> None:
    tree: Rax[int] = Rax()
    for key in keys:
        tree.insert(key, 1)
    assert tree.numnodes == nodes


def test_a_run_is_not_joined_to_the_one_before_when_only_a_key_between_them_goes() -> None:
    tree: Rax[int] = Rax()
    for key in (b"ab", b"abcd", b"xy", b"xyz"):
        tree.insert(key, 1)
    before = tree.numnodes
    tree.remove(b"ab")
    assert tree.numnodes == before
    # One byte is a node like any other, and is joined.
    tree.remove(b"xy")
    assert tree.numnodes == before - 1


def test_sizes() -> None:
    tree: Rax[int] = Rax()
    assert tree.asked == 8
    key = bytes(16)
    tree.insert(key, 1)
    # Header, sixteen bytes, padding and a pointer; header, padding and the value.
    assert tree.asked == (HEADER + 16 + 4 + 8) + (HEADER + 4 + 8)
    tree.remove(key)
    # The first node is not made smaller.
    assert tree.asked == 32


def test_the_example_in_the_docstring() -> None:
    assert doctest.testmod(rax) == doctest.TestResults(failed=0, attempted=4)


def test_what_two_texts_share_ends_where_they_first_differ() -> None:
    for length in range(6):
        for differs in range(length):
            one = b"a" * length
            other = one[:differs] + b"b" + one[differs + 1 :]
            for more in (b"", b"a", b"b"):
                assert _shared(one, other + more) == _shared(other + more, one) == differs
        assert _shared(b"a" * length, b"a" * length) == _shared(b"a" * length, b"a" * length + b"x") == length


class _Watched(list[Node[int]]):
    """Children of a node, and how often one was looked at."""

    looks = 0

    def __getitem__(self, place: object) -> Node[int]:  # type: ignore[override]
        self.looks += 1
        return super().__getitem__(place)  # type: ignore[no-any-return, call-overload]

    def __iter__(self) -> NoReturn:
        raise AssertionError("all children were looked at")


def test_on_the_way_to_a_key_only_its_branch_is_looked_at() -> None:
    tree: Rax[int] = Rax()
    for number in range(65536):
        tree.insert(number.to_bytes(2, "big"), number)
    children = tree.head.children = _Watched(tree.head.children)
    for number in (0, 255, 256, 30000, 65535):
        key = number.to_bytes(2, "big")
        assert next(tree.items(key)) == next(tree.backward(key)) == (key, number)
    assert children.looks <= 2 * 5
