"""MIGRATE: keys go to another server. They are restored there, and deleted here when the answer has come.

    here  ─▶  [AUTH …] [SELECT db] RESTORE key ttl payload [REPLACE] …        all at once
    here  ◀─  +OK …                                                           a line for each

Meanwhile nobody else is served.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rinspect.engine import payload
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.keyspecs import MIGRATE_OPTIONS
from rinspect.engine.commands.propagating import said_itself
from rinspect.engine.commands.registry import command
from rinspect.engine.networking.resp import ENCODERS
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, OK, SYNTAX, CommandError, Reply, Status, quotable
from rinspect.engine.server.commands.caller import server_of
from rinspect.engine.server.targets import UNKNOWN_DB, Target

DEFAULT_TIMEOUT = 1000
"""Milliseconds, where none is given."""
KEYS_TWICE = "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string"


@dataclass(slots=True)
class Options:
    copy: bool = False
    replace: bool = False
    credentials: tuple[bytes, ...] = ()
    keys: Sequence[bytes] = field(default_factory=list)


@command(
    "MIGRATE",
    "host port:int key-selector=<key|empty-string:token> destination-db:int timeout:int [COPY] [REPLACE]"
    " [authentication=AUTH auth|auth2=(AUTH2 username password)] [KEYS keys:key...]",
    group="generic", since="2.6.0", flags="write movablekeys", acl="dangerous", raw=True,
    access="RW access delete;RW access delete incomplete", tips="nondeterministic_output",
    complexity="This command actually executes a DUMP+DEL in the source instance, and a RESTORE in the target instance. See"
    " the pages of these commands for time complexity. Also an O(N) data transfer between the two instances is performed.",
    summary="Atomically transfers a key from one Redis instance to another.",
    propagated=said_itself,
)  # fmt: skip
def migrate(call: Call, host: bytes, port: bytes, key: bytes, db: bytes, timeout: bytes, *words: bytes) -> Reply:
    options = _options(key, words)
    milliseconds, number = parse_int(timeout), parse_int(db)
    if milliseconds is None or number is None:
        raise CommandError(NOT_AN_INTEGER)
    options.keys = [one for one in options.keys if call.db.lookup(one) is not None]
    if not options.keys:
        return Status(b"NOKEY")
    return _transferred(call, host, port, number, milliseconds if milliseconds > 0 else DEFAULT_TIMEOUT, options)


def _options(key: bytes, words: Sequence[bytes]) -> Options:
    options = Options(keys=[key])
    at = 0
    while at < len(words):
        option = words[at].upper()
        at += 1
        if option == b"KEYS":
            if key:
                raise CommandError(KEYS_TWICE)
            options.keys = words[at:]
            break
        follow = MIGRATE_OPTIONS.get(option)
        if follow is None or at + follow > len(words):
            raise CommandError(SYNTAX)
        if option == b"COPY":
            options.copy = True
        elif option == b"REPLACE":
            options.replace = True
        elif option == b"AUTH":
            # A user's name that was given before stays.
            options.credentials = (*options.credentials[:-1], words[at])
        else:
            options.credentials = tuple(words[at : at + follow])
        at += follow
    return options


class _Broken(Exception):
    """The connection broke, or nothing came in time; the text says what was being done."""

    def __init__(self, doing: str, error: OSError, answered: int = 0, refusal: CommandError | None = None) -> None:
        """`answered`: how many keys had been answered for; `refusal` is the first answer that was an error."""
        super().__init__(doing)
        self.worth_a_retry = not answered and not isinstance(error, TimeoutError)
        self.refusal = refusal


def _transferred(call: Call, host: bytes, port: bytes, db: int, timeout: int, options: Options) -> Reply:
    """Send the keys, which must be there; CommandError if that fails.

    A connection that was kept may have been closed by the other side since: then all is tried once more, but not after a
    timeout, nor once a key has been answered for.
    """
    targets = server_of(call).targets
    retries = 1
    while True:
        try:
            target = targets.get(host, port, timeout)
        except OSError:
            raise CommandError("IOERR error or timeout connecting to the client") from None
        try:
            refusal = _send(call, target, db, timeout, options)
        except _Broken as broken:
            targets.close(host, port)
            if broken.refusal is not None:
                return broken.refusal
            if not (retries and broken.worth_a_retry):
                raise CommandError(f"IOERR error or timeout {broken} to target instance") from None
            retries -= 1
            continue
        target.last_db = db if refusal is None else UNKNOWN_DB
        return OK if refusal is None else refusal


def _send(call: Call, target: Target, db: int, timeout: int, options: Options) -> CommandError | None:
    """Send all at once, then read a line for each, and delete the keys that have arrived; the first refusal, if any.

    Raises _Broken.
    """
    before = [[b"AUTH", *options.credentials]] if options.credentials else []
    if target.last_db != db:
        before.append([b"SELECT", b"%d" % db])
    restoring = [_restore(call, key, options) for key in options.keys]
    try:
        target.write(b"".join(_request(words) for words in (*before, *restoring)), timeout)
    except OSError as error:
        raise _Broken("writing", error) from None
    try:
        greeted = [target.read_line(timeout) for _ in before]
    except OSError as error:
        raise _Broken("reading", error) from None
    # Without a login, or in another database, nothing that was restored counts.
    void = first = next((found for line in greeted if (found := _refusal(line)) is not None), None)
    moved: list[bytes] = []
    try:
        for number, key in enumerate(options.keys):
            try:
                line = target.read_line(timeout)
            except OSError as error:
                raise _Broken("reading", error, number, first) from None
            refused = void or _refusal(line)
            first = first or refused
            if refused is None and not options.copy:
                call.db.delete(key)
                moved.append(key)
    finally:
        if moved:
            call.also_propagate(b"DEL", *moved)
    return first


def _restore(call: Call, key: bytes, options: Options) -> list[bytes]:
    value, when = call.db.peek(key), call.db.expiry(key)
    assert value is not None
    ttl = 0 if when is None else max(1, when - call.now)
    return [b"RESTORE", key, b"%d" % ttl, payload.dump(value), *([b"REPLACE"] if options.replace else [])]


def _request(words: Sequence[bytes]) -> bytes:
    return ENCODERS[2].encode(list(words))


def _refusal(line: bytes) -> CommandError | None:
    """What a reply says if it is an error."""
    if not line.startswith(b"-"):
        return None
    return CommandError(f"ERR Target instance replied with error: {quotable(line[1:])}")
