"""Holding the engine's loop from another thread, and letting it go on step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rinspect.engine.commands.registry import Command
from rinspect.engine.commands.server.command import keys_of
from rinspect.engine.glob import stringmatch
from rinspect.engine.replies import Reply
from rinspect.engine.server import Server
from rinspect.engine.session import Session
from rinspect.engine.stepping import Point, Stepper
from rinspect.sources.engine.clock import StoppableClock
from rinspect.sources.engine.monitoring.breakpoints import BadBreakpoint, parse_breakpoint


class LoopControl:
    """What the screen's keys do to the loop. All of it may be called from another thread than the loop's.

    While nobody holds the loop and there is no breakpoint, the loop knows nothing of the stepper: it costs nothing.
    """

    def __init__(self, server: Server, clocks: Sequence[StoppableClock]) -> None:
        self._server = server
        self._clocks = clocks
        self._stepper: Stepper = server.stepper
        self._stepper.told = self._told
        server.engine.guards.insert(0, self._before_command)
        server.engine.witnesses.append(self._after_command)

    @property
    def holding(self) -> bool:
        return self._stepper.held is not None

    def pause(self) -> None:
        """Hold the loop at the next thing that it is about to do."""
        self._submit(self._stepper.pause)

    def step(self, kind: str) -> None:
        """Let it do one `event`, `command` or `iteration`, and hold it again."""
        self._submit(lambda: self._stepper.go_on(kind))

    def go_on(self) -> None:
        """Let it go on, to a breakpoint if there are any."""
        self._submit(lambda: self._stepper.go_on(None))

    @property
    def breakpoints(self) -> tuple[str, ...]:
        return tuple(map(str, self._stepper.breakpoints))

    def add_breakpoint(self, text: str) -> str:
        """From words: see `parse_breakpoint`. Empty, or what is wrong with them."""
        try:
            found = parse_breakpoint(text)
        except BadBreakpoint as error:
            return str(error)
        if found.command and found.command not in self._server.engine.commands:
            return f"there is no command {found.command.decode()} in {self._server.engine.profile.name}"
        self._submit(lambda: self._stepper.breakpoints.append(found))
        return ""

    def remove_breakpoint(self, index: int) -> None:
        """Harmless if there is none of that number."""
        self._submit(lambda: self._stepper.breakpoints.__delitem__(slice(index, index + 1)))

    def _submit(self, change: Callable[[], None]) -> None:
        def job() -> None:
            change()
            self._attend()

        self._server.loop.submit(job)

    def _attend(self) -> None:
        """Have the loop ask the stepper as long as that wants to be asked."""
        wanted = self._stepper.wanted
        self._server.loop.stepper = self._stepper if wanted else None
        self._server.engine.runtime.guard("stepping", on=wanted)

    def _told(self) -> None:
        """The loop is held, or goes on: time stands still meanwhile."""
        for clock in self._clocks:
            if self._stepper.held is not None:
                clock.stop()
            else:
                clock.go()

    def _before_command(self, session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
        if self._stepper.wanted:
            point = Point("command", command.name, session, tuple(argv))
            self._stepper.arrive(point, self._stepper.breakpoint_at(point, _key_matcher(session, argv)))
        return None

    def _after_command(self, session: Session, command: Command, argv: Sequence[bytes]) -> None:
        """A breakpoint on duration holds after the command that took too long."""
        took = self._server.engine.runtime.took
        if any(one.longer for one in self._stepper.breakpoints):
            point = Point("after", f"after {command.name}", session, tuple(argv))
            found = self._stepper.breakpoint_at(point, _key_matcher(session, argv), took)
            if found is not None:
                self._stepper.arrive(point, found)


def _key_matcher(session: Session, argv: Sequence[bytes]) -> Callable[[bytes], bool]:
    """Tells whether one of a command's keys fits a pattern."""
    return lambda pattern: any(stringmatch(pattern, key) for key in keys_of(session.call, argv))
