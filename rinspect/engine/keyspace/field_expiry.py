"""Which hash is to be looked at next for fields that have expired.

    moment ─▶ key, the soonest first        the server's `hexpires`

A hash registers the moment of its next expiry. Not every change is told: a moment may come up when the hash has lost
that expiry, or is gone. Whoever is given a key therefore asks the hash itself.
"""

from __future__ import annotations

from heapq import heappop, heappush


class FieldExpiry:
    """The keys of hashes with fields that expire, by moment (milliseconds since 1970)."""

    __slots__ = ("_heap", "_moments")

    def __init__(self) -> None:
        self._heap: list[tuple[int, bytes]] = []
        self._moments: dict[bytes, int] = {}

    def __len__(self) -> int:
        """How many keys are registered."""
        return len(self._moments)

    def register(self, key: bytes, moment: int) -> None:
        """Have `key` come up at that moment. One that comes up sooner stays as it is, to be registered anew then."""
        if moment < self._moments.get(key, moment + 1):
            self._moments[key] = moment
            heappush(self._heap, (moment, key))

    def pop_due(self, now: int) -> bytes | None:
        """Take out a key whose moment has come; None if there is none."""
        while self._heap and self._heap[0][0] <= now:
            moment, key = heappop(self._heap)
            if self._moments.get(key) == moment:
                del self._moments[key]
                return key
        return None

    def clear(self) -> None:
        self._heap.clear()
        self._moments.clear()
