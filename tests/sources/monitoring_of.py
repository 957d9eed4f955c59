"""The built-in engine with several clients on real sockets, each step of which a test decides."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

from rinspect.engine import Engine
from rinspect.engine.networking.client import Client
from rinspect.engine.networking.replies import ReplyReader
from rinspect.engine.replies import Reply
from rinspect.sources.engine import EngineSource
from tests.real.connection import pack

MOMENT = 1_800_000_000_000_000
PATIENCE = 20
"""Seconds after which a test has failed that waits for something."""


class Caller:
    """Somebody who is connected to the engine."""

    def __init__(self, client: Client, theirs: socket.socket) -> None:
        self.client = client
        self.socket = theirs
        self.socket.setblocking(False)
        self._reader = ReplyReader()

    def send(self, *words: str) -> None:
        self.socket.sendall(pack(words))

    async def reply(self) -> Reply:
        """The next reply."""
        while True:
            for reply in self._reader.replies():
                return reply
            data = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self.socket, 65536), PATIENCE)
            self._reader.feed(data)

    async def execute(self, *words: str) -> Reply:
        self.send(*words)
        return await self.reply()


class Watched:
    """An engine, and what ran in it."""

    def __init__(self, source: EngineSource) -> None:
        self.source = source
        self.monitored = source.monitored
        self.callers: list[Caller] = []
        self.ran: list[tuple[str, ...]] = []
        """Every command of a named client, in the order in which they ran: name, words."""

    async def caller(self, name: str) -> Caller:
        client, theirs = await self.source._thread.run(lambda: self.source.server.attach(Client))
        caller = Caller(client, theirs)
        self.callers.append(caller)
        await caller.execute("CLIENT", "SETNAME", name)
        return caller

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                await asyncio.sleep(0.002)

    async def held(self) -> str:
        """Wait until the loop is held; the command that it is held before, or where else."""
        await self.until(lambda: self.monitored.hold.holding)
        held = self.monitored.glance().held
        assert held is not None
        return b" ".join(held.argv).decode() or held.at

    async def step(self, kind: str) -> str:
        """Let it do one thing; where it is held then."""
        before = self.source.server.stepper.held
        self.monitored.hold.step(kind)
        await self.until(lambda: self.source.server.stepper.held not in (None, before))
        return await self.held()

    def in_kernel(self) -> set[str]:
        """The clients of whom the kernel holds bytes."""
        return {one.name for one in self.monitored.glance().pending if one.kernel}


@asynccontextmanager
async def watched(clock: Callable[[], int] = lambda: MOMENT, profile: str = "8.0") -> AsyncIterator[Watched]:
    source = EngineSource(Engine(profile, clock=clock, rng=Random(7)))
    made = Watched(source)
    source.engine.witnesses.insert(
        0,
        lambda session, command, argv: made.ran.append(
            (session.name.decode() if isinstance(session, Client) else "", *(word.decode() for word in argv))
        ),
    )
    try:
        yield made
    finally:
        await source.close()
        for caller in made.callers:
            caller.socket.close()
