"""maxmemory, as commands meet it: before each one memory is brought below the limit, or it is refused."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.commands.registry import Command
from rinspect.engine.keyspace.eviction import Eviction
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.session import Session

_NEVER_QUEUED = frozenset({"DISCARD", "QUIT", "RESET"})
OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'."


def within_memory(session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
    """A guard: evict keys until memory is below maxmemory. Where that is not enough, CommandError for a command that may
    need memory, or for EXEC if it is to run one."""
    if session.engine.keyspace.evictor.perform() is Eviction.FAIL and _needs_memory(session, command):
        raise CommandError(OUT_OF_MEMORY)
    return None


def _needs_memory(session: Session, command: Command) -> bool:
    transaction = session.transaction
    if command.name == "EXEC":
        return transaction is not None and transaction.has_flag("denyoom")
    # Before 7.4 nothing may be queued, for that takes memory too.
    queues = transaction is not None and command.name not in _NEVER_QUEUED
    return "denyoom" in command.declaration.flags or (queues and session.engine.profile.version < (7, 4))
