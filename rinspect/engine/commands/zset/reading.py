"""Asking a sorted set for its size, for scores and ranks, and for members by chance."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.draws import draws
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.scanning import scan_cursor, scan_options, scan_reply, walk
from rinspect.engine.commands.zset.replies import pairs_reply
from rinspect.engine.encodings.indexedzset import Pair
from rinspect.engine.encodings.packedzset import PackedZset
from rinspect.engine.numbers import INT64_MAX, INT64_MIN, format_17g, parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, NULL_ARRAY, SYNTAX, CommandError, Reply
from rinspect.engine.values.zset import ZsetValue

COUNT_RANGE = f"ERR value is out of range, value must between {-INT64_MAX} and {INT64_MAX}"
COUNT_TOO_LARGE = "ERR value is out of range"


@command(
    "ZCARD", "key",
    group="sorted-set", since="1.2.0", flags="readonly fast", access="RO",
    summary="Returns the number of members in a sorted set.",
)  # fmt: skip
def zcard(call: Call, key: bytes) -> Reply:
    value = call.find(key, ZsetValue)
    return 0 if value is None else len(value)


@command(
    "ZSCORE", "key member",
    group="sorted-set", since="1.2.0", flags="readonly fast", access="RO access",
    summary="Returns the score of a member in a sorted set.",
)  # fmt: skip
def zscore(call: Call, key: bytes, member: bytes) -> Reply:
    value = call.find(key, ZsetValue)
    score = None if value is None else value.score(member)
    return None if score is None else call.double(score)


@command(
    "ZMSCORE", "key member...",
    group="sorted-set", since="6.2.0", flags="readonly fast", access="RO access",
    complexity="O(N) where N is the number of members being requested.",
    summary="Returns the score of one or more members in a sorted set.",
)  # fmt: skip
def zmscore(call: Call, key: bytes, members: list[bytes]) -> Reply:
    value = call.find(key, ZsetValue)
    scores = [None if value is None else value.score(member) for member in members]
    return [None if score is None else call.double(score) for score in scores]


@command(
    "ZRANK", "key member [WITHSCORE@7.2]",
    group="sorted-set", since="2.0.0", flags="readonly fast", access="RO access", complexity="O(log(N))", raw=True,
    summary="Returns the index of a member in a sorted set ordered by ascending scores.",
)  # fmt: skip
def zrank(call: Call, key: bytes, member: bytes, *words: bytes) -> Reply:
    return _rank(call, "zrank", key, member, words, backward=False)


@command(
    "ZREVRANK", "key member [WITHSCORE@7.2]",
    group="sorted-set", since="2.0.0", flags="readonly fast", access="RO access", complexity="O(log(N))", raw=True,
    summary="Returns the index of a member in a sorted set ordered by descending scores.",
)  # fmt: skip
def zrevrank(call: Call, key: bytes, member: bytes, *words: bytes) -> Reply:
    return _rank(call, "zrevrank", key, member, words, backward=True)


def _rank(call: Call, name: str, key: bytes, member: bytes, words: tuple[bytes, ...], *, backward: bool) -> Reply:
    if len(words) > 1:
        raise CommandError(f"ERR wrong number of arguments for '{name}' command")
    if words and words[0].upper() != b"WITHSCORE":
        raise CommandError(SYNTAX)
    value = call.find(key, ZsetValue)
    found = None if value is None else value.rank(member)
    if value is None or found is None:
        return NULL_ARRAY if words else None
    rank = len(value) - 1 - found[0] if backward else found[0]
    return [rank, call.double(found[1])] if words else rank


@command(
    "ZSCAN", "key cursor:number [MATCH pattern] [COUNT count:int]",
    group="sorted-set", since="2.8.0", tips="nondeterministic_output", flags="readonly", access="RO access", raw=True,
    complexity="O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to"
    " return back to 0. N is the number of elements inside the collection.",
    summary="Iterates over members and scores of a sorted set.",
)  # fmt: skip
def zscan(call: Call, key: bytes, cursor_word: bytes, *words: bytes) -> Reply:
    cursor = scan_cursor(call, cursor_word)
    value = call.find(key, ZsetValue)
    if value is None:
        return scan_reply(0, [])
    options = scan_options(call, words, "zset")
    found: list[Reply] = []
    if isinstance(value.body, PackedZset):
        texts = value.body.blob.texts
        for member, score in zip(texts[::2], texts[1::2], strict=True):
            if options.fits(member):
                found += (member, score)
        return scan_reply(0, found)
    cursor, entries = walk(value.body.table, cursor, options)
    for entry in entries:
        if options.fits(entry.key):
            # Other than every other reply, this one has the score from printf in all versions.
            found += (entry.key, format_17g(entry.value.score))  # type: ignore[attr-defined]
    return scan_reply(cursor, found)


# -- by chance ---------------------------------------------------------------------------------------------------------


@command(
    "ZRANDMEMBER", "key [options=count:int [WITHSCORES]]",
    group="sorted-set", since="6.2.0", tips="nondeterministic_output", flags="readonly", access="RO access", raw=True,
    complexity="O(N) where N is the number of members returned",
    summary="Returns one or more random members from a sorted set.",
)  # fmt: skip
def zrandmember(call: Call, key: bytes, *words: bytes) -> Reply:
    if not words:
        value = call.find(key, ZsetValue)
        return None if value is None else value.random_pair()[0]
    count = parse_int(words[0])
    if count is None:
        raise CommandError(NOT_AN_INTEGER)
    if count == INT64_MIN:
        raise CommandError(COUNT_RANGE)
    with_scores = len(words) == 2
    if len(words) > 2 or (with_scores and words[1].upper() != b"WITHSCORES"):
        raise CommandError(SYNTAX)
    if with_scores and abs(count) > INT64_MAX // 2:
        raise CommandError(COUNT_TOO_LARGE)
    value = call.find(key, ZsetValue)
    return pairs_reply(call, _random_pairs(call, value, count) if value is not None else [], with_scores)


def _random_pairs(call: Call, value: ZsetValue, count: int) -> list[Pair]:
    """`count` different pairs or, for a negative number, that many draws in which a pair may come again."""
    rng, size = value.runtime.rng, len(value)
    if count < 0:
        return draws(call, -count, value.random_pair)
    if count >= size:
        return value.pairs()[::-1]
    if count == 1:
        return [value.random_pair()]
    if isinstance(value.body, PackedZset):
        pairs = value.pairs()
        return [pairs[at] for at in sorted(rng.sample(range(size), count))]
    if count * 3 > size:
        return rng.sample(value.pairs(), count)
    found: dict[bytes, float] = {}
    while len(found) < count:
        member, score = value.random_pair()
        found[member] = score
    return list(found.items())
