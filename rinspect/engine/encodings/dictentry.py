"""dictEntry, the chains that it forms, and the hash that says which bucket's chain a key belongs to."""

from __future__ import annotations

from zlib import crc32

HASH_MULTIPLIER = 0x9E3779B97F4A7C15


def keyed_hash(data: bytes, seed: int) -> int:
    """The hash of a key or member: the same for the same seed, on every machine and in every process.

    CRC-32 alone would spread consecutive names too evenly; the multiplication mixes its bits.
    """
    return crc32(data, seed) * HASH_MULTIPLIER >> 24


class Entry:
    """dictEntry: a key, its value, and the next entry of the chain.

    `serial` and `key_serial`, the number of the key's allocation, are 0 until the entry is first looked at.
    """

    __slots__ = ("key", "key_serial", "next", "serial", "value")

    def __init__(self, key: bytes, value: object) -> None:
        self.key = key
        self.value = value
        self.next: Entry | None = None
        self.serial = 0
        self.key_serial = 0


Bucket = Entry | None


def chain(entry: Bucket) -> list[Entry]:
    """The entries of a bucket, from its head on."""
    found: list[Entry] = []
    while entry is not None:
        found.append(entry)
        entry = entry.next
    return found
