"""What one client may do to others, and to itself: CLIENT KILL, UNBLOCK, PAUSE, UNPAUSE, REPLY, NO-EVICT, NO-TOUCH."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.engine import Engine
from rinspect.engine.networking.client import Client
from rinspect.engine.networking.commands.caller import client_of
from rinspect.engine.networking.commands.identity import kind_named
from rinspect.engine.numbers import INT64_MAX, parse_int
from rinspect.engine.replies import NO_REPLY, NOT_AN_INTEGER, OK, SYNTAX, CommandError, Reply, quotable

_FLAGS = "noscript loading stale"
_ADMIN = "admin noscript loading stale"
_FILTERS = (
    "ID client-id:int|TYPE client-type=<NORMAL|MASTER|SLAVE|REPLICA|PUBSUB>|USER username|ADDR addr"
    "|LADDR laddr|SKIPME skipme=<YES|NO>|MAXAGE maxage:int@7.4"
)


class _Filter:
    """Which clients CLIENT KILL means."""

    def __init__(self, words: tuple[bytes, ...], engine: Engine) -> None:
        self._wanted: dict[str, object] = {}
        self._version = engine.profile.version
        self._users = engine.users
        self._least_age = 0
        self.skip_me = True
        if len(words) % 2:
            raise CommandError(SYNTAX)
        for name, value in zip(words[::2], words[1::2], strict=True):
            self._read(name.upper(), value)

    def _read(self, name: bytes, value: bytes) -> None:
        text = value.decode("latin-1")
        if name == b"ID":
            number = parse_int(value)
            if number is None and self._version < (7, 0):
                raise CommandError(NOT_AN_INTEGER)
            if number is None or number < 1:
                raise CommandError("ERR client-id should be greater than 0")
            self._wanted["id"] = number
        elif name == b"TYPE":
            self._wanted["kind"] = kind_named(value)
        elif name == b"ADDR":
            self._wanted["address"] = text
        elif name == b"LADDR":
            self._wanted["local_address"] = text
        elif name == b"USER":
            self._wanted["user"] = self._users.find(value)
            if self._wanted["user"] is None:
                raise CommandError(f"ERR No such user '{quotable(value)}'")
        elif name == b"MAXAGE" and self._version >= (7, 4):
            age = parse_int(value)
            if age is None:
                raise CommandError("ERR maxage is not an integer or out of range")
            if age <= 0:
                raise CommandError("ERR maxage should be greater than 0")
            self._least_age = age
        elif name == b"SKIPME" and value.upper() in (b"YES", b"NO"):
            self.skip_me = value.upper() == b"YES"
        else:
            raise CommandError(SYNTAX)

    def fits(self, client: Client) -> bool:
        if client.age < self._least_age:
            return False
        return all(getattr(client, name) == value for name, value in self._wanted.items())


@command(
    "CLIENT|KILL", f"filter=<old-format|new-format=<{_FILTERS}>...>", raw=True, arity=-3,
    group="connection", since="2.4.0", flags=_ADMIN, acl="connection",
    complexity="O(N) where N is the number of client connections", summary="Terminates open connections.",
)  # fmt: skip
def kill(call: Call, *words: bytes) -> Reply:
    client = client_of(call)
    old_form = len(words) == 1
    chosen = _Filter((b"ADDR", words[0]) if old_form else words, client.engine)
    killed = 0
    for other in list(client.clients.by_id.values()):
        if not chosen.fits(other) or (other is client and chosen.skip_me and not old_form):
            continue
        killed += 1
        if other is not client:
            client.clients.free(other)
        else:
            client.ends_with_reply = True
            client.stop()
    if not old_form:
        return killed
    if not killed:
        raise CommandError("ERR No such client")
    return OK


@command(
    "CLIENT|UNBLOCK", "client-id:int [unblock-type=<TIMEOUT|ERROR>]", raw=True,
    group="connection", since="5.0.0", flags=_ADMIN, acl="connection",
    complexity="O(log N) where N is the number of client connections",
    summary="Unblocks a client blocked by a blocking command from a different connection.",
)  # fmt: skip
def unblock(call: Call, number: bytes, reason: bytes = b"TIMEOUT", *more: bytes) -> Reply:
    clients = client_of(call).clients
    if more:
        raise CommandError(SYNTAX)
    if reason.upper() not in (b"TIMEOUT", b"ERROR"):
        raise CommandError("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
    wanted = parse_int(number)
    if wanted is None:
        raise CommandError(NOT_AN_INTEGER)
    target = clients.by_id.get(wanted)
    if target is None or target.blocked is None or target.blocked.why == "postponed":
        return 0
    if reason.upper() == b"ERROR":
        clients.blocked.release(target, CommandError("UNBLOCKED client unblocked via CLIENT UNBLOCK"))
    else:
        clients.blocked.release(target, target.blocked.nothing)
    return 1


@command(
    "CLIENT|PAUSE", "timeout:int [mode=WRITE|ALL@6.2]", raw=True,
    group="connection", since="3.0.0", flags=_ADMIN, acl="connection", summary="Suspends commands processing.",
)  # fmt: skip
def pause(call: Call, timeout: bytes, mode: bytes = b"ALL", *more: bytes) -> Reply:
    if more:
        raise CommandError(SYNTAX)
    if mode.upper() not in (b"WRITE", b"ALL"):
        raise CommandError("ERR CLIENT PAUSE mode must be WRITE or ALL")
    milliseconds = parse_int(timeout)
    if milliseconds is None:
        raise CommandError("ERR timeout is not an integer or out of range")
    if milliseconds < 0:
        raise CommandError("ERR timeout is negative")
    if milliseconds > INT64_MAX - call.now:
        raise CommandError("ERR timeout is out of range")
    client_of(call).clients.pause.begin(call.now + milliseconds, writes_only=mode.upper() == b"WRITE")
    return OK


@command(
    "CLIENT|UNPAUSE",
    group="connection", since="6.2.0", flags=_ADMIN, acl="connection",
    complexity="O(N) Where N is the number of paused clients", summary="Resumes processing commands from paused clients.",
)  # fmt: skip
def unpause(call: Call) -> Reply:
    client_of(call).clients.pause.end()
    return OK


def _on(word: bytes) -> bool:
    if word.upper() not in (b"ON", b"OFF"):
        raise CommandError(SYNTAX)
    return word.upper() == b"ON"


@command(
    "CLIENT|REPLY", "action=<ON|OFF|SKIP>", raw=True,
    group="connection", since="3.2.0", flags=_FLAGS, acl="connection",
    summary="Instructs the server whether to reply to commands.",
)  # fmt: skip
def reply(call: Call, action: bytes) -> Reply:
    client = client_of(call)
    if action.upper() == b"SKIP":
        client.skip_next_reply()
        return NO_REPLY
    client.mute(not _on(action))
    return NO_REPLY if client.muted else OK


@command(
    "CLIENT|NO-EVICT", "enabled=<ON|OFF>", raw=True,
    group="connection", since="7.0.0", flags=_ADMIN, acl="connection",
    summary="Sets the client eviction mode of the connection.",
)  # fmt: skip
def no_evict(call: Call, enabled: bytes) -> Reply:
    client_of(call).no_evict = _on(enabled)
    return OK


@command(
    "CLIENT|NO-TOUCH", "enabled=<ON|OFF>", raw=True,
    group="connection", since="7.2.0", flags=_FLAGS, acl="connection",
    summary="Controls whether commands sent by the client affect the LRU/LFU of accessed keys.",
)  # fmt: skip
def no_touch(call: Call, enabled: bytes) -> Reply:
    client = client_of(call)
    client.no_touch = _on(enabled)
    client.guard("no-touch", on=client.no_touch)
    return OK
