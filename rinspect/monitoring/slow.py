"""What was slow: the slow log, latency events, how long commands take, and all of that along one axis of time."""

from __future__ import annotations

from dataclasses import dataclass

from rinspect.engine.server.extent import Extent
from rinspect.monitoring.loop import Toll


@dataclass(frozen=True, slots=True)
class Slow:
    """An entry of the slow log."""

    id: int
    at: int
    """When it ran, in microseconds since 1970; of a real server in whole seconds."""
    took: int
    argv: tuple[bytes, ...]
    address: str
    name: str
    client: int | None
    iteration: int | None = None
    phase: str = ""
    before: tuple[str, ...] = ()
    """Clients that were served before in the same iteration."""
    behind: tuple[str, ...] = ()
    """Clients that were ready when it began, and waited for its end; the next ones of `waiting`."""
    waiting: int | None = None
    extent: Extent | None = None
    """What it went through, or the size of its key when it had ended."""
    toll: Toll | None = None
    """What it cost others, where somebody looked."""


@dataclass(frozen=True, slots=True)
class Series:
    """A kind of latency event: the worst of each second in which there was one."""

    event: str
    samples: tuple[tuple[int, int], ...]
    """Seconds since 1970, milliseconds; oldest first."""
    worst: int


@dataclass(frozen=True, slots=True)
class Durations:
    """How long calls of a command took: (up to microseconds, calls), doubling."""

    command: str
    calls: int
    classes: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that took time, for the axis."""

    at: int
    kind: str
    """`slow`, `expiry`, `eviction`, `rehashing` or `blocked`."""
    weight: int
    """Microseconds; of `blocked` clients, of `rehashing` tables."""


@dataclass(frozen=True, slots=True)
class SlowNow:
    now: int
    entries: tuple[Slow, ...]
    slower_than: int | None
    """`slowlog-log-slower-than` in microseconds; below 0: off."""
    series: tuple[Series, ...]
    threshold: int | None
    """`latency-monitor-threshold` in milliseconds; 0: off."""
    durations: tuple[Durations, ...]
    marks: tuple[Mark, ...]
    limits: str = ""
    """What the source does not tell of all this."""
    own: int = 0
    """Entries that are left out: what is asked for the screen itself, where it took no time to speak of."""
