"""The latency monitor: how long things took that hold everybody up, as a series for each kind of event.

    command, fast-command           a command, by its flag `fast`
    expire-cycle, eviction-cycle    a round of active expiry; of getting below maxmemory
    expire-del, eviction-del        the deletion of a key in such a round, or of one that a command found to be due
    aof-write                       writing to the append-only file; the same as aof-write-alone or aof-write-active-child, by
                                    whether a child is at work
    aof-fsync-always                bringing it to the disk before replies leave
    fork                            the making of a child

Only what took `latency-monitor-threshold` milliseconds or more is noted, and of each second only the worst.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rinspect.engine.commands.registry import Command
from rinspect.engine.engine import Engine
from rinspect.engine.session import Session

SAMPLES = 160
"""Seconds that a series remembers: LATENCY_TS_LEN."""


@dataclass(frozen=True, slots=True)
class Sample:
    at: int
    """Seconds since 1970."""
    milliseconds: int
    """The most that the event took in that second."""


class Series:
    """What is known of one kind of event."""

    def __init__(self) -> None:
        self.samples: deque[Sample] = deque(maxlen=SAMPLES)
        """Oldest first."""
        self.worst = 0
        """Milliseconds, of all time."""

    def add(self, at: int, milliseconds: int) -> None:
        self.worst = max(self.worst, milliseconds)
        last = self.samples[-1] if self.samples else None
        if last is None or last.at != at:
            self.samples.append(Sample(at, milliseconds))
        elif milliseconds > last.milliseconds:
            self.samples[-1] = Sample(at, milliseconds)


@dataclass(frozen=True, slots=True)
class Analysis:
    """A series in a few figures, milliseconds but for the first and the last."""

    samples: int
    average: int
    deviation: int
    """Mean absolute deviation."""
    period: int
    """Seconds since the oldest sample, at least 1."""


def analyzed(series: Series, now: int) -> Analysis:
    """`now` in seconds since 1970; a series has at least one sample."""
    count = len(series.samples)
    average = sum(sample.milliseconds for sample in series.samples) // count
    deviation = sum(abs(average - sample.milliseconds) for sample in series.samples) // count
    return Analysis(count, average, deviation, max(1, now - series.samples[0].at))


class LatencyMonitor:
    """The series by event."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.series: dict[str, Series] = {}
        self.listeners: list[Callable[[str, Sample], None]] = []
        """Called with each event that is noted, be it the worst of its second or not."""
        engine.runtime.config.on_change("latency-monitor-threshold", self._heed_settings)
        self._heed_settings()

    def _heed_settings(self) -> None:
        threshold = self._engine.runtime.config.latency_monitor_threshold
        self._engine.heed_slow(self._was_slow, threshold * 1000 if threshold else None)
        self._engine.runtime.took_time = self.took if threshold else None

    def _was_slow(self, session: Session, command: Command, argv: Sequence[bytes], took: int) -> None:
        self.took("fast-command" if "fast" in command.declaration.flags else "command", took)

    def took(self, event: str, microseconds: int) -> None:
        """Note how long an event took, if it is worth it."""
        milliseconds = microseconds // 1000
        if milliseconds < self._engine.runtime.config.latency_monitor_threshold:
            return
        sample = Sample(self.now, milliseconds)
        self.series.setdefault(event, Series()).add(sample.at, milliseconds)
        for listener in self.listeners:
            listener(event, sample)

    @property
    def now(self) -> int:
        """Seconds since 1970."""
        return self._engine.runtime.clock() // 1_000_000

    def reset(self, event: str) -> bool:
        """Forget what is known of an event, in whichever case it is written; whether that was anything."""
        found = [name for name in self.series if name.lower() == event.lower()]
        for name in found:
            del self.series[name]
        return bool(found)
