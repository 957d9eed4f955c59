"""Going through a dict: from a cursor on, by chance, or for one key, step by step."""

from __future__ import annotations

from random import Random

from rinspect.engine.encodings.dictentry import Bucket, Entry, chain, keyed_hash
from rinspect.engine.layout import Step, Trace

FAIR_SAMPLE = 15
"""A random entry is drawn from this many of neighbouring buckets, so that one in a long chain has its chance too."""


class TableWalks:
    """What a Hashtable offers to whoever does not come with a key; and how a look-up with one goes."""

    __slots__ = ()

    tables: list[list[Bucket]]
    index: dict[bytes, Entry]
    rehashidx: int
    seed: int

    def rehash_step(self, buckets: int = 1) -> bool:
        """See Hashtable."""
        raise NotImplementedError

    def scan(self, cursor: int) -> tuple[int, list[Entry]]:
        """One bucket (of both tables, while there are two), and the cursor for the next call; 0 when all were seen.

        The cursor counts in reversed binary, from its highest bit down: that way a table that grows or shrinks between
        two calls neither hides an entry nor starts again. The larger table's buckets that the smaller one's bucket
        expands to are visited with it.
        """
        if not self.index:
            return 0, []
        tables = sorted((table for table in self.tables if table), key=len)
        found: list[Entry] = []
        small = len(tables[0]) - 1
        found += chain(tables[0][cursor & small])
        if len(tables) == 1:
            return _next_cursor(cursor, small), found
        large = len(tables[1]) - 1
        while True:
            found += chain(tables[1][cursor & large])
            cursor = _next_cursor(cursor, large)
            if not cursor & (small ^ large):
                return cursor, found

    def random_entry(self, rng: Random) -> Entry:
        """An entry by a random bucket and place in its chain, as dictGetRandomKey chooses. Not for empty dicts."""
        if self.rehashidx >= 0:
            self.rehash_step()
        while True:
            first, second = self.tables
            at = rng.randrange(len(first) + len(second))
            entry = first[at] if at < len(first) else second[at - len(first)]
            if entry is not None:
                entries = chain(entry)
                return entries[rng.randrange(len(entries))]

    def fair_entry(self, rng: Random) -> Entry:
        """One of some neighbouring entries, as dictGetFairRandomKey chooses. Not for empty dicts."""
        sample = self.some_entries(FAIR_SAMPLE, rng)
        return sample[rng.randrange(len(sample))] if sample else self.random_entry(rng)

    def some_entries(self, wanted: int, rng: Random) -> list[Entry]:
        """Up to `wanted` entries from a random bucket on, as dictGetSomeKeys gathers them: quick, not independent.

        Each entry wanted is worth a step of rehashing. After a stretch of empty buckets it goes on elsewhere, and after
        ten times as many buckets as entries wanted it is content with what it has. Of a chain that would be more than
        is wanted each entry has the same chance.
        """
        wanted = min(wanted, len(self.index))
        for _ in range(wanted):
            if not self.rehash_step():
                break
        tables = [table for table in self.tables if table]
        mask = max(map(len, tables)) - 1
        at, empty = rng.randrange(mask + 1), 0
        found: list[Entry] = []
        for _ in range(wanted * 10):
            for table in tables:
                if at >= len(table):
                    continue
                if table[at] is None:
                    empty += 1
                    if empty >= 5 and empty > wanted:
                        at, empty = rng.randrange(mask + 1), 0
                    continue
                empty = 0
                stored = len(found)
                found += chain(table[at])
                if len(found) >= wanted:
                    for late in range(max(stored, wanted), len(found)):
                        if (other := rng.randrange(late + 1)) < wanted:
                            found[other] = found[late]
                    return found[:wanted]
            at = at + 1 & mask
        return found

    def trace(self, key: bytes) -> Trace:
        """How a lookup of `key` goes: bucket by bucket, key by key. Changes nothing."""
        hashed = keyed_hash(key, self.seed)
        steps: list[Step] = []
        comparisons = 0
        for which, table in enumerate(self.tables):
            if not table:
                continue
            at = hashed & (len(table) - 1)
            entry = table[at]
            place = f"table {which} bucket {at}"
            steps.append(Step(place, "a chain" if entry else "empty", f"hash & {len(table) - 1} = {at}"))
            while entry is not None:
                comparisons += 1
                same = entry.key == key
                shown = entry.key.decode("utf-8", "backslashreplace")
                decided = "the key" if same else "another key: next"
                steps.append(Step(place, shown, decided, target=entry.serial or None))
                if same:
                    return Trace("find", tuple(steps), comparisons, "found")
                entry = entry.next
        return Trace("find", tuple(steps), comparisons, "not there")


def _next_cursor(cursor: int, mask: int) -> int:
    """Count up in the bits under `mask` from the highest down: 0, 4, 2, 6, 1, 5, 3, 7, and 0 again, under 7."""
    bit = mask + 1 >> 1
    while cursor & bit:
        cursor ^= bit
        bit >>= 1
    return (cursor | bit) & mask
