"""A workload: clients with names that read and write keys of every type, evenly or skewed, now and then slowly.

The commands follow from a seed, so that the same workload can be run again.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from random import Random
from typing import ClassVar

from rinspect.engine.networking.multibulks import multibulk
from rinspect.sources.server.address import Address
from rinspect.sources.source import CannotConnect

if sys.implementation.name == "cpython":
    from rinspect.engine.networking.hiredis_replies import ReplyReader
else:
    from rinspect.engine.networking.replies import ReplyReader  # type: ignore[assignment]

Argv = tuple[bytes, ...]

SCORES = 30_000
"""Elements of the list that is sorted: the built-in engine and a common server take more than 10 ms for it, which is when the
slow log begins unless told otherwise."""
FILLED = 500
"""Of them that are pushed at once: filling it is not to be slow."""
FIRST_SLOW = 1.0
"""Seconds until the first slow command, at the most."""
MOST_BEHIND = 1.0
"""Seconds of its schedule that a client makes up for."""
READ_SIZE = 1 << 16
"""Bytes that are read at once."""


@dataclass(frozen=True, slots=True)
class Mix:
    """How often each kind of command comes, in per cent."""

    name: str
    reads: int
    expiring: int
    """Of the writes of strings, how many have a TTL of a few seconds."""

    ALL: ClassVar[tuple[Mix, ...]]


Mix.ALL = (Mix("mixed", 60, 20), Mix("read", 95, 5), Mix("write", 10, 20), Mix("expiring", 30, 90))


@dataclass(frozen=True, slots=True)
class Workload:
    mix: Mix = Mix.ALL[0]
    clients: int = 10
    pipeline: int = 1
    keys: int = 10_000
    skew: float = 1.0
    """0 for all keys alike; the larger, the more often the first ones come (an exponent)."""
    rate: int = 0
    """Operations a second at the most, all clients together; 0 for as many as go."""
    slow_every: float = 0.0
    """Seconds between two slow commands; 0 for none."""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Second:
    """What was done in a second."""

    operations: int
    slowest: float
    """Seconds."""


class Commands:
    """The commands of one client."""

    def __init__(self, workload: Workload, client: int) -> None:
        self._workload = workload
        self._rng = Random(f"{workload.seed}/{client}")
        self._slow = cycle(
            (
                (b"SORT", b"load:scores", b"LIMIT", b"0", b"10"),
                (b"KEYS", b"load:*:no-such-key-*"),
            )
        )

    def _number(self) -> int:
        return int(self._workload.keys * self._rng.random() ** (1 + self._workload.skew))

    def _key(self, kind: str) -> bytes:
        return f"load:{kind}:{self._number() // 100 if kind != 'string' else self._number()}".encode()

    def next(self) -> Argv:
        """The next command."""
        rng, reads = self._rng, self._rng.randrange(100) < self._workload.mix.reads
        kind = rng.choice(("string", "string", "string", "counter", "list", "hash", "set", "zset"))
        key, member = self._key(kind), b"member:%d" % self._number()
        return self._read(kind, key, member) if reads else self._write(kind, key, member)

    def _read(self, kind: str, key: bytes, member: bytes) -> Argv:
        choices: dict[str, Argv] = {
            "string": (b"GET", key),
            "counter": (b"GET", key),
            "list": (b"LRANGE", key, b"0", b"9"),
            "hash": (b"HGET", key, member),
            "set": (b"SISMEMBER", key, member),
            "zset": (b"ZRANGE", key, b"0", b"9", b"WITHSCORES"),
        }
        return choices[kind]

    def _write(self, kind: str, key: bytes, member: bytes) -> Argv:
        value = self._rng.randbytes(self._rng.randrange(4, 60)).hex().encode()
        if kind == "string" and self._rng.randrange(100) < self._workload.mix.expiring:
            return (b"SET", key, value, b"EX", b"%d" % self._rng.randrange(1, 30))
        choices: dict[str, Argv] = {
            "string": (b"SET", key, value),
            "counter": (b"INCR", key),
            "list": (b"LPUSH", key, value) if self._rng.random() < 0.5 else (b"RPOP", key),
            "hash": (b"HSET", key, member, value),
            "set": (b"SADD", key, member),
            "zset": (b"ZADD", key, b"%d" % self._rng.randrange(1_000_000), member),
        }
        return choices[kind]

    def before_slow(self) -> Iterator[Argv]:
        """What the slow commands need."""
        yield (b"DEL", b"load:scores")
        for _ in range(0, SCORES, FILLED):
            yield (b"RPUSH", b"load:scores", *(b"%d" % self._rng.randrange(1_000_000) for _ in range(FILLED)))

    def slow(self) -> Argv:
        """A command that sorts a long list, and the next time one that goes through all keys."""
        return next(self._slow)


class Schedule:
    """When something is to happen that happens every so many seconds: however long it takes, and however late one wakes up
    for it, the next is not later for that. What was missed by more than a second is not made up for."""

    def __init__(self, every: float, now: float) -> None:
        self._every = every
        self._due = now

    def pause(self, now: float) -> float:
        """Seconds to wait until the next one is due."""
        self._due = max(self._due + self._every, now - MOST_BEHIND)
        return max(0.0, self._due - now)


class _Client:
    """One connection that sends and waits in turn."""

    def __init__(self, workload: Workload, number: int, done: Callable[[int, float], None]) -> None:
        self._workload = workload
        self._number = number
        self._commands = Commands(workload, number)
        self._done = done

    async def run(self, where: Address) -> None:
        reader, writer = await _connected(where)
        if hasattr(writer.transport, "max_size"):
            # (An attribute of asyncio's own transports, that nobody promises.) By default room for 256 KB is made for each
            # reply, of which the C library may ask the kernel anew each time: ten times what reading takes.
            writer.transport.max_size = READ_SIZE
        replies = ReplyReader()
        try:
            name = b"load-%d" % self._number
            first: list[Argv] = [(b"CLIENT", b"SETNAME", name), (b"SELECT", b"%d" % where.database)]
            if where.password:
                login = (b"AUTH", *([where.username.encode()] if where.username else []), where.password.encode())
                first.insert(0, login)
            await self._round(reader, writer, replies, first)
            slow = self._number == 1 and self._workload.slow_every > 0
            for argv in self._commands.before_slow() if slow else ():
                await self._round(reader, writer, replies, [argv])
            slow_at = time.monotonic() + min(FIRST_SLOW, self._workload.slow_every)
            every = (
                self._workload.pipeline * self._workload.clients / self._workload.rate if self._workload.rate else 0.0
            )
            schedule = Schedule(every, time.monotonic())
            while True:
                began = time.monotonic()
                batch = [self._commands.next() for _ in range(self._workload.pipeline)]
                if slow and began >= slow_at:
                    batch, slow_at = [self._commands.slow()], began + self._workload.slow_every
                await self._round(reader, writer, replies, batch)
                took = time.monotonic() - began
                self._done(len(batch), took)
                if every:
                    await asyncio.sleep(schedule.pause(time.monotonic()))
        finally:
            writer.close()

    async def _round(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, replies: ReplyReader, batch: list[Argv]
    ) -> None:
        writer.write(b"".join(map(multibulk, batch)))
        missing = len(batch)
        while missing:
            data = await reader.read(READ_SIZE)
            if not data:
                raise CannotConnect("the server closed the connection")
            replies.feed(data)
            for reply in replies.replies():
                missing -= 1
                if isinstance(reply, Exception) and str(reply).startswith(("NOAUTH", "WRONGPASS", "NOPERM")):
                    raise CannotConnect(str(reply))


async def _connected(where: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        if where.unix:
            return await asyncio.open_unix_connection(where.unix)
        context = None
        if where.tls:
            context = ssl.create_default_context(cafile=where.cacert or None)
            if where.insecure:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
        return await asyncio.open_connection(where.host, where.port, ssl=context)
    except OSError as error:
        raise CannotConnect(f"{where.label}: {error.strerror or error}") from None


async def run(workload: Workload, where: Address) -> AsyncIterator[Second]:
    """Run a workload, telling once a second what was done, until the iteration is given up. CannotConnect if it cannot be
    run, or not any more."""
    counts = [0, 0.0]

    def done(operations: int, took: float) -> None:
        counts[0] += operations
        counts[1] = max(counts[1], took)

    tasks = [asyncio.create_task(_Client(workload, n, done).run(where)) for n in range(1, workload.clients + 1)]
    try:
        while True:
            await asyncio.wait(tasks, timeout=1.0, return_when=asyncio.FIRST_EXCEPTION)
            for task in tasks:
                if task.done():
                    task.result()
            yield Second(int(counts[0]), counts[1])
            counts[:] = [0, 0.0]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
