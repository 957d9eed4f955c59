"""SLOWLOG: the last commands that took long."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.helptext import help_text
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, OK, CommandError, Reply
from rinspect.engine.server.commands.caller import server_of
from rinspect.engine.server.slowlog import SlowEntry

_FLAGS = "admin loading stale"
DEFAULT_COUNT = 10


@command(
    "SLOWLOG|GET", "[count:int]", raw=True, arity=-2,
    group="server", since="2.2.12", flags=_FLAGS, complexity="O(N) where N is the number of entries returned",
    tips="request_policy:all_nodes nondeterministic_output", summary="Returns the slow log's entries.",
)  # fmt: skip
def get(call: Call, *words: bytes) -> Reply:
    old = call.runtime.profile.version < (7, 0)
    if len(words) > 1:
        unknown = "Unknown" if old else "unknown"
        raise CommandError(f"ERR {unknown} subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.")
    count = parse_int(words[0]) if words else DEFAULT_COUNT
    if old and count is None:
        raise CommandError(NOT_AN_INTEGER)
    if count is None or (count < -1 and not old):
        raise CommandError("ERR count should be greater than or equal to -1")
    entries = list(server_of(call).slow_log.entries)
    if count == -1:
        count = len(entries)
    return [_shown(entry) for entry in entries[: max(0, count)]]


def _shown(entry: SlowEntry) -> Reply:
    seconds = entry.at // 1_000_000
    return [entry.id, seconds, entry.took, list(entry.argv), entry.address.encode(errors="surrogateescape"), entry.name]


@command(
    "SLOWLOG|LEN",
    group="server", since="2.2.12", flags=_FLAGS,
    tips="request_policy:all_nodes response_policy:agg_sum nondeterministic_output",
    summary="Returns the number of entries in the slow log.",
)  # fmt: skip
def length(call: Call) -> Reply:
    return len(server_of(call).slow_log.entries)


@command(
    "SLOWLOG|RESET",
    group="server", since="2.2.12", flags=_FLAGS, complexity="O(N) where N is the number of entries in the slowlog",
    tips="request_policy:all_nodes response_policy:all_succeeded", summary="Clears all entries from the slow log.",
)  # fmt: skip
def reset(call: Call) -> Reply:
    server_of(call).slow_log.clear()
    return OK


@command(
    "SLOWLOG|HELP",
    group="server", since="6.2.0", flags="loading stale", summary="Show helpful text about the different subcommands",
)  # fmt: skip
def help_(call: Call) -> Reply:
    if call.runtime.profile.version < (7, 0):
        of_get = "    Return top <count> entries from the slowlog (default: 10). Entries are\n    made of:"
    else:
        of_get = "    Return top <count> entries from the slowlog (default: 10, -1 mean all).\n    Entries are made of:"
    return help_text(call, "SLOWLOG", f"""\
GET [<count>]
{of_get}
    id, timestamp, time in microseconds, arguments array, client IP and port,
    client name
LEN
    Return the length of the slowlog.
RESET
    Reset the slowlog.""")  # fmt: skip
