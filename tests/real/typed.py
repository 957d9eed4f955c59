"""Replies with nothing lost: a status is not a string, nor a set an array, and one null is not the other."""

from collections.abc import Iterable, Sequence
from typing import IO

from rinspect.engine.replies import NULL_ARRAY, CommandError, Double, Map, Reply, SetReply, Status, Verbatim
from tests.real.connection import Argument, pack
from tests.real.servers import RealServer


class TypedConnection:
    """A connection to a real server that answers in the engine's own kinds of reply."""

    def __init__(self, server: RealServer) -> None:
        self._connection = server.connect()
        self._file = self._connection.socket.makefile("rb")

    def execute(self, *words: Argument) -> Reply:
        return self.pipeline([words])[0]

    def pipeline(self, commands: Iterable[Sequence[Argument]]) -> list[Reply]:
        packed = [pack(command) for command in commands]
        self._connection.send(b"".join(packed))
        return [read_reply(self._file) for _ in packed]

    def close(self) -> None:
        self._file.close()
        self._connection.close()


def read_reply(file: IO[bytes]) -> Reply:
    """The next reply; ConnectionError where the stream ends, ValueError at what is no reply."""
    line = file.readline()
    if not line:
        raise ConnectionError("the server closed the connection")
    kind, rest = line[:1], line[1:-2]
    match kind:
        case b"+":
            return Status(rest)
        case b"-":
            return CommandError(rest.decode("latin-1"))
        case b":":
            return int(rest)
        case b"_":
            return None
        case b"#":
            return rest == b"t"
        case b",":
            return Double(rest)
    size = int(rest)
    match kind:
        case b"$" | b"=":
            if size < 0:
                return None
            text = file.read(size + 2)[:-2]
            return text if kind == b"$" else Verbatim(text[4:], text[:3].decode())
        case b"*":
            return NULL_ARRAY if size < 0 else [read_reply(file) for _ in range(size)]
        case b"~":
            return SetReply(tuple(read_reply(file) for _ in range(size)))
        case b"%":
            return Map(tuple((read_reply(file), read_reply(file)) for _ in range(size)))
    raise ValueError(f"no reply begins with {line[:20]!r}")
