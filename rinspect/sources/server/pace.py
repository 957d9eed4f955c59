"""How fast a server may be asked for what nobody waits for: that hangs on how long a PING takes there.

A round trip is slow above twice what it was at the start, and never below 5 ms. Three slow ones in a row halve the pace, as
do the next three; ten stop it until the user wants to go on. Quick ones bring the pace back.
"""

from __future__ import annotations

import time

from rinspect.sources.server.connection import ServerConnection

PERIOD = 0.5
"""Seconds between two PINGs while something is under way."""
FIRST = 3
"""PINGs of which the quickest is what a round trip takes at the start."""
NEVER_SLOW = 0.005
"""Seconds."""
HALVES, STOPS = 3, 10
"""Slow PINGs in a row."""


class Pace:
    """The pace of the walk over the keys and of the looks at what others change."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._baseline = 0.0
        self._slow = 0
        self._due = 0.0
        self.share = 1.0
        """Of the full pace."""
        self.stopped = ""
        """Why nothing goes on by itself; empty while it does."""

    async def begin(self) -> None:
        """On a connection that was opened just now."""
        self._baseline = min([await self._round_trip() for _ in range(FIRST)])
        self.go_on()

    def go_on(self) -> None:
        """The user wants to, slow or not."""
        self._slow, self._due, self.share, self.stopped = 0, 0.0, 1.0, ""

    async def may_go_on(self) -> bool:
        """Whether work in the background may; asks PING where the last one is a while ago."""
        if not self.stopped and time.monotonic() >= self._due:
            self.note(await self._round_trip())
            self._due = time.monotonic() + PERIOD
        return not self.stopped

    def note(self, took: float) -> None:
        """A round trip took so many seconds."""
        if took <= max(2 * self._baseline, NEVER_SLOW):
            self._slow = 0
            self.share = min(1.0, 2 * self.share)
            return
        self._slow += 1
        if self._slow % HALVES == 0:
            self.share /= 2
        if self._slow >= STOPS:
            usual = f"{1000 * self._baseline:.1f} ms at the start"
            self.stopped = f"the server answers slowly (PING {1000 * took:.0f} ms, {usual}): paused; r goes on"

    async def _round_trip(self) -> float:
        await self._connection.ask(b"PING")
        return self._connection.took
