"""Who is connected: CLIENT ID, INFO, LIST, GETNAME, SETNAME, SETINFO."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.helptext import help_text
from rinspect.engine.commands.registry import command
from rinspect.engine.networking.commands.caller import client_of
from rinspect.engine.networking.commands.clienthelp import client_help
from rinspect.engine.networking.description import description
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import OK, SYNTAX, CommandError, Reply, Verbatim, quotable

KINDS = {b"NORMAL": "normal", b"SLAVE": "replica", b"REPLICA": "replica", b"PUBSUB": "pubsub", b"MASTER": "master"}
_FLAGS = "noscript loading stale"


def check_name(name: bytes, what: str = "Client names") -> None:
    """CommandError for a name that would break the lines of CLIENT LIST."""
    if not all(33 <= byte <= 126 for byte in name):
        raise CommandError(f"ERR {what} cannot contain spaces, newlines or special characters.")


def kind_named(word: bytes) -> str:
    """The kind of client that a word names; CommandError if none."""
    kind = KINDS.get(word.upper())
    if kind is None:
        raise CommandError(f"ERR Unknown client type '{quotable(word)}'")
    return kind


def _text(call: Call, text: str) -> Reply:
    data = text.encode("latin-1", "replace")
    return data if call.resp == 2 else Verbatim(data)


@command(
    "CLIENT|ID",
    group="connection", since="5.0.0", flags=_FLAGS, acl="connection",
    summary="Returns the unique client ID of the connection.",
)  # fmt: skip
def id_(call: Call) -> Reply:
    return call.session.id


@command(
    "CLIENT|INFO",
    group="connection", since="6.2.0", flags=_FLAGS, acl="connection", tips="nondeterministic_output",
    summary="Returns information about the connection.",
)  # fmt: skip
def info(call: Call) -> Reply:
    return _text(call, description(client_of(call)) + "\n")


@command(
    "CLIENT|LIST", "[TYPE client-type=<NORMAL|MASTER|REPLICA|PUBSUB>] [ID client-id:int...]", raw=True,
    group="connection", since="2.4.0", flags="admin noscript loading stale", acl="connection",
    tips="nondeterministic_output", complexity="O(N) where N is the number of client connections",
    summary="Lists open connections.",
)  # fmt: skip
def list_(call: Call, *words: bytes) -> Reply:
    everybody = client_of(call).clients.by_id
    chosen = list(everybody.values())
    first = words[0].upper() if words else b""
    if len(words) == 2 and first == b"TYPE":
        kind = kind_named(words[1])
        chosen = [client for client in chosen if client.kind == kind]
    elif len(words) > 1 and first == b"ID":
        numbers = [parse_int(word) for word in words[1:]]
        if None in numbers:
            raise CommandError("ERR Invalid client ID")
        chosen = [everybody[number] for number in numbers if number in everybody]
    elif words:
        raise CommandError(SYNTAX)
    return _text(call, "".join(description(client) + "\n" for client in chosen))


@command(
    "CLIENT|GETNAME",
    group="connection", since="2.6.9", flags=_FLAGS, acl="connection", summary="Returns the name of the connection.",
)  # fmt: skip
def getname(call: Call) -> Reply:
    return client_of(call).name or None


@command(
    "CLIENT|SETNAME", "connection-name",
    group="connection", since="2.6.9", flags=_FLAGS, acl="connection",
    tips="request_policy:all_nodes response_policy:all_succeeded", summary="Sets the connection name.",
)  # fmt: skip
def setname(call: Call, name: bytes) -> Reply:
    check_name(name)
    client_of(call).name = name
    return OK


@command(
    "CLIENT|SETINFO", "attr=<LIB-NAME libname|LIB-VER libver>", raw=True,
    group="connection", since="7.2.0", flags=_FLAGS, acl="connection",
    tips="request_policy:all_nodes response_policy:all_succeeded",
    summary="Sets information specific to the client or connection.",
)  # fmt: skip
def setinfo(call: Call, attribute: bytes, value: bytes) -> Reply:
    client, wanted = client_of(call), attribute.upper()
    if wanted not in (b"LIB-NAME", b"LIB-VER"):
        raise CommandError(f"ERR Unrecognized option '{quotable(attribute)}'")
    check_name(value, quotable(attribute))
    if wanted == b"LIB-NAME":
        client.lib_name = value
    else:
        client.lib_ver = value
    return OK


@command(
    "CLIENT|HELP",
    group="connection", since="5.0.0", flags="loading stale", acl="connection",
    summary="Returns helpful text about the different subcommands.",
)  # fmt: skip
def help_(call: Call) -> Reply:
    return help_text(call, "CLIENT", client_help(call.runtime.profile.version))
