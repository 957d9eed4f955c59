"""What one database takes in memory, kept as a running total.

    a command ─▶ marks the keys that it has to do with ─▶ `settle` weighs these anew

So the total costs nothing until somebody asks, and then as much as was changed since; whoever never asks has no account.
A key's weight is all that goes when it is deleted: dictEntry, name and value, and its dictEntry in `expires`. Beside the
keys there are the tables' buckets, and from 7.4 on the dicts, which are made when they are first needed.
"""

from __future__ import annotations

from collections.abc import Iterable

from rinspect.engine.encodings.hashtable import Hashtable
from rinspect.engine.encodings.sds import element_size
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.value import Value

ENTRY_SIZE = 24
BUCKET_SIZE = 8
LIST_NODE = 24


class Account:
    """The memory of a main table and its `expires`."""

    __slots__ = ("_keys", "_shape", "_tables", "_weights", "marks", "total")

    def __init__(self, keys: Iterable[bytes]) -> None:
        """`keys` are those that are there already."""
        self._weights: dict[bytes, int] = {}
        self._keys = 0
        self._tables = 0
        self._shape = (0, 0, 0, 0)
        """How many buckets the tables had when they were last measured."""
        self.marks = set(keys)
        """Keys that may weigh another thing than when last weighed, or are new, or gone."""
        self.total = 0
        """Bytes of everything, as of the last `settle`."""

    def settle(self, table: Hashtable, expires: Hashtable, runtime: Runtime) -> int:
        """Weigh what is marked, and the tables if they have changed; the new total."""
        weights = self._weights
        for key in self.marks:
            before = weights.get(key, 0)
            weight = key_weight(key, table, expires, runtime)
            if weight != before:
                self._keys += weight - before
                if weight:
                    weights[key] = weight
                else:
                    del weights[key]
        self.marks.clear()
        first, second = table.tables
        third, fourth = expires.tables
        shape = len(first), len(second), len(third), len(fourth)
        if shape != self._shape:
            self._shape = shape
            profile = runtime.profile
            self._tables = dict_size(table, runtime, profile.keys_metadata)
            self._tables += dict_size(expires, runtime, profile.expires_metadata)
        self.total = self._keys + self._tables
        return self.total

    def clear(self) -> None:
        """All keys are gone."""
        self._weights.clear()
        self.marks.clear()
        self._keys = 0


def key_weight(key: bytes, table: Hashtable, expires: Hashtable, runtime: Runtime) -> int:
    """What the allocator gave for a key, its value and its expiry; 0 if it is not there."""
    entry = table.index.get(key)
    if entry is None:
        return 0
    value: Value = entry.value  # type: ignore[assignment]
    usable = runtime.usable
    entries = 1 if key not in expires.index else 2
    return entries * usable(ENTRY_SIZE) + usable(element_size(len(key))) + value.allocated()


def dict_size(table: Hashtable, runtime: Runtime, metadata: int) -> int:
    """What the allocator gave for a dict but for its entries; before 7.4 its struct is there from the start."""
    usable, profile = runtime.usable, runtime.profile
    first, second = table.tables
    size = usable(BUCKET_SIZE * len(first)) + usable(BUCKET_SIZE * len(second))
    if profile.kvstore_size and first:
        size += usable(profile.dict_size + metadata)
        if second:
            # The kvstore has a list of those that it is rehashing.
            size += usable(LIST_NODE)
    return size
