"""The built-in workload: a process of its own whose clients come over real sockets, so that there is something to watch."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process

from rinspect.engine.server import Server
from rinspect.sources.engine.thread import EngineThread

RATE = 2000
"""Operations a second: enough to see, and the screen stays quick."""
SLOW_EVERY = 5
"""Seconds between two slow commands."""


class BuiltInLoad:
    """Starts and stops it. The engine listens on a port of the loopback interface as soon as it is started."""

    def __init__(self, server: Server, thread: EngineThread) -> None:
        self._server = server
        self._thread = thread
        self._process: Process | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it. CannotListen where the engine gets no port."""
        port = await self._thread.run(self._port)
        words = ("load", f"redis://127.0.0.1:{port}", "--write", "--rate", str(RATE), "--slow", str(SLOW_EVERY))
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "rinspect", *words, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
        )

    async def stop(self) -> None:
        """Stop it. Harmless if it does not run."""
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            process.terminate()
            await process.wait()

    async def ended(self) -> str:
        """Wait for its end: what it says of it last, or nothing where it was stopped."""
        process = self._process
        if process is None or process.stderr is None:
            return ""
        said = (await process.stderr.read()).decode(errors="replace").splitlines()
        await process.wait()
        return said[-1] if said and process is self._process else ""

    def _port(self) -> int:
        """The port that the engine listens on, one of the system's choice if it did not yet."""
        listeners = self._server.listeners
        if not listeners.tcp:
            listeners.open_tcp(["127.0.0.1"], 0, 511)
        return int(listeners.tcp[0].getsockname()[1])
