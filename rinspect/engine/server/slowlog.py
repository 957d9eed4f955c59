"""The slow log: the last commands that took long.

What the server keeps of one is what SLOWLOG GET shows. Here it is also kept what the command went through, and what the
loop was at when it ran: in which iteration, and which clients had their turn before it and had to wait for theirs behind
it. All of that as it was then: clients go, and keys change.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rinspect.engine.commands.registry import Command
from rinspect.engine.engine import Engine
from rinspect.engine.eventloop import EventLoop
from rinspect.engine.networking.client import Client
from rinspect.engine.redaction import redacted
from rinspect.engine.server.extent import Extent, extent
from rinspect.engine.session import Session

MAX_ARGUMENTS = 32
"""Words that an entry has at most; the last one tells how many more there were."""
MAX_LENGTH = 128
"""Bytes that are kept of a word."""
MAX_NEIGHBOURS = 32
"""Clients that are named of those that were served in the same iteration."""


class Neighbour(NamedTuple):
    """A client that was served in the same iteration."""

    id: int
    name: bytes
    """Empty: it had given itself none."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the loop was doing when a command ran."""

    iteration: int
    phase: str
    """The part of the iteration, as EventLoop names it: mostly `file events`."""
    before: tuple[Neighbour, ...]
    """Clients that were served before in the same iteration, the last ones."""
    behind: tuple[Neighbour, ...]
    """Clients that the poll had found ready too, and that waited for it to end, the next ones."""
    waiting: int
    """How many those behind were, named or not. Who came while it ran is not among them."""


@dataclass(frozen=True, slots=True)
class SlowEntry:
    """A command that took long."""

    id: int
    at: int
    """When it ended, in microseconds since 1970."""
    took: int
    """Microseconds."""
    argv: tuple[bytes, ...]
    """Shortened, and without secrets."""
    client: int
    address: str
    name: bytes
    extent: Extent | None
    around: Surroundings


class SlowLog:
    """The entries, newest first: `slowlog-max-len` of those that took `slowlog-log-slower-than` microseconds or more."""

    def __init__(self, engine: Engine, loop: EventLoop) -> None:
        self._engine = engine
        self._loop = loop
        self.entries: deque[SlowEntry] = deque()
        self.listeners: list[Callable[[SlowEntry], None]] = []
        """Called with each new entry."""
        self._next = 0
        config = engine.runtime.config
        for name in ("slowlog-log-slower-than", "slowlog-max-len"):
            config.on_change(name, self._heed_settings)
        self._heed_settings()

    def _heed_settings(self) -> None:
        config = self._engine.runtime.config
        limit = config.slowlog_log_slower_than
        self._engine.heed_slow(self._was_slow, None if limit < 0 else limit)
        self._trim()

    def _trim(self) -> None:
        while len(self.entries) > self._engine.runtime.config.slowlog_max_len:
            self.entries.pop()

    def clear(self) -> None:
        self.entries.clear()

    def _was_slow(self, session: Session, command: Command, argv: Sequence[bytes], took: int) -> None:
        if "skip_slowlog" in command.declaration.flags:
            return
        runtime = self._engine.runtime
        words = shortened(redacted(command, argv, runtime.config))
        address, name = (session.address, session.name) if isinstance(session, Client) else ("", b"")
        entry = SlowEntry(
            self._next, runtime.ustime, took, words, session.id, address, name,
            extent(command, argv, session.call.db), surroundings(self._loop),
        )  # fmt: skip
        self._next += 1
        self.entries.appendleft(entry)
        self._trim()
        for listener in self.listeners:
            listener(entry)


def shortened(words: Sequence[bytes]) -> tuple[bytes, ...]:
    """A command's words as the slow log keeps them."""
    kept = [_cut(word) for word in words[:MAX_ARGUMENTS]]
    if len(words) > MAX_ARGUMENTS:
        kept[-1] = b"... (%d more arguments)" % (len(words) - MAX_ARGUMENTS + 1)
    return tuple(kept)


def _cut(word: bytes) -> bytes:
    if len(word) <= MAX_LENGTH:
        return word
    return word[:MAX_LENGTH] + b"... (%d more bytes)" % (len(word) - MAX_LENGTH)


def surroundings(loop: EventLoop) -> Surroundings:
    """What the loop is doing now."""
    at, ready = loop.serving, loop.ready
    if at < 0:
        return Surroundings(loop.stats.iterations, loop.phase, (), (), 0)
    before = _clients(loop, ready[max(0, at - MAX_NEIGHBOURS) : at])
    behind = _clients(loop, ready[at + 1 : at + 1 + MAX_NEIGHBOURS])
    left = max(0, len(ready) - (at + 1 + MAX_NEIGHBOURS))
    # (Of those that are not looked at a few may listen, or wake the loop: to look at all would cost each slow command.)
    return Surroundings(loop.stats.iterations, loop.phase, before, behind, len(behind) + left)


def _clients(loop: EventLoop, ready: Sequence[tuple[int, int]]) -> tuple[Neighbour, ...]:
    """Those of the descriptors that are clients': others listen, or wake the loop."""
    owners = (loop.files[fd].owner for fd, _ in ready if fd in loop.files)
    return tuple(Neighbour(owner.id, owner.name) for owner in owners if isinstance(owner, Client))
