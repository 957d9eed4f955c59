"""When keys expire."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.expiration import moment
from rinspect.engine.commands.propagating import Argv, expiry_of
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, CommandError, Reply, quotable

_SETS = {
    "EXPIRE": ("seconds:number", "EX", "1.0.0", "Sets the expiration time of a key in seconds."),
    "PEXPIRE": ("milliseconds:number", "PX", "2.6.0", "Sets the expiration time of a key in milliseconds."),
    "EXPIREAT": ("unix-time-seconds:unix-time", "EXAT", "1.2.0", "Sets the expiration time of a key to a Unix timestamp."),
    "PEXPIREAT": (
        "unix-time-milliseconds:unix-time", "PXAT", "2.6.0",
        "Sets the expiration time of a key to a Unix milliseconds timestamp.",
    ),
}  # fmt: skip


_OPTIONS = (b"NX", b"XX", b"GT", b"LT")


def expire(call: Call, key: bytes, unit: str, command_name: str, amount: bytes, words: Sequence[bytes]) -> Reply:
    """Give a key an expiry, if the options allow: 1, or 0 if it is not there or they do not."""
    options = {word.upper().decode("latin-1") for word in words}
    for word in words:
        if word.upper() not in _OPTIONS:
            raise CommandError(f"ERR Unsupported option {quotable(word)}")
    if "NX" in options and len(options) > 1:
        raise CommandError("ERR NX and XX, GT or LT options at the same time are not compatible")
    if {"GT", "LT"} <= options:
        raise CommandError("ERR GT and LT options at the same time are not compatible")
    number = parse_int(amount)
    if number is None:
        raise CommandError(NOT_AN_INTEGER)
    when = moment(call, command_name, unit, number)
    if call.db.lookup_write(key) is None:
        return 0
    current = call.db.expiry(key)
    if (
        ("NX" in options and current is not None)
        or ("XX" in options and current is None)
        or ("GT" in options and (current is None or when <= current))
        or ("LT" in options and current is not None and when >= current)
    ):
        return 0
    if when <= call.now and not call.runtime.loading:
        call.db.delete(key, lazily=call.runtime.config.lazyfree_lazy_expire)
    else:
        call.db.expire_at(key, when)
    return 1


def _propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    as_sent = argv[0].upper() == b"PEXPIREAT" and call.db.expiry(argv[1]) is not None
    yield argv if as_sent else expiry_of(call, argv, *argv[3:])


def _declare(name: str) -> None:
    argument, unit, since, summary = _SETS[name]

    def handler(call: Call, key: bytes, amount: bytes, *words: bytes) -> Reply:
        return expire(call, key, unit, name.lower(), amount, words)

    handler.__name__ = name.lower()
    command(
        name, f"key {argument} [condition=NX|XX|GT|LT]@7.0", raw=True,
        group="generic", since=since, flags="write fast", access="RW update", summary=summary, propagated=_propagated,
    )(handler)  # fmt: skip


for _name in _SETS:
    _declare(_name)


@command(
    "PERSIST",
    "key",
    group="generic",
    since="2.2.0",
    flags="write fast",
    access="RW update",
    summary="Removes the expiration time of a key.",
)
def persist(call: Call, key: bytes) -> Reply:
    return int(call.db.lookup_write(key) is not None and call.db.persist(key))


def _expiry(call: Call, key: bytes) -> int:
    """When a key expires; -2 without the key, -1 without an expiry."""
    if call.db.lookup_notouch(key) is None:
        return -2
    when = call.db.expiry(key)
    return -1 if when is None else when


@command(
    "TTL",
    "key",
    group="generic",
    since="1.0.0",
    tips="nondeterministic_output",
    flags="readonly fast",
    access="RO access",
    summary="Returns the expiration time in seconds of a key.",
)
def ttl(call: Call, key: bytes) -> Reply:
    when = _expiry(call, key)
    return when if when < 0 else (max(0, when - call.now) + 500) // 1000


@command(
    "PTTL",
    "key",
    group="generic",
    since="2.6.0",
    tips="nondeterministic_output",
    flags="readonly fast",
    access="RO access",
    summary="Returns the expiration time in milliseconds of a key.",
)
def pttl(call: Call, key: bytes) -> Reply:
    when = _expiry(call, key)
    return when if when < 0 else max(0, when - call.now)


@command(
    "EXPIRETIME",
    "key",
    group="generic",
    since="7.0.0",
    flags="readonly fast",
    access="RO access",
    summary="Returns the expiration time of a key as a Unix timestamp.",
)
def expiretime(call: Call, key: bytes) -> Reply:
    when = _expiry(call, key)
    return when if when < 0 else (when + 500) // 1000


@command(
    "PEXPIRETIME",
    "key",
    group="generic",
    since="7.0.0",
    flags="readonly fast",
    access="RO access",
    summary="Returns the expiration time of a key as a Unix milliseconds timestamp.",
)
def pexpiretime(call: Call, key: bytes) -> Reply:
    return _expiry(call, key)
