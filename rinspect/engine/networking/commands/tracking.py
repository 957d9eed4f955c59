"""Client-side caching: CLIENT TRACKING, CACHING, GETREDIR, TRACKINGINFO."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.networking.client import Client
from rinspect.engine.networking.commands.caller import client_of
from rinspect.engine.networking.tracking import Mode
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, OK, SYNTAX, CommandError, Reply, quotable

_FLAGS = "noscript loading stale"
_SWITCHING = (
    "ERR You can't switch {} mode {}before disabling tracking for this client, and then re-enabling it with a"
    " different mode."
)


def _mode(client: Client) -> Mode | None:
    return client.clients.tracking.modes.get(client)


def _read(client: Client, words: list[bytes]) -> Mode:
    """What the options ask for; CommandError at the first that is wrong."""
    mode = Mode()
    while words:
        word = words.pop(0).upper()
        if word == b"REDIRECT" and words:
            if mode.redirect:
                raise CommandError("ERR A client can only redirect to a single other client")
            number = parse_int(words.pop(0))
            if number is None:
                raise CommandError(NOT_AN_INTEGER)
            if number not in client.clients.by_id:
                raise CommandError("ERR The client ID you want redirect to does not exist")
            mode.redirect = number
        elif word == b"PREFIX" and words:
            mode.prefixes = (*mode.prefixes, words.pop(0))
        elif word == b"BCAST":
            mode.broadcast = True
        elif word == b"OPTIN":
            mode.opt_in = True
        elif word == b"OPTOUT":
            mode.opt_out = True
        elif word == b"NOLOOP":
            mode.no_loop = True
        else:
            raise CommandError(SYNTAX)
    return mode


def _check(mode: Mode, before: Mode | None) -> None:
    """CommandError for options that do not go together, or with what holds already."""
    if mode.prefixes and not mode.broadcast:
        raise CommandError("ERR PREFIX option requires BCAST mode to be enabled")
    if before is not None and before.broadcast != mode.broadcast:
        raise CommandError(_SWITCHING.format("BCAST", "on/off "))
    if mode.broadcast and (mode.opt_in or mode.opt_out):
        raise CommandError("ERR OPTIN and OPTOUT are not compatible with BCAST")
    if mode.opt_in and mode.opt_out:
        raise CommandError("ERR You can't specify both OPTIN mode and OPTOUT mode")
    if before is not None and ((mode.opt_in and before.opt_out) or (mode.opt_out and before.opt_in)):
        raise CommandError(_SWITCHING.format("OPTIN/OPTOUT", ""))
    old = before.prefixes if before is not None else ()
    for at, prefix in enumerate(mode.prefixes):
        for other, what in (
            *((one, "an existing") for one in old),
            *((one, "another provided") for one in mode.prefixes[at + 1 :]),
        ):
            if prefix.startswith(other) or other.startswith(prefix):
                raise CommandError(
                    f"ERR Prefix '{quotable(prefix)}' overlaps with {what} prefix '{quotable(other)}'."
                    " Prefixes for a single client must not overlap."
                )


@command(
    "CLIENT|TRACKING",
    "status=<ON|OFF> [REDIRECT client-id:int] [PREFIX prefix]* [BCAST] [OPTIN] [OPTOUT] [NOLOOP]", raw=True, arity=-3,
    group="connection", since="6.0.0", flags=_FLAGS, acl="connection",
    complexity="O(1). Some options may introduce additional complexity.",
    summary="Controls server-assisted client-side caching for the connection.",
)  # fmt: skip
def tracking(call: Call, status: bytes, *words: bytes) -> Reply:
    client = client_of(call)
    mode = _read(client, list(words))
    if status.upper() == b"ON":
        _check(mode, _mode(client))
        if mode.broadcast and not mode.prefixes:
            mode.prefixes = (b"",)
        client.clients.tracking.enable(client, mode)
    elif status.upper() == b"OFF":
        client.clients.tracking.disable(client)
    else:
        raise CommandError(SYNTAX)
    return OK


@command(
    "CLIENT|CACHING", "mode=<YES|NO>", raw=True,
    group="connection", since="6.0.0", flags=_FLAGS, acl="connection",
    summary="Instructs the server whether to track the keys in the next request.",
)  # fmt: skip
def caching(call: Call, word: bytes) -> Reply:
    mode = _mode(client_of(call))
    if mode is None:
        raise CommandError(
            "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled"
        )
    if word.upper() not in (b"YES", b"NO"):
        raise CommandError(SYNTAX)
    if word.upper() == b"YES" and not mode.opt_in:
        raise CommandError("ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
    if word.upper() == b"NO" and not mode.opt_out:
        raise CommandError("ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")
    mode.caching = True
    return OK


@command(
    "CLIENT|GETREDIR",
    group="connection", since="6.0.0", flags=_FLAGS, acl="connection",
    summary="Returns the client ID to which the connection's tracking notifications are redirected.",
)  # fmt: skip
def getredir(call: Call) -> Reply:
    mode = _mode(client_of(call))
    return -1 if mode is None else mode.redirect


@command(
    "CLIENT|TRACKINGINFO",
    group="connection", since="6.2.0", flags=_FLAGS, acl="connection",
    summary="Returns information about server-assisted client-side caching for the connection.",
)  # fmt: skip
def trackinginfo(call: Call) -> Reply:
    mode = _mode(client_of(call))
    flags: list[Reply] = [b"off" if mode is None else b"on"]
    if mode is not None:
        said = [
            (b"bcast", mode.broadcast), (b"optin", mode.opt_in), (b"caching-yes", mode.opt_in and mode.caching),
            (b"optout", mode.opt_out), (b"caching-no", mode.opt_out and mode.caching), (b"noloop", mode.no_loop),
            (b"broken_redirect", mode.broken),
        ]  # fmt: skip
        flags += [name for name, holds in said if holds]
    prefixes: list[Reply] = [*sorted(mode.prefixes)] if mode is not None else []
    return call.map(
        [(b"flags", call.set(flags)), (b"redirect", -1 if mode is None else mode.redirect), (b"prefixes", prefixes)]
    )
