"""Where keys come from: one interface for the built-in engine, a real server and, later, a file.

Every answer is frozen: what a screen holds is a photograph, taken between two commands. Every question is bounded: a page
of keys, a window of a value. All methods are coroutines and may be cancelled.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from rinspect.engine.commands.registry import Command
from rinspect.engine.layout import Trace, Window
from rinspect.records import Change, Filter, Heard, KeyPage, Look, Order, Outcome, SourceInfo
from rinspect.sources.monitored import Monitored

if TYPE_CHECKING:
    from rinspect.engine.reasons import Rebuilt, Why


class Refused(Exception):
    """A command that was not run, with the way out: read-only, not allowed toward a server, nobody to run it."""


class CannotConnect(Exception):
    """There is no server to talk to; the text says why, and what to do. Never holds a password."""


class Source(Protocol):
    """See the module."""

    @property
    def monitored(self) -> Monitored:
        """What Monitor asks."""
        ...

    def now(self) -> int:
        """Milliseconds since 1970, by the clock by which its keys expire."""
        ...

    async def info(self) -> SourceInfo: ...

    async def commands(self) -> Mapping[bytes, Command]:
        """The commands that can be typed here, by name in capitals."""
        ...

    async def keys(self, order: Order, wanted: Filter, first: int, count: int, around: bytes | None = None) -> KeyPage:
        """Rows `first` … of the keys that fit; or as many others in which the key `around` stands, if it fits and those do not
        hold it."""
        ...

    async def look(self, key: bytes, window: Window, *, deliberate: bool = False) -> Look | None:
        """The key's x-ray; None if it is not there. `deliberate`: the user asked for this key, and did not just pass by."""
        ...

    async def why(self, key: bytes) -> Why | None: ...

    async def rebuilt(self, key: bytes) -> tuple[Rebuilt, ...]:
        """The value as a fresh copy under each of the five profiles."""
        ...

    async def trace(self, key: bytes, operation: str, argument: bytes) -> Trace | None:
        """How an operation goes through the structure: `rank` or `score` of a member, `byrank`, `find` of a field.

        None where the structure has no such way.
        """
        ...

    async def refresh(self) -> None:
        """Forget what may be old; a walk over the keys that was stopped goes on."""
        ...

    async def ask_all(self) -> None:
        """Begin to ask type, encoding, size and TTL of every key, so that all can be sorted and filtered by them. A server
        counts that as hits of its keyspace: say so first."""
        ...

    async def measure(self, key: bytes) -> str:
        """Find out by reading what a key's payload does not carry; the looks that follow show it. Empty, or why not."""
        ...

    async def refusal(self, argv: Sequence[bytes]) -> str:
        """Why `execute` would refuse a command; empty if it would not."""
        ...

    async def execute(self, argv: Sequence[bytes]) -> Outcome:
        """Run a command; Refused if it must not be."""
        ...

    async def run_all(self, commands: Sequence[Sequence[bytes]]) -> list[Outcome | Refused]:
        """Run commands one after the other, as quickly as it goes: nothing is found out about what they change."""
        ...

    async def regain(self) -> str:
        """Give the user `default` back all its rights, and be that user at the prompt: what was done. Refused where that is not
        for us to do, or not needed."""
        ...

    def changes(self) -> AsyncIterator[Change]:
        """What others do to the key that is looked at, as far as it is seen from time to time; ends when the source is
        closed."""
        ...

    def messages(self) -> AsyncIterator[Heard]:
        """What is said to the prompt and is no reply, a few times a second, as long as anybody listens; for one listener."""
        ...

    async def close(self) -> None: ...
