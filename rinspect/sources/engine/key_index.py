"""Keys in the order in which they were last written, and by page.

Kept beside the keyspace by what the engine reports of each write, so that a page of a million keys costs what a page of a
thousand does.
"""

from __future__ import annotations

from collections.abc import Iterator

BLOCK_BITS = 10
BLOCK = 1 << BLOCK_BITS


class Recency:
    """A set of keys ordered by their last `touch`.

    Keys stand in `slots` in the order in which they were written; one that is written again leaves a hole and goes to the
    end. For each block of 1024 slots the keys left in it are counted, so that the n-th key is found by skipping blocks.
    """

    def __init__(self) -> None:
        self._slots: list[bytes | None] = []
        self._live: list[int] = []
        self._where: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._where)

    def __contains__(self, key: bytes) -> bool:
        return key in self._where

    def touch(self, key: bytes) -> None:
        """Make `key` the one written last, whether it was there or not."""
        self.discard(key)
        at = len(self._slots)
        self._slots.append(key)
        if at & (BLOCK - 1) == 0:
            self._live.append(0)
        self._live[-1] += 1
        self._where[key] = at
        if len(self._slots) > 2 * len(self._where) + BLOCK:
            self._close_holes()

    def discard(self, key: bytes) -> None:
        at = self._where.pop(key, None)
        if at is not None:
            self._slots[at] = None
            self._live[at >> BLOCK_BITS] -= 1

    def clear(self) -> None:
        self.__init__()  # type: ignore[misc]

    def _close_holes(self) -> None:
        kept = [key for key in self._slots if key is not None]
        self._slots = list(kept)
        self._where = {key: at for at, key in enumerate(kept)}
        self._live = [min(BLOCK, len(kept) - start) for start in range(0, len(kept), BLOCK)]

    def rank(self, key: bytes) -> int | None:
        """How many keys were written after `key`; None if it is not there."""
        at = self._where.get(key)
        if at is None:
            return None
        block = at >> BLOCK_BITS
        behind = self._slots[at + 1 : (block + 1) << BLOCK_BITS]
        return sum(self._live[block + 1 :]) + len(behind) - behind.count(None)

    def newest(self, first: int = 0) -> Iterator[bytes]:
        """The keys from the `first`-newest on, each older than the one before."""
        block = len(self._live) - 1
        while block >= 0 and first >= self._live[block]:
            first -= self._live[block]
            block -= 1
        for at in range(block, -1, -1):
            start = at << BLOCK_BITS
            for key in reversed(self._slots[start : start + BLOCK]):
                if key is None:
                    continue
                if first:
                    first -= 1
                else:
                    yield key
