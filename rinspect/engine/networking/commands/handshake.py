"""Getting to know each other: HELLO, AUTH, RESET, QUIT."""

from __future__ import annotations

from rinspect.engine import transactions
from rinspect.engine.acl.users import DEFAULT
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.networking.commands.caller import client_of
from rinspect.engine.networking.commands.identity import check_name
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NO_REPLY, OK, SYNTAX, CommandError, Reply, Status, quotable

NO_PASSWORD = (
    "ERR AUTH <password> called without any password configured for the default user."  # noqa: S105
    " Are you sure your configuration is correct?"
)
NOT_YET = (
    "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO {}AUTH <user> <pass>"
    " option can be used to authenticate the client and select the RESP protocol version at the same time"
)


@command(
    "AUTH", "[username] password", raw=True, arity=-2,
    group="connection", since="1.0.0", flags="noscript loading stale fast no_auth allow_busy", acl="connection",
    complexity="O(N) where N is the number of passwords defined for the user", summary="Authenticates the connection.",
)  # fmt: skip
def auth(call: Call, *words: bytes) -> Reply:
    client = client_of(call)
    if len(words) > 2:
        raise CommandError(SYNTAX)
    access = client.clients.access
    if len(words) == 1 and access.users.default.nopass:
        raise CommandError(NO_PASSWORD)
    access.log_in(client, words[0] if len(words) == 2 else DEFAULT, words[-1])
    return OK


@command(
    "HELLO", "[arguments=(protover:int [auth=(AUTH username password)] [SETNAME clientname])]", raw=True, arity=-1,
    group="connection", since="6.0.0", flags="noscript loading stale fast no_auth allow_busy", acl="connection",
    summary="Handshakes with the Redis server.",
)  # fmt: skip
def hello(call: Call, *words: bytes) -> Reply:
    client, options = client_of(call), list(words)
    version = 0
    if options:
        version = parse_int(options.pop(0)) or 0
        if parse_int(words[0]) is None:
            raise CommandError("ERR Protocol version is not an integer or out of range")
        if version not in (2, 3):
            raise CommandError("NOPROTO unsupported protocol version")
    login: tuple[bytes, bytes] | None = None
    name: bytes | None = None
    while options:
        word = options.pop(0)
        if word.upper() == b"AUTH" and len(options) >= 2:
            login = options.pop(0), options.pop(0)
        elif word.upper() == b"SETNAME" and options:
            name = options.pop(0)
            check_name(name)
        else:
            raise CommandError(f"ERR Syntax error in HELLO option '{quotable(word)}'")
    if login is not None:
        client.clients.access.log_in(client, *login)
    if not client.authenticated:
        raise CommandError(NOT_YET.format("<proto> " if call.runtime.profile.version >= (7, 2) else ""))
    if name is not None:
        client.name = name
    if version:
        client.speak(version)
    return call.map(
        [
            (b"server", b"redis"),
            (b"version", ".".join(map(str, call.runtime.profile.server)).encode()),
            (b"proto", call.resp),
            (b"id", client.id),
            (b"mode", b"standalone"),
            (b"role", b"master"),
            (b"modules", []),
        ]
    )


@command(
    "RESET",
    group="connection", since="6.2.0", flags="noscript loading stale fast no_auth allow_busy", acl="connection",
    summary="Resets the connection.",
)  # fmt: skip
def reset(call: Call) -> Reply:
    client = client_of(call)
    transactions.discard(client)
    client.start_afresh()
    return Status(b"RESET")


@command(
    "QUIT", arity=-1, raw=True,
    group="connection", since="1.0.0", flags="noscript loading stale fast no_auth allow_busy", acl="connection",
    summary="Closes the connection.",
)  # fmt: skip
def quit_(call: Call, *words: bytes) -> Reply:
    client = client_of(call)
    client.reply(OK)
    client.end_after_reply()
    return NO_REPLY
