"""How many nodes a rax has."""

import doctest

import pytest

from rinspect.engine.networking import rax


@pytest.mark.parametrize(
    ("keys", "nodes"),
    [
        ([], 0),
        ([b""], 1),
        ([b"a"], 2),
        ([b"foo"], 2),
        ([b"foo", b"fob"], 4),
        ([b"ab1", b"ac2"], 6),
        ([b"annibale", b"annientare"], 6),
        ([b"a" * n + b"b" for n in range(3000)], 6000),
    ],
)
def test_nodes(keys: list[bytes], nodes: int) -> None:
    assert rax.nodes(keys) == nodes


def test_the_example_in_the_docstring() -> None:
    assert doctest.testmod(rax) == doctest.TestResults(failed=0, attempted=1)
