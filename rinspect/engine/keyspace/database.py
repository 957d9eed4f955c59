"""The databases: keys, their values and their expiry.

A database is two dicts: the keys with their values, and `expires` with the moment (milliseconds since 1970) for the keys
that have one. A key is expired **lazily**, when a command looks it up too late, or **actively**, by the cycle that samples
`expires`. Fields of hashes that expire are a third matter: `field_expiry` knows which hash to look at next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rinspect.engine.encodings.hashtable import Entry, Hashtable
from rinspect.engine.events import Flushed, KeyChanged, KeyExpired
from rinspect.engine.field_expiry import FieldExpiry
from rinspect.engine.replies import WRONGTYPE, CommandError
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.hash import HashValue
from rinspect.engine.values.value import Value

V = TypeVar("V", bound=Value)

Listener = Callable[["Database", bytes], None]


class Database:
    """One numbered database."""

    __slots__ = ("dirty", "expires", "field_expiry", "listeners", "number", "runtime", "table")

    def __init__(self, number: int, runtime: Runtime) -> None:
        self.number = number
        self.runtime = runtime
        self.table = Hashtable(runtime.profile, runtime.hash_seed)
        self.expires = Hashtable(runtime.profile, runtime.hash_seed)
        self.table.clear()
        self.expires.clear()
        self.field_expiry = FieldExpiry()
        self.listeners: list[Listener] = []
        """Called with each key that is written to, deleted or expired."""
        self.dirty = 0
        """Changes made so far: a command that leaves it alone changed nothing."""

    def __len__(self) -> int:
        return len(self.table)

    def lookup(self, key: bytes) -> Value | None:
        """The value under `key`, as a command finds it: expires it if it is due, and marks it as used."""
        value = self.peek(key)
        if value is not None:
            value.accessed = self.runtime.now
        return value

    def peek(self, key: bytes) -> Value | None:
        """Like `lookup`, without marking the value as used (TYPE, OBJECT, TTL …)."""
        table = self.table
        if table.rehashidx >= 0:
            table.find(key)
        entry = table.index.get(key)
        if entry is None or (self.expires.index and self._expire_if_due(key)):
            return None
        value = entry.value
        assert isinstance(value, Value)
        return value

    def find(self, key: bytes, kind: type[V]) -> V | None:
        """The value under `key` if it is of that type, None if there is none; CommandError WRONGTYPE otherwise."""
        value = self.lookup(key)
        if value is None or isinstance(value, kind):
            return value
        raise CommandError(WRONGTYPE)

    def put(self, key: bytes, value: Value, *, keep_ttl: bool = False) -> None:
        """Store a value under a key, in place of whatever is there; its TTL goes unless it is to be kept."""
        entry = self.table.find(key)
        if entry is None:
            self.table.add(key, value)
        else:
            entry.value = value
        if not keep_ttl and self.expires.index:
            self.expires.delete(key)
        if value.__class__ is HashValue and value.registered:
            self.field_expiry.register(key, value.registered)
        self.changed(key)

    def delete(self, key: bytes) -> bool:
        """Remove a key with its TTL; whether it was there."""
        if self.table.delete(key) is None:
            return False
        if self.expires.index:
            self.expires.delete(key)
        self.changed(key)
        return True

    def changed(self, key: bytes) -> None:
        """Every write ends here: a command that changed the value under `key` says so."""
        self.dirty += 1
        for listener in self.listeners:
            listener(self, key)
        if self.runtime.observers:
            self.runtime.emit(KeyChanged(self.number, key))

    # -- expiry -------------------------------------------------------------------------------------------------------

    def expiry(self, key: bytes) -> int | None:
        """When the key expires, in milliseconds since 1970; None if it does not. The key must be there."""
        entry = self.expires.index.get(key)
        if entry is None:
            return None
        assert isinstance(entry.value, int)
        return entry.value

    def expire_at(self, key: bytes, when: int) -> None:
        """Give a key that is there a moment to expire at, or another one."""
        entry = self.expires.find(key)
        if entry is None:
            self.expires.add(key, when)
        else:
            entry.value = when
        self.changed(key)

    def persist(self, key: bytes) -> bool:
        """Take a key's expiry away; whether it had one."""
        if self.expires.delete(key) is None:
            return False
        self.changed(key)
        return True

    def _expire_if_due(self, key: bytes, *, lazily: bool = True) -> bool:
        entry = self.expires.index.get(key)
        if entry is None or self.runtime.now <= entry.value:  # type: ignore[operator]
            return False
        self.table.delete(key)
        self.expires.delete(key)
        self.dirty += 1
        for listener in self.listeners:
            listener(self, key)
        if self.runtime.observers:
            self.runtime.emit(KeyExpired(self.number, key, lazily))
        return True

    def expire_cycle(self, per_loop: int = 20, acceptable_stale: int = 10, loops: int = 16) -> int:
        """One round of active expiry: sample keys with a TTL, delete the due ones, go on while many of them are.

        Returns how many keys went. `acceptable_stale` is the percentage of a sample below which a round ends.
        """
        gone = 0
        for _ in range(loops):
            sample = min(per_loop, len(self.expires))
            if not sample:
                break
            chosen = {self.expires.random_entry(self.runtime.rng).key for _ in range(sample)}
            due = sum(self._expire_if_due(key, lazily=False) for key in chosen)
            gone += due
            if due * 100 <= acceptable_stale * sample:
                break
        return gone

    def expire_fields(self, limit: int = 1000) -> int:
        """Delete up to `limit` fields that have expired, and hashes left without fields; how many fields went."""
        now, gone = self.runtime.now, 0
        while gone < limit:
            key = self.field_expiry.pop_due(now)
            if key is None:
                break
            entry = self.table.index.get(key)
            value = None if entry is None else entry.value
            if not isinstance(value, HashValue) or not value.registered:
                continue
            went = value.expire_fields(now, limit - gone)
            gone += went
            if not len(value):
                self.delete(key)
                continue
            if value.registered:
                self.field_expiry.register(key, value.registered)
            if went:
                self.changed(key)
        return gone

    def clear(self) -> int:
        """Remove all keys; how many there were."""
        count = len(self.table)
        self.field_expiry.clear()
        self.table.clear()
        self.expires.clear()
        self.dirty += count
        if self.runtime.observers:
            self.runtime.emit(Flushed(self.number))
        return count

    def random_key(self) -> Entry | None:
        """A key by chance that is not due; None if the database is empty."""
        while len(self.table):
            entry = self.table.random_entry(self.runtime.rng)
            if not self._expire_if_due(entry.key):
                return entry
        return None


class Keyspace:
    """All databases of an engine."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.databases = [Database(number, runtime) for number in range(runtime.config.databases)]

    def __getitem__(self, number: int) -> Database:
        return self.databases[number]

    def __len__(self) -> int:
        return len(self.databases)

    def listen(self, listener: Listener) -> None:
        """Have `listener` called with the database and key of each write."""
        for db in self.databases:
            db.listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        for db in self.databases:
            db.listeners.remove(listener)

    def swap(self, first: int, second: int) -> None:
        """SWAPDB: the keys of two databases change places; whoever has one selected sees the other's keys."""
        one, other = self.databases[first], self.databases[second]
        one.table, other.table = other.table, one.table
        one.expires, other.expires = other.expires, one.expires
        one.field_expiry, other.field_expiry = other.field_expiry, one.field_expiry
        one.dirty += 1
        if self.runtime.observers:
            self.runtime.emit(Flushed(-1))

    def clear(self) -> int:
        """FLUSHALL."""
        return sum(db.clear() for db in self.databases)

    @property
    def dirty(self) -> int:
        return sum(db.dirty for db in self.databases)
