"""What is known of a server's keys: as far as SCAN has come, and what was asked of the keys that were looked at.

SCAN goes in steps of 100 keys with pauses, so that at most a twentieth of the time is spent in it, and stops at 100,000 keys
or after ten seconds of work until it is told to go on. When it is through it begins again as soon as the number of keys
is another, and now and then for keys that took another's place: those that are new come first, those that went leave.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rinspect.engine.layout import Certainty
from rinspect.engine.replies import CommandError, Reply
from rinspect.records import KeyRow, Look
from rinspect.sources.server.connection import Lost, ServerConnection
from rinspect.sources.server.pace import Pace

STEP = 100
DUTY = 0.05
MOST_KEYS = 100_000
MOST_SECONDS = 10.0
PIPELINE = 50
"""Keys asked about in one go."""
AGAIN = 30.0
"""Seconds after which keys are looked for although their number is the same …"""
AGAIN_DUTY = 0.1
"""… or more, so that at most this share of the time is walked."""

SAMPLED = ("hashtable", "skiplist", "quicklist", "stream")
"""Encodings of which MEMORY USAGE looks at some elements only."""


@dataclass(slots=True)
class Details:
    """What was asked of one key."""

    type: str
    encoding: str | None
    charged: int | None
    expires_at: int | None
    sampled: bool = False
    """Whether the size is a guess from five elements, as MEMORY USAGE has it unless told otherwise."""

    def is_over(self, now: int) -> bool:
        return self.expires_at is not None and self.expires_at <= now


class Survey:
    """The keys of one database, in the order in which SCAN gave them."""

    def __init__(self, connection: ServerConnection, pace: Pace) -> None:
        self._connection = connection
        self._pace = pace
        self.keys: list[bytes] = []
        self._seen: set[bytes] = set()
        self.details: dict[bytes, Details] = {}
        self.complete = False
        self.version = 0
        """Changes whenever the keys do."""
        self._limits = ""
        self._cursor = b"0"
        self._worked = 0.0
        self._most = MOST_KEYS
        self._walk: asyncio.Task[None] | None = None
        self._met: set[bytes] = set()
        """Keys that this walk has come by."""
        self._size: int | None = None
        """How many keys there were at the beginning of the walk that is through."""
        self._began = self._ended = 0.0
        self._number = 0
        """Of the walk."""

    @property
    def walking(self) -> bool:
        return self._walk is not None and not self._walk.done()

    @property
    def stopped(self) -> str:
        """Why the walk stopped before its end; empty while it goes on or when it is complete."""
        return "" if self.complete else self._limits or self._pace.stopped

    def start(self) -> None:
        """Walk on, in the background, until the limits."""
        if not self.walking:
            self._limits = ""
            self._worked = 0.0
            self._most = len(self._met) + MOST_KEYS
            self._walk = asyncio.create_task(self._go_on())

    async def stop(self) -> None:
        if self._walk is not None:
            self._walk.cancel()
            try:
                await self._walk
            except asyncio.CancelledError:
                return

    async def first_step(self) -> None:
        """The first keys, so that there is something to show."""
        if not self.keys and not self.complete and not self.walking:
            self._began = time.monotonic()
            await self._step()
            if not self.complete:
                self.start()

    def follow(self, size: int) -> None:
        """The database has so many keys now: look for those that came and went, if there must be some or it is time."""
        rest = max(AGAIN, (self._ended - self._began) / AGAIN_DUTY)
        if self._size is None or not self.complete:
            self._size = size
        elif size != self._size or time.monotonic() - self._ended > rest:
            self._size = size
            self._cursor, self.complete = b"0", False
            self._began = time.monotonic()
            self.start()

    async def _go_on(self) -> None:
        try:
            while not self.complete and not self._limits and await self._pace.may_go_on():
                await self._step()
                self._worked += self._connection.took
                if len(self._met) >= self._most or self._worked >= MOST_SECONDS:
                    self._limits = f"paused at {len(self.keys):,} keys; r goes on"
                await asyncio.sleep(self._connection.took * (1 / (DUTY * self._pace.share) - 1))
        except Lost:
            # Whoever asks next is told so; the walk begins anew with the next connection.
            return

    async def _step(self) -> None:
        walk = self._number
        reply = await self._connection.ask(b"SCAN", self._cursor, b"COUNT", b"%d" % STEP)
        if walk != self._number:
            return  # a cursor of the walk before
        if isinstance(reply, CommandError):
            self.complete, self._limits = False, reply.message
            return
        assert isinstance(reply, list)
        cursor, keys = reply
        assert isinstance(cursor, bytes)
        assert isinstance(keys, list)
        found = [key for key in keys if isinstance(key, bytes)]
        fresh = [key for key in dict.fromkeys(found) if key not in self._seen]
        self._met.update(found)
        self._seen.update(fresh)
        if self._ended:
            self.keys[:0] = fresh
        else:
            self.keys += fresh
        self.version += bool(fresh)
        self._cursor = cursor
        if cursor == b"0":
            self._arrive()

    def _arrive(self) -> None:
        """The walk is through: what it did not come by is gone."""
        gone = self._seen - self._met
        if gone:
            self.keys = [key for key in self.keys if key not in gone]
            self._seen -= gone
            for key in gone:
                self.details.pop(key, None)
        self._met.clear()
        self.complete = True
        self._ended = time.monotonic()
        self.version += 1

    def note(self, key: bytes) -> None:
        """A key that is known to be there."""
        self._met.add(key)
        if key not in self._seen:
            self._seen.add(key)
            self.keys.insert(0, key)
            self.version += 1

    def forget(self, key: bytes) -> None:
        """A key that turned out to be gone."""
        self.details.pop(key, None)
        self._met.discard(key)
        if key in self._seen:
            self._seen.discard(key)
            self.keys.remove(key)
            self.version += 1

    def restart(self) -> None:
        """Begin again: the keys may be others now."""
        self.keys.clear()
        self._seen.clear()
        self._met.clear()
        self.details.clear()
        self._cursor, self.complete, self._limits = b"0", False, ""
        self._size, self._ended = None, 0.0
        self._number += 1
        self.version += 1

    async def describe(self, keys: Sequence[bytes]) -> bool:
        """Ask type, encoding, expiry and size of the keys that are visible, 50 in one go; not again what is known, unless
        its time is over. Whether some are gone."""
        now = time.time_ns() // 1_000_000
        unknown = [key for key in keys if key not in self.details or self.details[key].is_over(now)]
        for start in range(0, len(unknown), PIPELINE):
            batch = unknown[start : start + PIPELINE]
            commands = [
                command
                for key in batch
                for command in (
                    (b"TYPE", key), (b"OBJECT", b"ENCODING", key), (b"PTTL", key), (b"MEMORY", b"USAGE", key),
                )
            ]  # fmt: skip
            replies = await self._connection.ask_all(commands)
            now = time.time_ns() // 1_000_000
            for place, key in enumerate(batch):
                self._learn(key, replies[4 * place : 4 * place + 4], now)
        return any(key not in self.details for key in keys)

    def _learn(self, key: bytes, replies: Sequence[Reply], now: int) -> None:
        kind, encoding, left, usage = replies
        if kind == b"none":
            self.forget(key)
            return
        self.details[key] = Details(
            kind.decode() if isinstance(kind, bytes) else "?",
            encoding.decode() if isinstance(encoding, bytes) else None,
            usage if isinstance(usage, int) else None,
            now + left if isinstance(left, int) and left >= 0 else None,
            isinstance(encoding, bytes) and encoding.decode() in SAMPLED,
        )

    def learn(self, look: Look) -> None:
        """Take over what a look at a key found out."""
        charged = look.reported if look.reported is not None else look.computed or None
        self.details[look.key] = Details(look.type, look.encoding, charged, look.expires_at)

    def row(self, key: bytes) -> KeyRow:
        """The line of a key, with what is known of it."""
        found = self.details.get(key)
        if found is None:
            return KeyRow(key, None, None, None, None)
        certainty = Certainty.ESTIMATED if found.sampled else Certainty.EXACT
        return KeyRow(key, found.type, found.encoding, found.charged, found.expires_at, certainty)
