"""The built-in engine as Monitor sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from rinspect.engine.commands.registry import complexity_of
from rinspect.engine.networking.client import Client
from rinspect.engine.networking.description import facts
from rinspect.engine.networking.listening import CannotListen
from rinspect.engine.server import Server
from rinspect.monitoring.appendonly import AppendOnlyNow
from rinspect.monitoring.clients import ClientRow, ClientTable, Conversation
from rinspect.monitoring.keyspace import ExpiryNow, MemoryNow
from rinspect.monitoring.loop import LoopFigures, LoopGlance
from rinspect.monitoring.pubsub import PubSubNow
from rinspect.monitoring.slow import Slow, SlowNow
from rinspect.sources.engine.clock import StoppableClock
from rinspect.sources.engine.monitoring.appendonly import Appending
from rinspect.sources.engine.monitoring.expiry import Expiry
from rinspect.sources.engine.monitoring.load import SLOW_EVERY, BuiltInLoad
from rinspect.sources.engine.monitoring.loop import LoopWatcher
from rinspect.sources.engine.monitoring.memory import Memory
from rinspect.sources.engine.monitoring.slow import SlowThings
from rinspect.sources.engine.monitoring.stepping import LoopControl
from rinspect.sources.engine.monitoring.tap import Tap
from rinspect.sources.engine.monitoring.telling import blocked_with
from rinspect.sources.engine.monitoring.toll import Tolls
from rinspect.sources.engine.monitoring.traffic import Traffic
from rinspect.sources.engine.thread import EngineThread
from rinspect.sources.monitored import MOST_CLIENTS, NotKnown

PERIODS = {"loop": 0.2, "latency": 1.0, "usage": 1.0}
MOST_TOLLS = 20
"""Long commands that the loop's panel is told of."""
PERIOD = 0.4
"""Seconds between two looks at a panel; nobody reads faster."""


class EngineMonitor:
    """See `Monitored`. What is collected over time is so only while its panel is visible, but for what long commands cost
    others: who opens the slow log wants to know that of a command that is past."""

    embedded = True

    def __init__(
        self, server: Server, thread: EngineThread, clocks: Sequence[StoppableClock], repl: Callable[[], Client]
    ) -> None:
        """`clocks` stand still while the loop is held; `repl` gives the prompt's own client."""
        self._server = server
        self._thread = thread
        self._repl = repl
        self.hold = LoopControl(server, clocks)
        self._watcher = LoopWatcher(server, clocks)
        self._tolls = Tolls(server, self._watcher.came_after)
        self._traffic = Traffic(server)
        self._expiry = Expiry(server)
        self._memory = Memory(server, thread)
        self._appending = Appending(server)
        self._slow = SlowThings(server, self._tolls)
        self.load = BuiltInLoad(server, thread)
        self._collectors: dict[str, Callable[[bool], None]] = {
            "pubsub": self._traffic.collect,
            "expiry": self._expiry.collect,
            "usage": self._memory.collect,
            "aof": self._appending.collect,
            "slow": self._slow.collect,
            "latency": self._slow.collect,
        }
        self._attended = ""
        self._tap: Tap | None = None

    def period(self, panel: str) -> float:
        return PERIODS.get(panel, PERIOD)

    def waiting(self) -> str:
        glance, own = self._watcher.glance(), self._repl().blocked
        if glance.held is not None:
            argv = glance.held.argv
            what = _shown(argv) if argv else glance.held.at
            where = "" if glance.held.at.startswith("after ") else "before "
            return f"the loop is held {where}{what}"
        if glance.running is not None:
            who = glance.running.name or f"client {glance.running.client}"
            return (
                f"the loop is inside {_shown(glance.running.argv)} of {who}, since {glance.running.since / 1e6:.1f} s"
            )
        if own is not None:
            reason = "commands are paused" if own.why == "postponed" else "nothing is there yet"
            return f"{_shown(own.argv)} is blocked: {reason}"
        return ""

    async def attend(self, panel: str) -> None:
        before, self._attended = self._attended, panel
        if before == panel:
            return
        if before == "usage":
            self._memory.stop()
        leave, begin = self._collectors.get(before), self._collectors.get(panel)

        def change() -> None:
            self._tolls.collect()
            if leave is not None:
                leave(False)
            if begin is not None:
                begin(True)

        await self._thread.run(change)

    def glance(self) -> LoopGlance:
        return self._watcher.glance(tuple(islice(self._tolls.last, MOST_TOLLS)))

    async def figures(self) -> LoopFigures:
        raise NotKnown("the built-in engine's loop is looked at itself")

    async def clients(self) -> ClientTable:
        return await self._thread.run(self._clients)

    def _clients(self) -> ClientTable:
        by_id = self._server.clients.by_id
        rows = (
            ClientRow(client.id, {name: str(value) for name, value in facts(client)}, blocked_with(client))
            for client in islice(by_id.values(), MOST_CLIENTS)
        )
        return ClientTable(tuple(rows), len(by_id))

    async def kill(self, client: int) -> str:
        return await self._thread.run(lambda: self._kill(client))

    def _kill(self, number: int) -> str:
        client = self._server.clients.by_id.get(number)
        if client is None:
            return f"client {number} was gone already"
        client.close_soon()
        return f"client {number}'s connection is closed"

    async def toggle_load(self) -> str:
        if self.load.running:
            await self.load.stop()
            return "The workload has stopped."
        try:
            await self.load.start()
        except CannotListen as error:
            raise NotKnown(f"no workload: {error}") from None
        return f"A workload starts: ten clients, a slow command every {SLOW_EVERY} s. w stops it."

    async def load_ended(self) -> str:
        said = await self.load.ended()
        return said and f"The workload has ended. Its clients are the user default; {said.removeprefix('rinspect: ')}"

    async def listen(self, client: int | None) -> None:
        await self._thread.run(lambda: self._listen(client))

    def _listen(self, number: int | None) -> None:
        if self._tap is not None:
            self._tap.detach()
            self._tap = None
        client = None if number is None else self._server.clients.by_id.get(number)
        if client is not None:
            self._tap = Tap(client)
            self._tap.attach()
        elif number is not None:
            raise NotKnown(f"client {number} is no longer connected")

    async def conversation(self) -> Conversation:
        if self._tap is None:
            raise NotKnown("nobody is listened to")
        return self._tap.conversation()

    async def pubsub(self) -> PubSubNow:
        return await self._thread.run(self._traffic.now)

    async def expiry(self) -> ExpiryNow:
        return await self._thread.run(self._expiry.now)

    async def memory(self) -> MemoryNow:
        return await self._memory.now()

    async def append_only(self) -> AppendOnlyNow:
        return await self._thread.run(self._appending.now)

    async def slow(self) -> SlowNow:
        return await self._thread.run(self._slow.now)

    async def complexity(self, entry: Slow) -> str:
        return await self._thread.run(lambda: complexity_of(self._server.engine.commands, entry.argv))


def _shown(argv: Sequence[bytes]) -> str:
    """A command's beginning."""
    text = b" ".join(argv[:8])[:60].decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else "·" for c in text)
