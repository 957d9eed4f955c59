"""Members from … to: by rank, by score or by name, in either direction, as a reply or into another key."""

from __future__ import annotations

from dataclasses import dataclass

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.zset.ends import lex_range, rank_range, score_range
from rinspect.engine.commands.zset.replies import pairs_reply
from rinspect.engine.encodings.indexedzset import IndexedZset, Pair
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, SYNTAX, CommandError, Reply
from rinspect.engine.values.zset import ZsetValue

LIMIT_NEEDS_BY = "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX"
NO_SCORES_BY_LEX = "ERR syntax error, WITHSCORES not supported in combination with BYLEX"

_LIMIT = "[LIMIT (offset:int count:int)]"
_IN_RANGE = "O(log(N)+M) with N being the number of elements in the sorted set and M the number of elements"
_WITH_LIMIT = (
    f"{_IN_RANGE} being returned. If M is constant (e.g. always asking for the first 10 elements with LIMIT), you can"
    " consider it O(log(N))."
)


@dataclass(slots=True)
class Query:
    """What is asked for. `by` is rank, score or lex, empty while not said; `limit` below 0 stands for all."""

    by: str = ""
    backward: bool | None = None
    with_scores: bool = False
    offset: int = 0
    limit: int = -1


def _parsed(query: Query, words: tuple[bytes, ...], *, store: bool = False) -> Query:
    """The query with what the options say, as far as the command's name has not said it already."""
    named, directed = bool(query.by), query.backward is not None
    at = 0
    while at < len(words):
        word = words[at].upper()
        if word == b"WITHSCORES" and not store:
            query.with_scores = True
        elif word == b"LIMIT" and at + 2 < len(words):
            offset, limit = parse_int(words[at + 1]), parse_int(words[at + 2])
            if offset is None or limit is None:
                raise CommandError(NOT_AN_INTEGER)
            query.offset, query.limit = offset, limit
            at += 2
        elif word == b"REV" and not directed and query.backward is None:
            query.backward = True
        elif word in (b"BYSCORE", b"BYLEX") and not named and not query.by:
            query.by = word[2:].decode().lower()
        else:
            raise CommandError(SYNTAX)
        at += 1
    query.by = query.by or "rank"
    if query.limit != -1 and query.by == "rank":
        raise CommandError(LIMIT_NEEDS_BY)
    if query.with_scores and query.by == "lex":
        raise CommandError(NO_SCORES_BY_LEX)
    return query


def _select(
    call: Call, key: bytes, first: bytes, last: bytes, query: Query, *, storing: bool = False
) -> list[Pair] | None:
    """The pairs that a query finds, in its order; None if there is no such key."""
    find = call.db.find_source if storing else call.db.find
    backward = bool(query.backward)
    if query.by == "rank":
        ranks = rank_range(first, last)
        value = find(key, ZsetValue)
        if value is None:
            return None
        start, stop = ranks.within(len(value), backward=backward)
        pairs = value.pairs(start, stop)
        return pairs[::-1] if backward else pairs
    low, high = (last, first) if backward else (first, last)
    bounds = score_range(call, low, high) if query.by == "score" else lex_range(low, high)
    value = find(key, ZsetValue)
    if value is None:
        return None
    start, stop = value.span(bounds, backward=backward)
    if query.offset < 0:
        start, stop = _behind_zero(call, value, start, stop, query.offset, backward=backward)
    elif backward:
        stop = max(stop - query.offset, start)
    else:
        start = min(start + query.offset, stop)
    if query.limit >= 0 and backward:
        start = max(start, stop - query.limit)
    elif query.limit >= 0:
        stop = min(stop, start + query.limit)
    pairs = value.pairs(start, stop)
    return pairs[::-1] if backward else pairs


def _behind_zero(
    call: Call, value: ZsetValue, start: int, stop: int, offset: int, *, backward: bool
) -> tuple[int, int]:
    """Where an offset below 0 leads: nowhere, except in a skiplist since 7.4, which counts it from the other end."""
    if call.runtime.profile.version < (7, 4) or not isinstance(value.body, IndexedZset) or start == stop:
        return start, start
    if backward:
        last = start - offset
        return (start, last) if last <= stop else (start, start)
    first = stop + offset
    return (first, stop) if first >= start else (start, start)


def _reply(call: Call, key: bytes, first: bytes, last: bytes, query: Query) -> Reply:
    pairs = _select(call, key, first, last, query)
    if pairs and query.by != "rank":
        call.session.defer_length()
    return pairs_reply(call, pairs or [], query.with_scores)


@command(
    "ZRANGE", f"key start stop [sortby=BYSCORE|BYLEX] [REV] {_LIMIT} [WITHSCORES]",
    group="sorted-set", since="1.2.0", flags="readonly", access="RO access", raw=True,
    complexity=f"{_IN_RANGE} returned.",
    summary="Returns members in a sorted set within a range of indexes.",
)  # fmt: skip
def zrange(call: Call, key: bytes, start: bytes, stop: bytes, *words: bytes) -> Reply:
    if words:
        return _reply(call, key, start, stop, _parsed(Query(), words))
    ranks = rank_range(start, stop)
    value = call.db.find(key, ZsetValue)
    return [] if value is None else value.members(*ranks.within(len(value)))  # type: ignore[return-value]


@command(
    "ZREVRANGE", "key start:int stop:int [WITHSCORES]",
    group="sorted-set", since="1.2.0", flags="readonly", access="RO access", raw=True,
    complexity=f"{_IN_RANGE} returned.",
    summary="Returns members in a sorted set within a range of indexes in reverse order.",
)  # fmt: skip
def zrevrange(call: Call, key: bytes, start: bytes, stop: bytes, *words: bytes) -> Reply:
    return _reply(call, key, start, stop, _parsed(Query("rank", backward=True), words))


@command(
    "ZRANGEBYSCORE", f"key min:double max:double [WITHSCORES] {_LIMIT}",
    group="sorted-set", since="1.0.5", flags="readonly", access="RO access", complexity=_WITH_LIMIT, raw=True,
    summary="Returns members in a sorted set within a range of scores.",
)  # fmt: skip
def zrangebyscore(call: Call, key: bytes, low: bytes, high: bytes, *words: bytes) -> Reply:
    return _reply(call, key, low, high, _parsed(Query("score", backward=False), words))


@command(
    "ZREVRANGEBYSCORE", f"key max:double min:double [WITHSCORES] {_LIMIT}",
    group="sorted-set", since="2.2.0", flags="readonly", access="RO access", complexity=_WITH_LIMIT, raw=True,
    summary="Returns members in a sorted set within a range of scores in reverse order.",
)  # fmt: skip
def zrevrangebyscore(call: Call, key: bytes, high: bytes, low: bytes, *words: bytes) -> Reply:
    return _reply(call, key, high, low, _parsed(Query("score", backward=True), words))


@command(
    "ZRANGEBYLEX", f"key min max {_LIMIT}",
    group="sorted-set", since="2.8.9", flags="readonly", access="RO access", complexity=_WITH_LIMIT, raw=True,
    summary="Returns members in a sorted set within a lexicographical range.",
)  # fmt: skip
def zrangebylex(call: Call, key: bytes, low: bytes, high: bytes, *words: bytes) -> Reply:
    return _reply(call, key, low, high, _parsed(Query("lex", backward=False), words))


@command(
    "ZREVRANGEBYLEX", f"key max min {_LIMIT}",
    group="sorted-set", since="2.8.9", flags="readonly", access="RO access", complexity=_WITH_LIMIT, raw=True,
    summary="Returns members in a sorted set within a lexicographical range in reverse order.",
)  # fmt: skip
def zrevrangebylex(call: Call, key: bytes, high: bytes, low: bytes, *words: bytes) -> Reply:
    return _reply(call, key, high, low, _parsed(Query("lex", backward=True), words))


@command(
    "ZRANGESTORE", f"dst:key src:key min max [sortby=BYSCORE|BYLEX] [REV] {_LIMIT}",
    group="sorted-set", since="6.2.0", flags="write denyoom", access="OW update;RO access", raw=True,
    complexity=f"{_IN_RANGE} stored into the destination key.",
    summary="Stores a range of members from sorted set in a key.",
)  # fmt: skip
def zrangestore(call: Call, target: bytes, key: bytes, first: bytes, last: bytes, *words: bytes) -> Reply:
    query = _parsed(Query(), words, store=True)
    pairs = _select(call, key, first, last, query, storing=True)
    if not pairs:
        call.db.delete(target)
        return 0
    # Only of a range by rank the server knows beforehand how many members it will have.
    value = ZsetValue.starting_with(call.runtime, 0, len(pairs) if query.by == "rank" else 0)
    for member, score in pairs:
        value.insert(score, member)
    call.db.put(target, value)
    return len(pairs)


# -- counting ----------------------------------------------------------------------------------------------------------


@command(
    "ZCOUNT", "key min:decimal max:decimal",
    group="sorted-set", since="2.0.0", flags="readonly fast", access="RO access",
    complexity="O(log(N)) with N being the number of elements in the sorted set.",
    summary="Returns the count of members in a sorted set that have scores within a range.",
)  # fmt: skip
def zcount(call: Call, key: bytes, low: bytes, high: bytes) -> Reply:
    bounds = score_range(call, low, high)
    value = call.find(key, ZsetValue)
    if value is None:
        return 0
    start, stop = value.span(bounds)
    return stop - start


@command(
    "ZLEXCOUNT", "key min max",
    group="sorted-set", since="2.8.9", flags="readonly fast", access="RO access",
    complexity="O(log(N)) with N being the number of elements in the sorted set.",
    summary="Returns the number of members in a sorted set within a lexicographical range.",
)  # fmt: skip
def zlexcount(call: Call, key: bytes, low: bytes, high: bytes) -> Reply:
    bounds = lex_range(low, high)
    value = call.find(key, ZsetValue)
    if value is None:
        return 0
    start, stop = value.span(bounds)
    return stop - start
