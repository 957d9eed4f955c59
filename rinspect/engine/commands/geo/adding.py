"""GEOADD: the score of a member is the geohash of where it is."""

from __future__ import annotations

from collections.abc import Iterable

from rinspect.engine import geohash
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.geo.request import read_place
from rinspect.engine.commands.propagating import Argv
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.zset.adding import add
from rinspect.engine.replies import SYNTAX, CommandError, Reply

_OPTIONS = (b"NX", b"XX", b"CH")


def _split(words: Argv) -> tuple[frozenset[bytes], Argv]:
    """The options, and the words behind them."""
    at = 0
    while at < len(words) and words[at].upper() in _OPTIONS:
        at += 1
    return frozenset(word.upper() for word in words[:at]), words[at:]


def _scored(words: Argv) -> Iterable[tuple[int, bytes]]:
    """Geohash and member, from longitude, latitude and member in turn."""
    for at in range(0, len(words), 3):
        yield geohash.encode(*read_place(words[at], words[at + 1])), words[at + 2]


def _propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    """The sorted set: another machine might place a member otherwise."""
    _, places = _split(argv[2:])
    pairs = [word for score, member in _scored(places) for word in (b"%d" % score, member)]
    yield (b"zadd", *argv[1 : len(argv) - len(places)], *pairs)


@command(
    "GEOADD", "key [condition=NX|XX] [change=CH] data=(longitude:double latitude:double member)...",
    group="geo", since="3.2.0", flags="write denyoom", access="RW update", raw=True,
    complexity="O(log(N)) for each item added, where N is the number of elements in the sorted set.",
    summary="Adds one or more members to a geospatial index. The key is created if it doesn't exist.",
    propagated=_propagated,
)  # fmt: skip
def geoadd(call: Call, key: bytes, *words: bytes) -> Reply:
    options, places = _split(words)
    if not places or len(places) % 3 or {b"NX", b"XX"} <= options:
        raise CommandError(SYNTAX)
    pairs = [(float(score), member) for score, member in _scored(places)]
    added, updated = add(call, key, pairs, options - {b"CH"})
    return added + updated if b"CH" in options else added
