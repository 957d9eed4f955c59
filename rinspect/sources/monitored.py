"""What Monitor asks of a source: one interface for the built-in engine and a real server.

Figures are asked for by the panel that is visible, and by no other. What a source cannot know is None in the records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rinspect.monitoring.appendonly import AppendOnlyNow
    from rinspect.monitoring.clients import ClientTable, Conversation
    from rinspect.monitoring.keyspace import ExpiryNow, MemoryNow
    from rinspect.monitoring.loop import LoopFigures, LoopGlance
    from rinspect.monitoring.pubsub import PubSubNow
    from rinspect.monitoring.slow import Slow, SlowNow


MOST_CLIENTS = 1000
"""Clients that are listed."""


class NotKnown(Exception):
    """There is no answer now; the text says why, and what to do."""


class Hold(Protocol):
    """Holding a loop. None of this waits for it."""

    @property
    def holding(self) -> bool: ...

    @property
    def breakpoints(self) -> tuple[str, ...]: ...

    def pause(self) -> None: ...

    def step(self, kind: str) -> None:
        """Let a held loop do one `event`, `command` or `iteration`."""
        ...

    def go_on(self) -> None: ...

    def add_breakpoint(self, text: str) -> str:
        """From words such as `command GET key user:* client 7 longer 5ms`; empty, or what is wrong with them."""
        ...

    def remove_breakpoint(self, index: int) -> None: ...


class Monitored(Protocol):
    """See the module. Coroutines raise NotKnown."""

    @property
    def embedded(self) -> bool:
        """Whether it is the built-in engine."""
        ...

    @property
    def hold(self) -> Hold | None:
        """None: nobody can hold its loop."""
        ...

    def period(self, panel: str) -> float:
        """Seconds between two questions of a panel, at the least."""
        ...

    def waiting(self) -> str:
        """What the prompt's command waits for, as far as it is known without asking; empty for nothing in particular."""
        ...

    async def attend(self, panel: str) -> None:
        """Collect from now on what this panel shows over time, and nothing else; nothing for the empty name."""
        ...

    def glance(self) -> LoopGlance | None:
        """The loop at this moment, whatever it is busy with; None where it cannot be looked at."""
        ...

    async def figures(self) -> LoopFigures: ...

    async def clients(self) -> ClientTable:
        """The first of them, at most MOST_CLIENTS."""
        ...

    async def kill(self, client: int) -> str:
        """Close a client's connection: what became of it."""
        ...

    async def listen(self, client: int | None) -> None:
        """Listen to what one client and the server say to each other; None: to nobody any more."""
        ...

    async def conversation(self) -> Conversation: ...

    async def toggle_load(self) -> str:
        """Start the built-in workload, or stop it: what happened. NotKnown, with the reason, if it cannot be."""
        ...

    async def load_ended(self) -> str:
        """Wait until the workload runs no longer: why, if nobody stopped it."""
        ...

    async def pubsub(self) -> PubSubNow: ...

    async def expiry(self) -> ExpiryNow: ...

    async def memory(self) -> MemoryNow: ...

    async def append_only(self) -> AppendOnlyNow: ...

    async def slow(self) -> SlowNow: ...

    async def complexity(self, entry: Slow) -> str:
        """What Redis's documentation says of an entry's command; empty if nothing is known of it."""
