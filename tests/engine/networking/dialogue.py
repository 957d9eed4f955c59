"""Several clients in turn, against the engine and against a real server: who is sent what after each line.

A: BLPOP k 0
B: RPUSH k v        A hears ["k", "v"], B hears 1
"""

import contextlib
import select
import socket
from pathlib import Path
from typing import Any

import hiredis

from tests.engine.both import plain
from tests.engine.server.hosted import NOTHING, Hosted
from tests.real.connection import pack
from tests.real.servers import RealServer

Heard = list[tuple[str, dict[str, list[Any]]]]
"""Each line, with what everybody was sent after it."""


def words_of(text: str) -> list[bytes]:
    """Words between blanks; `""` is an empty one, and escapes are as in Python."""
    return [word.encode().decode("unicode_escape").encode("latin-1") if word != '""' else b"" for word in text.split()]


class _Ear:
    """Reads what one client is sent."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.socket.setblocking(False)
        self._reader = hiredis.Reader(notEnoughData=NOTHING)

    def heard(self) -> list[Any]:
        replies = []
        with contextlib.suppress(BlockingIOError, ConnectionError):
            while data := self.socket.recv(1 << 20):
                self._reader.feed(data)
            replies.append("closed")
        found = []
        while (reply := self._reader.gets()) is not NOTHING:
            found.append(_comparable(reply))
        return found + replies


def _comparable(reply: Any) -> Any:
    if isinstance(reply, list):
        return [_comparable(item) for item in reply]
    if isinstance(reply, dict):
        return {name: value for name, value in reply.items() if name not in (b"id", b"version", b"modules")}  # HELLO's
    return plain(reply)


def with_engine(script: str, hosted: Hosted) -> Heard:
    """What everybody is sent by the engine."""
    ears: dict[str, _Ear] = {}
    heard: Heard = []
    for line in script.strip().splitlines():
        name, text = line.strip().split(": ", 1)
        if name not in ears:
            ears[name] = _Ear(hosted.another().socket)
        ears[name].socket.sendall(pack(words_of(text)))
        hosted.go_round()
        hosted.go_round()
        heard.append((line.strip(), _all(ears)))
    return heard


def with_server(script: str, server: RealServer) -> Heard:
    """What everybody is sent by a real server. All replies leave before the loop polls again, so that when a further client
    is answered twice there is nothing more to come."""
    ears: dict[str, _Ear] = {}
    heard: Heard = []
    with contextlib.closing(server.connect()) as control:
        for line in script.strip().splitlines():
            name, text = line.strip().split(": ", 1)
            if name not in ears:
                ears[name] = _Ear(_connected(server.folder / "socket"))
                control.execute("PING")
            ears[name].socket.sendall(pack(words_of(text)))
            for _ in range(3):
                control.execute("ECHO", "settled")
            if text.startswith("FLUSH"):
                select.select([ears[name].socket], [], [], 30)  # others free the keys
            heard.append((line.strip(), _all(ears)))
    for ear in ears.values():
        ear.socket.close()
    return heard


def _connected(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(path))
    return connection


def _all(ears: dict[str, _Ear]) -> dict[str, list[Any]]:
    return {name: heard for name, ear in ears.items() if (heard := ear.heard())}


def agree(script: str, server: RealServer) -> Heard:
    """Hold both against each other; what both said."""
    with Hosted(server.profile, server.allocator) as hosted:
        ours = with_engine(script, hosted)
    theirs = with_server(script, server)
    differing = [
        f"ours   {mine}\ntheirs {their}" for mine, their in zip(ours, theirs, strict=True) if repr(mine) != repr(their)
    ]
    assert not differing, "\n" + "\n".join(differing)
    return ours
