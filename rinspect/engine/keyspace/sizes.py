"""How large the values are: per database and type a histogram over powers of two.

It is begun when somebody first asks, with a walk over all keys. From then on each question costs as much as was written
since the last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rinspect.engine.encodings.hashtable import Hashtable
from rinspect.engine.keyspace.database import Database
from rinspect.engine.keyspace.keyspace import Keyspace
from rinspect.engine.values.value import Value

NAMES = {
    "string": "strings_sizes",
    "list": "lists_items",
    "set": "sets_items",
    "zset": "zsets_items",
    "hash": "hashes_items",
}
"""What a type's histogram counts: bytes of strings, else elements. In the server's order."""

Histograms = dict[str, Counter[int]]


class KeySizes:
    """The histograms of all databases."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace
        self._sizes: list[_DatabaseSizes] = []

    def histograms(self) -> Iterator[tuple[int, Histograms]]:
        """For each database its number and, by name, how many values there are from a size up to twice that."""
        if not self._sizes:
            self._sizes = [_DatabaseSizes(db) for db in self._keyspace.databases]
            self._keyspace.listen(lambda db, key: self._sizes[db.number].marks.add(key))
        for sizes in self._sizes:
            yield sizes.db.number, sizes.settled()


class _DatabaseSizes:
    def __init__(self, db: Database) -> None:
        self.db = db
        self.marks: set[bytes] = set()
        """Keys that were written to."""
        self._table: Hashtable | None = None
        self._places: dict[bytes, tuple[str, int]] = {}
        """Under which name, and at which size, each key is counted."""
        self._histograms: Histograms = {}

    def settled(self) -> Histograms:
        """Count anew what was written to. All of it, if the keys are others than those that were counted: after a SWAPDB,
        and after a flush, which leaves more places than there are keys."""
        table = self.db.table
        if table is not self._table:
            self._begin(table)
        self._count()
        if len(self._places) != len(table):
            self._begin(table)
            self._count()
        return {name: self._histograms[name] for name in NAMES.values() if self._histograms[name].total()}

    def _begin(self, table: Hashtable) -> None:
        self._table = table
        self.marks = set(table.index)
        self._places.clear()
        self._histograms = {name: Counter() for name in NAMES.values()}

    def _count(self) -> None:
        index = self.db.table.index
        for key in self.marks:
            before = self._places.pop(key, None)
            if before is not None and before[0]:
                name, size = before
                self._histograms[name][size] -= 1
                if not self._histograms[name][size]:
                    del self._histograms[name][size]
            entry = index.get(key)
            if entry is not None:
                value = entry.value
                assert isinstance(value, Value)
                length = len(value)
                # (Streams are in no histogram.)
                name, size = NAMES.get(value.type, ""), 1 << length.bit_length() - 1 if length else 0
                self._places[key] = name, size
                if name:
                    self._histograms[name][size] += 1
        self.marks.clear()
