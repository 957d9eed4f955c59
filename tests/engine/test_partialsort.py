"""Sorting the first few."""

from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.partialsort import sort_first


def compare(one: tuple[int, int], other: tuple[int, int]) -> int:
    return one[0] - other[0]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=300), st.data())
def test_the_first_are_where_they_belong(keys: list[int], data: st.DataObject) -> None:
    wanted = data.draw(st.integers(1, len(keys)))
    items = [(key, number) for number, key in enumerate(keys)]
    before = set(items)
    sort_first(items, wanted, compare)
    assert [key for key, _ in items[:wanted]] == sorted(keys)[:wanted]
    assert set(items) == before


def test_no_more_is_compared_than_needed() -> None:
    compared = 0

    def counting(one: int, other: int) -> int:
        nonlocal compared
        compared += 1
        return one - other

    counts = []
    for wanted in (1, 5000):
        compared = 0
        sort_first([number * 7919 % 5003 for number in range(5000)], wanted, counting)
        counts.append(compared)
    assert counts[0] * 3 < counts[1]
