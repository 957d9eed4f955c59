"""MONITOR: clients that are shown each command that has run, and by whom.

    +1700000000.123456 [0 127.0.0.1:50312] "SET" "k" "v"

A command is told of when it is done, so that those of a transaction come before its EXEC; one that waits is told of when it
begins to. Commands of administration are not shown, and secrets in no command.
"""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.commands.registry import Command
from rinspect.engine.commands.server.older import flags_in
from rinspect.engine.engine import Engine
from rinspect.engine.networking.client import Client
from rinspect.engine.redaction import redacted
from rinspect.engine.replies import CommandError, Reply, Status
from rinspect.engine.session import Session
from rinspect.engine.splitargs import catrepr

HIDDEN = frozenset({"admin", "skip_monitor"})
"""Flags of commands that are not shown."""
OF_KEYS = frozenset({"readonly", "write", "may_replicate"})
"""Flags of commands that a client may not send while it is shown those of others."""


class Monitors:
    """The clients that watch, in the order in which they came."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.watching: dict[Client, None] = {}

    def add(self, client: Client) -> None:
        if not self.watching:
            self._engine.witnesses.append(self._tell)
            self._engine.guards.append(self._guard)
            self._engine.runtime.guard("monitor", on=True)
        self.watching[client] = None
        client.monitoring = True

    def forget(self, client: Client) -> None:
        """A client wants to be shown no more. Harmless if it is not."""
        client.monitoring = False
        if client not in self.watching:
            return
        del self.watching[client]
        if not self.watching:
            self._engine.witnesses.remove(self._tell)
            self._engine.guards.remove(self._guard)
            self._engine.runtime.guard("monitor", on=False)

    def _guard(self, session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
        """Between what it is shown, a client could not tell the replies to its own commands."""
        if isinstance(session, Client) and session.monitoring and command.declaration.flags & OF_KEYS:
            word = "interact" if self._engine.profile.version >= (7, 0) else "interract"
            raise CommandError(f"ERR Replica can't {word} with the keyspace")
        return None

    def _tell(self, session: Session, command: Command, argv: Sequence[bytes]) -> None:
        flags = flags_in(command, self._engine.profile.version)
        if flags & HIDDEN or (isinstance(session, Client) and session.retried is not None):
            return
        line = Status(self._line(session, redacted(command, argv, self._engine.runtime.config)))
        for client in self.watching:
            client.reply(line)

    def _line(self, session: Session, argv: Sequence[bytes]) -> bytes:
        seconds, microseconds = divmod(self._engine.runtime.clock(), 1_000_000)
        if not isinstance(session, Client):
            who = "built-in"
        elif session.is_unix and session.address.startswith("/"):
            who = f"unix:{session.address.removesuffix(':0')}"
        else:
            who = session.address
        words = " ".join(map(catrepr, argv))
        text = f"{seconds}.{microseconds:06d} [{session.call.db.number} {who}] {words}"
        return text.encode(errors="surrogateescape")
