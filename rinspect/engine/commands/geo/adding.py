"""GEOADD: the score of a member is the geohash of where it is."""

from __future__ import annotations

from rinspect.engine import geohash
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.geo.request import read_place
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.zset.adding import add
from rinspect.engine.replies import SYNTAX, CommandError, Reply

_OPTIONS = (b"NX", b"XX", b"CH")


@command(
    "GEOADD", "key [condition=NX|XX] [change=CH] data=(longitude:double latitude:double member)...",
    group="geo", since="3.2.0", flags="write denyoom", access="RW update", raw=True,
    complexity="O(log(N)) for each item added, where N is the number of elements in the sorted set.",
    summary="Adds one or more members to a geospatial index. The key is created if it doesn't exist.",
)  # fmt: skip
def geoadd(call: Call, key: bytes, *words: bytes) -> Reply:
    options: frozenset[bytes] = frozenset()
    at = 0
    while at < len(words) and (word := words[at].upper()) in _OPTIONS:
        options |= {word}
        at += 1
    words = words[at:]
    if not words or len(words) % 3 or {b"NX", b"XX"} <= options:
        raise CommandError(SYNTAX)
    places = ((read_place(words[at], words[at + 1]), words[at + 2]) for at in range(0, len(words), 3))
    pairs = [(float(geohash.encode(*place)), member) for place, member in places]
    added, updated = add(call, key, pairs, options - {b"CH"})
    return added + updated if b"CH" in options else added
