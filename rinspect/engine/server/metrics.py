"""Figures that are measured from time to time: what is per second, and the largest of late.

The cron samples them ten times a second; what INFO shows is the mean of the last sixteen samples, and so of 1.6 seconds.
"""

from __future__ import annotations

from collections import deque

from rinspect.engine.engine import Engine
from rinspect.engine.eventloop import EventLoop
from rinspect.engine.networking.clients import Clients

SAMPLES = 16
EVERY = 100
"""Milliseconds between two samples."""
PEAK_SECONDS = 8
"""So many seconds a client's largest buffers are remembered."""


class Rate:
    """How fast a counter grows, as a multiple of how fast another one does."""

    def __init__(self, factor: int) -> None:
        self._factor = factor
        self._last: tuple[int, int] | None = None
        self._samples: deque[int] = deque(maxlen=SAMPLES)

    def sample(self, value: int, base: int) -> None:
        if self._last is not None:
            grown, passed = value - self._last[0], base - self._last[1]
            self._samples.append(grown * self._factor // passed if passed > 0 else 0)
        self._last = value, base

    @property
    def mean(self) -> int:
        """Of the last samples; those that are not there yet count as none."""
        return sum(self._samples) // SAMPLES

    def clear(self) -> None:
        self._last = None
        self._samples.clear()


class Metrics:
    """The server's rates and peaks, and its loop's counters since CONFIG RESETSTAT."""

    def __init__(self, engine: Engine, loop: EventLoop, clients: Clients) -> None:
        self._engine = engine
        self._loop = loop
        self._clients = clients
        self.commands = Rate(1_000_000)
        """Per second, like the bytes below."""
        self.input = Rate(1_000_000)
        self.output = Rate(1_000_000)
        self.cycles = Rate(1_000_000)
        self.cycle_duration = Rate(1)
        """Microseconds."""
        self.cron_duration = 0
        """Microseconds spent in the cron."""
        self._cycles_before = self._duration_before = 0
        self._due = 0
        self._peaks: deque[tuple[int, int]] = deque([(0, 0)], maxlen=PEAK_SECONDS)
        self._peak_due = 0

    @property
    def loop_cycles(self) -> int:
        return self._loop.stats.iterations - self._cycles_before

    @property
    def loop_duration(self) -> int:
        """Microseconds in which the loop did not sleep."""
        return self._loop.stats.busy - self._duration_before

    @property
    def command_duration(self) -> int:
        """Microseconds in which commands ran."""
        return sum(command.stats.microseconds for command in self._engine.commands.used())

    @property
    def largest_input(self) -> int:
        """The largest query buffer that was met in the last seconds, in bytes: clients are looked at once in each."""
        return max(one for one, _ in self._peaks)

    @property
    def largest_output(self) -> int:
        """The largest list of replies, likewise."""
        return max(one for _, one in self._peaks)

    def sample(self, now: int) -> None:
        """To be called by the cron, at a moment in microseconds."""
        if now < self._due:
            return
        # A cron that comes a little early is on time: it has the rhythm by itself.
        self._due = now + EVERY * 1000 * 9 // 10
        self.commands.sample(self._engine.commands.processed, now)
        self.input.sample(self._clients.net_input_bytes, now)
        self.output.sample(self._clients.stats.net_output_bytes, now)
        self.cycles.sample(self.loop_cycles, now)
        self.cycle_duration.sample(self.loop_duration, self.loop_cycles)
        if now >= self._peak_due:
            self._peak_due = now + 1_000_000
            self._peaks.append(self._largest())

    def _largest(self) -> tuple[int, int]:
        most_in = most_out = 0
        for client in self._clients.by_id.values():
            most_in = max(most_in, client.query_room.size + client.query_buffer.argv_bytes)
            most_out = max(most_out, client.outgoing.list_bytes)
        return most_in, most_out

    def reset(self) -> None:
        """CONFIG RESETSTAT."""
        for rate in (self.commands, self.input, self.output, self.cycles, self.cycle_duration):
            rate.clear()
        self._cycles_before = self._loop.stats.iterations
        self._duration_before = self._loop.stats.busy
        self.cron_duration = self._loop.stats.longest = 0
