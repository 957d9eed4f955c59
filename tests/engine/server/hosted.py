"""A server in the test's own thread, whose loop goes round when the test says so."""

import contextlib
import socket
from collections.abc import Iterator
from random import Random
from typing import Any, Self

import hiredis

from rinspect.engine import Engine
from rinspect.engine.networking.client import Client
from rinspect.engine.server import Server
from rinspect.engine.server.log import Log
from tests.real.connection import Argument, pack

NOTHING = object()
"""No reply has come."""


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.microseconds = 1_700_000_000_000_000

    def __call__(self) -> int:
        return self.microseconds

    def advance(self, milliseconds: int) -> None:
        self.microseconds += milliseconds * 1000


class User:
    """Whoever is at the other end of a client's connection."""

    def __init__(self, hosted: "Hosted") -> None:
        self._hosted = hosted
        self.client, self.socket = hosted.server.attach(Client)
        self.socket.setblocking(False)
        self.reader = hiredis.Reader(notEnoughData=NOTHING)

    def send(self, *words: Argument) -> None:
        self.socket.sendall(pack(words))

    def execute(self, *words: Argument) -> Any:
        """A command's reply: bytes, int, list …, an error as an object, NOTHING if it waits."""
        self.send(*words)
        self._hosted.go_round()
        return self.receive()

    def receive(self) -> Any:
        """The next reply or message, NOTHING if there is none."""
        with contextlib.suppress(BlockingIOError):
            self.reader.feed(self.socket.recv(1 << 20))
        return self.reader.gets()

    def all(self) -> Iterator[Any]:
        """All replies and messages that have come."""
        while (reply := self.receive()) is not NOTHING:
            yield reply

    @property
    def connected(self) -> bool:
        return self.client.id in self._hosted.server.clients.by_id


class Hosted:
    """A server of a version with a clock of its own, and a first user. To be closed."""

    def __init__(self, profile: str = "7.2", allocator: str = "jemalloc") -> None:
        self.clock = Clock()
        self.said: list[str] = []
        """Lines of its log."""
        engine = Engine(profile, allocator, self.clock, Random(1))
        engine.runtime.config.save = ()
        log = Log(engine.runtime.config, self.clock, self.said.append)
        self.server = Server(engine, self.clock, log)
        self.engine = engine
        self.user = User(self)
        self.execute = self.user.execute
        self._sockets: list[socket.socket] = [self.user.socket]

    def another(self) -> User:
        """A further user."""
        user = User(self)
        self._sockets.append(user.socket)
        return user

    def go_round(self) -> None:
        """Let the loop serve whoever is there, and send what it answers."""
        self.server.loop.iterate(wait=False)
        self.server.loop.iterate(wait=False)

    def close(self) -> None:
        for one in self._sockets:
            one.close()
        self.server.close()
        errors = [line for line in self.said if "Internal error" in line]
        assert not errors, "\n".join(errors)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
