"""What a database's memory consists of, by kind of allocation: from its total down to runs of single allocations.

    db 0 ─┬▶ dict table, dict …                 buckets of the keys, and of `expires`
          ├▶ dictEntry (key), sds (key)         for each key
          ├▶ dictEntry (expires)                for each key with a TTL
          └▶ robj, listpack, dictEntry, sds …   the values, by type

The sum of all is what the ledger has for the database.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import islice

from rinspect.engine.encodings.hashtable import Hashtable
from rinspect.engine.encodings.sds import element_size
from rinspect.engine.keyspace.account import BUCKET_SIZE, ENTRY_SIZE, LIST_NODE
from rinspect.engine.keyspace.database import Database
from rinspect.engine.layout import Window
from rinspect.engine.values.value import Value

PIECE = 200
"""So many keys are looked at before others have their turn."""

_NOTHING = Window(0, 0, 0, 0)


@dataclass(slots=True)
class Part:
    """All allocations of one kind. `of` is `keys`, `expires`, or the type of the values that they belong to."""

    of: str
    name: str
    count: int = 0
    asked: int = 0
    size_class: int = 0
    """Bytes that the allocator gave for all of them."""

    def add(self, count: int, asked: int, size_class: int) -> None:
        self.count += count
        self.asked += asked
        self.size_class += size_class


def composition(db: Database) -> Generator[None, None, tuple[Part, ...]]:
    """The parts of a database, largest first. A generator that yields now and then, so that other work may come in between;
    keys that go or come meanwhile may be left out."""
    parts: dict[tuple[str, str], Part] = {}

    def add(of: str, name: str, count: int, asked: int, size_class: int) -> None:
        parts.setdefault((of, name), Part(of, name)).add(count, asked, size_class)

    for of, table in (("keys", db.table), ("expires", db.expires)):
        for name, asked in _table(db, table, of):
            add(of, name, 1, asked, db.runtime.usable(asked))
    keys, entry = iter(list(db.table.index)), db.runtime.usable(ENTRY_SIZE)
    while piece := list(islice(keys, PIECE)):
        for key in piece:
            found = db.table.index.get(key)
            if found is None:
                continue
            asked = element_size(len(key))
            add("keys", "dictEntry", 1, ENTRY_SIZE, entry)
            add("keys", "sds", 1, asked, db.runtime.usable(asked))
            if key in db.expires.index:
                add("expires", "dictEntry", 1, ENTRY_SIZE, entry)
            value = found.value
            assert isinstance(value, Value)
            layout = value.layout(_NOTHING)
            # A shared integer is nobody's.
            if not layout.facts.get("shared"):
                for run in layout.runs:
                    if run.count:
                        add(value.type, run.name, run.count, run.asked, run.size_class)
        yield
    return tuple(sorted(parts.values(), key=lambda part: -part.size_class))


def _table(db: Database, table: Hashtable, of: str) -> Iterator[tuple[str, int]]:
    """Name and bytes of what a dict takes beside its entries; its struct only where it is made when first needed."""
    for buckets in table.tables:
        if buckets:
            yield "dict table", BUCKET_SIZE * len(buckets)
    profile = db.runtime.profile
    if profile.kvstore_size and table.tables[0]:
        yield "dict", profile.dict_size + (profile.keys_metadata if of == "keys" else profile.expires_metadata)
        if table.rehashing:
            yield "listNode", LIST_NODE
