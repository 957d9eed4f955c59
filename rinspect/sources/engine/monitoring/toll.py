"""What long commands cost those who waited behind them.

A command that takes long is told of when it has ended, in the loop's thread, while its event is still being served: who
was ready when the last poll returned stands behind it in the loop's list, and has waited for all of it. Whoever sent
something meanwhile has bytes in the kernel, which does not tell since when: not before the command began, nor before
somebody looked and saw none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from rinspect.engine.commands.registry import Command
from rinspect.engine.networking.client import Client
from rinspect.engine.redaction import redacted
from rinspect.engine.server import Server
from rinspect.engine.server.server import monotonic_clock
from rinspect.engine.server.slowlog import shortened
from rinspect.engine.session import Session
from rinspect.monitoring.loop import Toll, Waited
from rinspect.sources.engine.monitoring.kernel import unread
from rinspect.sources.engine.monitoring.telling import name_of

LONG = 10_000
"""Microseconds from which on a command is one that others notice."""
KEPT = 128
"""As many as the slow log has by default, whose entries they belong to."""
MOST_LOOKED_AT = 1000
"""Clients whose sockets are looked at: each is a call of the kernel."""
MOST_NAMED = 50


class Tolls:
    """The last long commands. `came_after` tells when a client was last seen to have nothing in the kernel."""

    def __init__(self, server: Server, came_after: Callable[[int], int | None]) -> None:
        self._server = server
        self._came_after = came_after
        self.last: deque[Toll] = deque(maxlen=KEPT)
        """Newest first."""

    def collect(self) -> None:
        """Begin to collect: that costs nothing before a command is long. Call in the loop's thread."""
        self._server.engine.heed_slow(self._was_slow, LONG)

    def of(self, at: int, client: int, took: int) -> Toll | None:
        """What a command cost that ended then, after so long; None where it was not long, or nobody looked."""
        return next((toll for toll in self.last if (toll.at, toll.client, toll.took) == (at, client, took)), None)

    def _was_slow(self, session: Session, command: Command, argv: Sequence[bytes], took: int) -> None:
        server, runtime = self._server, self._server.engine.runtime
        behind = self._behind()
        waited = [Waited(client.id, name_of(client), took, exact=True) for client in behind]
        others = (c for c in server.clients.by_id.values() if c is not session and c not in behind)
        real = monotonic_clock()
        for client in islice(others, MOST_LOOKED_AT):
            if unread(client.fd):
                after = self._came_after(client.id)
                waited.append(
                    Waited(client.id, name_of(client), took if after is None else min(took, real - after), False)
                )
        came = len(waited) - len(behind)
        waited.sort(key=lambda one: -one.took)
        words = shortened(redacted(command, argv, runtime.config))
        name = name_of(session) if isinstance(session, Client) else ""
        more = max(0, len(server.clients.by_id) - 1 - len(behind) - MOST_LOOKED_AT)
        complexity = command.declaration.complexity
        self.last.appendleft(
            Toll(runtime.ustime, session.id, name, words, took, complexity, tuple(waited[:MOST_NAMED]), more, came)
        )

    def _behind(self) -> list[Client]:
        """Whoever is ready and has not had its turn, in the order of service."""
        loop = self._server.loop
        if loop.serving < 0:
            return []
        events = (loop.files.get(fd) for fd, _ in loop.ready[loop.serving + 1 :])
        return [event.owner for event in events if event is not None and isinstance(event.owner, Client)]
