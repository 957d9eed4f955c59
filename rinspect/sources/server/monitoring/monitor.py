"""A real server as Monitor sees it: from INFO, SLOWLOG, LATENCY, CLIENT LIST and PUBSUB, asked politely.

Nothing is asked but what the screen shows, a panel's INFO once a second at most, the others less often. Nothing is reset, and
nothing switched on: what has to be switched on is said.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence

from rinspect.engine.commands.registry import Command, complexity_of
from rinspect.engine.replies import Reply
from rinspect.monitoring.appendonly import AppendOnlyNow
from rinspect.monitoring.clients import ClientTable, Conversation
from rinspect.monitoring.keyspace import ExpiryNow, MemoryNow, Spread
from rinspect.monitoring.loop import LoopFigures, LoopGlance
from rinspect.monitoring.pubsub import Channel, PubSubNow
from rinspect.monitoring.slow import Mark, Slow, SlowNow
from rinspect.sources.monitored import MOST_CLIENTS, Hold, NotKnown
from rinspect.sources.server.connection import CLIENT_NAME
from rinspect.sources.server.facts import parse_info
from rinspect.sources.server.monitoring.parsing import (
    append_only_of,
    client_rows,
    commands_of,
    durations_of,
    latest,
    memory_of,
    refused,
    series_of,
    slow_entries,
)
from rinspect.sources.spread import spread_of

PERIODS = {
    "loop": 1.0,
    "clients": 5.0,
    "pubsub": 2.0,
    "expiry": 1.0,
    "usage": 1.0,
    "slow": 2.0,
    "latency": 2.0,
    "aof": 2.0,
}
"""Seconds between two questions of each panel."""
MOST_ENTRIES, MOST_CHANNELS, MOST_EVENTS = 128, 200, 20
TOO_MANY_CHANNELS = 10_000
"""They come in one reply, which is not asked for then."""
KEPT_MARKS = 600
APPENDING = ("appendonly", "appendfsync", "auto-aof-rewrite-percentage", "auto-aof-rewrite-min-size")
LIMITS = (
    "A server tells of this in whole seconds, of latency events the worst of each second; of rehashing, and of who waited, "
    "nothing."
)
SHORT = 10_000
"""Microseconds: what a server calls slow unless told otherwise. Of what is asked for the screen only that is of interest."""

Ask = Callable[[Sequence[Sequence[bytes]]], Awaitable[list[Reply]]]
"""Sends commands that change nothing; their replies. NotKnown if there is no connection."""


class ServerMonitor:
    """See `Monitored`."""

    embedded = False
    hold: Hold | None = None
    """Nobody can."""

    def __init__(
        self,
        ask: Ask,
        commands: Callable[[], Mapping[bytes, Command]],
        kill: Callable[[int], Awaitable[str]],
        expiries: Callable[[], tuple[int, list[int]]],
    ) -> None:
        """`expiries` gives the selected database's number and when the keys expire of which that is known: milliseconds since
        1970."""
        self._ask = ask
        self._commands = commands
        self._kill = kill
        self._expiries = expiries
        self._marks: deque[Mark] = deque(maxlen=KEPT_MARKS)
        self.attended = ""
        """The panel that is visible; empty while none is."""

    def period(self, panel: str) -> float:
        return PERIODS[panel]

    def waiting(self) -> str:
        return ""

    async def attend(self, panel: str) -> None:
        """A server collects for itself, or not at all."""
        self.attended = panel

    def glance(self) -> LoopGlance | None:
        return None

    async def figures(self) -> LoopFigures:
        (text,) = await self._ask([[b"INFO", b"all"]])
        facts = self._info(text)
        return LoopFigures(facts, tuple(commands_of(facts)))

    async def clients(self) -> ClientTable:
        (text,) = await self._ask([[b"INFO", b"clients"]])
        connected = self._info(text).get("connected_clients", "0")
        if int(connected) > MOST_CLIENTS:
            raise NotKnown(
                f"{int(connected):,} clients are connected: CLIENT LIST of them all would hold the server up"
            )
        (reply,) = await self._ask([[b"CLIENT", b"LIST"]])
        self._must(reply)
        rows, total = client_rows(reply, MOST_CLIENTS)
        return ClientTable(rows, total)

    async def kill(self, client: int) -> str:
        return await self._kill(client)

    async def toggle_load(self) -> str:
        raise NotKnown("the workload is for the built-in engine; a server is loaded by rinspect load URL --write")

    async def load_ended(self) -> str:
        return ""

    async def listen(self, client: int | None) -> None:
        if client is not None:
            raise NotKnown("a server does not tell what one client says: only MONITOR does, of all, and slows it down")

    async def conversation(self) -> Conversation:
        raise NotKnown("nobody is listened to")

    async def pubsub(self) -> PubSubNow:
        (text,) = await self._ask([[b"INFO", b"stats"]])
        count = int(self._info(text).get("pubsub_channels", 0))
        if count > TOO_MANY_CHANNELS:
            raise NotKnown(f"there are {count:,} channels: the server would be held up by listing them")
        names, patterns, config = await self._ask(
            [[b"PUBSUB", b"CHANNELS"], [b"PUBSUB", b"NUMPAT"], [b"CONFIG", b"GET", b"notify-keyspace-events"]]
        )
        self._must(names)
        listed = [name for name in names if isinstance(name, bytes)] if isinstance(names, list) else []
        counts: list[Reply] = []
        if listed:
            (reply,) = await self._ask([[b"PUBSUB", b"NUMSUB", *listed[:MOST_CHANNELS]]])
            counts = reply if isinstance(reply, list) else []
        channels = [
            Channel(name, "channel", (), count if isinstance(count, int) else None)
            for name, count in zip(counts[::2], counts[1::2], strict=False)
            if isinstance(name, bytes)
        ]
        if isinstance(patterns, int) and patterns:
            channels.append(Channel(b"(their names are not told)", "pattern", (), patterns))
        return PubSubNow(tuple(channels), len(listed), None, None, _setting(config))

    async def expiry(self) -> ExpiryNow:
        (text,) = await self._ask([[b"INFO", b"all"]])
        facts = self._info(text)
        names = (
            "expired_keys", "expired_subkeys", "expired_stale_perc", "expired_time_cap_reached_count",
            "expire_cycle_cpu_milliseconds", "evicted_keys", "evicted_clients", "total_eviction_exceeded_time",
            "current_eviction_exceeded_time",
        )  # fmt: skip
        counters = {name: facts[name] for name in names if name in facts}
        counters |= {name: text for name, text in facts.items() if name.startswith("db") and "expires=" in text}
        return ExpiryNow(
            spread=self._spread(facts),
            cycles=None,
            expired=None,
            evictions=None,
            evicted=None,
            pool=None,
            used=int(facts.get("used_memory", 0)),
            maxmemory=int(facts.get("maxmemory", 0)),
            policy=facts.get("maxmemory_policy", ""),
            samples=0,
            counters=counters,
        )

    def _spread(self, facts: Mapping[str, str]) -> Spread | None:
        """Of the keys that the list of keys has asked about: nothing more is asked for this. None for an empty database."""
        number, moments = self._expiries()
        counts = dict(part.split("=", 1) for part in facts.get(f"db{number}", "").split(",") if "=" in part)
        keys, with_ttl = (int(counts.get(name, 0)) for name in ("keys", "expires"))
        now = time.time_ns() // 1_000_000
        return spread_of((at - now for at in moments if at > now), with_ttl, keys) if keys else None

    async def memory(self) -> MemoryNow:
        (text,) = await self._ask([[b"INFO", b"memory"]])
        return memory_of(self._info(text))

    async def append_only(self) -> AppendOnlyNow:
        text, *settings = await self._ask(
            [[b"INFO", b"persistence"], *([b"CONFIG", b"GET", name.encode()] for name in APPENDING)]
        )
        return append_only_of(self._info(text), dict(zip(APPENDING, map(_setting, settings), strict=True)))

    async def slow(self) -> SlowNow:
        log, events, slower, threshold, histogram, stats = await self._ask(
            [
                [b"SLOWLOG", b"GET", b"%d" % MOST_ENTRIES],
                [b"LATENCY", b"LATEST"],
                [b"CONFIG", b"GET", b"slowlog-log-slower-than"],
                [b"CONFIG", b"GET", b"latency-monitor-threshold"],
                [b"LATENCY", b"HISTOGRAM"],
                [b"INFO", b"clients"],
            ]
        )
        self._must(log)
        worst = list(latest(events))[:MOST_EVENTS]
        histories = await self._ask([[b"LATENCY", b"HISTORY", event.encode()] for event, _ in worst]) if worst else []
        series = tuple(series_of(event, most, told) for (event, most), told in zip(worst, histories, strict=True))
        logged, now = tuple(slow_entries(log)), time.time_ns() // 1000
        entries = tuple(entry for entry in logged if entry.name != CLIENT_NAME or entry.took >= SHORT)
        blocked = int(parse_info(stats).get("blocked_clients", 0))
        if blocked:
            self._marks.append(Mark(now, "blocked", blocked))
        kinds = {"expire-cycle": "expiry", "eviction-cycle": "eviction"}
        cycles = (
            Mark(at * 1_000_000, kinds[one.event], took * 1000)
            for one in series
            if one.event in kinds
            for at, took in one.samples
        )
        marks = (*self._marks, *cycles, *(Mark(entry.at, "slow", entry.took) for entry in entries))
        limit, least, own = _number(slower), _number(threshold), len(logged) - len(entries)
        return SlowNow(now, entries, limit, series, least, durations_of(histogram), marks, LIMITS, own)

    async def complexity(self, entry: Slow) -> str:
        return complexity_of(self._commands(), entry.argv)

    def _info(self, reply: Reply) -> dict[str, str]:
        self._must(reply)
        return dict(parse_info(reply))

    def _must(self, reply: Reply) -> None:
        why_not = refused(reply)
        if why_not:
            raise NotKnown(f"the server refuses to tell: {why_not}")


def _setting(reply: Reply) -> str:
    value = reply[1] if isinstance(reply, list) and len(reply) == 2 else b""
    return value.decode() if isinstance(value, bytes) else ""


def _number(reply: Reply) -> int | None:
    text = _setting(reply)
    return int(text) if text.lstrip("-").isdigit() else None
