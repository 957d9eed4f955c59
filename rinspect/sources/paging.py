"""Which page of a listing holds a key."""

from __future__ import annotations

from collections.abc import Sequence


def first_holding(place: int, first: int, count: int) -> int:
    """The first row of a page of `count` rows that has row `place` in it: `first` if that one has."""
    return first if first <= place < first + count else max(0, place - count // 3)


def first_around(listing: Sequence[bytes], key: bytes | None, first: int, count: int) -> int:
    """The same for the row in which a key stands; `first` where it stands in none, or none is wanted."""
    return first if key is None or key not in listing else first_holding(listing.index(key), first, count)
