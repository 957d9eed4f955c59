"""FUNCTION, as far as it goes without Lua: there are no libraries, and all of them can be listed and deleted."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import OK, Reply


@command(
    "FUNCTION|FLUSH", "[flush-type=ASYNC|SYNC]",
    group="scripting", since="7.0.0", flags="write noscript", acl="scripting",
    tips="request_policy:all_shards response_policy:all_succeeded",
    complexity="O(N) where N is the number of functions deleted", summary="Deletes all libraries and functions.",
)  # fmt: skip
def flush(call: Call, how: str | None = None) -> Reply:
    return OK


@command(
    "FUNCTION|LIST", "[LIBRARYNAME library-name-pattern] [WITHCODE]",
    group="scripting", since="7.0.0", flags="noscript", acl="scripting", tips="nondeterministic_output_order",
    complexity="O(N) where N is the number of functions", summary="Returns information about all libraries.",
)  # fmt: skip
def list_(call: Call, pattern: bytes | None = None, code: bool | None = None) -> Reply:
    return []
