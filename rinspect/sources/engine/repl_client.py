"""The REPL's connection to the engine: a client of its loop over a pair of sockets, like any other.

What the screen types travels as bytes through the kernel, waits its turn in a query buffer, and is answered when the
loop comes to it. Beside that, what each command changes is recorded on the engine's side.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable, Sequence

from rinspect.engine.commands.registry import Command
from rinspect.engine.networking.client import Client
from rinspect.engine.networking.multibulks import multibulk
from rinspect.engine.networking.replies import ReplyReader
from rinspect.engine.replies import NO_REPLY, Push, Reply, Several
from rinspect.records import Change
from rinspect.sources.engine.mailbox import Mailbox
from rinspect.sources.engine.recorder import Recorder


class RecordedClient(Client):
    """A client whose commands' changes are recorded: one entry in `changes` for each reply it is given."""

    __slots__ = ("changes", "mailbox", "ran", "recorded", "recorder")

    ran: Callable[[], None]
    """Called for each command that has run."""
    recorder: Recorder
    recorded: bool
    changes: deque[Change | None]
    mailbox: Mailbox
    """Takes what is no reply."""

    def perform(self, command: Command, argv: Sequence[bytes]) -> Reply:
        reply = super().perform(command, argv)
        if reply is not NO_REPLY:
            self.ran()
        return reply

    def process(self, argv: Sequence[bytes]) -> Reply:
        if self.recorded:
            reply, change = self.recorder.record(super().process, argv)
        else:
            reply, change = super().process(argv), None
        if reply is not NO_REPLY:
            self.changes.append(change)
        # The prompt waits for one reply a command: what is several messages to other clients is one array to it.
        return [list(message.items) for message in reply.messages] if isinstance(reply, Several) else reply

    def push(self, message: Push) -> None:
        self.mailbox.put(message)

    def push_behind(self, message: Push) -> None:
        self.mailbox.put(message)


class ReplConnection:
    """The other end: sends commands, and waits for their replies."""

    def __init__(self, client: RecordedClient, theirs: socket.socket) -> None:
        self.client = client
        self._socket = theirs
        self._socket.setblocking(False)
        self._reader = ReplyReader()
        self._replies: deque[Reply] = deque()

    async def ask(self, commands: Sequence[Sequence[bytes]], *, recorded: bool) -> list[tuple[Reply, Change | None]]:
        """Send commands; their replies and, where that is `recorded`, what each changed.

        ConnectionError if the engine closes the connection.
        """
        loop = asyncio.get_running_loop()
        self.client.recorded = recorded
        await loop.sock_sendall(self._socket, b"".join(map(multibulk, commands)))
        while len(self._replies) < len(commands):
            data = await loop.sock_recv(self._socket, 1 << 16)
            if not data:
                raise ConnectionError("the engine closed the connection")
            self._reader.feed(data)
            self._replies.extend(self._reader.replies())
        changes = self.client.changes
        return [(self._replies.popleft(), changes.popleft() if changes else None) for _ in commands]

    def close(self) -> None:
        self._socket.close()
