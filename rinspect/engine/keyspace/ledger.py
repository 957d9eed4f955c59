"""used_memory: what the server as a whole has been given by the allocator.

    at the start     the server itself, without keys and clients: measured, one figure for each profile
    the keyspace     from the layouts: keys, values, tables
    contributors     what others keep and count themselves, by name: client buffers, the slow log …

Accounts of the keys are opened when the figure is first asked for: that walks over all keys once. From then on every
question costs as much as has changed since the last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rinspect.engine.keyspace.account import Account
from rinspect.engine.keyspace.database import Database
from rinspect.engine.layout import Certainty
from rinspect.engine.runtime import Runtime

STARTUP = {"6.2": 887_512, "7.0": 876_448, "8.0": 670_944}
"""INFO's used_memory_startup as 6.2.14 (libc), 7.0.15 and 8.0.2 (Debian's builds, system jemalloc) gave it, with their
default settings."""
NEAREST = {"7.2": "7.0", "7.4": "7.0"}
"""Whose figure stands for a version that was not measured."""


class Ledger:
    """The memory of one engine.

    `contributors` are functions that return bytes, by name. Those named in `uncounted` as well are used memory, but not
    held against maxmemory: an eviction must not be what makes the next one necessary.
    """

    def __init__(self, databases: Sequence[Database], runtime: Runtime) -> None:
        self._databases = databases
        self._runtime = runtime
        name = runtime.profile.name
        self.startup = STARTUP[NEAREST.get(name, name)]
        self.startup_certainty = Certainty.MEASURED if name in STARTUP else Certainty.ESTIMATED
        self.contributors: dict[str, Callable[[], int]] = {}
        self.uncounted: set[str] = set()
        self.clients: Callable[[], int] = lambda: 0
        """How many clients are connected, for who wants to know what one takes on average."""
        self._keyspace = 0
        """What all databases took when they were last added up."""
        self.peak = 0
        """The most that `used` has ever been, in bytes, as far as somebody asked."""
        for name in ("maxmemory", "maxmemory-policy"):
            runtime.config.on_change(name, self._weigh_all)

    def used(self) -> int:
        """used_memory, in bytes."""
        used = self.startup + self.keyspace()
        if self.contributors:
            used += sum(size() for size in self.contributors.values())
        self.peak = max(self.peak, used)
        return used

    def not_counted(self) -> int:
        """What of it is not held against maxmemory, in bytes."""
        return sum(self.contributors[name]() for name in self.uncounted if name in self.contributors)

    def keyspace(self) -> int:
        """What all databases take, in bytes."""
        runtime = self._runtime
        if not runtime.accounted:
            self._open()
        if runtime.memory_moved:
            self._add_up(runtime.memory_moved)
        return self._keyspace

    def _add_up(self, moved: set[int]) -> None:
        still = set()
        for number in moved:
            db = self._databases[number]
            account = db.account
            assert account is not None
            self._keyspace -= account.total
            self._keyspace += account.settle(db.table, db.expires, self._runtime)
            # Whoever looks a key up moves buckets of tables that are being rehashed, marked or not.
            if db.table.rehashidx >= 0 or db.expires.rehashidx >= 0:
                still.add(number)
        self._runtime.memory_moved = still

    def _open(self) -> None:
        for db in self._databases:
            db.account = Account(db.table.index)
            db.listeners.append(_mark)
        self._keyspace = 0
        self._runtime.accounted = True
        self._runtime.attend()
        self.all_moved()

    def close(self) -> None:
        """Keep no more accounts, until somebody asks again."""
        for db in self._databases:
            db.account = None
            db.listeners.remove(_mark)
        self._runtime.accounted = False
        self._runtime.attend()

    def all_moved(self) -> None:
        """Any database's tables may have changed by other means than commands."""
        self._runtime.memory_moved = set(range(len(self._databases)))

    def _weigh_all(self) -> None:
        """Settings have changed on which the sharing of small integers depends."""
        for db in self._databases:
            if db.account is not None:
                db.account.marks.update(db.table.index)
        self.all_moved()


def _mark(db: Database, key: bytes) -> None:
    """A key was written to."""
    if db.account is not None:
        db.account.marks.add(key)
        db.runtime.memory_moved.add(db.number)
