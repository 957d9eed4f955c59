"""A large sorted set: a skiplist that knows the order, and a dict that knows the scores.

    zset ─┬▶ dict       ada ▶ node, cyd ▶ node, bob ▶ node     member to score, in one step
          └▶ skiplist   ada ─▶ bob ─▶ cyd                      rank and range, in log n steps

Each member's text exists once: the dict's key and the node's `ele` are the same sds. The dict's value points to the
score inside the node.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from rinspect.engine.allocator import Allocator
from rinspect.engine.encodings.bounds import Bounds
from rinspect.engine.encodings.hashtable import Hashtable
from rinspect.engine.encodings.sds import element_size
from rinspect.engine.encodings.skiplist import Skiplist
from rinspect.engine.profile import Profile

Pair = tuple[bytes, float]

STRUCT_SIZE = 16


class IndexedZset:
    """A dict from member to node beside a skiplist of the nodes.

    `asked` and `size_class` are running totals of the members' texts.
    """

    encoding = "skiplist"
    __slots__ = ("_profile", "_usable", "asked", "nodes", "serial", "size_class", "table")

    def __init__(self, profile: Profile, allocator: Allocator, seed: int, rng: Random, presize: int = 0) -> None:
        """`presize` expands the dict for that many members, as conversions do."""
        self._profile = profile
        self._usable = allocator.usable
        self.table = Hashtable(profile, seed, presize)
        self.nodes = Skiplist(rng)
        self.asked = 0
        self.size_class = 0
        self.serial = 0

    def __len__(self) -> int:
        return self.nodes.length

    def arrange(self, heights: Sequence[int]) -> None:
        """Give the nodes the heights that are known from elsewhere, in ascending order of the members."""
        pairs = self.pairs(0, len(self))
        self.nodes = Skiplist(_Heights(heights))
        for member, score in pairs:
            self.table.index[member].value = self.nodes.insert(score, member)

    def score(self, member: bytes) -> float | None:
        table = self.table
        entry = table.find(member) if table.rehashidx >= 0 else table.index.get(member)
        return None if entry is None else entry.value.score  # type: ignore[attr-defined]

    def rank(self, score: float, member: bytes) -> int:
        """How many come before a member that is there and has that score."""
        return self.nodes.rank(score, member)

    def insert(self, score: float, member: bytes) -> None:
        """Insert a member that is not there yet."""
        self.table.add(member, self.nodes.insert(score, member))
        size = len(member)
        asked = size + 2 if 0 < size < 32 else element_size(size)
        self.asked += asked
        self.size_class += self._usable(asked)

    def update(self, member: bytes, score: float) -> None:
        """Give a member that is there another score."""
        self.nodes.update_score(self.table.index[member].value, score)  # type: ignore[arg-type]

    def remove(self, member: bytes) -> bool:
        """Take a member out; False if it is not there."""
        entry = self.table.remove(member)
        if entry is None:
            return False
        self.nodes.delete(entry.value)  # type: ignore[arg-type]
        self._text_gone(member)
        return True

    def remove_ranks(self, start: int, stop: int) -> None:
        """Take out the members of ranks start … stop - 1. The dict thinks about shrinking once, afterwards."""
        self.table.pause_shrink = True
        for node in self.nodes.delete_ranks(start, stop):
            self.table.delete(node.member)
            self._text_gone(node.member)
        self.table.pause_shrink = False
        self.table.shrink_if_needed()

    def _text_gone(self, member: bytes) -> None:
        asked = element_size(len(member))
        self.asked -= asked
        self.size_class -= self._usable(asked)

    def members(self, start: int, stop: int) -> list[bytes]:
        node = self.nodes.head.forward if not start else self.nodes.by_rank(start)
        found: list[bytes] = []
        for _ in range(min(stop, self.nodes.length) - start):
            found.append(node.member)
            node = node.forward
        return found

    def pairs(self, start: int, stop: int) -> list[Pair]:
        node = self.nodes.head.forward if not start else self.nodes.by_rank(start)
        found: list[Pair] = []
        for _ in range(min(stop, self.nodes.length) - start):
            found.append((node.member, node.score))
            node = node.forward
        return found

    def span(self, bounds: Bounds, *, backward: bool = False) -> tuple[int, int]:
        """Ranks (first, last + 1) of the members within bounds."""
        nodes = self.nodes
        if not nodes.length or bounds.empty:
            return 0, 0
        first, last = nodes.head.forward, nodes.end.backward
        if bounds.before(last.score, last.member) or bounds.behind(first.score, first.member):
            return 0, 0
        start = nodes.count_before(bounds.before)
        stop = nodes.count_before(lambda score, member: not bounds.behind(score, member))
        return start, max(start, stop)


class _Heights:
    """A source of chance that draws given heights, one after the other."""

    def __init__(self, heights: Sequence[int]) -> None:
        self._left = list(reversed(heights))

    def getrandbits(self, k: int, /) -> int:
        # A node is one level taller for every two zero bits in front of the first others.
        return 1 << 2 * (self._left.pop() - 1)
