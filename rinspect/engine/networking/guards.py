"""What a client may not do: speak before it has authenticated; queue what can be no part of a transaction; or, while it
subscribes in RESP2, anything but that."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.commands.registry import Command
from rinspect.engine.commands.server.older import flags_in
from rinspect.engine.networking.client import Client
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.session import Session

NOT_AUTHENTICATED = "NOAUTH Authentication required."
NOT_IN_TRANSACTIONS = "ERR Command not allowed inside a transaction"
OF_SUBSCRIBERS = frozenset(
    {
        "PING", "SUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "SUNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE", "QUIT", "RESET",
    }
)  # fmt: skip


def authenticated(session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
    """Refuse nearly everything of a client that has to log in first."""
    if not isinstance(session, Client) or session.authenticated or not session.engine.users.must_log_in:
        return None
    if "no_auth" not in flags_in(command, session.engine.profile.version):
        raise CommandError(NOT_AUTHENTICATED)
    return None


def may_be_queued(session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
    """Refuse, from 7.0 on, what would end or hold up the server in the midst of a transaction."""
    if (
        session.transaction is not None
        and "no_multi" in command.declaration.flags
        and session.engine.profile.version >= (7, 0)
    ):
        raise CommandError(NOT_IN_TRANSACTIONS)
    return None


def writes(session: Session, command: Command) -> bool:
    """Whether it is a write, or the EXEC of one."""
    transaction = session.transaction
    return "write" in command.declaration.flags or (
        command.name == "EXEC" and transaction is not None and transaction.has_flag("write")
    )


def subscriber_may(session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
    """In RESP2 a message cannot be told from a reply: a subscriber gets no replies of other commands."""
    if (
        not isinstance(session, Client)
        or session.call.resp == 3
        or not session.subscriptions
        or command.name in OF_SUBSCRIBERS
    ):
        return None
    name, which = command.name.lower(), "P|S"
    if session.engine.profile.version < (7, 0):
        name, which = name.partition("|")[0], "P"
    raise CommandError(
        f"ERR Can't execute '{name}': only ({which})SUBSCRIBE / ({which})UNSUBSCRIBE / PING / QUIT / RESET are allowed"
        " in this context"
    )
