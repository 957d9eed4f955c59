"""SAVE, BGSAVE, LASTSAVE and BGREWRITEAOF."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import OK, SYNTAX, CommandError, Reply, Status
from rinspect.engine.server.commands.caller import server_of
from rinspect.engine.server.snapshots import Snapshots

IN_PROGRESS = "ERR Background save already in progress"
OTHER_CHILD = (
    "ERR Another child process is active (AOF?): can't BGSAVE right now. Use BGSAVE SCHEDULE in order to schedule a BGSAVE"
    " whenever possible."
)
FAILED = "ERR"
"""All that is said: why, the log tells."""


def _check(snapshots: Snapshots) -> None:
    """CommandError if the file is somebody else's and must stay."""
    if reason := snapshots.file.refusal():
        raise CommandError(f"ERR {reason}")


@command(
    "SAVE", group="server", since="1.0.0", flags="admin noscript no_async_loading no_multi", acl="admin dangerous",
    complexity="O(N) where N is the total number of keys in all databases",
    summary="Synchronously saves the database(s) to disk.",
)  # fmt: skip
def save(call: Call) -> Reply:
    snapshots = server_of(call).snapshots
    if snapshots.child is not None:
        raise CommandError(IN_PROGRESS)
    _check(snapshots)
    snapshots.saves += 1
    if not snapshots.save():
        raise CommandError(FAILED)
    return OK


@command(
    "BGSAVE", "[schedule=SCHEDULE]", raw=True, arity=-1,
    group="server", since="1.0.0", flags="admin noscript no_async_loading", acl="admin dangerous",
    complexity="O(1)", summary="Asynchronously saves the database(s) to disk.",
)  # fmt: skip
def bgsave(call: Call, *words: bytes) -> Reply:
    """Within a transaction, from 7.0 on, it begins after that: a child would see half of it."""
    if words and [word.upper() for word in words] != [b"SCHEDULE"]:
        raise CommandError(SYNTAX)
    snapshots = server_of(call).snapshots
    if snapshots.child is not None:
        raise CommandError(IN_PROGRESS)
    _check(snapshots)
    other = server_of(call).children.active is not None
    if other and not words:
        raise CommandError(OTHER_CHILD)
    if other or (call.runtime.executing and call.runtime.profile.version >= (7, 0)):
        snapshots.scheduled = True
        return Status(b"Background saving scheduled")
    if not snapshots.save_in_background():
        raise CommandError(FAILED)
    return Status(b"Background saving started")


@command(
    "LASTSAVE", group="server", since="1.0.0", flags="loading stale fast", acl="admin dangerous",
    tips="nondeterministic_output", summary="Returns the Unix timestamp of the last successful save to disk.",
)  # fmt: skip
def lastsave(call: Call) -> Reply:
    """As long as nothing has been saved, when the server was started."""
    return server_of(call).snapshots.last_save


@command(
    "BGREWRITEAOF",
    group="server", since="1.0.0", flags="admin noscript no_async_loading", acl="admin dangerous",
    summary="Asynchronously rewrites the append-only file to disk.",
)  # fmt: skip
def bgrewriteaof(call: Call) -> Reply:
    """Within a transaction, from 7.0 on, it begins after that."""
    server = server_of(call)
    rewriting = server.append_only.rewriting
    if rewriting.child is not None:
        raise CommandError("ERR Background append only file rewriting already in progress")
    if server.children.active is not None or (call.runtime.executing and call.runtime.profile.version >= (7, 0)):
        rewriting.scheduled = True
        rewriting.asked()
        return Status(b"Background append only file rewriting scheduled")
    if not rewriting.begin():
        why = "Please check the server logs for more information." if server.stands_alone else rewriting.why_not
        raise CommandError(f"ERR Can't execute an AOF background rewriting. {why}")
    return Status(b"Background append only file rewriting started")
