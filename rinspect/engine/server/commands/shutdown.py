"""SHUTDOWN."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import NO_REPLY, SYNTAX, CommandError, Reply
from rinspect.engine.server.commands.caller import server_of
from rinspect.engine.server.ending import end

FAILED = "ERR Errors trying to SHUTDOWN. Check logs."
_WORDS_BEFORE_7 = frozenset({b"NOSAVE", b"SAVE"})
_WORDS = _WORDS_BEFORE_7 | {b"NOW", b"FORCE", b"ABORT"}


@command(
    "SHUTDOWN", "[save-selector=<NOSAVE|SAVE>] [NOW@7.0] [FORCE@7.0] [ABORT@7.0]", raw=True, arity=-1,
    group="server", since="1.0.0", flags="admin noscript loading stale no_multi allow_busy",
    complexity="O(N) when saving, where N is the total number of keys in all databases when saving data, otherwise O(1)",
    summary="Synchronously saves the database(s) to disk and shuts down the Redis server.",
)  # fmt: skip
def shutdown(call: Call, *words: bytes) -> Reply:
    old = call.runtime.profile.version < (7, 0)
    said = {word.upper() for word in words}
    if said - (_WORDS_BEFORE_7 if old else _WORDS) or (old and len(words) > 1):
        raise CommandError(SYNTAX)
    if (b"ABORT" in said and len(said) > 1) or {b"SAVE", b"NOSAVE"} <= said:
        raise CommandError(SYNTAX)
    if b"ABORT" in said:
        raise CommandError("ERR No shutdown in progress.")
    server = server_of(call)
    if not server.stands_alone:
        raise CommandError("ERR this server is part of a program, and ends with it")
    if not end(server, "User requested shutdown...", frozenset(word.decode().lower() for word in said)):
        raise CommandError(FAILED)
    return NO_REPLY
