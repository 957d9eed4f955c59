"""INFO, and CONFIG RESETSTAT, which sets its counters back."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import OK, SYNTAX, CommandError, Reply
from rinspect.engine.server.commands.caller import server_of


@command(
    "INFO", "[section...]", raw=True, arity=-1,
    group="server", since="1.0.0", flags="loading stale", acl="dangerous",
    tips="nondeterministic_output request_policy:all_shards response_policy:special",
    summary="Returns information and statistics about the server.",
)  # fmt: skip
def info(call: Call, *sections: bytes) -> Reply:
    from rinspect.engine.server.info import info_text  # noqa: PLC0415 (a dozen modules that most starts never need)

    if len(sections) > 1 and call.runtime.profile.version < (7, 0):
        raise CommandError(SYNTAX)
    return call.text(info_text(server_of(call), [section.decode("latin-1") for section in sections]))


@command(
    "CONFIG|RESETSTAT",
    group="server", since="2.0.0", flags="admin noscript loading stale",
    tips="request_policy:all_nodes response_policy:all_succeeded",
    summary="Resets the server's statistics.",
)  # fmt: skip
def config_resetstat(call: Call) -> Reply:
    server_of(call).reset_stats()
    return OK
