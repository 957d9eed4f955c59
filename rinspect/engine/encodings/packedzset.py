"""A small sorted set: member, score, member, score … in one listpack, or in a ziplist before 7.0.

    | bytes | count | ada | 1 | bob | 1.5 | cyd | 2 | FF |        ascending by score, then by the member's bytes

A score that is a whole number is an integer entry; another is its text. An update takes both entries out and inserts
them where they now belong.
"""

from __future__ import annotations

from bisect import bisect_left

from rinspect.engine.encodings.bounds import Bounds
from rinspect.engine.encodings.compact import Compact, CorruptBlob, compact_class
from rinspect.engine.grisu2 import stored_score
from rinspect.engine.numbers import parse_double
from rinspect.engine.profile import Profile

Pair = tuple[bytes, float]


class PackedZset:
    """Members and scores in a blob.

    The blob is the truth. `ranked` and `scores` are caches beside it: (score, member) in order, and member to score.
    """

    __slots__ = ("_profile", "blob", "ranked", "scores")

    def __init__(self, profile: Profile, blob: Compact | None = None) -> None:
        """CorruptBlob if a blob that is given does not hold members in order, once each, with their scores."""
        self._profile = profile
        self.blob: Compact = compact_class(profile)() if blob is None else blob
        texts = self.blob.texts
        if len(texts) % 2:
            raise CorruptBlob("sorted set: a member without a score")
        scores = [parse_double(text) for text in texts[1::2]]
        self.ranked: list[tuple[float, bytes]] = []
        for score, member in zip(scores, texts[::2], strict=True):
            if score is None:
                raise CorruptBlob("sorted set: a score is not a number")
            self.ranked.append((score, member))
        self.scores = {member: score for score, member in self.ranked}
        if len(self.scores) < len(self.ranked) or any(map(tuple.__gt__, self.ranked, self.ranked[1:])):
            raise CorruptBlob("sorted set: a member stands twice or in the wrong place")

    @property
    def encoding(self) -> str:
        return self.blob.encoding

    def __len__(self) -> int:
        return len(self.ranked)

    def copy(self) -> PackedZset:
        twin = PackedZset(self._profile)
        twin.blob = self.blob.copy()
        twin.ranked, twin.scores = self.ranked[:], self.scores.copy()
        return twin

    def score(self, member: bytes) -> float | None:
        return self.scores.get(member)

    def rank(self, score: float, member: bytes) -> int:
        """How many come before a member that is there and has that score."""
        return bisect_left(self.ranked, (score, member))

    def insert(self, score: float, member: bytes) -> None:
        """Insert a member that is not there yet."""
        text = stored_score(score, self._profile)
        place = (float(text), member)
        at = bisect_left(self.ranked, place)
        if at == len(self.ranked):
            self.blob.extend((member, text))
        else:
            self.blob.insert(2 * at, member, text)
        self.ranked.insert(at, place)
        self.scores[member] = place[0]

    def update(self, member: bytes, score: float) -> None:
        """Give a member that is there another score."""
        self.remove(member)
        self.insert(score, member)

    def remove(self, member: bytes) -> bool:
        """Take a member out; False if it is not there."""
        score = self.scores.get(member)
        if score is None:
            return False
        at = self.rank(score, member)
        self.remove_ranks(at, at + 1)
        return True

    def remove_ranks(self, start: int, stop: int) -> None:
        """Take out the members of ranks start … stop - 1."""
        for _, member in self.ranked[start:stop]:
            del self.scores[member]
        del self.ranked[start:stop]
        self.blob.delete(2 * start, 2 * (stop - start))

    def members(self, start: int, stop: int) -> list[bytes]:
        return self.blob.texts[2 * start : 2 * stop : 2]

    def pairs(self, start: int, stop: int) -> list[Pair]:
        return [(member, score) for score, member in self.ranked[start:stop]]

    def span(self, bounds: Bounds, *, backward: bool = False) -> tuple[int, int]:
        """Ranks (first, last + 1) of the members within bounds, found by walking from the end that is asked for.

        The direction matters only for bounds by name among different scores, which follow no order.
        """
        ranked, count = self.ranked, len(self.ranked)
        if not count or bounds.empty or bounds.before(*ranked[-1]) or bounds.behind(*ranked[0]):
            return 0, 0
        if backward:
            stop = count
            while stop and bounds.behind(*ranked[stop - 1]):
                stop -= 1
            start = stop
            while start and not bounds.before(*ranked[start - 1]):
                start -= 1
        else:
            start = 0
            while start < count and bounds.before(*ranked[start]):
                start += 1
            stop = start
            while stop < count and not bounds.behind(*ranked[stop]):
                stop += 1
        return start, stop
