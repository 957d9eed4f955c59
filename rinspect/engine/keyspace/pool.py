"""The eviction pool: up to 16 keys that were sampled and are good to evict, the best last.

    score    worse ◀─── 3 ─ 7 ─ 7 ─ 20 ─ 41 ───▶ better: taken from here
    full?    a better one goes in, and the worst falls out

Samples of a few keys alone would often miss the best ones; the pool keeps the good ones of earlier samples. It keeps names
and scores of their time: a key may have been used or deleted meanwhile.
"""

from __future__ import annotations

from bisect import bisect_left

from rinspect.engine.events import Candidate

POOL_SIZE = 16


class EvictionPool:
    """Candidates in ascending order of their scores."""

    def __init__(self) -> None:
        self._candidates: list[Candidate] = []

    def __len__(self) -> int:
        return len(self._candidates)

    def offer(self, db: int, key: bytes, score: int) -> None:
        """Take a sampled key in, unless the pool is full of keys that are no worse; a key may be in it twice."""
        candidates = self._candidates
        place = bisect_left(candidates, score, key=_score)
        if len(candidates) == POOL_SIZE:
            if not place:
                return
            del candidates[0]
            place -= 1
        candidates.insert(place, Candidate(db, key, score))

    def take(self) -> Candidate | None:
        """The best, which is in the pool no more."""
        return self._candidates.pop() if self._candidates else None

    def shown(self) -> tuple[Candidate, ...]:
        """All of them, the best last."""
        return tuple(self._candidates)


def _score(candidate: Candidate) -> int:
    return candidate.score
