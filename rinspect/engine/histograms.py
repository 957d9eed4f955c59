"""What the histograms of commands' durations take: from 7.0 on one for each command and subcommand that has ever run.

They are what used_memory of a server without keys grows by: 24 KB for each command that is tried. Nobody tells when a
command runs for the first time, for that would cost each call; so the commands are looked through, now and then, while
somebody wants to know.
"""

from __future__ import annotations

from rinspect.engine.commands.registry import CommandTable
from rinspect.engine.runtime import Runtime

COUNTS = 3072 * 8
"""Bytes that the server asks for the counts: 24 times 128 of 64 bits, for 1 ns to 1 s at two significant digits."""
STRUCT = 104
AGE = 100_000
"""Microseconds after which the commands are looked through again."""


class Histograms:
    """The memory of all histograms of one engine."""

    def __init__(self, commands: CommandTable, runtime: Runtime) -> None:
        self._commands = commands
        self._runtime = runtime
        self._each = runtime.usable(COUNTS) + runtime.usable(STRUCT)
        self._size = 0
        self._looked: int | None = None

    def size(self) -> int:
        """In bytes, as of no longer than `AGE` ago. While latency-tracking is off no histogram is made; CONFIG RESETSTAT
        frees all."""
        now = self._runtime.ustime
        if self._looked is None or not 0 <= now - self._looked < AGE:
            self._looked = now
            size = self._commands.histograms * self._each
            self._size = size if self._runtime.config.latency_tracking else min(self._size, size)
        return self._size
