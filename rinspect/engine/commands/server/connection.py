"""Signs of life: PING, ECHO, TIME."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import PONG, Reply


@command(
    "PING",
    "[message]",
    group="connection",
    since="1.0.0",
    tips="request_policy:all_shards response_policy:all_succeeded",
    flags="fast",
    acl="connection",
    arity=-1,
    summary="Returns the server's liveliness response.",
    errors={"*": "ERR wrong number of arguments for 'ping' command"},
)
def ping(call: Call, message: bytes | None = None) -> Reply:
    if call.resp == 2 and call.session.subscribes:
        return [b"pong", message or b""]
    return PONG if message is None else message


@command(
    "ECHO",
    "message",
    group="connection",
    since="1.0.0",
    flags="loading stale fast",
    acl="connection",
    summary="Returns the given string.",
)
def echo(call: Call, message: bytes) -> Reply:
    return message


@command(
    "TIME",
    group="server",
    since="2.6.0",
    tips="nondeterministic_output",
    flags="loading stale fast",
    summary="Returns the server time.",
)
def time(call: Call) -> Reply:
    seconds, microseconds = divmod(call.runtime.clock(), 1_000_000)
    return [b"%d" % seconds, b"%d" % microseconds]
