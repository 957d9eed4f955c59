"""The table of a set: a hashtable whose keys have no values.

Before 7.2 its entries are those of any dict, with an unused value. Since then they are | key | next |, and a member
that is put into an empty bucket needs no entry at all: the bucket points to the member itself (an sds has an odd
address, an entry an even one). Another one on top of it gets an entry.

    [ ▶ ]─▶ "Ada"                    [ ▶ ]─▶ | "Bob" | ▶ |─▶ "Ada"
"""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

from rinspect.engine.encodings.hashtable import HASH_MULTIPLIER, Entry, Hashtable
from rinspect.engine.profile import Profile


class MemberTable(Hashtable):
    """A dict of members.

    `entry.value` tells whether an entry has an allocation of its own, and `allocated` how many of them have.
    """

    __slots__ = ("_bare", "allocated")

    def __init__(self, profile: Profile, seed: int, presize: int = 0) -> None:
        super().__init__(profile, seed, presize)
        self._bare = profile.set_entry_size == 16
        self.allocated = 0

    def add(self, key: bytes, value: object = None) -> Entry | None:
        """Insert a member; None, and nothing changed but perhaps the table's size, if it is there already."""
        index = self.index
        if self.rehashidx >= 0 or len(index) >= len(self.tables[0]):
            self.prepare_insert(key)
        if key in index:
            return None
        hashed = crc32(key, self.seed) * HASH_MULTIPLIER >> 24
        which = 1 if self.rehashidx >= 0 else 0
        table = self.tables[which]
        at = hashed & (len(table) - 1)
        head = table[at]
        if head is None and self._bare:
            entry = Entry(key, False)
        else:
            entry = Entry(key, True)
            entry.next = head
            self.allocated += 1
        table[at] = index[key] = entry
        self.used[which] += 1
        return entry

    def delete(self, key: bytes) -> Entry | None:
        """Take a member out. An entry that stays keeps its allocation, even when it is the bucket's last one now."""
        entry = super().delete(key)
        if entry is not None and entry.value:
            self.allocated -= 1
        return entry

    def _move_bucket(self, at: int) -> None:
        if not self._bare:
            super()._move_bucket(at)
            return
        old, new = self.tables
        mask, seed = len(new) - 1, self.seed
        entry, old[at] = old[at], None
        moved = 0
        while entry is not None:
            follower = entry.next
            to = (crc32(entry.key, seed) * HASH_MULTIPLIER >> 24) & mask
            head = entry.next = new[to]
            # Whoever comes into an empty bucket gives its entry back, whoever comes on top of another needs one.
            needed = head is not None
            if entry.value is not needed:
                self.allocated += 1 if needed else -1
                entry.value = needed
            new[to] = entry
            entry = follower
            moved += 1
        self.used[0] -= moved
        self.used[1] += moved

    def arrange(self, buckets: Sequence[Sequence[bytes]]) -> None:
        super().arrange(buckets)
        # The last of a chain came first, into an empty bucket, and got no entry.
        for entry in self.index.values():
            entry.value = not self._bare or entry.next is not None
        self.allocated = sum(bool(entry.value) for entry in self.index.values())
