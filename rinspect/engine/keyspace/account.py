"""What one database's keys take in memory, kept as a running total.

    a command ─▶ marks the keys that it has to do with ─▶ `settle` weighs these anew

So the total costs nothing until somebody asks, and then as much as was changed since; whoever never asks has no account.
A key's weight is all that goes when it is deleted: dictEntry, name and value, and its dictEntry in `expires`. What the
tables' buckets take does not depend on single keys.
"""

from __future__ import annotations

from collections.abc import Iterable

from rinspect.engine.encodings.hashtable import Hashtable
from rinspect.engine.encodings.sds import element_size
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.value import Value

ENTRY_SIZE = 24
BUCKET_SIZE = 8


class Account:
    """Weights of the keys of two tables, the main one and `expires`."""

    __slots__ = ("_weights", "marks", "total")

    def __init__(self, keys: Iterable[bytes]) -> None:
        """`keys` are those that are there already."""
        self._weights: dict[bytes, int] = {}
        self.marks = set(keys)
        """Keys that may weigh another thing than when last weighed, or are new, or gone."""
        self.total = 0
        """Bytes of all keys, as of the last `settle`."""

    def settle(self, table: Hashtable, expires: Hashtable, runtime: Runtime) -> int:
        """Weigh what is marked; the total."""
        weights, marks = self._weights, self.marks
        for key in marks:
            before = weights.get(key, 0)
            weight = key_weight(key, table, expires, runtime)
            if weight != before:
                self.total += weight - before
                if weight:
                    weights[key] = weight
                else:
                    del weights[key]
        marks.clear()
        return self.total

    def clear(self) -> None:
        """All keys are gone."""
        self._weights.clear()
        self.marks.clear()
        self.total = 0


def key_weight(key: bytes, table: Hashtable, expires: Hashtable, runtime: Runtime) -> int:
    """What the allocator gave for a key, its value and its expiry; 0 if it is not there."""
    entry = table.index.get(key)
    if entry is None:
        return 0
    value, usable = entry.value, runtime.usable
    assert isinstance(value, Value)
    entries = 1 if key not in expires.index else 2
    return entries * usable(ENTRY_SIZE) + usable(element_size(len(key))) + value.allocated()


def buckets_size(table: Hashtable, runtime: Runtime) -> int:
    """What the allocator gave for a dict's tables, two of them while it is rehashed."""
    first, second = table.tables
    return runtime.usable(BUCKET_SIZE * len(first)) + runtime.usable(BUCKET_SIZE * len(second))
