"""What was slow in the built-in engine."""

from __future__ import annotations

from collections import deque
from itertools import islice

from rinspect.engine.commandstats import CommandStats
from rinspect.engine.events import Event, EvictionEnded, ExpireCycleEnded
from rinspect.engine.server import Server
from rinspect.engine.server.slowlog import Neighbour, SlowEntry
from rinspect.monitoring.slow import Durations, Mark, Series, Slow, SlowNow
from rinspect.sources.engine.monitoring.toll import Tolls

KEPT = 2000
"""Marks."""
MOST_COMMANDS = 40


class SlowThings:
    """Marks are made while it collects; everything else is kept by the engine. All of it in the loop's thread."""

    def __init__(self, server: Server, tolls: Tolls) -> None:
        self._server = server
        self._tolls = tolls
        self._marks: deque[Mark] = deque(maxlen=KEPT)

    def collect(self, on: bool) -> None:
        """Begin or stop to collect."""
        engine = self._server.engine
        (engine.observe_keys if on else engine.unobserve)(self._observe)

    def _observe(self, event: Event) -> None:
        if isinstance(event, ExpireCycleEnded):
            self._marks.append(Mark(event.at, "expiry", event.microseconds))
        elif isinstance(event, EvictionEnded):
            self._marks.append(Mark(event.at, "eviction", event.microseconds))

    def now(self) -> SlowNow:
        server, runtime = self._server, self._server.engine.runtime
        now = runtime.clock()
        blocked = len(server.clients.blocked)
        if blocked:
            self._marks.append(Mark(now, "blocked", blocked))
        databases = server.engine.keyspace.databases
        rehashing = sum(db.table.rehashing + db.expires.rehashing for db in databases)
        if rehashing:
            self._marks.append(Mark(now, "rehashing", rehashing))
        entries = tuple(map(self._entry, server.slow_log.entries))
        series = (
            Series(name, tuple((sample.at, sample.milliseconds) for sample in found.samples), found.worst)
            for name, found in server.latency.series.items()
        )
        used = sorted(server.engine.commands.used(), key=lambda command: -command.stats.microseconds)
        return SlowNow(
            now=now,
            entries=entries,
            slower_than=runtime.config.slowlog_log_slower_than,
            series=tuple(series),
            threshold=runtime.config.latency_monitor_threshold,
            durations=tuple(_durations(command.name, command.stats) for command in islice(used, MOST_COMMANDS)),
            marks=(*self._marks, *(Mark(entry.at - entry.took, "slow", entry.took) for entry in entries)),
        )

    def _entry(self, entry: SlowEntry) -> Slow:
        around = entry.around
        return Slow(
            id=entry.id,
            at=entry.at,
            took=entry.took,
            argv=entry.argv,
            address=entry.address,
            name=entry.name.decode(errors="replace"),
            client=entry.client,
            iteration=around.iteration,
            phase=around.phase,
            before=tuple(map(_name, around.before)),
            behind=tuple(map(_name, around.behind)),
            waiting=around.waiting,
            extent=entry.extent,
            toll=self._tolls.of(entry.at, entry.client, entry.took),
        )


def _name(neighbour: Neighbour) -> str:
    return neighbour.name.decode(errors="replace") or f"client {neighbour.id}"


def _durations(name: str, stats: CommandStats) -> Durations:
    """Calls by duration, in classes that double."""
    classes: dict[int, int] = {}
    for took, calls in stats.durations():
        limit = 1 << max(0, took - 1).bit_length() if took > 1 else 1
        classes[limit] = classes.get(limit, 0) + calls
    return Durations(name, stats.calls, tuple(sorted(classes.items())))
