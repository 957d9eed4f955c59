"""used_memory: what the server as a whole has been given by the allocator.

    at the start     the server itself, without keys and clients: measured, one figure for each profile
    the keyspace     from the layouts: keys, values, tables
    contributors     what others keep and count themselves, by name: client buffers, the slow log …

Accounts of the keys are opened when the figure is first asked for: that walks over all keys once. From then on every
question costs as much as has changed since the last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rinspect.engine.encodings.hashtable import Hashtable
from rinspect.engine.keyspace.account import Account, buckets_size
from rinspect.engine.keyspace.database import Database
from rinspect.engine.runtime import Runtime

STARTUP = {"6.2": 887_512, "7.0": 876_448, "7.2": 876_448, "7.4": 876_448, "8.0": 670_944}
"""INFO's used_memory_startup as 6.2.14 (libc), 7.0.15 and 8.0.2 (Debian's builds, system jemalloc) gave it, with their
default settings; 7.2 and 7.4 were not measured, 7.0's figure stands for them."""

LIST_NODE = 24


class Ledger:
    """The memory of one engine.

    `contributors` are functions that return bytes, by name. Those named in `uncounted` as well are used memory, but not
    held against maxmemory: an eviction must not be what makes the next one necessary.
    """

    def __init__(self, databases: Sequence[Database], runtime: Runtime) -> None:
        self._databases = databases
        self._runtime = runtime
        self.startup = STARTUP.get(runtime.profile.name, STARTUP["8.0"])
        self.contributors: dict[str, Callable[[], int]] = {}
        self.uncounted: set[str] = set()
        self.clients: Callable[[], int] = lambda: 0
        """How many clients are connected, for who wants to know what one takes on average."""
        self.peak = 0
        """The most that `used` has ever been, in bytes, as far as somebody asked."""
        self.peak_at = 0
        """When that was, in milliseconds since 1970."""

    def used(self) -> int:
        """used_memory, in bytes."""
        used = self.startup + self.keyspace() + sum(size() for size in self.contributors.values())
        if used > self.peak:
            self.peak, self.peak_at = used, self._runtime.now
        return used

    def not_counted(self) -> int:
        """What of it is not held against maxmemory, in bytes."""
        return sum(self.contributors[name]() for name in self.uncounted if name in self.contributors)

    def keyspace(self) -> int:
        """What all databases take, in bytes."""
        runtime = self._runtime
        if not runtime.accounted:
            self._open()
        total = 0
        for db in self._databases:
            account = db.account
            assert account is not None
            if account.marks:
                account.settle(db.table, db.expires, runtime)
            if db.table.tables[0]:
                total += account.total + tables_size(db, runtime)
        return total

    def _open(self) -> None:
        for db in self._databases:
            db.account = Account(db.table.index)
            db.listeners.append(_mark)
        self._runtime.accounted = True
        self._runtime.attend()

    def close(self) -> None:
        """Keep no more accounts, until somebody asks again."""
        for db in self._databases:
            db.account = None
            db.listeners.remove(_mark)
        self._runtime.accounted = False
        self._runtime.attend()


def _mark(db: Database, key: bytes) -> None:
    """A key was written to."""
    if db.account is not None:
        db.account.marks.add(key)


def tables_size(db: Database, runtime: Runtime) -> int:
    """What a database takes but for its keys, in bytes: the buckets, and from 7.4 on the dicts themselves."""
    size = _dict_size(db.table, runtime, runtime.profile.keys_metadata)
    return size + _dict_size(db.expires, runtime, runtime.profile.expires_metadata)


def _dict_size(table: Hashtable, runtime: Runtime, metadata: int) -> int:
    size = buckets_size(table, runtime)
    profile = runtime.profile
    if profile.kvstore_size and table.tables[0]:
        size += runtime.usable(profile.dict_size + metadata)
        if table.rehashidx >= 0:
            # The kvstore has a list of those that it is rehashing.
            size += runtime.usable(LIST_NODE)
    return size
