"""Holding the event loop, and letting it go on step by step or to a breakpoint.

Whoever runs the loop's work passes points: an iteration begins, an event is about to be served, a command about to be
run. `Stepper.arrive` returns at once, or holds the loop's thread there until it is told to go on. While it holds,
what other threads ask of the loop (`EventLoop.submit`) is done all the same: a held engine can be looked at. Clients'
bytes stay in the kernel meanwhile, as they would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Point:
    """Where the loop is: about to do this, or just behind it."""

    kind: str
    """`iteration`, `event` or `command` for what comes next, `after` for a command that has run."""
    what: str
    owner: object = None
    """The client, or the name of a time event."""
    argv: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """What holds a running loop: all that is given must fit. Texts are compared without case; `key` is a glob pattern."""

    command: bytes = b""
    key: bytes = b""
    client: int = 0
    longer: int = 0
    """Microseconds: hold after a command that took at least as long."""

    def __str__(self) -> str:
        parts = [
            self.command.decode(errors="replace"),
            f"key {self.key.decode(errors='replace')}" if self.key else "",
            f"client {self.client}" if self.client else "",
            f"longer than {_short(self.longer)}" if self.longer else "",
        ]
        return ", ".join(part for part in parts if part)

    def fits(self, point: Point, key_matches: Callable[[bytes], bool], took: int | None) -> bool:
        """Whether a command that is about to run (`took` None), or that took so many microseconds, is at it."""
        if bool(self.longer) != (took is not None) or (took is not None and took < self.longer):
            return False
        if self.command and (not point.argv or point.argv[0].upper() != self.command.upper()):
            return False
        if self.client and self.client != getattr(point.owner, "id", 0):
            return False
        return not self.key or key_matches(self.key)


def _short(microseconds: int) -> str:
    return f"{microseconds} µs" if microseconds < 1000 else f"{microseconds / 1000:g} ms"


class Stepper:
    """Decides at each point whether the loop goes on.

    `wait` blocks the loop's thread until another thread has submitted something, and does it. `told` is called, in the
    loop's thread, whenever the loop is held or goes on.
    """

    def __init__(self, wait: Callable[[], None]) -> None:
        self._wait = wait
        self.told: Callable[[], None] = lambda: None
        self.breakpoints: list[Breakpoint] = []
        self.held: Point | None = None
        """Where the loop is held; None while it runs."""
        self.why = ""
        self._until: str | None = None
        """The kind of point to hold at next, or `any`; None: only at breakpoints."""
        self.closed = False

    def pause(self) -> None:
        """Hold at the next point of any kind."""
        self._until = "any"
        self.why = "paused"

    def go_on(self, kind: str | None) -> None:
        """Let the loop go on to the next point of a kind (`event`, `command`, `iteration`); None: to a breakpoint."""
        self._until = kind
        self.why = f"one {kind}" if kind else ""
        self.held = None

    def close(self) -> None:
        """Hold no more, ever."""
        self.closed = True
        self.held = None

    @property
    def until(self) -> str:
        """The kind of point to hold at next, or `any`; empty while it is held, and where only a breakpoint holds it."""
        return "" if self.held is not None else self._until or ""

    @property
    def wanted(self) -> bool:
        """Whether there is anything that it would hold the loop for."""
        return self._until is not None or self.held is not None or bool(self.breakpoints)

    def breakpoint_at(
        self, point: Point, key_matches: Callable[[bytes], bool], took: int | None = None
    ) -> Breakpoint | None:
        """The breakpoint that a command is at, if any: before it runs, or (with how long it `took`, in microseconds) after it.
        `key_matches` tells whether one of its keys fits a pattern."""
        return next((one for one in self.breakpoints if one.fits(point, key_matches, took)), None)

    def arrive(self, point: Point, found: Breakpoint | None = None) -> None:
        """The loop is about to do something; returns when it may."""
        if self.closed:
            return
        if found is not None:
            self.why = f"breakpoint: {found}"
        elif self._until not in ("any", point.kind):
            return
        self.held = point
        self.told()
        while self.held is point and not self.closed:
            self._wait()
        self.held = None
        self.told()
