"""A stream's node: which of its entries lie within a range of ids."""

from itertools import product

from rinspect.engine.encodings.streamid import LAST_ID, make_id
from rinspect.engine.encodings.streamnode import StreamNode


def test_the_entries_of_a_range_are_those_that_are_there() -> None:
    ids = [make_id(ms, seq) for ms, seq in product((5, 6, 9), (0, 1, 4))]
    node = StreamNode.begun(ids[0], [b"f", b"v"], 64, lambda size: size)
    for identity in ids[1:]:
        node.append(identity, [b"f", b"v"])
    node.delete(node.starts[2])
    there = [identity for identity in ids if identity != ids[2]]
    bounds = [0, *(identity + step for identity in ids for step in (-1, 0, 1)), LAST_ID]
    for first, last in product(bounds, bounds):
        expected = [identity for identity in there if first <= identity <= last]
        assert [identity for identity, _ in node.entries(first, last)] == expected
        assert [identity for identity, _ in node.entries(first, last, backward=True)] == expected[::-1]
