"""LOLWUT: which version this is, without the art that is the server's own."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, CommandError, Reply


@command(
    "LOLWUT", "[VERSION version:int]", raw=True, arity=-1,
    group="server", since="5.0.0", flags="readonly fast", acl="read", complexity="",
    summary="Displays computer art and the Redis version",
)  # fmt: skip
def lolwut(call: Call, *words: bytes) -> Reply:
    if len(words) > 1 and words[0].upper() == b"VERSION" and parse_int(words[1]) is None:
        raise CommandError(NOT_AN_INTEGER)
    return call.text(f"Redis ver. {'.'.join(map(str, call.runtime.profile.server))}\n")
