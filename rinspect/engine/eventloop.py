"""The event loop: one thread, which asks the kernel who is ready, serves them one after the other, and asks again.

    ╭─▶ before sleep ──▶ poll ──▶ after sleep ──▶ file events ──▶ time events ─╮
    ╰──────────────────────────────────────────────────────────────────────────╯

**File events** are descriptors that can be read or written; all that are ready are served in the kernel's order, reading
before writing. What becomes ready meanwhile waits for the next iteration. **Time events** are due at a moment, and served
when the file events have been: one that is late waits for whoever is served. **Before sleep** is a list of steps that
prepare for waiting; their order is a promise (replies leave only after the steps before them). The poll sleeps until
the first descriptor is ready or the next time event is due.

Another thread may have something done here with `submit`: it is served like a file event.
"""

from __future__ import annotations

import select
import socket
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from rinspect.engine.multiplexing import BROKEN, READABLE, WRITABLE, Multiplexer, Ready, best
from rinspect.engine.runtime import Clock
from rinspect.engine.stepping import Point, Stepper

Served = Callable[[], None]

RETRY = 100
"""Milliseconds until a time event that failed is served again."""


class FileEvent:
    """Who is called when a descriptor can be read, and when it can be written."""

    __slots__ = ("mask", "owner", "read", "write")

    def __init__(self, owner: object) -> None:
        self.owner = owner
        """Whose descriptor it is, for those who look on."""
        self.mask = 0
        self.read: Served | None = None
        self.write: Served | None = None


@dataclass(slots=True)
class TimeEvent:
    """Who is called when, by the loop's clock in microseconds. `serve` gives the milliseconds until the next time, or None."""

    name: str
    due: int
    serve: Callable[[], int | None]


@dataclass(slots=True)
class Step:
    """A step of before sleep."""

    name: str
    run: Callable[[], object]


@dataclass(slots=True)
class Cycle:
    """How long the parts of the last whole iteration took, in microseconds."""

    steps: tuple[int, ...] = ()
    """Of before sleep, one by one: they add up to it."""
    before_sleep: int = 0
    polled: int = 0
    after_sleep: int = 0
    file_events: int = 0
    time_events: int = 0
    served: int = 0
    """File events that were served."""


@dataclass(slots=True)
class Loop:
    """Counters since the start."""

    iterations: int = 0
    busy: int = 0
    """Microseconds in which it did not sleep."""
    longest: int = 0
    """The most of them in one iteration."""
    last: Cycle = field(default_factory=Cycle)


def _raise(what: str, error: Exception) -> None:
    raise error


class EventLoop:
    """See the module. `clock` gives microseconds and never goes back."""

    def __init__(self, clock: Clock, multiplexer: Multiplexer | None = None) -> None:
        self.multiplexer = multiplexer or best()
        self.files: dict[int, FileEvent] = {}
        self.times: list[TimeEvent] = []
        self.before_sleep: list[Step] = []
        self.after_sleep: Callable[[], object] | None = None
        self.stepper: Stepper | None = None
        """Who may hold the loop; None while nobody wants to."""
        self.failed: Callable[[str, Exception], None] = _raise
        """Told of what a step, an event or a job raised; by default it goes on to whoever runs the loop."""
        self.stats = Loop()
        self.phase = "before sleep"
        self.ready: Ready = []
        """What the last poll found, in the order in which it is served."""
        self.serving = -1
        """Where in `ready` it is."""
        self.dont_wait = False
        """There is work that no descriptor tells of: the next poll does not sleep."""
        self._clock = clock
        self._running = False
        self._submitted: deque[Served] = deque()
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._woken.setblocking(False)
        self._woken_fd = self._woken.fileno()
        self.watch(self._woken_fd, READABLE, self._serve_submitted, "other threads")

    # -- who is to be called ----------------------------------------------------------------------------------------------

    def watch(self, fd: int, mask: int, serve: Served, owner: object) -> None:
        """Have `serve` called whenever `fd` is ready for `mask`, besides what is watched of it already."""
        event = self.files.get(fd)
        if event is None:
            event = self.files[fd] = FileEvent(owner)
        self.multiplexer.watch(fd, event.mask | mask, event.mask)
        event.mask |= mask
        if mask & READABLE:
            event.read = serve
        if mask & WRITABLE:
            event.write = serve

    def forget(self, fd: int, mask: int = READABLE | WRITABLE) -> None:
        """Watch `fd` no longer for `mask`. Harmless if it is not."""
        event = self.files.get(fd)
        if event is None or not event.mask & mask:
            return
        left = event.mask & ~mask
        self.multiplexer.watch(fd, left, event.mask)
        event.mask = left
        if mask & READABLE:
            event.read = None
        if mask & WRITABLE:
            event.write = None
        if not left:
            del self.files[fd]

    def every(self, name: str, milliseconds: int, serve: Callable[[], int | None]) -> TimeEvent:
        """Call `serve` in so many milliseconds, and again as long as it says when."""
        event = TimeEvent(name, self._clock() + milliseconds * 1000, serve)
        self.times.append(event)
        return event

    def cancel(self, event: TimeEvent) -> None:
        """Call it no more. Harmless if it is past."""
        if event in self.times:
            self.times.remove(event)

    def now(self) -> int:
        """The loop's clock, in microseconds: that of its time events."""
        return self._clock()

    def submit(self, job: Served) -> None:
        """From any thread: have `job` done in the loop's, between two events. What it raises is told of like what events do."""
        self._submitted.append(job)
        try:
            self._wake.send(b"\0")
        except BlockingIOError:
            return  # the pipe is full: it will wake all the same
        except OSError:
            return  # closed: nobody is left to do it

    def _serve_submitted(self) -> None:
        self._woken.recv(4096)
        self.run_submitted()

    def run_submitted(self) -> None:
        """Do what other threads asked for up to now."""
        for _ in range(len(self._submitted)):
            self._submitted.popleft()()

    def wait_for_submitted(self) -> None:
        """Sleep until another thread asks for something, and do that and nothing else."""
        select.select([self._woken], [], [])
        self._serve_submitted()

    # -- going round ------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Go round until `stop`."""
        self._running = True
        while self._running:
            self.iterate()

    def stop(self) -> None:
        """End after the event that is being served. Call in the loop's thread (elsewhere: `submit(loop.stop)`)."""
        self._running = False
        self.dont_wait = True

    def close(self) -> None:
        """Give back the kernel's resources. The loop is of no use afterwards."""
        self.multiplexer.close()
        self._wake.close()
        self._woken.close()

    def iterate(self, *, wait: bool = True) -> int:
        """One iteration; how many file events it served. Without `wait` the poll does not sleep."""
        clock, stepper, cycle = self._clock, self.stepper, Cycle()
        began = clock()
        if stepper is not None:
            stepper.arrive(Point("iteration", f"iteration {self.stats.iterations:,}"))
        self.phase = "before sleep"
        at, steps = began, list[int]()
        for step in self.before_sleep:
            try:
                step.run()
            except Exception as error:  # noqa: BLE001 (the loop goes on)
                self.failed(step.name, error)
            now = clock()
            steps.append(now - at)
            at = now
        cycle.steps = tuple(steps)
        cycle.before_sleep = at - began

        self.phase = "poll"
        timeout = 0.0 if self.dont_wait or not wait else self._until_next_time(at)
        self.dont_wait = False
        self.ready = ready = self.multiplexer.poll(timeout)
        woken = clock()
        cycle.polled = woken - at

        self.phase = "after sleep"
        if self.after_sleep is not None:
            self.after_sleep()

        self.phase = "file events"
        at = clock()
        cycle.after_sleep = at - woken
        self._serve_files(ready)
        self.serving = -1
        now = clock()
        cycle.file_events = now - at
        cycle.served = len(ready)

        self.phase = "time events"
        self._serve_times(now)
        at = clock()
        cycle.time_events = at - now
        self.stats.last = cycle
        self.stats.iterations += 1
        busy = at - began - cycle.polled
        self.stats.busy += busy
        self.stats.longest = max(self.stats.longest, busy)
        return len(ready)

    def _serve_files(self, ready: Ready) -> None:
        files, woken_fd = self.files, self._woken_fd
        to_read, to_write = READABLE | BROKEN, WRITABLE | BROKEN
        for self.serving, (fd, mask) in enumerate(ready):
            event = files.get(fd)
            if event is None:
                continue
            if self.stepper is not None and fd != woken_fd:
                self.stepper.arrive(Point("event", "file event", event.owner))
            try:
                if mask & to_read and event.read is not None:
                    event.read()
                if mask & to_write:
                    # Whoever was read from may have gone, and another come under its number.
                    event = files.get(fd)
                    if event is not None and event.write is not None:
                        event.write()
            except Exception as error:  # noqa: BLE001 (the loop goes on)
                self.failed("file event", error)

    def _until_next_time(self, now: int) -> float | None:
        if not self.times:
            return None
        return max(0, min(event.due for event in self.times) - now) / 1e6

    def _serve_times(self, now: int) -> None:
        """All that are due. Those that are added meanwhile wait for the next iteration."""
        for event in tuple(self.times):
            if event.due > now or event not in self.times:
                continue
            if self.stepper is not None:
                self.stepper.arrive(Point("event", "time event", event.name))
            try:
                again = event.serve()
            except Exception as error:  # noqa: BLE001 (the loop goes on)
                self.failed(event.name, error)
                again = RETRY
            now = self._clock()
            if again is None:
                self.cancel(event)
            else:
                event.due = now + again * 1000
