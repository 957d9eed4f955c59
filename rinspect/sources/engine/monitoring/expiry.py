"""Expiry and eviction in the built-in engine: what the cycles did, and who had to go."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from random import Random

from rinspect.engine.encodings.hashtable import Entry, Hashtable, chain
from rinspect.engine.events import CommandStarted, Event, EvictionEnded, ExpireCycleEnded, KeyEvicted, KeyExpired
from rinspect.engine.server import Server
from rinspect.engine.server.slowlog import shortened
from rinspect.monitoring.keyspace import Eviction, Expired, ExpiryNow, Spread
from rinspect.sources.engine.monitoring.telling import name_of, told
from rinspect.sources.spread import spread_of

KEPT = 100
SAMPLE = 500
"""Keys with a TTL that are looked at for the spread."""


class Expiry:
    """What happened since it collects. All of it happens in the loop's thread."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._cycles: deque[ExpireCycleEnded] = deque(maxlen=KEPT)
        self._expired: deque[Expired] = deque(maxlen=KEPT)
        self._evicted: deque[KeyEvicted] = deque(maxlen=KEPT)
        self._evictions: deque[Eviction] = deque(maxlen=KEPT)
        self._awaited: int | None = None
        """The client whose command has not begun yet, because of an eviction."""
        self._rng = Random(0)
        """Of its own: looking never changes what happens next."""

    def collect(self, on: bool) -> None:
        """Begin or stop to collect."""
        engine = self._server.engine
        (engine.observe_keys if on else engine.unobserve)(self._observe)

    def now(self) -> ExpiryNow:
        engine, runtime = self._server.engine, self._server.engine.runtime
        config, stats = runtime.config, runtime.stats
        keyspace = engine.keyspace
        names = ("expired_keys", "expired_subkeys", "evicted_keys", "expired_time_cap_reached_count")
        counters = {name: f"{getattr(stats, name):,}" for name in names}
        counters["expired_stale_perc"] = f"{100 * stats.expired_stale_perc:.2f}"
        return ExpiryNow(
            spread=self._spread(),
            cycles=tuple(self._cycles),
            expired=tuple(self._expired),
            evictions=tuple(self._evictions),
            evicted=tuple(self._evicted),
            pool=tuple(reversed(keyspace.evictor.pool.shown())),
            # Where there is no limit the accounts stay closed: opening them goes through all keys.
            used=keyspace.ledger.used() if config.maxmemory or runtime.accounted else None,
            maxmemory=config.maxmemory,
            policy=config.maxmemory_policy,
            samples=config.maxmemory_samples,
            counters=counters,
        )

    def _spread(self) -> Spread:
        """Of some keys with a TTL of each database."""
        databases, now = self._server.engine.keyspace.databases, self._server.engine.runtime.clock() // 1000
        left: list[int] = []
        for db in databases:
            for entry in _some(db.expires, SAMPLE - len(left), self._rng):
                assert isinstance(entry.value, int)
                left.append(entry.value - now)
        return spread_of(left, sum(len(db.expires) for db in databases), sum(map(len, databases)))

    def _observe(self, event: Event) -> None:
        if isinstance(event, ExpireCycleEnded):
            self._cycles.appendleft(event)
        elif isinstance(event, KeyExpired):
            now = self._server.engine.runtime.clock()
            self._expired.appendleft(Expired(now, event.db, event.key, event.lazily))
        elif isinstance(event, KeyEvicted):
            self._evicted.appendleft(event)
        elif isinstance(event, EvictionEnded):
            running = self._server.clients.running
            name = "" if running is None else name_of(running)
            self._evictions.appendleft(Eviction(event, name, ()))
            self._awaited = None if running is None else running.id
        elif isinstance(event, CommandStarted) and self._evictions and event.session == self._awaited:
            # The first command of the client that had to wait is the one that did.
            client = self._server.clients.by_id.get(event.session)
            words = () if client is None else shortened(told(client, event.argv))
            self._evictions[0] = replace(self._evictions[0], argv=words)
            self._awaited = None


def _some(table: Hashtable, most: int, rng: Random) -> Iterator[Entry]:
    """All entries of a small table; of a large one those of neighbouring buckets, from a place chosen by chance."""
    if len(table) <= most:
        yield from table.index.values()
        return
    buckets = table.tables[1] or table.tables[0]
    start = rng.randrange(len(buckets))
    places = (buckets[(start + step) & len(buckets) - 1] for step in range(min(len(buckets), 20 * most)))
    yield from islice((entry for bucket in places for entry in chain(bucket)), most)
