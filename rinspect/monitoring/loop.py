"""The event loop: where it stands, whom it serves, who waits, and what a long command cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StepTime:
    """A step of before sleep, and how long it took in the last whole iteration."""

    name: str
    took: int


@dataclass(frozen=True, slots=True)
class Ready:
    """A descriptor that the last poll found ready, in the order of service."""

    fd: int
    directions: str
    """`read`, `write` or `read, write`."""
    client: int
    """A client's number; 0 for what is none."""
    name: str
    state: str
    """`served`, `running` or `waits`."""


@dataclass(frozen=True, slots=True)
class Timer:
    name: str
    due_in: int
    """Until it is due; below zero: it is late."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A client with something under way."""

    client: int
    name: str
    fd: int
    kernel: int
    """Bytes in the kernel that have not been read."""
    query: int
    """Bytes in the query buffer."""
    parsed: tuple[bytes, ...]
    """The command that it is running or waits with."""
    outgoing: int
    """Bytes of replies not yet sent."""
    waits: int | None
    """How long it has been waiting for the loop; None if it is not."""
    state: str
    """`running`, `held` (its command is what the loop is held at), `blocked`, `postponed`, `ready`, or empty."""


@dataclass(frozen=True, slots=True)
class Running:
    """The command that holds the loop."""

    client: int
    name: str
    argv: tuple[bytes, ...]
    since: int
    """How long it has been running."""
    complexity: str
    keys: int
    """Keys in the database: the N of commands that go through all of them."""


@dataclass(frozen=True, slots=True)
class Waited:
    """What a client paid for a command that was not its own."""

    client: int
    name: str
    took: int
    exact: bool
    """It was ready when the command began; else its bytes came meanwhile, and this is when they were first seen, or the
    most that it can have been."""


@dataclass(frozen=True, slots=True)
class Toll:
    """A command that held the loop for long, and what that cost the others."""

    at: int
    """When it ended, in microseconds since 1970."""
    client: int
    name: str
    argv: tuple[bytes, ...]
    took: int
    complexity: str
    waited: tuple[Waited, ...]
    """Those who waited longest first."""
    more: int
    """Clients that were not looked at, because there were too many."""
    came: int = 0
    """How many sent something while it ran, named in `waited` or not."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a thread beside the loop does."""

    name: str
    handed: int
    """Jobs that were handed to it so far."""
    by: str
    """The part of the iteration in which that happens."""
    what: str
    here: str
    """How that is in the built-in engine."""


@dataclass(frozen=True, slots=True)
class Saving:
    """A child process that writes all keys: a snapshot, or the append-only file anew."""

    pid: int
    """0: not told."""
    file: str
    """Its name; empty: not told."""
    keys: int
    """How many it has written …"""
    total: int
    """… of how many."""
    copied: int
    """Bytes of memory that it has cost so far: pages that are no longer the parent's."""
    since: int
    """Seconds that it has been at work."""
    forked_in: int
    """Microseconds for which everybody waited while it was made."""


@dataclass(frozen=True, slots=True)
class Held:
    """The loop is held at a point, and goes on when told to."""

    at: str
    client: int
    """0 where it is about nobody's."""
    name: str
    argv: tuple[bytes, ...]
    """The command that it is about to run, or has just run."""
    why: str
    took: int | None = None
    """How long the command took, where it is held after one."""


@dataclass(frozen=True, slots=True)
class LoopGlance:
    """The event loop at a moment."""

    multiplexer: str
    iteration: int
    """The one that is going on: so many have ended."""
    phase: str
    steps: tuple[StepTime, ...]
    """As all that follows here, of the last whole iteration."""
    before_sleep: int
    polled: int
    after_sleep: int
    file_events: int
    time_events: int
    ready: tuple[Ready, ...]
    timers: tuple[Timer, ...]
    pending: tuple[Pending, ...]
    clients: int
    running: Running | None
    held: Held | None
    until: str
    """What is to hold it next: an `event`, a `command`, an `iteration`, or `any` of them; empty: nothing."""
    breakpoints: tuple[str, ...]
    clock_stands: bool
    """Whether time stands still while the loop is held."""
    behind: int
    """Microseconds for which it has stood so far."""
    threads: tuple[Work, ...]
    """The threads that a server has besides."""
    saving: Saving | None = None
    tolls: tuple[Toll, ...] = ()
    """The last long commands, newest first."""
    overlooked: int = 0
    """Clients that were not looked at, because there were too many."""
    unaccepted: int = 0
    """Connections that wait in the kernel to be accepted: no clients yet."""


@dataclass(frozen=True, slots=True)
class LoopFigures:
    """What a real server tells of its loop: counters and rates of INFO, by their names there."""

    facts: dict[str, str]
    commands: tuple[tuple[str, int, float], ...]
    """The commands that took most of the time: name, calls, microseconds a call."""
