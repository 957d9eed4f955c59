"""ACL LOG: what was refused lately."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.networking.acl_log import Entry
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, OK, CommandError, Reply
from rinspect.engine.server.commands.acl.listing import ADMIN, wrong_number
from rinspect.engine.server.commands.caller import server_of

DEFAULT_COUNT = 10


@command(
    "ACL|LOG", "[operation=<count:int|RESET>]", raw=True, arity=-2, group="server", since="6.0.0", flags=ADMIN,
    complexity="O(N) with N being the number of entries shown.",
    summary="Lists recent security events generated due to ACL rules.",
)  # fmt: skip
def log(call: Call, *words: bytes) -> Reply:
    if len(words) > 1:
        raise wrong_number(call)
    entries = server_of(call).clients.access.log.entries
    if words and words[0].upper() == b"RESET":
        entries.clear()
        return OK
    count = parse_int(words[0]) if words else DEFAULT_COUNT
    if count is None:
        raise CommandError(NOT_AN_INTEGER)
    return [_shown(call, entry) for entry in list(entries)[: max(0, count)]]


def _shown(call: Call, entry: Entry) -> Reply:
    pairs: list[tuple[Reply, Reply]] = [
        (b"count", entry.count),
        (b"reason", entry.reason.encode()),
        (b"context", entry.context.encode()),
        (b"object", entry.object),
        (b"username", entry.username),
        (b"age-seconds", call.double((call.now - entry.updated) / 1000)),
        (b"client-info", entry.client.encode("latin-1", "replace")),
    ]
    if call.runtime.profile.version >= (7, 2):
        pairs += [
            (b"entry-id", entry.id),
            (b"timestamp-created", entry.created),
            (b"timestamp-last-updated", entry.updated),
        ]
    return call.map(pairs)
