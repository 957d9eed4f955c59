"""The event loop at a moment, read from another thread.

The loop may be in the midst of a command for seconds, so it is not asked: what it leaves for others to see is read, each
thing in one step of the interpreter, and what clients have sent meanwhile is asked of the kernel.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from rinspect.engine.multiplexing import BROKEN, READABLE, WRITABLE
from rinspect.engine.networking.client import Client
from rinspect.engine.server import Server
from rinspect.engine.server.server import monotonic_clock
from rinspect.engine.stepping import Point
from rinspect.monitoring.loop import Held, LoopGlance, Pending, Ready, Running, StepTime, Timer, Toll, Work
from rinspect.sources.engine.clock import StoppableClock
from rinspect.sources.engine.monitoring.children import rewriting, saving
from rinspect.sources.engine.monitoring.kernel import unaccepted, unread
from rinspect.sources.engine.monitoring.telling import blocked_with, name_of, told

NOTICEABLE = 20_000
"""Microseconds from which on a command is said to hold the loop."""


MOST_LOOKED_AT = 1000
"""Clients whose sockets are looked at in a glance: each is a call of the kernel."""


class LoopWatcher:
    """Takes glances at a server's loop, and remembers since when clients have been waiting."""

    def __init__(self, server: Server, clocks: Sequence[StoppableClock]) -> None:
        """`clocks` stand still while the loop is held."""
        self._server = server
        self._clocks = clocks
        self._unread_since: dict[int, tuple[int, int]] = {}
        """When a client's bytes were first seen in the kernel, and how many had been read from it by then."""
        self._came_after: dict[int, int] = {}

    def came_after(self, client: int) -> int | None:
        """A moment, by `monotonic_clock`, at which none of the bytes that a client has in the kernel had been there; None if
        nobody looked then. From any thread."""
        return self._came_after.get(client)

    def glance(self, tolls: tuple[Toll, ...] = ()) -> LoopGlance:
        """The loop as it is now."""
        server, loop = self._server, self._server.loop
        now = server.engine.runtime.clock()
        running = self._running(now)
        cycle, held = loop.stats.last, server.stepper.held
        return LoopGlance(
            multiplexer=loop.multiplexer.name,
            iteration=loop.stats.iterations,
            phase=loop.phase,
            steps=tuple(StepTime(step.name, took) for step, took in zip(loop.before_sleep, cycle.steps, strict=False)),
            before_sleep=cycle.before_sleep,
            polled=cycle.polled,
            after_sleep=cycle.after_sleep,
            file_events=cycle.file_events,
            time_events=cycle.time_events,
            ready=self._ready(running),
            timers=tuple(Timer(event.name, event.due - loop.now()) for event in tuple(loop.times)),
            pending=self._pending(now, running, held),
            clients=len(server.clients.by_id),
            running=running,
            held=None if held is None else _held(held, server),
            until=server.stepper.until,
            breakpoints=tuple(map(str, server.stepper.breakpoints)),
            clock_stands=bool(self._clocks),
            behind=max((clock.lag for clock in self._clocks), default=0),
            threads=_threads(server),
            saving=saving(server) or rewriting(server),
            tolls=tolls,
            overlooked=max(0, len(server.clients.by_id) - MOST_LOOKED_AT),
            unaccepted=sum(unaccepted(listener) for listener in (*server.listeners.tcp, *server.listeners.unix)),
        )

    def _running(self, now: int) -> Running | None:
        server = self._server
        client, argv, since = server.clients.running, server.engine.runtime.running, server.engine.runtime.ustime
        if client is None or argv is None or server.stepper.held is not None or now - since < NOTICEABLE:
            return None
        command = client.command
        complexity = "" if command is None else command.declaration.complexity
        name = client.name.decode(errors="replace")
        return Running(client.id, name, told(client, argv), now - since, complexity, len(client.call.db))

    def _ready(self, running: Running | None) -> tuple[Ready, ...]:
        loop = self._server.loop
        serving, found, held = loop.serving, [], self._server.stepper.held
        # Held before an event nobody has begun with it; held before a command, its client is being served.
        begun = held is None or held.kind != "event"
        for index, (fd, mask) in enumerate(tuple(loop.ready)):
            event = loop.files.get(fd)
            owner = None if event is None else event.owner
            if owner == "other threads":
                continue
            directions = [name for bit, name in ((READABLE, "read"), (WRITABLE, "write")) if mask & (bit | BROKEN)]
            client = owner if isinstance(owner, Client) else None
            name = client.name.decode(errors="replace") if client is not None else str(owner or "")
            ahead = index > serving or (index == serving and not begun)
            busy = running is not None or held is not None
            state = "waits" if serving >= 0 and ahead else "running" if index == serving and busy else "served"
            found.append(Ready(fd, ", ".join(directions), 0 if client is None else client.id, name, state))
        return tuple(found)

    def _pending(self, now: int, running: Running | None, held: Point | None) -> tuple[Pending, ...]:
        found: list[Pending] = []
        seen: dict[int, tuple[int, int]] = {}
        after: dict[int, int] = {}
        # Whoever waits does so by a clock that does not stand still.
        real = monotonic_clock()
        for client in islice(tuple(self._server.clients.by_id.values()), MOST_LOOKED_AT):
            kernel = unread(client.fd)
            if kernel:
                first = self._unread_since.get(client.id)
                # If it was served meanwhile these bytes are others.
                if first is None or first[1] != client.bytes_in:
                    first = (real, client.bytes_in)
                seen[client.id] = first
            # One that has nothing there now, or is seen to have something for the first time, had nothing before.
            before = real if not kernel else self._came_after.get(client.id, 0)
            if before:
                after[client.id] = before
            blocked, state = client.blocked, ""
            argv: tuple[bytes, ...] = ()
            if running is not None and running.client == client.id:
                state, argv = "running", running.argv
            elif held is not None and held.owner is client and held.argv:
                state, argv = "held", told(client, held.argv)
            elif blocked is not None:
                state = "postponed" if blocked.why == "postponed" else "blocked"
                argv = blocked_with(client)
            elif kernel:
                state = "ready"
            if kernel or len(client.query_buffer) or client.outgoing.size or state:
                waits = real - seen[client.id][0] if state == "ready" else None
                if blocked is not None:
                    waits = now - blocked.since
                found.append(
                    Pending(
                        client.id, client.name.decode(errors="replace"), client.fd, kernel, len(client.query_buffer),
                        argv, client.outgoing.size, waits, state,
                    )
                )  # fmt: skip
        self._unread_since, self._came_after = seen, after
        return tuple(found)


def _held(point: Point, server: Server) -> Held:
    """What the loop is about to do or has just done, and whose that is."""
    owner, what, why = point.owner, point.what, server.stepper.why
    if not isinstance(owner, Client):
        return Held(f"{what} {owner}" if owner else what, 0, "", (), why)
    at = f"{what} of {name_of(owner)}" if point.kind == "event" else what
    took = server.engine.runtime.took if point.kind == "after" else None
    return Held(at, owner.id, name_of(owner), told(owner, point.argv), why, took)


def _threads(server: Server) -> tuple[Work, ...]:
    """The threads that a real server has beside its loop."""
    freed, syncer = server.engine.runtime.stats.lazyfreed_objects, server.append_only.syncer
    jobs = syncer.unfinished
    at_work = f"at work, jobs pending: {jobs}" if jobs else "idle"
    return (
        Work("bio_close_file", 0, "before sleep", "closes files that were replaced", "none here"),
        Work("bio_aof", syncer.handed, "before sleep", "has the AOF written to the disk", at_work),
        Work("bio_lazy_free", freed, "file events", "frees large values", "here the loop does, at once"),
    )
