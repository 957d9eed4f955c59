"""used_memory of the built-in engine, from its total down to kinds of allocations.

The kinds are found by a walk over all keys, in pieces: one when the panel is opened, and the next one only when the last is so
far back that all of them together take a small share of the loop's time.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Generator, Sequence

from rinspect.engine.events import Event, FreedLazily
from rinspect.engine.keyspace.composition import Part, composition
from rinspect.engine.server import Server
from rinspect.monitoring.keyspace import MemoryNow, Share
from rinspect.sources.engine.thread import EngineThread

KEPT = 100
REST = 20
"""After a walk there is none for so many times as long as it kept the loop from its work; how long it waited is no matter."""
SHORTEST_REST = 2.0
"""Seconds."""

SHORT_WALK = 0.1
"""Seconds for which figures wait for a walk."""
MOST_WEIGHED = 50_000
"""Keys up to which accounts are opened for this panel: that weighs all of them while everybody waits."""

_OF = {"keys": "keys", "expires": "TTLs"}


class Memory:
    """The breakdown. Observing happens in the loop's thread, asking anywhere."""

    def __init__(self, server: Server, thread: EngineThread) -> None:
        self._server = server
        self._thread = thread
        self._freed: deque[FreedLazily] = deque(maxlen=KEPT)
        self._opened = False
        """Accounts were opened for this panel, and are to be closed with it."""
        self._walked: tuple[Share, ...] = ()
        self._walked_at = 0.0
        self._kept_busy = 0.0
        """Seconds of the processor that the walk has taken."""
        self._walking: asyncio.Task[tuple[Share, ...]] | None = None
        self._next_walk = 0.0

    def collect(self, on: bool) -> None:
        """Begin or stop to collect."""
        engine, runtime = self._server.engine, self._server.engine.runtime
        if on:
            self._next_walk = 0.0
            engine.observe_keys(self._observe)
            self._opened = not runtime.accounted
            return
        engine.unobserve(self._observe)
        if self._opened and runtime.accounted and not runtime.config.maxmemory:
            # Accounts make every write a little slower.
            engine.keyspace.ledger.close()

    def _observe(self, event: Event) -> None:
        if isinstance(event, FreedLazily):
            self._freed.appendleft(event)

    async def now(self) -> MemoryNow:
        if self._walking is None and time.monotonic() >= self._next_walk:
            self._kept_busy = 0.0
            self._walking = asyncio.create_task(self._thread.run_in_pieces(self._timed_walk))
            # A walk over few keys is over before anybody would have noticed.
            await asyncio.wait([self._walking], timeout=SHORT_WALK)
        if self._walking is not None and self._walking.done():
            self._walked, self._walking = self._walking.result(), None
            self._walked_at = time.monotonic()
            self._next_walk = self._walked_at + max(SHORTEST_REST, REST * self._kept_busy)
        return await self._thread.run(self._added_up)

    def stop(self) -> None:
        """Walk no more."""
        if self._walking is not None:
            self._walking.cancel()
            self._walking = None

    def _timed_walk(self) -> Generator[None, None, tuple[Share, ...]]:
        """The walk, and how long each of its pieces takes."""
        walk = self._walk()
        while True:
            began = time.thread_time()
            try:
                next(walk)
            except StopIteration as end:
                shares: tuple[Share, ...] = end.value
                return shares
            finally:
                self._kept_busy += time.thread_time() - began
            yield

    def _walk(self) -> Generator[None, None, tuple[Share, ...]]:
        shares: tuple[Share, ...] = ()
        for db in self._server.engine.keyspace.databases:
            if len(db) or db.table.tables[0]:
                shares += (_database(db.number, (yield from composition(db))),)
        return shares

    def _added_up(self) -> MemoryNow:
        ledger, runtime = self._server.engine.keyspace.ledger, self._server.engine.runtime
        measured = f"the server without keys and clients: {ledger.startup_certainty}"
        others = tuple(Share(name, size) for name, of in ledger.contributors.items() if (size := of()))
        shares = (Share("at the start", ledger.startup, measured), *others, *self._walked)
        parts = sum(share.size for share in shares)
        keys = sum(map(len, self._server.engine.keyspace.databases))
        walked = self._walked_at > 0
        note = "came or went since the keys were walked" if walked else "the keys, which are being walked"
        used: int | None = None
        if runtime.accounted or keys <= MOST_WEIGHED:
            used = ledger.used()
        else:
            note = "not known; INFO memory would have all keys weighed in one go, and everybody wait for it"
        age = time.monotonic() - self._walked_at if walked else None
        residual = 0 if used is None else used - parts
        return MemoryNow(used, ledger.peak, shares, residual, note, {}, tuple(self._freed), age)


def _database(number: int, parts: Sequence[Part]) -> Share:
    """A database's kinds of allocations, by what they belong to; the largest first."""
    groups: dict[str, list[Part]] = {}
    for part in parts:
        groups.setdefault(part.of, []).append(part)
    shares = [
        Share(
            _OF.get(of, f"{of} values"),
            sum(part.size_class for part in found),
            "",
            tuple(Share(f"{part.name} × {part.count:,}", part.size_class, _slack(part)) for part in found),
        )
        for of, found in groups.items()
    ]
    shares.sort(key=lambda share: -share.size)
    return Share(f"db{number}", sum(share.size for share in shares), "", tuple(shares))


def _slack(part: Part) -> str:
    slack = part.size_class - part.asked
    return f"{slack:,} B of it slack: {part.asked:,} asked for" if slack else ""
