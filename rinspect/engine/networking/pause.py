"""CLIENT PAUSE: for a while commands, or those that write, are not run; whoever sends one waits."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.commands.blocking import WouldBlock
from rinspect.engine.commands.registry import Command
from rinspect.engine.engine import Engine
from rinspect.engine.networking.blocked import BlockedClients
from rinspect.engine.networking.client import Client
from rinspect.engine.networking.waiting import Blocked
from rinspect.engine.replies import NO_REPLY, Reply
from rinspect.engine.session import Session


class Pause:
    """Whether commands are paused, which, and until when."""

    def __init__(self, engine: Engine, blocked: BlockedClients) -> None:
        self._engine = engine
        self._blocked = blocked
        self.until = 0
        """Milliseconds since 1970; 0 while nothing is paused."""
        self.writes_only = False

    def begin(self, until: int, *, writes_only: bool) -> None:
        """Pause; a pause that is under way is not cut short."""
        self.until = max(self.until, until)
        self.writes_only = writes_only
        self._engine.runtime.guard("pause", on=True)
        self._engine.runtime.keys_frozen = True

    def end(self) -> None:
        """Let everybody go on whose command had to wait."""
        self.until = 0
        self._engine.runtime.guard("pause", on=False)
        self._engine.runtime.keys_frozen = False
        self._blocked.resume_postponed()

    def end_if_over(self) -> None:
        """A step of before sleep."""
        if self.until and self._engine.runtime.now >= self.until:
            self.end()

    def guard(self, session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
        """Postpone a command that may not run now."""
        if not self.until or not isinstance(session, Client):
            return None
        if self._engine.runtime.now >= self.until:
            self.end()
            return None
        if self.writes_only and not self._writes(session, command):
            return None
        wish, now = WouldBlock((), 0, None), self._engine.runtime.ustime
        blocked = Blocked(command, argv, session.call.db, (), 0, None, now, "postponed", wish)
        self._blocked.block(session, blocked)
        return NO_REPLY

    @staticmethod
    def _writes(session: Session, command: Command) -> bool:
        flags = command.declaration.flags
        transaction = session.transaction
        if command.name == "EXEC" and transaction is not None:
            return transaction.has_flag("write") or transaction.has_flag("may_replicate")
        return "write" in flags or "may_replicate" in flags
