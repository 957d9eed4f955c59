"""The frozen records from which Monitor is drawn: what a server does at a moment, and did lately.

Times are microseconds unless a name says otherwise. What a source cannot know is None, and the screen says so.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StepTime:
    """A step of before sleep, and how long it took the last time."""

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
    """`running`, `blocked`, `postponed`, `ready`, or empty."""


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
class Held:
    """The loop is held at a point, and goes on when told to."""

    at: str
    client: int
    argv: tuple[bytes, ...]
    why: str


@dataclass(frozen=True, slots=True)
class LoopGlance:
    """The event loop at a moment."""

    multiplexer: str
    iterations: int
    phase: str
    steps: tuple[StepTime, ...]
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
    breakpoints: tuple[str, ...]
    clock_stands: bool
    """Whether time stands still while the loop is held."""
    threads: tuple[tuple[str, int], ...]
    """The threads that a server has besides, with what was handed to them so far."""
