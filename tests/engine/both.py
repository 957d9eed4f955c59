"""The engine and a real server of the same version and build, side by side."""

from typing import Any

import hiredis
import pytest

from rinspect.engine import Engine
from rinspect.engine.replies import NULL_ARRAY, CommandError, Double, Map, SetReply, Status
from tests.real.servers import RealServer

versions = pytest.mark.parametrize("real_server", ["6.2", "7.0", "8.0"], indirect=True)
"""Runs a test once for each server whose version the engine has."""


def plain(reply: Any) -> Any:
    """A reply of either, in a form that can be compared: an error is a str, a double a float."""
    match reply:
        case CommandError(message=message):
            return message
        case hiredis.ReplyError():
            return str(reply)
        case Status(text=text):
            return text
        case Double(text=text):
            return float(text)
        case Map(pairs=pairs):
            return {plain(key): plain(value) for key, value in pairs}
        case SetReply(members=members):
            return {plain(member) for member in members}
        case list():
            return [plain(item) for item in reply]
        case _ if reply is NULL_ARRAY:
            return None
    return reply


class Both:
    """Sends every command to both and holds the replies against each other.

    The server closes no gap between its allocator and the bundled one: the engine gets the server's.
    """

    def __init__(self, server: RealServer) -> None:
        self.server = server
        self.session = Engine(server.profile, server.allocator).session()

    def resp3(self) -> None:
        self.server.execute("HELLO", "3")
        self.session.call.resp = 3

    def execute(self, *words: bytes) -> Any:
        """The reply that both gave."""
        ours, theirs = plain(self.session.execute(words)), plain(self.server.execute(*words))
        # repr: 0.0 is not -0.0 here, nor 1 True.
        assert repr(ours) == repr(theirs), words
        return ours

    def run(self, script: str) -> None:
        """Execute the lines of a script: words between blanks, `""` for an empty one."""
        for line in script.strip().splitlines():
            self.execute(*(b"" if word == '""' else word.encode() for word in line.split()))

    def encoding(self, key: bytes) -> bytes | None:
        """OBJECT ENCODING, and on the way DUMP where that has a single right answer."""
        encoding: bytes | None = self.execute(b"OBJECT", b"ENCODING", key)
        if encoding != b"hashtable":
            self.execute(b"DUMP", key)
        return encoding
