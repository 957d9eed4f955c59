"""maxmemory: which keys have to go when memory is full.

    before a command ─▶ used > maxmemory? ─▶ sample keys ─▶ pool ─▶ delete the best ─┐
                                              ▲──────── until enough is freed ───────┘

The policy's first word says among which keys to choose: `allkeys`, or `volatile`, those with a TTL. Its last says how: by
the longest idle time (`lru`), by the least frequency (`lfu`), by the nearest expiry (`ttl`), or by chance. LRU and LFU are
approximations: of each database only `maxmemory-samples` keys are looked at, and the pool keeps the good ones.

What takes longer than `maxmemory-eviction-tenacity` allows is broken off; the rest is done from a timer, or before the next
command. `noeviction` deletes nothing: commands that need memory are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

from rinspect.engine import lru
from rinspect.engine.encodings.hashtable import Entry, Hashtable
from rinspect.engine.events import Candidate, EvictionEnded, EvictionStarted, KeyEvicted
from rinspect.engine.keyspace.database import Database
from rinspect.engine.keyspace.ledger import Ledger
from rinspect.engine.keyspace.pool import EvictionPool
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.value import Value

CHECK_EVERY = 16
"""So many keys are evicted between two looks at the clock."""
UINT64_MAX = (1 << 64) - 1


class Eviction(Enum):
    """How an attempt to get below maxmemory ended."""

    OK = "ok"
    RUNNING = "running"
    """It is not done: to be gone on with soon."""
    FAIL = "fail"
    """Nothing is left that may be evicted: commands that need memory are to be refused."""


class Evictor:
    """Evicts keys. The pool and the databases' turn outlast single calls."""

    def __init__(self, databases: Sequence[Database], ledger: Ledger, runtime: Runtime) -> None:
        self._databases = databases
        self._ledger = ledger
        self._runtime = runtime
        self._turn = 0
        self.pool = EvictionPool()
        runtime.has_memory_for = self.has_memory_for
        self.on_running: Callable[[], None] = lambda: None
        """Called when there is something to evict that no command may come for: eviction was broken off, or the limit
        was changed. Whoever has a timer calls `perform` from it, until it is done."""

    def perform(self) -> Eviction:
        """Get below maxmemory: called before each command while that is not 0, and from a timer for as long as the answer is
        RUNNING."""
        runtime = self._runtime
        if runtime.keys_frozen:
            return Eviction.OK
        to_free = self.excess()
        if to_free <= 0:
            result = Eviction.OK
        elif runtime.config.maxmemory_policy == "noeviction":
            result = Eviction.FAIL
        else:
            result = self._evict(to_free)
            if result is Eviction.RUNNING:
                self.on_running()
        self._measure_excess(result)
        return result

    def excess(self) -> int:
        """Bytes above maxmemory, if positive; what others keep that is not held against it left out. 0 without a limit."""
        limit = self._runtime.config.maxmemory
        if not limit:
            return 0
        used = self._ledger.used()
        return used - limit if used <= limit else used - self._ledger.not_counted() - limit

    def has_memory_for(self, size: int) -> bool:
        """Whether memory would still be within maxmemory with so many bytes more."""
        limit = self._runtime.config.maxmemory
        if not limit:
            return True
        wanted = self._ledger.used() + size
        return wanted <= limit or wanted - self._ledger.not_counted() <= limit

    def _evict(self, to_free: int) -> Eviction:
        runtime = self._runtime
        config, began = runtime.config, runtime.clock()
        policy, limit = config.maxmemory_policy, time_limit(config.maxmemory_eviction_tenacity)
        if runtime.observers:
            used = to_free + config.maxmemory
            runtime.emit(EvictionStarted(began, policy, used, config.maxmemory, to_free))
        by_chance = policy.endswith("random")
        keys = freed = 0
        why = "enough"
        while freed < to_free:
            chosen = self._random(policy) if by_chance else self._best(policy)
            if chosen is None:
                why = "nothing"
                break
            gained = self._delete(chosen)
            freed += gained
            keys += 1
            runtime.stats.evicted_keys += 1
            if runtime.observers:
                score, pool = (None, ()) if by_chance else (chosen.score, (*self.pool.shown(), chosen))
                runtime.emit(KeyEvicted(chosen.db, chosen.key, policy, score, gained, pool))
            if keys % CHECK_EVERY == 0 and limit is not None and runtime.clock() - began > limit:
                why = "time"
                break
        now = runtime.clock()
        if runtime.took_time is not None:
            runtime.took_time("eviction-cycle", now - began)
        if runtime.observers:
            runtime.emit(EvictionEnded(now, keys, freed, now - began, why))
        return {"enough": Eviction.OK, "time": Eviction.RUNNING, "nothing": Eviction.FAIL}[why]

    def _delete(self, chosen: Candidate) -> int:
        """Delete a key; the bytes that this freed."""
        runtime, before = self._runtime, self._ledger.keyspace()
        began = runtime.clock()
        runtime.unasked = True
        db, lazily = self._databases[chosen.db], runtime.config.lazyfree_lazy_eviction
        db.delete(chosen.key, lazily=lazily)
        db.dirty -= 1  # nobody has asked for it: no change that counts
        runtime.unasked = False
        db.propagate_deletion(chosen.key, "evicted", lazily=lazily)
        if runtime.took_time is not None:
            runtime.took_time("eviction-del", runtime.clock() - began)
        return before - self._ledger.keyspace()

    def _random(self, policy: str) -> Candidate | None:
        """A key by chance, of each database in turn."""
        count = len(self._databases)
        for _ in range(count):
            self._turn = (self._turn + 1) % count
            db = self._databases[self._turn]
            table = _table(db, policy)
            if len(table):
                return Candidate(db.number, table.random_entry(self._runtime.rng).key, 0)
        return None

    def _best(self, policy: str) -> Candidate | None:
        """The best key of the pool, after new samples; None if there is nothing to evict."""
        while True:
            some = False
            for db in self._databases:
                table = _table(db, policy)
                if len(table):
                    some = True
                    self._sample(db, table, policy)
            if not some:
                return None
            while (candidate := self.pool.take()) is not None:
                if candidate.key in _table(self._databases[candidate.db], policy):
                    return candidate

    def _sample(self, db: Database, table: Hashtable, policy: str) -> None:
        runtime = self._runtime
        for entry in table.some_entries(runtime.config.maxmemory_samples, runtime.rng):
            self.pool.offer(db.number, entry.key, self._score(db, entry, policy))

    def _score(self, db: Database, entry: Entry, policy: str) -> int:
        """How good it is to evict a key: see Candidate."""
        if policy.endswith("ttl"):
            assert isinstance(entry.value, int)
            return UINT64_MAX - entry.value
        value = db.table.index[entry.key].value
        assert isinstance(value, Value)
        runtime = self._runtime
        if policy.endswith("lru"):
            return lru.idle_time(value.used, runtime.now)
        return lru.COUNTER_MAX - lru.frequency(value.used, runtime.now, runtime.config.lfu_decay_time)

    def _measure_excess(self, result: Eviction) -> None:
        """Keep the time for which memory stood above the limit."""
        stats = self._runtime.stats
        since = stats.last_eviction_exceeded_time
        if result is not Eviction.OK:
            stats.last_eviction_exceeded_time = since or self._runtime.clock()
        elif since:
            stats.total_eviction_exceeded_time += self._runtime.clock() - since
            stats.last_eviction_exceeded_time = 0


def _table(db: Database, policy: str) -> Hashtable:
    """The keys that a policy chooses from."""
    return db.table if policy.startswith("allkeys") else db.expires


def time_limit(tenacity: int) -> int | None:
    """Microseconds that one call may take, None for any: straight up to 500 at 10, then 15 % more with every step."""
    if tenacity <= 10:
        return 50 * tenacity
    return int(500.0 * 1.15 ** (tenacity - 10.0)) if tenacity < 100 else None
