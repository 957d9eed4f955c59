"""MULTI, EXEC, DISCARD, WATCH, UNWATCH."""

from __future__ import annotations

from rinspect.engine import transactions
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.propagating import said_itself
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import OK, CommandError, Reply


@command(
    "MULTI",
    group="transactions", since="1.2.0", flags="noscript loading stale fast allow_busy", acl="transaction",
    summary="Starts a transaction.",
)  # fmt: skip
def multi(call: Call) -> Reply:
    return transactions.begin(call.session)


@command(
    "EXEC",
    group="transactions", since="1.2.0", flags="noscript loading stale skip_slowlog",
    complexity="Depends on commands in the transaction", summary="Executes all commands in a transaction.",
    propagated=said_itself,
)  # fmt: skip
def exec_(call: Call) -> Reply:
    return transactions.execute(call.session)


@command(
    "DISCARD",
    group="transactions", since="2.0.0", flags="noscript loading stale fast allow_busy", acl="transaction",
    complexity="O(N), when N is the number of queued commands", summary="Discards a transaction.",
)  # fmt: skip
def discard(call: Call) -> Reply:
    if call.session.transaction is None:
        raise CommandError("ERR DISCARD without MULTI")
    transactions.discard(call.session)
    return OK


@command(
    "WATCH", "key...", raw=True,
    group="transactions", since="2.2.0", flags="noscript loading stale fast allow_busy", acl="transaction",
    access="RO", complexity="O(1) for every key.",
    summary="Monitors changes to keys to determine the execution of a transaction.",
)  # fmt: skip
def watch(call: Call, *keys: bytes) -> Reply:
    session = call.session
    if session.transaction is not None:
        raise CommandError("ERR WATCH inside MULTI is not allowed")
    if not session.spoiled_by_watch:
        for key in keys:
            session.engine.watched_keys.watch(session, key)
    return OK


@command(
    "UNWATCH",
    group="transactions", since="2.2.0", flags="noscript loading stale fast allow_busy", acl="transaction",
    summary="Forgets about watched keys of a transaction.",
)  # fmt: skip
def unwatch(call: Call) -> Reply:
    call.session.engine.watched_keys.forget(call.session)
    call.session.spoiled_by_watch = False
    return OK
