"""A real server as a source."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import count as counter
from itertools import islice

from rinspect.engine import Session
from rinspect.engine.acl.users import DEFAULT
from rinspect.engine.commands.registry import Command
from rinspect.engine.commands.server.command import getkeys
from rinspect.engine.layout import Trace, Window
from rinspect.engine.layout_diff import diff
from rinspect.engine.reasons import Rebuilt, Why, rebuilt, why
from rinspect.engine.replies import CommandError, Reply, Status
from rinspect.engine.tracing import trace_key
from rinspect.records import Change, Filter, Heard, KeyChange, KeyPage, Look, Order, Outcome, SourceInfo
from rinspect.sources.monitored import NotKnown
from rinspect.sources.paging import first_around
from rinspect.sources.server.address import Address
from rinspect.sources.server.census import Census
from rinspect.sources.server.connection import CLIENT_NAME, Lost, ServerConnection, explain
from rinspect.sources.server.facts import ServerFacts, parse_info, read_facts
from rinspect.sources.server.listing import listed
from rinspect.sources.server.looking import Looker
from rinspect.sources.server.monitoring.monitor import ServerMonitor
from rinspect.sources.server.pace import Pace
from rinspect.sources.server.permissions import refusal
from rinspect.sources.server.survey import Survey
from rinspect.sources.server.xray import scratch_engine
from rinspect.sources.source import CannotConnect, Refused

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""Seconds between tries to connect again."""
MOST_EXPIRIES = 10_000
"""Keys whose TTLs are counted when it is asked how they are spread."""
WATCH_PERIOD = 2.0
"""Seconds between two looks at the selected key for what other clients did to it."""


class ServerSource:
    """One server, one connection. While there is none, answers are empty and `info` says why; it tries again by itself."""

    def __init__(self, address: Address, *, write: bool = False, big: bool = False) -> None:
        self.address = address
        self._write = write
        self._connection = ServerConnection(address)
        self._pace = Pace(self._connection)
        self._survey = Survey(self._connection, self._pace)
        self._census = Census(self._connection, self._survey, self._pace)
        self._database = address.database
        self._user = self.address.username.encode() or DEFAULT
        """Who logged in last, as far as it is known."""
        self._facts: ServerFacts | None = None
        self._session: Session | None = None
        self._looker: Looker | None = None
        self._big = big
        self._problem = ""
        self._opening = asyncio.Lock()
        self._wait = FIRST_WAIT
        self._next_try = 0.0
        self._numbers = counter(1)
        self._watched: tuple[bytes, Window] | None = None
        self._wrote = False
        """Whether this connection wrote since the last look: then the difference is its own."""
        self._closed = False
        self.monitored = ServerMonitor(self._ask_politely, self._known_commands, self._kill, self._expiries)

    @classmethod
    async def connect(cls, address: Address, *, write: bool = False, big: bool = False) -> ServerSource:
        """A source that is connected; CannotConnect if it cannot be."""
        source = cls(address, write=write, big=big)
        try:
            await source._open()
        except Lost as error:
            raise CannotConnect(str(error)) from None
        return source

    @classmethod
    async def facts_of(cls, address: Address) -> ServerFacts:
        """What a server is, asked on a connection that is closed again; CannotConnect if there is none."""
        source = cls(address)
        try:
            return await source._open()
        except Lost as error:
            raise CannotConnect(str(error)) from None
        finally:
            await source.close()

    # -- connecting ---------------------------------------------------------------------------------------------------

    async def _open(self) -> ServerFacts:
        await self._connection.open()
        self._user = self.address.username.encode() or DEFAULT
        await self._connection.ask_all(
            [
                [b"CLIENT", b"SETNAME", CLIENT_NAME.encode()],
                [b"CLIENT", b"SETINFO", b"LIB-NAME", CLIENT_NAME.encode()],
                [b"CLIENT", b"NO-TOUCH", b"ON"],
            ]
        )
        answer = await self._connection.ask(b"SELECT", b"%d" % self._database)
        # Who may not SELECT is in database 0 all the same; who has not logged in is nowhere.
        code = answer.message.split(" ", 1)[0] if isinstance(answer, CommandError) else ""
        if isinstance(answer, CommandError) and (self._database or code in ("NOAUTH", "LOADING", "MASTERDOWN")):
            await self._connection.close()
            raise CannotConnect(explain(answer, self.address))
        facts = await read_facts(self._connection)
        self._facts = facts
        self._session = scratch_engine(facts).session()
        self._looker = Looker(self._connection, facts, self._session, big=self._big)
        self._survey.restart()
        await self._pace.begin()
        self._problem, self._wait = "", FIRST_WAIT
        return facts

    async def _ready(self) -> tuple[ServerFacts, Looker] | None:
        """Facts and looker of a connected server; None while there is none. Tries to connect when it is time."""
        # Whoever asks while somebody else is connecting waits for how that ends, and not for half a connection.
        async with self._opening:
            if not self._connection.is_open:
                if time.monotonic() < self._next_try or self._closed:
                    return None
                try:
                    await self._open()
                except (CannotConnect, Lost) as error:
                    self._failed(str(error))
                    return None
        assert self._facts is not None
        assert self._looker is not None
        return self._facts, self._looker

    def _failed(self, why_not: str) -> None:
        self._problem = why_not
        self._next_try = time.monotonic() + self._wait * random.uniform(0.8, 1.2)
        self._wait = min(LONGEST_WAIT, self._wait * 2)

    # -- answering ----------------------------------------------------------------------------------------------------

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    async def info(self) -> SourceInfo:
        ready = await self._ready()
        keys, used = 0, None
        if ready is not None:
            try:
                size, text = await self._connection.ask_all([[b"DBSIZE"], [b"INFO", b"memory"]])
                keys = size if isinstance(size, int) else len(self._survey.keys)
                self._survey.follow(keys)
                memory = parse_info(text).get("used_memory", "")
                used = int(memory) if memory.isdigit() else None
            except Lost as error:
                self._failed(str(error))
                ready = None
        facts = self._facts
        return SourceInfo(
            label=self.address.label,
            server="no server yet" if facts is None else facts.name,
            profile="8.0" if facts is None else facts.profile.name,
            allocator="" if facts is None else facts.allocator_text,
            embedded=False,
            read_only=not self._write,
            database=self._database,
            keys=keys,
            used=used,
            settings={} if facts is None else dict(facts.settings),
            estimated=facts is not None and not facts.exact,
            connected=ready is not None,
            notice=self._problem or self._notice(),
            user=self._user,
        )

    def _notice(self) -> str:
        """What does not go as it should on a server that is there."""
        refused = "" if self._facts is None else self._facts.notice
        return "; ".join(filter(None, (refused, self._pace.stopped or self._survey.stopped)))

    async def commands(self) -> Mapping[bytes, Command]:
        await self._ready()
        return self._known_commands()

    async def keys(self, order: Order, wanted: Filter, first: int, count: int, around: bytes | None = None) -> KeyPage:
        if await self._ready() is None:
            return KeyPage((), 0, 0, 0, complete=False, version=self._survey.version)
        try:
            await self._survey.first_step()
            survey = self._survey
            found = listed(survey, order, wanted)
            first = first_around(found, around, first, count)
            known, complete, version = len(survey.keys), survey.complete, survey.version
            if await survey.describe(found[first : first + count]):
                found = listed(survey, order, wanted)
        except Lost as error:
            self._failed(str(error))
            return KeyPage((), 0, 0, 0, complete=False, version=self._survey.version)
        rows = tuple(survey.row(key) for key in found[first : first + count])
        growing = survey.walking or self._census.running
        return KeyPage(rows, first, len(found), known, complete, version, len(survey.details), growing)

    async def look(self, key: bytes, window: Window, *, deliberate: bool = False) -> Look | None:
        ready = await self._ready()
        if ready is None:
            return None
        try:
            found = await ready[1].look(key, window, deliberate=deliberate, database=self._database)
        except Lost as error:
            self._failed(str(error))
            return None
        if found is None:
            self._survey.forget(key)
            self._watched = None
        else:
            self._watched = (key, window)
            self._survey.learn(found)
        return found

    async def why(self, key: bytes) -> Why | None:
        return None if self._session is None else why(self._session.call.db, key)

    async def rebuilt(self, key: bytes) -> tuple[Rebuilt, ...]:
        return () if self._session is None else rebuilt(self._session.call.db, key)

    async def trace(self, key: bytes, operation: str, argument: bytes) -> Trace | None:
        return None if self._session is None else trace_key(self._session.call.db, key, operation, argument)

    def _expiries(self) -> tuple[int, list[int]]:
        """The selected database, and when those of its keys expire that were asked about, or as many of them as are plenty for
        a picture."""
        known = (details.expires_at for details in islice(self._survey.details.values(), MOST_EXPIRIES))
        return self._database, [at for at in known if at is not None]

    async def refresh(self) -> None:
        self._pace.go_on()
        if self._survey.complete:
            self._survey.restart()
        else:
            self._survey.details.clear()
            self._survey.start()

    async def ask_all(self) -> None:
        if await self._ready() is not None:
            self._census.start()

    async def measure(self, key: bytes) -> str:
        ready = await self._ready()
        if ready is None:
            return f"not connected: {self._problem}"
        try:
            return await ready[1].measure(key, database=self._database)
        except Lost as error:
            self._failed(str(error))
            return str(error)

    # -- being monitored ----------------------------------------------------------------------------------------------

    async def _ask_politely(self, commands: Sequence[Sequence[bytes]]) -> list[Reply]:
        """Commands of our own that change nothing; NotKnown without a connection."""
        if await self._ready() is None:
            raise NotKnown(f"not connected: {self._problem}")
        try:
            return await self._connection.ask_all(commands)
        except Lost as error:
            self._failed(str(error))
            raise NotKnown(str(error)) from None

    def _known_commands(self) -> Mapping[bytes, Command]:
        return {} if self._session is None else self._session.engine.commands

    async def _kill(self, client: int) -> str:
        try:
            outcome = await self.execute([b"CLIENT", b"KILL", b"ID", b"%d" % client])
        except Refused as refusal:
            return str(refusal)
        if isinstance(outcome.reply, CommandError):
            return outcome.reply.message
        return f"client {client}'s connection is closed" if outcome.reply else f"client {client} was gone already"

    # -- running ------------------------------------------------------------------------------------------------------

    async def refusal(self, argv: Sequence[bytes]) -> str:
        ready = await self._ready()
        if ready is None:
            return f"not connected: {self._problem}"
        return refusal(argv, ready[0].commands, write=self._write)

    async def execute(self, argv: Sequence[bytes]) -> Outcome:
        await self._must_be_allowed(argv)
        return await self._run(argv, self._keys(argv) if self._may_write(argv) else [])

    async def regain(self) -> str:
        raise Refused("A server's users are whose it is: only the built-in engine's can be set right from here.")

    async def run_all(self, commands: Sequence[Sequence[bytes]]) -> list[Outcome | Refused]:
        outcomes: list[Outcome | Refused] = []
        for argv in commands:
            try:
                await self._must_be_allowed(argv)
                outcomes.append(await self._run(argv, []))
            except Refused as refusal:
                outcomes.append(refusal)
        return outcomes

    async def _must_be_allowed(self, argv: Sequence[bytes]) -> None:
        not_allowed = await self.refusal(argv)
        if not_allowed:
            raise Refused(not_allowed)

    def _may_write(self, argv: Sequence[bytes]) -> bool:
        facts = self._facts
        assert facts is not None
        known = facts.commands.get(argv[0].upper().decode("latin-1"))
        return self._write and (known is None or "readonly" not in known.flags)

    async def _run(self, argv: Sequence[bytes], keys: Sequence[bytes]) -> Outcome:
        """Run a command that is allowed; what it does to some keys is its change."""
        name = argv[0].upper()
        try:
            before = {key: await self._glance(key) for key in keys}
            began = time.perf_counter()
            reply = await self._connection.ask(*argv)
            took = time.perf_counter() - began
            change = await self._change(tuple(argv), before) if keys else None
            self._wrote = self._wrote or self._may_write(argv)
        except Lost as error:
            self._failed(str(error))
            raise Refused(f"the connection broke, and it is not known whether the command ran: {error}") from None
        if name == b"SELECT" and not isinstance(reply, CommandError):
            self._database = int(argv[1])
            self._survey.restart()
        if name == b"AUTH" and not isinstance(reply, CommandError):
            self._user = argv[1] if len(argv) > 2 else DEFAULT
        return Outcome(tuple(argv), _with_status(name, reply), change, took)

    def _keys(self, argv: Sequence[bytes]) -> list[bytes]:
        assert self._session is not None
        try:
            reply = getkeys(self._session.call, argv[0], list(argv[1:]))
        except CommandError:
            return []
        return [key for key in reply if isinstance(key, bytes)][:8] if isinstance(reply, list) else []

    async def _glance(self, key: bytes) -> Look | None:
        assert self._looker is not None
        return await self._looker.look(key, Window(), deliberate=True, database=self._database)

    async def _change(self, argv: tuple[bytes, ...], before: Mapping[bytes, Look | None]) -> Change | None:
        changes = []
        for key, old in before.items():
            new = await self._glance(key)
            self._survey.details.pop(key, None)
            if new is not None:
                self._survey.note(key)
            found = diff(None if old is None else old.layout, None if new is None else new.layout)
            if found:
                changes.append(KeyChange(key, old, new, found))
        if not changes:
            return None
        return Change(next(self._numbers), argv, 1, time.time_ns() // 1000, tuple(changes))

    async def messages(self) -> AsyncIterator[Heard]:
        """None: what would have a server send any is refused."""
        nothing: tuple[Heard, ...] = ()
        for heard in nothing:
            yield heard

    async def changes(self) -> AsyncIterator[Change]:
        """What others did to the key that is looked at: the difference of two looks, with how many commands lie between."""
        last: Look | None = None
        commands = own = 0
        while not self._closed:
            await asyncio.sleep(WATCH_PERIOD / self._pace.share)
            watched, ready = self._watched, await self._ready()
            # While Monitor is shown nobody sees the key: it is not asked about.
            if watched is None or ready is None or self.monitored.attended:
                last = None
                continue
            try:
                if not await self._pace.may_go_on():
                    continue
                new = await ready[1].look(*watched, deliberate=False, database=self._database)
                total = await self._commands_processed()
            except Lost as error:
                self._failed(str(error))
                continue
            known = last is not None and not self._wrote
            self._wrote = False
            if known and last is not None and new is not None and last.key == new.key and not new.notice:
                found = diff(last.layout, new.layout)
                if found:
                    # The server counts what this connection asked, too.
                    between = max(0, total - commands - (self._connection.sent - own))
                    change = KeyChange(new.key, last, new, found)
                    yield Change(next(self._numbers), None, between, time.time_ns() // 1000, (change,))
            last, commands, own = new, total, self._connection.sent

    async def _commands_processed(self) -> int:
        text = parse_info(await self._connection.ask(b"INFO", b"stats")).get("total_commands_processed", "0")
        return int(text) if text.isdigit() else 0

    async def close(self) -> None:
        self._closed = True
        await self._census.stop()
        await self._survey.stop()
        await self._connection.close()


_STATUSES = frozenset({b"OK", b"PONG"})


def _with_status(name: bytes, reply: Reply) -> Reply:
    """The client library gives simple strings and bulk strings alike: tell those apart that a person would miss."""
    if isinstance(reply, bytes) and (name == b"TYPE" or (reply in _STATUSES and name not in (b"GET", b"ECHO"))):
        return Status(reply)
    return reply
