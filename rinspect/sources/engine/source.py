"""The built-in engine as a source."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import count, islice
from typing import TYPE_CHECKING, TypeVar

from rinspect.engine import Engine
from rinspect.engine.commands.registry import Command
from rinspect.engine.key_layout import key_charge
from rinspect.engine.keyspace import Database
from rinspect.engine.layout import Trace, Window
from rinspect.engine.layout_diff import diff
from rinspect.engine.replies import Reply
from rinspect.engine.runtime import Clock
from rinspect.engine.server import Server
from rinspect.engine.server.log import Log
from rinspect.engine.server.server import monotonic_clock
from rinspect.engine.tracing import trace_key
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.value import Value
from rinspect.records import Change, Filter, Heard, KeyChange, KeyPage, KeyRow, Look, Order, Outcome, SourceInfo
from rinspect.sources.engine.clock import StoppableClock
from rinspect.sources.engine.listing import Listings
from rinspect.sources.engine.looking import look
from rinspect.sources.engine.mailbox import Mailbox
from rinspect.sources.engine.owner import LOCKED_OUT, is_locked_out
from rinspect.sources.engine.recorder import Recorder
from rinspect.sources.engine.repl_client import RecordedClient, ReplConnection
from rinspect.sources.engine.thread import EngineThread
from rinspect.sources.paging import first_around, first_holding
from rinspect.sources.source import Refused

if TYPE_CHECKING:
    from rinspect.engine.reasons import Rebuilt, Why
    from rinspect.sources.engine.monitoring.monitor import EngineMonitor

T = TypeVar("T")

BATCH = 200
"""Commands of a script that are sent together."""
BETWEEN_MESSAGES = 0.2
"""Seconds between two looks at what was said to the prompt."""


class EngineSource:
    """An engine with its server's loop in a thread of its own, and one client of that loop: the REPL's."""

    def __init__(
        self,
        engine: Engine,
        label: str = "built-in",
        *,
        loop_clock: Clock | None = None,
        clocks: Sequence[StoppableClock] = (),
        listen: int = 0,
        notice: str = "",
    ) -> None:
        """`clocks` are those of engine and loop that are to stand still while the loop is held. `listen` is a port of the
        loopback interface to serve too, 0 for none; CannotListen if it cannot be had. `notice` is what is to be said of the
        keys."""
        self.engine = engine
        self._notice = notice
        self._label = label
        self._listings = Listings(engine)
        log = Log(engine.runtime.config, engine.runtime.clock, lambda line: None)
        # Nobody who opens a screen expects a file to appear beside them, or to be written over. SAVE, and `save` if it is set,
        # write one all the same.
        engine.runtime.config.save = ()
        self.server = Server(engine, loop_clock or monotonic_clock, log)
        self.server.snapshots.file.replaces_others = False
        self.server.append_only.files.replaces_others = False
        if not listen:
            # Nobody but the prompt can say where files go, and it must be able to where there are some already.
            engine.runtime.config.enable_protected_configs = "local"
        self._numbers = count(1)
        """Of changes."""
        self._own = 0
        """Commands that the REPL has run: counted in the engine's thread, like all."""
        self._mailbox = Mailbox()
        self._repl = self._connect()
        self._turn = asyncio.Lock()
        """One connection answers one after the other."""
        self._broken = False
        """The REPL's connection is closed: the next command needs another."""
        if listen:
            self.server.listeners.open_tcp(["127.0.0.1"], listen, 511)
            self._label = f"{label} on 127.0.0.1:{listen}"
        self._thread = EngineThread(self.server)
        self._clocks = clocks
        self._seen: tuple[Look, int, int] | None = None
        """The last look, and how many commands others and the REPL had run by then."""
        self._subscribers: list[asyncio.Queue[Change | None]] = []

    async def in_loop(self, work: Callable[[], T]) -> T:
        """Have something done in the loop's thread, between two events; its result."""
        return await self._thread.run(work)

    @cached_property
    def monitored(self) -> EngineMonitor:
        """What Monitor asks; made when first wanted, so that nobody else waits for it."""
        from rinspect.sources.engine.monitoring.monitor import EngineMonitor  # noqa: PLC0415 (not for the first paint)

        return EngineMonitor(self.server, self._thread, self._clocks, lambda: self._repl.client)

    def _connect(self) -> ReplConnection:
        client, theirs = self.server.attach(RecordedClient)
        client.recorder = Recorder(self.engine, client, numbers=self._numbers)
        client.ran = self._count_own
        client.recorded = True
        client.guard("recorded", on=True)
        client.changes = deque()
        client.mailbox = self._mailbox
        return ReplConnection(client, theirs)

    @property
    def _db(self) -> Database:
        return self._repl.client.call.db

    def now(self) -> int:
        return self.engine.runtime.clock() // 1000

    async def info(self) -> SourceInfo:
        await self._thread.run_in_pieces(lambda: self._listings.catch_up(self._db))
        return await self._thread.run(self._info)

    async def commands(self) -> Mapping[bytes, Command]:
        return self.engine.commands

    def _info(self) -> SourceInfo:
        profile = self.engine.profile
        config = self.engine.runtime.config
        allocator = self.engine.runtime.allocator
        return SourceInfo(
            label=self._label,
            server=f"redis {profile.name}",
            profile=profile.name,
            allocator=allocator.label,
            embedded=True,
            read_only=False,
            database=self._db.number,
            keys=len(self._db),
            used=self._listings.used(self._db),
            settings=config.matching(["*-max-*", "list-compress-depth"]),
            estimated=not allocator.exact,
            version=self._listings.version(self._db),
            held=self.server.stepper.held is not None,
            user=self._user(),
            notice=LOCKED_OUT if is_locked_out(self.engine, self._client()) else self._notice,
        )

    def _client(self) -> RecordedClient | None:
        """The prompt's client, as long as it is connected."""
        client = self._repl.client
        return None if self._broken or client.closing else client

    def _user(self) -> bytes | None:
        """Whom the prompt is, or will be when it is connected again; None before they have logged in."""
        client, users = self._client(), self.engine.users
        if users.must_log_in and (client is None or not client.authenticated):
            return None
        return users.default.name if client is None else client.user.name

    async def regain(self) -> str:
        return await self._thread.run(self._regain)

    def _regain(self) -> str:
        client, users = self._client(), self.engine.users
        if not is_locked_out(self.engine, client):
            raise Refused("Nobody is locked out: who may change users can do so at the prompt, with ACL SETUSER.")
        self.server.clients.access.put(users.new_default())
        if client is not None:
            client.log_in(users.default)
        return "The user default may do everything again, without a password, and the prompt is that user."

    async def keys(self, order: Order, wanted: Filter, first: int, count: int, around: bytes | None = None) -> KeyPage:
        db = self._db
        if order is Order.RECENT and not wanted:
            await self._thread.run_in_pieces(lambda: self._listings.catch_up(db))
            return await self._thread.run(lambda: self._recent_page(db, first, count, around))
        listing = await self._thread.run_in_pieces(lambda: self._listings.sorted(db, order, wanted))
        first = first_around(listing, around, first, count)
        return await self._thread.run(lambda: self._page(db, listing[first : first + count], first, len(listing)))

    def _recent_page(self, db: Database, first: int, count: int, around: bytes | None) -> KeyPage:
        recent = self._listings.recent(db)
        place = None if around is None else recent.rank(around)
        first = first if place is None else first_holding(place, first, count)
        return self._page(db, list(islice(recent.newest(first), count)), first, len(recent))

    def _page(self, db: Database, keys: list[bytes], first: int, total: int) -> KeyPage:
        rows = []
        for key in keys:
            # Not through `peek`: drawing must not be what expires a key.
            entry = db.table.index.get(key)
            if entry is None:
                continue
            value = entry.value
            assert isinstance(value, Value)
            charged = key_charge(self.engine.runtime, key) + value.charged()
            sketch = isinstance(value, StringValue) and value.is_sketch
            rows.append(KeyRow(key, value.type, value.encoding, charged, db.expiry(key), sketch=sketch))
        version = self._listings.reached(db)
        return KeyPage(tuple(rows), first, total, len(db), complete=True, version=version)

    async def look(self, key: bytes, window: Window, *, deliberate: bool = False) -> Look | None:
        found, others, own = await self._thread.run(lambda: (look(self._db, key, window), *self._ran()))
        self._tell_what_others_did(found, others, own)
        return found

    async def why(self, key: bytes) -> Why | None:
        from rinspect.engine.reasons import why  # noqa: PLC0415 (not for the first paint)

        return await self._thread.run(lambda: why(self._db, key))

    async def rebuilt(self, key: bytes) -> tuple[Rebuilt, ...]:
        from rinspect.engine.reasons import rebuilt  # noqa: PLC0415 (not for the first paint)

        return await self._thread.run(lambda: rebuilt(self._db, key))

    async def trace(self, key: bytes, operation: str, argument: bytes) -> Trace | None:
        return await self._thread.run(lambda: trace_key(self._db, key, operation, argument))

    async def refresh(self) -> None:
        """Nothing here is ever old."""

    async def ask_all(self) -> None:
        """Nothing here has to be asked for."""

    async def measure(self, key: bytes) -> str:
        return "Nothing to measure: the built-in engine's own memory is drawn as it is."

    async def refusal(self, argv: Sequence[bytes]) -> str:
        return _unanswerable(argv)

    async def execute(self, argv: Sequence[bytes]) -> Outcome:
        words = list(argv)
        if reason := _unanswerable(words):
            raise Refused(reason)
        began = time.perf_counter()
        ((reply, change),) = await self._ask([words], recorded=True)
        return Outcome(tuple(words), reply, change, time.perf_counter() - began)

    async def run_all(self, commands: Sequence[Sequence[bytes]]) -> list[Outcome | Refused]:
        outcomes: list[Outcome | Refused] = []
        for start in range(0, len(commands), BATCH):
            batch = commands[start : start + BATCH]
            reasons = list(map(_unanswerable, batch))
            try:
                sent = [argv for argv, reason in zip(batch, reasons, strict=True) if not reason]
                answers = iter(await self._ask(sent, recorded=False))
            except Refused as refusal:
                outcomes += [refusal] * len(batch)
                continue
            for argv, reason in zip(batch, reasons, strict=True):
                outcomes.append(Refused(reason) if reason else Outcome(tuple(argv), next(answers)[0], None, 0.0))
        return outcomes

    async def _ask(self, commands: Sequence[Sequence[bytes]], *, recorded: bool) -> list[tuple[Reply, Change | None]]:
        """Send commands over the REPL's connection; their replies and changes. Where that breaks off, a new one is made."""
        async with self._turn:
            return await self._ask_in_turn(commands, recorded=recorded)

    async def _ask_in_turn(
        self, commands: Sequence[Sequence[bytes]], *, recorded: bool
    ) -> list[tuple[Reply, Change | None]]:
        if self._broken:
            self._repl = await self._thread.run(self._connect)
            self._broken = False
        try:
            return await self._repl.ask(commands, recorded=recorded)
        except asyncio.CancelledError:
            # Replies are still to come: whoever asks next would take them for theirs. Begin anew, as redis-cli does.
            self._drop()
            raise
        except ConnectionError as error:
            self._drop()
            raise Refused(f"{error}: the next command opens a new one, on database 0") from None

    def _drop(self) -> None:
        self._repl.close()
        self._broken = True

    async def changes(self) -> AsyncIterator[Change]:
        subscriber: asyncio.Queue[Change | None] = asyncio.Queue()
        self._subscribers.append(subscriber)
        try:
            while (change := await subscriber.get()) is not None:
                yield change
        finally:
            self._subscribers.remove(subscriber)

    async def messages(self) -> AsyncIterator[Heard]:
        loop, came = asyncio.get_running_loop(), asyncio.Event()

        def tell() -> None:
            with suppress(RuntimeError):  # who listened is gone, and its loop closed
                loop.call_soon_threadsafe(came.set)

        self._mailbox.listener = tell
        came.set()
        while True:
            await came.wait()
            came.clear()
            # What comes at the same time is told at once, and behind the reply to the command that caused it.
            await asyncio.sleep(BETWEEN_MESSAGES)
            heard = await self._thread.run(self._mailbox.take)
            if heard.messages:
                yield heard

    def _count_own(self) -> None:
        self._own += 1

    def _ran(self) -> tuple[int, int]:
        """Commands that others, and that the REPL has run. Call in the engine's thread."""
        return self.engine.commands.processed - self._own, self._own

    def _tell_what_others_did(self, new: Look | None, others: int, own: int) -> None:
        """Hold a look against the one before it, if others ran commands in between, and the REPL none: what that one does is
        told by itself."""
        before, self._seen = self._seen, None if new is None else (new, others, own)
        if before is None or new is None:
            return
        last, ran, ours = before
        if others <= ran or own != ours:
            return
        if (last.key, last.database, last.layout.window) != (new.key, new.database, new.layout.window):
            return
        found = diff(last.layout, new.layout)
        if found:
            at = time.time_ns() // 1000
            change = Change(next(self._numbers), None, others - ran, at, (KeyChange(new.key, last, new, found),))
            for subscriber in self._subscribers:
                subscriber.put_nowait(change)

    async def close(self) -> None:
        for subscriber in self._subscribers:
            subscriber.put_nowait(None)
        if "monitored" in self.__dict__:
            await self.monitored.load.stop()
        self._thread.stop()
        self._repl.close()


def _unanswerable(argv: Sequence[bytes]) -> str:
    """Why a command is not sent: it would take away the one connection's ability to answer. Empty for all others."""
    name, sub = argv[0].upper(), argv[1].upper() if len(argv) > 1 else b""
    if name == b"MONITOR":
        return "MONITOR would make a stream of the prompt's connection: press c, the screen Monitor shows what clients send"
    if (name, sub) == (b"CLIENT", b"REPLY"):
        return "CLIENT REPLY is refused: the prompt waits for every answer"
    return ""
