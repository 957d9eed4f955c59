"""Sorting no more of a list than is wanted: Bentley and McIlroy's quicksort, which leaves out parts nobody asked for.

    | = | < | not seen | > | = |        elements like the pivot gather at both ends …
    | <       | =        | >   |        … and come to the middle at last; then either side, if it is wanted

Unlike Python's it does not leave equal elements in order, so theirs is decided by these very steps ("Engineering a Sort
Function", 1993).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
Compare = Callable[[T, T], int]
"""Negative, zero or positive, as the first is less than, like or greater than the second."""

_FEW = 7
"""So few are sorted by insertion."""
_MANY = 40
"""Of more than these nine are looked at for a pivot, not three."""


def sort_first(items: list[T], wanted: int, compare: Compare[T]) -> None:
    """Sort in place so that the first `wanted` elements, one at least, are those that sorting all would put there."""
    _sort(items, 0, len(items), wanted, compare)


def _sort(items: list[T], start: int, stop: int, wanted: int, compare: Compare[T]) -> None:
    while stop - start >= _FEW:
        pivot = _pivot(items, start, stop, compare)
        items[start], items[pivot] = items[pivot], items[start]
        below, above = _partition(items, start, stop, compare)
        if below > 1 and start < wanted:
            _sort(items, start, start + below, wanted, compare)
        start = stop - above
        if above <= 1 or start >= wanted:
            return
    for end in range(start + 1, stop):
        at = end
        while at > start and compare(items[at - 1], items[at]) > 0:
            items[at - 1], items[at] = items[at], items[at - 1]
            at -= 1


def _pivot(items: list[T], start: int, stop: int, compare: Compare[T]) -> int:
    """Where a median of some elements stands."""
    count = stop - start
    low, middle, high = start, start + count // 2, stop - 1
    if count == _FEW:
        return middle
    if count > _MANY:
        step = count // 8
        low = _median(items, low, low + step, low + 2 * step, compare)
        middle = _median(items, middle - step, middle, middle + step, compare)
        high = _median(items, high - 2 * step, high - step, high, compare)
    return _median(items, low, middle, high, compare)


def _median(items: list[T], a: int, b: int, c: int, compare: Compare[T]) -> int:
    if compare(items[a], items[b]) < 0:
        if compare(items[b], items[c]) < 0:
            return b
        return c if compare(items[a], items[c]) < 0 else a
    if compare(items[b], items[c]) > 0:
        return b
    return a if compare(items[a], items[c]) < 0 else c


def _partition(items: list[T], start: int, stop: int, compare: Compare[T]) -> tuple[int, int]:
    """Part the elements by the first of them; how many are less, and how many greater."""
    pivot = items[start]
    like_low = low = start + 1
    like_high = high = stop - 1
    while True:
        while low <= high and (order := compare(items[low], pivot)) <= 0:
            if not order:
                items[like_low], items[low] = items[low], items[like_low]
                like_low += 1
            low += 1
        while low <= high and (order := compare(items[high], pivot)) >= 0:
            if not order:
                items[high], items[like_high] = items[like_high], items[high]
                like_high -= 1
            high -= 1
        if low > high:
            break
        items[low], items[high] = items[high], items[low]
        low += 1
        high -= 1
    below, above = low - like_low, like_high - high
    _swap(items, start, low, min(like_low - start, below))
    _swap(items, low, stop, min(above, stop - 1 - like_high))
    return below, above


def _swap(items: list[T], start: int, stop: int, count: int) -> None:
    """Exchange the first and the last `count` elements of a stretch."""
    for at in range(count):
        one, other = start + at, stop - count + at
        items[one], items[other] = items[other], items[one]
