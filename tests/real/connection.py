"""A client that hides nothing: it sends what it is told and returns each reply as the server gave it."""

import socket
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import hiredis

Argument = bytes | str | int | float

_INCOMPLETE = object()


class Connection:
    """One connection to a server, over its Unix socket or a port of this machine.

    An error is returned, not raised, as ``hiredis.ReplyError``: what a server refuses is as much its answer as the
    rest. A closed connection raises ``ConnectionError``, silence for ``timeout`` seconds ``TimeoutError``.
    """

    def __init__(self, address: Path | int, timeout: float = 30) -> None:
        if isinstance(address, int):
            self.socket = socket.create_connection(("127.0.0.1", address), timeout)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            try:
                self.socket.connect(str(address))
            except OSError:
                self.socket.close()
                raise
        # A sentinel of our own: hiredis's default for "no whole reply yet" is also RESP3's false.
        self.reader = hiredis.Reader(notEnoughData=_INCOMPLETE)

    def execute(self, *args: Argument) -> Any:
        """Sends one command and returns its reply: bytes, int, list, None, RESP3's types, or an error object."""
        self.send(pack(args))
        return self.receive()

    def pipeline(self, commands: Iterable[Sequence[Argument]]) -> list[Any]:
        """Sends commands all at once, then reads their replies. Not for so many that both sides' buffers fill up."""
        packed = [pack(command) for command in commands]
        self.send(b"".join(packed))
        return [self.receive() for _ in packed]

    def send(self, data: bytes) -> None:
        """Sends bytes as they are: inline commands, half a request, a broken one."""
        self.socket.sendall(data)

    def receive(self) -> Any:
        """The next reply or push message."""
        while (reply := self.reader.gets()) is _INCOMPLETE:
            data = self.socket.recv(1 << 16)
            if not data:
                raise ConnectionError("the server closed the connection")
            self.reader.feed(data)
        return reply

    def close(self) -> None:
        self.socket.close()


def pack(args: Sequence[Argument]) -> bytes:
    # hiredis's stub speaks of a tuple of one argument.
    packed: bytes = hiredis.pack_command(tuple(args))  # type: ignore[arg-type]
    return packed
