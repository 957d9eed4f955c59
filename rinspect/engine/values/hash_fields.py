"""The three forms in which a hash keeps its fields. They answer the same calls.

    PackedFields   a listpack (a ziplist before 7.0) of field, value, field, value …
    TimedFields    a listpackex: field, value, expiry, …       7.4+, small hashes whose fields may expire
    TableFields    a hashtable of fields (sds, from 7.4 on mstr) with their values (sds)

When to go from one to another is the hash's business. A form knows nothing of limits, and nothing of what time it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random

from rinspect.engine.encodings.compact import Compact, Listpack
from rinspect.engine.encodings.hashtable import Entry, Hashtable
from rinspect.engine.encodings.listpackex import ListpackEx, Triple
from rinspect.engine.encodings.mstr import mstr_size
from rinspect.engine.encodings.sds import element_size
from rinspect.engine.runtime import Runtime


class Fields:
    """The fields of a hash. An expiry is in milliseconds since 1970, 0 for never."""

    __slots__ = ()

    timed: bool = False
    """Whether fields may have an expiry; not that any has."""

    @property
    def encoding(self) -> str:
        """As OBJECT ENCODING answers."""
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError

    def __iter__(self) -> Iterator[Triple]:
        """Field, value and expiry, in the order in which the structure has them."""
        raise NotImplementedError

    def find(self, field: bytes) -> bytes | None:
        """A field's value, expired or not; None if there is no such field. In a table it takes a step of rehashing."""
        raise NotImplementedError

    def put(self, field: bytes, value: bytes, *, keep_expiry: bool = False) -> bool:
        """Set a field; whether it is new. A field that is there loses its expiry unless that is to be kept."""
        raise NotImplementedError

    def delete(self, field: bytes) -> bool:
        """Remove a field; whether it was there."""
        raise NotImplementedError

    def random(self, rng: Random) -> tuple[bytes, bytes]:
        """A field by chance, with its value. Not for empty hashes."""
        raise NotImplementedError

    def expiry(self, field: bytes) -> int:
        """When a field that is there expires."""
        return 0

    def expire(self, field: bytes, when: int) -> None:
        """Give a field that is there an expiry, another one, or with 0 none. Only where `timed`."""
        raise AssertionError(f"fields of a {self.encoding} do not expire")

    def minimum(self) -> int:
        """The next expiry of all; 0 if no field has one."""
        return 0

    def drop_due(self, now: int, limit: int) -> list[bytes]:
        """Remove up to `limit` fields whose expiry is not after `now`; which."""
        return []


class PackedFields(Fields):
    """Pairs in a blob."""

    __slots__ = ("pack",)

    def __init__(self, pack: Compact) -> None:
        self.pack = pack

    @property
    def encoding(self) -> str:
        return self.pack.encoding

    def __len__(self) -> int:
        return len(self.pack.texts) >> 1

    def __iter__(self) -> Iterator[Triple]:
        texts = iter(self.pack.texts)
        return ((field, next(texts), 0) for field in texts)

    def index(self, field: bytes) -> int:
        """Where a field is, in entries; -1 if it is not there. Values, at odd places, may read the same."""
        texts = self.pack.texts
        try:
            at = texts.index(field)
            while at & 1:
                at = texts.index(field, at + 1)
        except ValueError:
            return -1
        return at

    def find(self, field: bytes) -> bytes | None:
        at = self.index(field)
        return None if at < 0 else self.pack.texts[at + 1]

    def put(self, field: bytes, value: bytes, *, keep_expiry: bool = False) -> bool:
        at = self.index(field)
        if at < 0:
            self.pack.extend((field, value))
            return True
        self.pack.replace(at + 1, value)
        return False

    def delete(self, field: bytes) -> bool:
        at = self.index(field)
        if at < 0:
            return False
        self.pack.delete(at, 2)
        return True

    def random(self, rng: Random) -> tuple[bytes, bytes]:
        at = 2 * rng.randrange(len(self))
        return self.pack.texts[at], self.pack.texts[at + 1]


class TimedFields(Fields):
    """Triples in a listpackex."""

    __slots__ = ("triples",)

    timed = True

    def __init__(self, triples: ListpackEx) -> None:
        self.triples = triples

    @property
    def encoding(self) -> str:
        return self.triples.encoding

    @property
    def pack(self) -> Listpack:
        return self.triples.pack

    def __len__(self) -> int:
        return len(self.triples)

    def __iter__(self) -> Iterator[Triple]:
        return iter(self.triples)

    def find(self, field: bytes) -> bytes | None:
        at = self.triples.index(field)
        return None if at < 0 else self.pack.texts[at + 1]

    def put(self, field: bytes, value: bytes, *, keep_expiry: bool = False) -> bool:
        at = self.triples.index(field)
        if at < 0:
            self.triples.insert(field, value, 0)
            return True
        self.pack.replace(at + 1, value)
        if not keep_expiry and self.triples.expiry(at):
            self.triples.move(at, 0)
        return False

    def delete(self, field: bytes) -> bool:
        at = self.triples.index(field)
        if at < 0:
            return False
        self.pack.delete(at, 3)
        return True

    def random(self, rng: Random) -> tuple[bytes, bytes]:
        at = 3 * rng.randrange(len(self))
        return self.pack.texts[at], self.pack.texts[at + 1]

    def expiry(self, field: bytes) -> int:
        return self.triples.expiry(self.triples.index(field))

    def expire(self, field: bytes, when: int) -> None:
        self.triples.move(self.triples.index(field), when)

    def minimum(self) -> int:
        return self.triples.minimum()

    def drop_due(self, now: int, limit: int) -> list[bytes]:
        count = min(self.triples.due(now), limit)
        gone = self.pack.texts[: 3 * count : 3]
        if count:
            self.pack.delete(0, 3 * count)
        return gone


class TableFields(Fields):
    """A table from field to value.

    `records` has the fields whose mstr carries an expiry record, with the expiry, or 0 where the record is not in use.
    `names` and `values` are the sums over fields and values: [bytes asked of the allocator, what it gave].
    """

    __slots__ = ("_checks_growth", "_due", "names", "records", "runtime", "table", "timed", "value_serials", "values")

    def __init__(self, runtime: Runtime, presize: int = 0) -> None:
        self.runtime = runtime
        self.table = Hashtable(runtime.profile, runtime.hash_seed, presize)
        self.records: dict[bytes, int] = {}
        self.names = [0, 0]
        self.values = [0, 0]
        self.value_serials: dict[bytes, int] = {}
        """Numbers of the values' allocations that were looked at, by field."""
        self._checks_growth = runtime.profile.growth_checked_on_existing_hash_field
        self.timed = False
        """Whether the dict has the metadata for expiry; once it has, it keeps it."""
        self._due: list[tuple[int, bytes]] = []
        """A heap of expiries and fields. What `records` does not say any more is dropped when it comes up."""

    @property
    def encoding(self) -> str:
        return "hashtable"

    def __len__(self) -> int:
        return len(self.table.index)

    def __iter__(self) -> Iterator[Triple]:
        records = self.records
        return ((entry.key, value_of(entry), records.get(entry.key, 0)) for entry in self.table)

    def find(self, field: bytes) -> bytes | None:
        entry = self.table.find(field)
        return None if entry is None else value_of(entry)

    def put(self, field: bytes, value: bytes, *, keep_expiry: bool = False) -> bool:
        table = self.table
        # (Usually it is there, and nothing moves.)
        entry = None if table.rehashidx >= 0 or self._checks_growth else table.index.get(field)
        if entry is None:
            entry = self._existing_or_new(field, value)
            if entry is None:
                self._count(self.names, self.name_size(field), 1)
                self._count(self.values, element_size(len(value)), 1)
                return True
        before: bytes = entry.value  # type: ignore[assignment]
        if len(before) != len(value):
            self._count(self.values, element_size(len(before)), -1)
            self._count(self.values, element_size(len(value)), 1)
        entry.value = value
        if self.value_serials:
            self.value_serials.pop(field, None)
        if field in self.records and not keep_expiry:
            if self.runtime.profile.hash_field_record_kept:
                self.records[field] = 0
            else:
                self._set_record(entry, None)
        return False

    def insert(self, field: bytes, value: bytes, expiry: int = 0) -> bool:
        """Put in a field that is not there yet, as conversions and loading do; False if it is there after all."""
        if self.table.add(field, value) is None:
            return False
        self._count(self.names, self.name_size(field), 1)
        self._count(self.values, element_size(len(value)), 1)
        if expiry:
            self.expire(field, expiry)
        return True

    def _existing_or_new(self, field: bytes, value: bytes) -> Entry | None:
        """The field's entry; None if it had none and was added.

        7.2 and 7.4 do that in one go, so that a full table may grow though nothing is added. The others look for the
        field first: for one that is there no table grows, and adding one takes two steps of rehashing along.
        """
        table = self.table
        if self._checks_growth:
            return None if table.add(field, value) is not None else table.index[field]
        entry = table.find(field)
        if entry is None:
            table.add(field, value)
        return entry

    def delete(self, field: bytes) -> bool:
        entry = self.table.remove(field)
        if entry is None:
            return False
        self._count(self.names, self.name_size(field), -1)
        self._count(self.values, element_size(len(value_of(entry))), -1)
        self.records.pop(field, None)
        self.value_serials.pop(field, None)
        return True

    def random(self, rng: Random) -> tuple[bytes, bytes]:
        entry = self.table.fair_entry(rng)
        return entry.key, value_of(entry)

    def name_size(self, field: bytes) -> int:
        """Bytes asked for the field's text."""
        if self.runtime.profile.mstr_fields:
            return mstr_size(len(field), field in self.records)
        return element_size(len(field))

    def _count(self, sums: list[int], asked: int, by: int) -> None:
        sums[0] += by * asked
        sums[1] += by * self.runtime.usable(asked)

    def _set_record(self, entry: Entry, expiry: int | None) -> None:
        """Give the field's text a record with that expiry, or take its record away: either way it is made anew."""
        field = entry.key
        self._count(self.names, self.name_size(field), -1)
        if expiry is None:
            del self.records[field]
        else:
            self.records[field] = expiry
        self._count(self.names, self.name_size(field), 1)
        entry.key_serial = 0

    def expiry(self, field: bytes) -> int:
        return self.records.get(field, 0)

    def expire(self, field: bytes, when: int) -> None:
        if field in self.records:
            self.records[field] = when
        elif when:
            self._set_record(self.table.index[field], when)
        if when:
            heappush(self._due, (when, field))

    def minimum(self) -> int:
        due, records = self._due, self.records
        while due and records.get(due[0][1]) != due[0][0]:
            heappop(due)
        return due[0][0] if due else 0

    def drop_due(self, now: int, limit: int) -> list[bytes]:
        gone: list[bytes] = []
        while len(gone) < limit and 0 < self.minimum() <= now:
            gone.append(self._due[0][1])
            self.delete(gone[-1])
        return gone


def value_of(entry: Entry) -> bytes:
    """The value of a field's entry."""
    value = entry.value
    assert isinstance(value, bytes)
    return value
