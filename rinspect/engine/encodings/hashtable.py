"""hashtable: Redis's dict, a table of buckets whose chains hold the entries.

    dict ─┬▶ table 0   [ · | ▶ | · | ▶ ]        bucket = hash & (size - 1); 8 bytes each
          │                  │       └▶ entry ▶ entry ▶ nil
          │                  └▶ entry ▶ nil
          └▶ table 1   only while rehashing     entry = | key | value | next |

Sizes are powers of two. When a table is full (`used >= size`) a larger one is made beside it, and the entries move
over **incrementally**: every operation on the dict moves one bucket, so that no single command pays for all of them.
Meanwhile there are two tables: a lookup tries both, an insert goes to the new one.

         rehashidx = 2: buckets 0 and 1 of table 0 are empty for good
         ↓
    0 1 [2] 3            0 1 2 3 4 5 6 7
    · ·  ▶  ▶            ▶ · · · · ▶ · ·

An entry of bucket b (of 4) can only go to b or b + 4 (of 8): the hash's next bit decides.

Which bucket a key falls into depends on the hash's seed. The engine's hash is keyed like Redis's SipHash but is not
SipHash: a real server draws its seed at start, so its bucket order is nobody's to reproduce.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zlib import crc32

from rinspect.engine.encodings.dictentry import HASH_MULTIPLIER, Bucket, Entry, chain, keyed_hash
from rinspect.engine.encodings.tablewalks import TableWalks
from rinspect.engine.profile import Profile

INITIAL_SIZE = 4
EMPTY_VISITS = 10
"""A rehash step passes over at most this many empty buckets."""


def table_size(wanted: int) -> int:
    """The smallest power of two, at least 4, that holds `wanted` entries."""
    return max(INITIAL_SIZE, 1 << (wanted - 1).bit_length()) if wanted > 0 else INITIAL_SIZE


class Hashtable(TableWalks):
    """A dict from bytes to anything.

    `tables` and the chains are the truth. `index` is a cache beside them: key to entry, so that a hit costs no walk.
    """

    encoding = "hashtable"
    __slots__ = (
        "_own_bucket_first",
        "_profile",
        "index",
        "pause_shrink",
        "places",
        "rehashidx",
        "seed",
        "serials",
        "tables",
        "used",
    )

    def __init__(self, profile: Profile, seed: int, presize: int = 0) -> None:
        """`presize` expands the empty table for that many entries, as conversions do."""
        self._profile = profile
        self.places: dict[bytes, int] = {}
        """In which bucket a key lies, where that was told (`arrange`) and does not follow from its hash."""
        self._own_bucket_first = profile.version >= (7, 4)
        self.seed = seed
        self.tables: list[list[Bucket]] = [[None] * table_size(presize) if presize else [], []]
        self.used = [0, 0]
        self.rehashidx = -1
        """The next bucket of table 0 to move; -1 when no rehash is running."""
        self.index: dict[bytes, Entry] = {}
        self.pause_shrink = False
        self.serials = [0, 0, 0]
        """Serials of the dict struct and of the two tables, 0 until they are first looked at."""

    def __len__(self) -> int:
        return len(self.index)

    def __contains__(self, key: bytes) -> bool:
        """Whether the key is there; unlike `find` this touches nothing (for the program's own use)."""
        return key in self.index

    def __iter__(self) -> Iterator[Entry]:
        """Every entry in table order: table 0's buckets, then table 1's, each chain from its head."""
        for table in self.tables:
            for entry in table:
                while entry is not None:
                    yield entry
                    entry = entry.next

    @property
    def rehashing(self) -> bool:
        return self.rehashidx >= 0

    @property
    def buckets(self) -> int:
        """Buckets of both tables."""
        return len(self.tables[0]) + len(self.tables[1])

    # -- lookup, insert, delete ---------------------------------------------------------------------------------------

    def find(self, key: bytes) -> Entry | None:
        """Look a key up, as a command does: moves a bucket if a rehash is running."""
        if self.rehashidx >= 0 and self.index:
            self._rehash_for(keyed_hash(key, self.seed))
        return self.index.get(key)

    def add(self, key: bytes, value: object = None) -> Entry | None:
        """Insert a key; None, and nothing changed, if it is there already.

        A full table starts to grow before the key is looked for: so even a key that is there can start it.
        """
        index = self.index
        if self.rehashidx >= 0 or len(index) >= len(self.tables[0]):
            self.prepare_insert(key)
        if key in index:
            return None
        hashed = crc32(key, self.seed) * HASH_MULTIPLIER >> 24
        entry = Entry(key, value)
        which = 1 if self.rehashidx >= 0 else 0
        table = self.tables[which]
        at = hashed & (len(table) - 1)
        entry.next = table[at]
        table[at] = index[key] = entry
        self.used[which] += 1
        return entry

    def prepare_insert(self, key: bytes) -> None:
        """What an insert does before it looks for the key: a step of rehashing, then growth if the table is full."""
        if self.rehashidx >= 0:
            self._rehash_for(keyed_hash(key, self.seed))
        if len(self.index) >= len(self.tables[0]) and self.rehashidx < 0:
            self.expand(len(self.index) + 1)

    def remove(self, key: bytes) -> Entry | None:
        """Delete as the commands on sets, hashes and sorted sets do: a nearly empty table begins to shrink at once."""
        entry = self.delete(key)
        if entry is not None and not self._own_bucket_first:
            self.shrink_if_needed()
        return entry

    def delete(self, key: bytes) -> Entry | None:
        """Take a key's entry out and return it; None if it is not there. Shrinks by itself from 7.4 on."""
        if self.rehashidx >= 0 and self.index:
            self._rehash_for(keyed_hash(key, self.seed))
        entry = self.index.pop(key, None)
        if entry is None:
            return None
        self._unlink(entry)
        if self._own_bucket_first:
            self.shrink_if_needed()
        return entry

    def _unlink(self, wanted: Entry) -> None:
        hashed = keyed_hash(wanted.key, self.seed)
        for which, table in enumerate(self.tables):
            if not table:
                continue
            at = hashed & (len(table) - 1)
            entry, before = table[at], None
            while entry is not None:
                if entry is wanted:
                    if before is None:
                        table[at] = entry.next
                    else:
                        before.next = entry.next
                    entry.next = None
                    self.used[which] -= 1
                    return
                entry, before = entry.next, entry

    def bucket_of(self, key: bytes) -> tuple[int, int]:
        """(table, bucket) where the key is, or where an insert would put it."""
        if key in self.places:
            return 0, self.places[key]
        hashed = keyed_hash(key, self.seed)
        entry = self.index.get(key)
        for which, table in enumerate(self.tables):
            if not table:
                continue
            at = hashed & (len(table) - 1)
            if entry is None:
                if which == (1 if self.rehashing else 0):
                    return which, at
                continue
            link = table[at]
            while link is not None:
                if link is entry:
                    return which, at
                link = link.next
        return 0, 0

    # -- growing, shrinking, rehashing --------------------------------------------------------------------------------

    def expand(self, wanted: int) -> None:
        """Make room for `wanted` entries: start moving to a table of that size, or just make the first one."""
        size = table_size(wanted)
        if self.rehashidx >= 0 or size == len(self.tables[0]) or size < len(self.index):
            return
        if not self.index:
            self.tables = [[None] * size, []]
            self.serials[1] = 0
            return
        self.tables[1] = [None] * size
        self.rehashidx = 0

    def shrink_if_needed(self) -> None:
        """Start moving to a smaller table when this one is nearly empty.

        Below 10 % before 7.4, at one eighth since. Before 7.4 the server's cron calls this for the tables of keys, and
        `remove` for those of values.
        """
        used, size = len(self.index), len(self.tables[0])
        if size <= INITIAL_SIZE or self.rehashidx >= 0 or self.pause_shrink:
            return
        if used * 100 // size < 10 if self._profile.shrink_percent else used * 8 <= size:
            self.expand(used)

    def _rehash_for(self, hashed: int) -> None:
        """One bucket's worth of rehashing on behalf of an operation on a key with that hash.

        From 7.4 on the key's own bucket goes first, if it is still in the old table: it is in the cache anyway.
        """
        if self._own_bucket_first:
            table = self.tables[0]
            at = hashed & (len(table) - 1)
            if at >= self.rehashidx and table[at] is not None:
                self._move_bucket(at)
                self._finish_if_done()
                return
        self.rehash_step()

    def rehash_step(self, buckets: int = 1) -> bool:
        """Move up to `buckets` non-empty buckets; whether the rehash is still running afterwards.

        Gives up after ten empty buckets for each one wanted, so that a sparse table cannot make a step long.
        """
        if self.rehashidx < 0:
            return False
        table, at = self.tables[0], self.rehashidx
        visits = buckets * EMPTY_VISITS
        while buckets and self.used[0]:
            while table[at] is None:
                at += 1
                visits -= 1
                if not visits:
                    self.rehashidx = at
                    return True
            self._move_bucket(at)
            at += 1
            buckets -= 1
        self.rehashidx = at
        self._finish_if_done()
        return self.rehashidx >= 0

    def _move_bucket(self, at: int) -> None:
        old, new = self.tables
        mask, seed = len(new) - 1, self.seed
        entry, old[at] = old[at], None
        moved = 0
        while entry is not None:
            follower = entry.next
            to = (crc32(entry.key, seed) * HASH_MULTIPLIER >> 24) & mask
            entry.next = new[to]
            new[to] = entry
            entry = follower
            moved += 1
        self.used[0] -= moved
        self.used[1] += moved

    def _finish_if_done(self) -> None:
        if not self.used[0]:
            self.tables = [self.tables[1], []]
            self.used = [self.used[1], 0]
            self.serials[1:] = [self.serials[2], 0]
            self.rehashidx = -1

    def arrange(self, buckets: Sequence[Sequence[bytes]]) -> None:
        """Lay the entries out as they are known to lie elsewhere: one table, each chain from its head.

        Every key that is here must be named once. Look-ups by `index` go on working; walks by hash would not.
        """
        table: list[Bucket] = [None] * len(buckets)
        for at, keys in enumerate(buckets):
            for key in reversed(keys):
                entry = self.index[key]
                entry.next = table[at]
                table[at] = entry
        self.places = {key: at for at, keys in enumerate(buckets) for key in keys}
        self.tables = [table, []]
        self.used = [len(self.index), 0]
        self.rehashidx = -1

    def clear(self) -> None:
        """Back to a dict without tables."""
        self.tables = [[], []]
        self.used = [0, 0]
        self.rehashidx = -1
        self.index = {}
        self.serials[1:] = [0, 0]


__all__ = ["HASH_MULTIPLIER", "INITIAL_SIZE", "Bucket", "Entry", "Hashtable", "chain", "keyed_hash", "table_size"]
