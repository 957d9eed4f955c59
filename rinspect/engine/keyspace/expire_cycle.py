"""Active expiry: keys that are due go, though nobody asks for them.

    slow cycle    from the cron, `hz` times a second       may take a quarter of the time in between
    fast cycle    before the loop sleeps                   1 ms, and only if the last cycle had not had time enough

    for each database:   walk on through `expires` from where the last walk ended, some 20 keys
                         ▲                 └─▶ more than 10 % of them were due? ─┐
                         └───────────────────── yes: there will be more ─────────┘

`active-expire-effort` (1 … 10) raises the figures: more keys at a time, more time, and a smaller share of dead keys that is
borne with. Fields of hashes have an index by their moment, so that their cycle never looks at one in vain.
"""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.encodings.hashtable import INITIAL_SIZE, Entry, chain
from rinspect.engine.events import DatabaseSampled, ExpireCycleEnded
from rinspect.engine.keyspace.database import Database
from rinspect.engine.keyspace.field_cycle import FieldCycle
from rinspect.engine.runtime import Runtime

KEYS_PER_LOOP = 20
FAST_MICROSECONDS = 1000
SLOW_TIME_PERCENT = 25
ACCEPTABLE_STALE = 10
DATABASES_PER_CALL = 16
BUCKETS_PER_KEY = 20
CHECK_EVERY = 16
"""So many samples are taken between two looks at the clock."""


class ExpireCycle:
    """The cycles of one engine: what they keep from one call to the next."""

    def __init__(self, databases: Sequence[Database], runtime: Runtime) -> None:
        self._databases = databases
        self._runtime = runtime
        self._fields = FieldCycle(databases, runtime)
        self._next = 0
        self._timed_out = False
        self._last_fast = 0
        self.enabled = True
        """DEBUG SET-ACTIVE-EXPIRE."""

    def slow(self) -> int:
        """The cron's cycle; how many keys and fields went."""
        config = self._runtime.config
        percent = SLOW_TIME_PERCENT + 2 * (config.active_expire_effort - 1)
        return self._run(max(1, percent * 1_000_000 // max(1, config.hz) // 100), fast=False)

    def fast(self) -> int:
        """The cycle before the loop sleeps, if there is need of it; how many keys and fields went."""
        runtime = self._runtime
        effort = runtime.config.active_expire_effort - 1
        limit = FAST_MICROSECONDS + FAST_MICROSECONDS // 4 * effort
        # The share is held against a percentage though it is at most 1: the server's own slip.
        if not self._timed_out and runtime.stats.expired_stale_perc < ACCEPTABLE_STALE - effort:
            return 0
        now = runtime.clock()
        if now < self._last_fast + 2 * limit:
            return 0
        self._last_fast = now
        return self._run(limit, fast=True)

    def _run(self, limit: int, *, fast: bool) -> int:
        runtime = self._runtime
        if not self.enabled or runtime.keys_frozen:
            return 0
        began = runtime.clock()
        wanted = len(self._databases) if self._timed_out else min(DATABASES_PER_CALL, len(self._databases))
        walk = _Walk(runtime, began + limit)
        done: list[DatabaseSampled] = []
        fields = tried = performed = 0
        counts_all = not runtime.profile.kvstore_size
        while performed < wanted and tried < len(self._databases) and not walk.timed_out:
            db = self._databases[self._next % len(self._databases)]
            self._next += 1
            tried += 1
            fields += self._fields.run(fast=fast)
            if not len(db.expires):
                db.avg_ttl = 0
                performed += counts_all
                continue
            performed += 1
            done.append(walk.through(db))
        self._timed_out = walk.timed_out
        took = runtime.clock() - began
        self._count(done, took)
        if runtime.took_time is not None:
            runtime.took_time("expire-cycle", took)
        if runtime.observers and (done or fields):
            runtime.emit(ExpireCycleEnded(began, fast, tuple(done), fields, took, limit, walk.timed_out))
        return fields + sum(each.expired for each in done)

    def _count(self, done: Sequence[DatabaseSampled], took: int) -> None:
        stats = self._runtime.stats
        stats.expire_cycle_cpu_microseconds += took
        stats.expired_time_cap_reached_count += self._timed_out
        sampled = sum(each.sampled for each in done)
        stale = sum(each.expired for each in done) / sampled if sampled else 0.0
        stats.expired_stale_perc = stale * 0.05 + stats.expired_stale_perc * 0.95


class _Walk:
    """One cycle's way through the databases."""

    def __init__(self, runtime: Runtime, deadline: int) -> None:
        effort = runtime.config.active_expire_effort - 1
        self.runtime = runtime
        self.timed_out = False
        self._deadline = deadline
        self._iterations = 0
        self._keys = KEYS_PER_LOOP + KEYS_PER_LOOP // 4 * effort
        self._acceptable = ACCEPTABLE_STALE - effort

    def through(self, db: Database) -> DatabaseSampled:
        """Sample a database that has keys with a TTL, as often as it pays."""
        sampled = expired = 0
        while True:
            self._iterations += 1
            size, now = len(db.expires), self.runtime.clock() // 1000
            if not size:
                db.avg_ttl = 0
                return DatabaseSampled(db.number, sampled, expired, "seen")
            if db.expires.buckets > INITIAL_SIZE and size * 100 // db.expires.buckets < 1:
                return DatabaseSampled(db.number, sampled, expired, "sparse")
            sample = _Sample(db, now)
            seen = sample.take(min(size, self._keys))
            sampled += sample.sampled
            expired += sample.expired
            sample.average()
            if self._iterations % CHECK_EVERY == 0 and self.runtime.clock() > self._deadline:
                self.timed_out = True
                return DatabaseSampled(db.number, sampled, expired, "time")
            if seen:
                return DatabaseSampled(db.number, sampled, expired, "seen")
            if sample.sampled and sample.expired * 100 // sample.sampled <= self._acceptable:
                return DatabaseSampled(db.number, sampled, expired, "fresh")


class _Sample:
    """Some keys of a database, from where the last sample ended."""

    def __init__(self, db: Database, now: int) -> None:
        self.db = db
        self.now = now
        self.sampled = 0
        self.expired = 0
        self._ttls: list[int] = []

    def take(self, wanted: int) -> bool:
        """Look at `wanted` keys or more, bucket by bucket, but not at too many empty buckets. Whether this was the end of
        the table, which is told from 7.4 on."""
        db, version = self.db, self.db.runtime.profile.version
        checked = 0
        while self.sampled < wanted and checked < wanted * BUCKETS_PER_KEY:
            if version < (7, 2):
                checked += self._plain_bucket()
                continue
            db.expires_cursor, entries = db.expires.scan(db.expires_cursor)
            self._look(entries)
            if not db.expires_cursor and version >= (7, 4):
                return True
            checked += 1
        return False

    def _plain_bucket(self) -> int:
        """Before 7.2: the bucket at the cursor, of each table; the cursor counts up. How many buckets that were."""
        tables = [table for table in self.db.expires.tables if table]
        for table in tables:
            self._look(chain(table[self.db.expires_cursor & len(table) - 1]))
        self.db.expires_cursor += 1
        return len(tables)

    def _look(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            when = entry.value
            assert isinstance(when, int)
            if when < self.now:
                self.db.expire(entry.key, lazily=False)
                self.expired += 1
            elif when > self.now:
                self._ttls.append(when - self.now)
            self.sampled += 1

    def average(self) -> None:
        """Let the TTLs that were met count for 2 % in the database's mean; all of it if it has none."""
        if not self._ttls:
            return
        mean, db = sum(self._ttls) // len(self._ttls), self.db
        if db.runtime.profile.version < (7, 4):
            before = db.avg_ttl or mean
            db.avg_ttl = before // 50 * 49 + mean // 50
        else:
            db.avg_ttl = int(mean + (db.avg_ttl - mean) * 0.98) if db.avg_ttl else mean
