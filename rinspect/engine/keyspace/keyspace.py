"""All databases of an engine, and what concerns them together."""

from __future__ import annotations

from collections.abc import Callable

from rinspect.engine.events import Flushed
from rinspect.engine.keyspace.database import Database, Listener, Replacing
from rinspect.engine.keyspace.eviction import Evictor
from rinspect.engine.keyspace.expire_cycle import ExpireCycle
from rinspect.engine.keyspace.ledger import Ledger
from rinspect.engine.runtime import Runtime


class Keyspace:
    """The databases, with the ledger of their memory, what evicts their keys, and what expires them."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.databases = [Database(number, runtime) for number in range(runtime.config.databases)]
        self.ledger = Ledger(self.databases, runtime)
        self.evictor = Evictor(self.databases, self.ledger, runtime)
        self.expire_cycle = ExpireCycle(self.databases, runtime)
        self.cleared: Callable[[], None] = lambda: None
        """Called when all keys of all databases have gone at once."""

    def __getitem__(self, number: int) -> Database:
        return self.databases[number]

    def __len__(self) -> int:
        return len(self.databases)

    def listen(self, listener: Listener) -> None:
        """Have `listener` called with the database and key of each write."""
        for db in self.databases:
            db.listeners.append(listener)

    def listen_within(self, listener: Listener) -> None:
        """The same of each change within a value that is no write to its key: in a stream's groups."""
        for db in self.databases:
            db.within.append(listener)

    def unlisten(self, listener: Listener) -> None:
        for db in self.databases:
            db.listeners.remove(listener)

    def before_replacing(self, listener: Replacing) -> None:
        """Have `listener` called before all keys of a database go, or are swapped with another's."""
        for db in self.databases:
            db.replacing.append(listener)

    def swap(self, first: int, second: int) -> None:
        """SWAPDB: the keys of two databases change places; whoever has one selected sees the other's keys."""
        one, other = self.databases[first], self.databases[second]
        for about_to in one.replacing:
            about_to(one, other)
            about_to(other, one)
        one.table, other.table = other.table, one.table
        one.expires, other.expires = other.expires, one.expires
        one.expires_cursor, other.expires_cursor = other.expires_cursor, one.expires_cursor
        one.avg_ttl, other.avg_ttl = other.avg_ttl, one.avg_ttl
        one.field_expiry, other.field_expiry = other.field_expiry, one.field_expiry
        one.account, other.account = other.account, one.account
        self.runtime.memory_moved.update((first, second))
        one.dirty += 1
        if self.runtime.observers:
            self.runtime.emit(Flushed(-1))

    def clear(self, *, lazily: bool = False) -> int:
        """FLUSHALL; how many keys there were. `lazily` leaves the freeing to the thread."""
        count = sum(db.clear(lazily=lazily) for db in self.databases)
        self.cleared()
        return count

    @property
    def dirty(self) -> int:
        return sum(db.dirty for db in self.databases)
