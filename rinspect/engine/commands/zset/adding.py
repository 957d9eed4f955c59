"""ZADD and ZINCRBY: members come, scores change."""

from __future__ import annotations

from math import isnan

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import parse_double
from rinspect.engine.replies import NOT_A_FLOAT, SYNTAX, CommandError, Reply
from rinspect.engine.values.zset import ZsetValue

NX_AND_XX = "ERR XX and NX options at the same time are not compatible"
GT_LT_NX = "ERR GT, LT, and/or NX options at the same time are not compatible"
ONE_INCREMENT = "ERR INCR option supports a single increment-element pair"
NOT_A_NUMBER = "ERR resulting score is not a number (NaN)"

_OPTIONS = frozenset((b"NX", b"XX", b"GT", b"LT", b"CH", b"INCR"))
_NONE: frozenset[bytes] = frozenset()


@command(
    "ZADD", "key [condition=NX|XX] [comparison=GT|LT] [change=CH] [increment=INCR] data=(score:double member)...",
    group="sorted-set", since="1.2.0", flags="write denyoom fast", access="RW update", raw=True,
    complexity="O(log(N)) for each item added, where N is the number of elements in the sorted set.",
    summary="Adds one or more members to a sorted set, or updates their scores. Creates the key if it doesn't exist.",
)  # fmt: skip
def zadd(call: Call, key: bytes, *words: bytes) -> Reply:
    if len(words) != 2 or (score := parse_double(words[0])) is None:
        return _zadd(call, key, words, _NONE)
    # What `add` does, for one member without options: most that come are these.
    db, member = call.db, words[1]
    value = db.find_write(key, ZsetValue)
    if value is None:
        return add(call, key, [(score, member)])[0]
    before = value.assign(score, member)
    if before == score:
        return 0
    db.changed(key)
    return 1 if before is None else 0


@command(
    "ZINCRBY", "key increment:double member",
    group="sorted-set", since="1.2.0", flags="write denyoom fast", access="RW access update", raw=True,
    complexity="O(log(N)) where N is the number of elements in the sorted set.",
    summary="Increments the score of a member in a sorted set.",
)  # fmt: skip
def zincrby(call: Call, key: bytes, *words: bytes) -> Reply:
    return _zadd(call, key, words, frozenset((b"INCR",)))


def _zadd(call: Call, key: bytes, words: tuple[bytes, ...], options: frozenset[bytes]) -> Reply:
    """Both commands are one: ZINCRBY is ZADD … INCR, and would even take the other's options."""
    at = 0
    while at < len(words) and (word := words[at].upper()) in _OPTIONS:
        options |= {word}
        at += 1
    words = words[at:]
    if len(words) % 2 or not words:
        raise CommandError(SYNTAX)
    if {b"NX", b"XX"} <= options:
        raise CommandError(NX_AND_XX)
    if len(options & {b"NX", b"GT", b"LT"}) > 1:
        raise CommandError(GT_LT_NX)
    if b"INCR" in options and len(words) > 2:
        raise CommandError(ONE_INCREMENT)
    pairs: list[tuple[float, bytes]] = []
    for at in range(0, len(words), 2):
        score = parse_double(words[at])
        if score is None:
            raise CommandError(NOT_A_FLOAT)
        pairs.append((score, words[at + 1]))
    if b"INCR" in options:
        return _increment(call, key, *pairs[0], options)
    added, updated = add(call, key, pairs, options)
    return added + updated if b"CH" in options else added


def add(call: Call, key: bytes, pairs: list[tuple[float, bytes]], options: frozenset[bytes] = _NONE) -> tuple[int, int]:
    """Add members with their scores, in order; how many were new and how many have another score now."""
    value = call.db.find_write(key, ZsetValue)
    new = value is None
    if value is None:
        if b"XX" in options:
            return 0, 0
        value = ZsetValue.starting_with(call.runtime, len(pairs[0][1]), len(pairs))
    elif len(pairs) > 1:
        value.expect(len(pairs))
    added = updated = 0
    for score, member in pairs:
        current = value.score(member)
        if current is None:
            if b"XX" not in options:
                value.insert(score, member)
                added += 1
        elif score != current and (not options or _allowed(options, current, score)):
            value.update(member, score)
            updated += 1
    if new:
        call.db.put(key, value)
    elif added or updated:
        call.db.changed(key)
    if added + updated > 1:
        call.db.dirty += added + updated - 1
    return added, updated


def _allowed(options: frozenset[bytes], current: float, score: float) -> bool:
    """Whether the options let a member that is there have another score."""
    if b"NX" in options:
        return False
    return not (b"GT" in options and score <= current) and not (b"LT" in options and score >= current)


def _increment(call: Call, key: bytes, increment: float, member: bytes, options: frozenset[bytes]) -> Reply:
    """The new score; nil where an option forbade the change."""
    value = call.db.find_write(key, ZsetValue)
    current = None if value is None else value.score(member)
    if current is None:
        if b"XX" in options:
            return None
        add(call, key, [(increment, member)])
        return call.double(increment)
    score = current + increment
    if b"NX" in options:
        return None
    if isnan(score):
        raise CommandError(NOT_A_NUMBER)
    if not _allowed(options, current, score):
        return None
    if score != current:
        assert value is not None
        value.update(member, score)
        call.db.changed(key)
    return call.double(score)
