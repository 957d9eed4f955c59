"""Keyspace notifications: what happens to keys, published as messages.

For each event two messages may be sent: to `__keyspace@0__:key` the event's name, to `__keyevent@0__:event` the key. Which
events, says `notify-keyspace-events` by letters: g generic, $ strings, l lists, s sets, h hashes, z sorted sets, x expired,
t streams, e evicted, m misses, n new; K and E say which of the two messages.

An event follows from the command and from which keys it wrote to, so that no command needs to know of all this: what was
written is noted while the command runs, and told when it has run. A key that is gone afterwards is told as deleted. Only
what happens to streams does not follow from the command: a consumer may come when it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from rinspect.engine.commands.registry import Command
from rinspect.engine.engine import Engine
from rinspect.engine.events import Event, KeyCreated, KeyEvicted, KeyExpired, KeyMissed, StreamChanged
from rinspect.engine.keyspace import Database
from rinspect.engine.numbers import parse_int
from rinspect.engine.session import Session

Publish = Callable[[bytes, bytes], object]
"""Called with a channel and a message."""
Named = tuple[str, str]
"""The letter of an event's class, and its name."""

_CLASSES = "g$lshzxetmnd"

_OWN_NAMES = {
    "$": "SETRANGE APPEND INCRBYFLOAT SETBIT",
    "l": "LPUSH RPUSH LINSERT LSET LTRIM LREM LPOP RPOP",
    "s": "SADD SREM SPOP",
    "z": "ZADD ZREM ZPOPMIN ZPOPMAX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREMRANGEBYLEX",
    "h": "HINCRBY HINCRBYFLOAT HDEL HPERSIST",
    "g": "DEL PERSIST RESTORE",
}
"""Commands whose events are called as they are."""

_EVENTS: dict[str, Named] = {
    **{name: (letter, name.lower()) for letter, names in _OWN_NAMES.items() for name in names.split()},
    **dict.fromkeys(["SET", "GETSET", "SETNX", "SETEX", "PSETEX", "MSET", "MSETNX"], ("$", "set")),
    **dict.fromkeys(["INCR", "DECR", "INCRBY", "DECRBY"], ("$", "incrby")),
    **dict.fromkeys(["HSET", "HMSET", "HSETNX", "HSETEX"], ("h", "hset")),
    **dict.fromkeys(["HEXPIRE", "HPEXPIRE", "HEXPIREAT", "HPEXPIREAT"], ("h", "hexpire")),
    "BITFIELD": ("$", "setbit"), "HGETDEL": ("h", "hdel"), "UNLINK": ("g", "del"), "GETDEL": ("g", "del"),
    "PFADD": ("$", "pfadd"), "PFMERGE": ("$", "pfadd"),
    "LPUSHX": ("l", "lpush"), "RPUSHX": ("l", "rpush"), "BLPOP": ("l", "lpop"), "BRPOP": ("l", "rpop"),
    "ZINCRBY": ("z", "zincr"), "GEOADD": ("z", "zadd"), "BZPOPMIN": ("z", "zpopmin"), "BZPOPMAX": ("z", "zpopmax"),
}  # fmt: skip

_STORING: dict[str, Named] = {
    **{name: ("s", name.lower()) for name in ["SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"]},
    **{name: ("z", name.lower()) for name in ["ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE", "ZRANGESTORE", "GEOSEARCHSTORE"]},
    "GEORADIUS": ("z", "georadiusstore"), "GEORADIUSBYMEMBER": ("z", "georadiusstore"),
    "SORT": ("l", "sortstore"), "BITOP": ("$", "set"),
}  # fmt: skip
"""Commands that store a result: an empty one only deletes what was there."""

_EXPIRING = frozenset(["EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT"])
_GONE: Named = ("g", "del")


_FIELD_TIMES = {
    "HEXPIRE": b"EX", "HPEXPIRE": b"PX", "HEXPIREAT": b"EXAT", "HPEXPIREAT": b"PXAT", "HGETEX": b"", "HSETEX": b"",
}  # fmt: skip
"""Commands that give fields a time, with what their third word is; the others say so."""


def _deletes_fields(name: str, argv: Sequence[bytes], now: int) -> bool:
    """Whether the time that a command gives to fields is past, so that it deletes them."""
    unit, amount = _FIELD_TIMES[name], argv[2]
    for word, following in pairwise(argv[2:]):
        if unit or word.upper() == b"FIELDS":
            break
        if word.upper() in (b"EX", b"PX", b"EXAT", b"PXAT"):
            unit, amount = word.upper(), following
    number = parse_int(amount)
    if not unit or number is None:
        return False
    return number * (1000 if unit in (b"EX", b"EXAT") else 1) + (0 if unit.endswith(b"AT") else now) <= now


def events_of(command: Command, argv: Sequence[bytes], key: bytes, *, gone: bool, now: int) -> Iterator[Named]:
    """What a command that wrote to `key` did to it, in order. `gone`: the key is not there any more; `now`: milliseconds
    since 1970."""
    name, words = command.name, {word.upper() for word in argv[1:]}
    if name in _STORING or name in _EXPIRING or name == "GETEX":
        if gone:
            yield _GONE
        elif name in _STORING:
            yield _STORING[name]
        else:
            yield ("g", "persist" if b"PERSIST" in words and name == "GETEX" else "expire")
        return
    if name in ("RENAME", "RENAMENX"):
        yield ("g", "rename_from" if gone else "rename_to")
        return
    if name == "COPY":
        yield ("g", "copy_to")
        return
    if name == "MOVE":
        yield ("g", "move_from" if gone else "move_to")
        return
    found = _event(name, argv, key, words)
    if name in _FIELD_TIMES and _deletes_fields(name, argv, now):
        found = [("h", "hset"), ("h", "hdel")] if name == "HSETEX" else [("h", "hdel")]
        words = set()
    yield from found
    if name in ("SETEX", "PSETEX") or (name == "SET" and words & {b"EX", b"PX", b"EXAT", b"PXAT"}):
        yield ("g", "expire")
    if name == "HSETEX" and words & {b"EX", b"PX", b"EXAT", b"PXAT"}:
        yield ("h", "hexpire")
    if gone and _GONE not in found:
        yield _GONE


def _event(name: str, argv: Sequence[bytes], key: bytes, words: set[bytes]) -> list[Named]:
    if name in ("LMOVE", "BLMOVE", "RPOPLPUSH", "BRPOPLPUSH"):
        sides = [word.upper() for word in argv[3:5]] if "LMOVE" in name else [b"RIGHT", b"LEFT"]
        pushed, popped = _side(sides[1], "push"), _side(sides[0], "pop")
        return [*([pushed] if key == argv[2] else []), *([popped] if key == argv[1] else [])]
    if name in ("LMPOP", "BLMPOP"):
        return [_side(b"LEFT" if b"LEFT" in words else b"RIGHT", "pop")]
    if name in ("ZMPOP", "BZMPOP"):
        return [("z", "zpopmin" if b"MIN" in words else "zpopmax")]
    if name == "SMOVE":
        return [("s", "srem" if key == argv[1] else "sadd")]
    if name == "ZADD" and b"INCR" in words:
        return [("z", "zincr")]
    if name == "HGETEX":
        return [("h", "hpersist" if b"PERSIST" in words else "hexpire")]
    found = _EVENTS.get(name)
    return [] if found is None else [found]


def _side(side: bytes, what: str) -> Named:
    return ("l", ("l" if side == b"LEFT" else "r") + what)


class Notifications:
    """Publishes what happens, as the settings want it; where they want nothing, nothing is looked at."""

    def __init__(self, engine: Engine, publish: Publish) -> None:
        self._engine = engine
        self._publish = publish
        self._letters = ""
        self._written: dict[tuple[Database, bytes], None] = {}
        engine.runtime.config.on_change("notify-keyspace-events", self.heed_settings)
        engine.witnesses.append(self._told_of_command)

    def heed_settings(self) -> None:
        """Begin or cease to notify."""
        before, self._letters = self._letters, self._engine.runtime.config.notify_keyspace_events
        was, now = _active(before), _active(self._letters)
        if now and not was:
            self._engine.keyspace.listen(self._note)
            self._engine.observe(self._told)
        elif was and not now:
            self._engine.keyspace.unlisten(self._note)
            self._engine.unobserve(self._told)
        self._engine.runtime.guard("notifications", on=now)

    def _note(self, db: Database, key: bytes) -> None:
        self._written[db, key] = None

    def _told(self, event: Event) -> None:
        """What has no command of its own."""
        if isinstance(event, KeyExpired):
            self._written.pop((self._engine.keyspace[event.db], event.key), None)
            self._send("x", "expired", event.db, event.key)
        elif isinstance(event, KeyEvicted):
            self._written.pop((self._engine.keyspace[event.db], event.key), None)
            self._send("e", "evicted", event.db, event.key)
        elif isinstance(event, KeyCreated):
            self._send("n", "new", event.db, event.key)
        elif isinstance(event, StreamChanged):
            self._send("t", event.what, event.db, event.key)
        elif isinstance(event, KeyMissed):
            self._send("m", "keymiss", event.db, event.key)

    def _told_of_command(self, session: Session, command: Command, argv: Sequence[bytes]) -> None:
        if not self._written:
            return
        written, self._written = self._written, {}
        places = list(written)
        if command.name in ("RENAME", "RENAMENX"):
            places.sort(key=lambda place: place[1] != argv[1])  # what it overwrites was written to first
        for db, key in places:
            gone = key not in db.table.index
            for letter, name in events_of(command, argv, key, gone=gone, now=self._engine.runtime.now):
                self._send(letter, name, db.number, key)

    def _send(self, letter: str, name: str, db: int, key: bytes) -> None:
        if letter not in self._letters:
            return
        event = name.encode()
        if "K" in self._letters:
            self._publish(b"__keyspace@%d__:%b" % (db, key), event)
        if "E" in self._letters:
            self._publish(b"__keyevent@%d__:%b" % (db, event), key)


def _active(letters: str) -> bool:
    return ("K" in letters or "E" in letters) and any(letter in letters for letter in _CLASSES)
