"""Union, intersection and difference of sorted sets and sets, as a reply or into a key.

A member of a set counts with score 1. The result is gathered with dict and skiplist; stored, it becomes a blob if it is
small enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.zset.replies import pairs_reply
from rinspect.engine.encodings.indexedzset import IndexedZset, Pair
from rinspect.engine.numbers import parse_double, parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, SYNTAX, WRONGTYPE, CommandError, Reply
from rinspect.engine.values.set import SetValue
from rinspect.engine.values.zset import ZsetValue

NOT_A_WEIGHT = "ERR weight value is not a float"
NEGATIVE_LIMIT = "ERR LIMIT can't be negative"

_SOURCES = "numkeys:count key*numkeys"
_WEIGHTS = "[WEIGHTS weight:double*numkeys] [AGGREGATE aggregate=<SUM|MIN|MAX>]"

_UNION = (
    "O(N)+O(M*log(M)) with N being the sum of the sizes of the input sorted sets, and M being the number of elements in"
    " the resulting sorted set."
)
_INTERSECTION = (
    "O(N*K)+O(M*log(M)) worst case with N being the smallest input sorted set, K being the number of input sorted sets"
    " and M being the number of elements in the resulting sorted set."
)
_DIFFERENCE = (
    "O(L + (N-K)log(N)) worst case where L is the total number of elements in all the sets, N is the size of the first"
    " set, and K is the size of the result set."
)


@dataclass(slots=True)
class Source:
    """One of the sets that are combined; without a value an empty one."""

    value: ZsetValue | SetValue | None
    weight: float = 1.0

    def __len__(self) -> int:
        return 0 if self.value is None else len(self.value)

    def pairs(self) -> list[Pair]:
        if isinstance(self.value, ZsetValue):
            return self.value.pairs()
        return [(member, 1.0) for member in self.value or ()]

    def score(self, member: bytes) -> float | None:
        if isinstance(self.value, ZsetValue):
            return self.value.score(member)
        return 1.0 if self.value is not None and self.value.has(member) else None


@dataclass(slots=True)
class Request:
    sources: list[Source]
    aggregate: bytes = b"SUM"
    with_scores: bool = False
    limit: int = 0


def _request(call: Call, name: str, words: tuple[bytes, ...], allowed: str) -> Request:
    """What the words ask for; `allowed` names the options that the command has. Keys are looked up before options
    are read, as the server does: the wrong type of one is reported first."""
    count = parse_int(words[0])
    if count is None:
        raise CommandError(NOT_AN_INTEGER)
    if count < 1:
        quoted = name if call.runtime.profile.version < (7, 0) else f"'{name}' command"
        raise CommandError(f"ERR at least 1 input key is needed for {quoted}")
    if count > len(words) - 1:
        raise CommandError(SYNTAX)
    storing = name.endswith("store")
    request = Request([_source(call, key, storing=storing) for key in words[1 : count + 1]])
    at = count + 1
    while at < len(words):
        option, left = words[at].upper(), len(words) - at - 1
        if option.decode("latin-1") not in allowed.split():
            raise CommandError(SYNTAX)
        at += 1
        if option == b"WEIGHTS" and left >= count:
            for source, word in zip(request.sources, words[at : at + count], strict=True):
                weight = parse_double(word)
                if weight is None:
                    raise CommandError(NOT_A_WEIGHT)
                source.weight = weight
            at += count
        elif option == b"AGGREGATE" and left and words[at].upper() in (b"SUM", b"MIN", b"MAX"):
            request.aggregate = words[at].upper()
            at += 1
        elif option == b"LIMIT" and left:
            limit = parse_int(words[at])
            if limit is None or limit < 0:
                raise CommandError(NEGATIVE_LIMIT)
            request.limit = limit
            at += 1
        elif option == b"WITHSCORES":
            request.with_scores = True
        else:
            raise CommandError(SYNTAX)
    return request


def _source(call: Call, key: bytes, *, storing: bool) -> Source:
    value = call.db.lookup_source(key) if storing else call.db.lookup(key)
    if value is None or isinstance(value, (ZsetValue, SetValue)):
        return Source(value)
    raise CommandError(WRONGTYPE)


# -- combining ---------------------------------------------------------------------------------------------------------


def _joined(a: float, b: float, aggregate: bytes) -> float:
    if aggregate == b"SUM":
        total = a + b
        return 0.0 if isnan(total) else total
    if aggregate == b"MIN":
        return b if b < a else a
    return b if b > a else a


def _weighted(source: Source, score: float) -> float:
    """Infinity times zero counts as zero."""
    product = source.weight * score
    return 0.0 if isnan(product) else product


def _union(request: Request) -> dict[bytes, float]:
    """Scores by member. The sums begin with the smallest source."""
    found: dict[bytes, float] = {}
    for source in sorted(request.sources, key=len):
        for member, score in source.pairs():
            weighted = _weighted(source, score)
            found[member] = _joined(found[member], weighted, request.aggregate) if member in found else weighted
    return found


def _intersection(request: Request) -> dict[bytes, float]:
    """Scores by member; the smallest source is gone through, the others are asked."""
    first, *others = sorted(request.sources, key=len)
    found: dict[bytes, float] = {}
    for member, own in first.pairs():
        total = _weighted(first, own)
        for source in others:
            score = own if source.value is first.value else source.score(member)
            if score is None:
                break
            total = _joined(total, score * source.weight, request.aggregate)
        else:
            found[member] = total
            if len(found) == request.limit:
                break
    return found


def _asks_each(sources: list[Source]) -> bool:
    """How the difference is made: by asking the other sources for each member of the first, or by taking all of the
    first and removing those of the others again. Whatever promises less work."""
    count = len(sources[0])
    return count * len(sources) // 2 <= sum(map(len, sources))


def _difference(request: Request) -> dict[bytes, float]:
    """Scores by member. Asking a source for a member moves a bucket of its dict, if that is being rehashed."""
    first, *others = request.sources
    if any(source.value is first.value for source in others):
        return {}
    found = dict(first.pairs())
    if _asks_each(request.sources):
        others.sort(key=len, reverse=True)
        return {
            member: score for member, score in found.items() if all(source.score(member) is None for source in others)
        }
    for source in others:
        for member, _ in source.pairs():
            found.pop(member, None)
    return found


# -- storing -----------------------------------------------------------------------------------------------------------


def _store(call: Call, target: bytes, result: ZsetValue) -> Reply:
    if not len(result):
        call.db.delete(target)
        return 0
    result.pack_if_small()
    call.db.put(target, result)
    return len(result)


def _gathered(call: Call, found: dict[bytes, float], presize: int = 0) -> ZsetValue:
    result = ZsetValue.indexed(call.runtime, presize)
    for member, score in found.items():
        result.insert(score, member)
    return result


def _gathered_union(call: Call, request: Request) -> ZsetValue:
    """The union, with a dict as large as the version makes it (see Profile.zset_union_in_place)."""
    found = _union(request)
    if not call.runtime.profile.zset_union_in_place:
        return _gathered(call, found, len(found))
    result = ZsetValue.indexed(call.runtime, max(map(len, request.sources)))
    body = result.body
    assert isinstance(body, IndexedZset)
    for source in sorted(request.sources, key=len):
        for member, _ in source.pairs():
            if member in body.table:
                body.table.prepare_insert(member)
            else:
                body.insert(found[member], member)
    return result


def _gathered_difference(call: Call, request: Request) -> ZsetValue:
    """The difference, by way of all members of the first source where the server goes that way: it leaves a larger
    dict."""
    found = _difference(request)
    if not found or _asks_each(request.sources):
        return _gathered(call, found)
    result = _gathered(call, dict(request.sources[0].pairs()))
    body = result.body
    assert isinstance(body, IndexedZset)
    body.table.pause_shrink = True
    for source in request.sources[1:]:
        for member, _ in source.pairs():
            body.remove(member)
    body.table.pause_shrink = False
    body.table.shrink_if_needed()
    return result


def _answer(call: Call, found: dict[bytes, float], request: Request) -> Reply:
    pairs = sorted(found.items(), key=lambda pair: (pair[1], pair[0]))
    return pairs_reply(call, pairs, request.with_scores)


# -- the commands ------------------------------------------------------------------------------------------------------


@command(
    "ZUNION", f"{_SOURCES} {_WEIGHTS} [WITHSCORES]",
    group="sorted-set", since="6.2.0", flags="readonly movablekeys", access="RO access", complexity=_UNION, raw=True,
    summary="Returns the union of multiple sorted sets.",
)  # fmt: skip
def zunion(call: Call, *words: bytes) -> Reply:
    request = _request(call, "zunion", words, "WEIGHTS AGGREGATE WITHSCORES")
    return _answer(call, _union(request), request)


@command(
    "ZINTER", f"{_SOURCES} {_WEIGHTS} [WITHSCORES]",
    group="sorted-set", since="6.2.0", flags="readonly movablekeys", access="RO access", raw=True,
    complexity=_INTERSECTION, summary="Returns the intersect of multiple sorted sets.",
)  # fmt: skip
def zinter(call: Call, *words: bytes) -> Reply:
    request = _request(call, "zinter", words, "WEIGHTS AGGREGATE WITHSCORES")
    return _answer(call, _intersection(request), request)


@command(
    "ZDIFF", f"{_SOURCES} [WITHSCORES]",
    group="sorted-set", since="6.2.0", flags="readonly movablekeys", access="RO access", raw=True,
    complexity=_DIFFERENCE, summary="Returns the difference between multiple sorted sets.",
)  # fmt: skip
def zdiff(call: Call, *words: bytes) -> Reply:
    request = _request(call, "zdiff", words, "WITHSCORES")
    return _answer(call, _difference(request), request)


@command(
    "ZINTERCARD", f"{_SOURCES} [LIMIT limit:int]",
    group="sorted-set", since="7.0.0", flags="readonly movablekeys", access="RO access", raw=True,
    complexity="O(N*K) worst case with N being the smallest input sorted set, K being the number of input sorted sets.",
    summary="Returns the number of members of the intersect of multiple sorted sets.",
)  # fmt: skip
def zintercard(call: Call, *words: bytes) -> Reply:
    return len(_intersection(_request(call, "zintercard", words, "LIMIT")))


@command(
    "ZUNIONSTORE", f"destination:key {_SOURCES} {_WEIGHTS}",
    group="sorted-set", since="2.0.0", flags="write denyoom movablekeys", access="OW update;RO access", raw=True,
    complexity=_UNION, summary="Stores the union of multiple sorted sets in a key.",
)  # fmt: skip
def zunionstore(call: Call, target: bytes, *words: bytes) -> Reply:
    request = _request(call, "zunionstore", words, "WEIGHTS AGGREGATE")
    return _store(call, target, _gathered_union(call, request))


@command(
    "ZINTERSTORE", f"destination:key {_SOURCES} {_WEIGHTS}",
    group="sorted-set", since="2.0.0", flags="write denyoom movablekeys", access="OW update;RO access", raw=True,
    complexity=_INTERSECTION, summary="Stores the intersect of multiple sorted sets in a key.",
)  # fmt: skip
def zinterstore(call: Call, target: bytes, *words: bytes) -> Reply:
    request = _request(call, "zinterstore", words, "WEIGHTS AGGREGATE")
    return _store(call, target, _gathered(call, _intersection(request)))


@command(
    "ZDIFFSTORE", f"destination:key {_SOURCES}",
    group="sorted-set", since="6.2.0", flags="write denyoom movablekeys", access="OW update;RO access", raw=True,
    complexity=_DIFFERENCE, summary="Stores the difference of multiple sorted sets in a key.",
)  # fmt: skip
def zdiffstore(call: Call, target: bytes, *words: bytes) -> Reply:
    request = _request(call, "zdiffstore", words, "")
    return _store(call, target, _gathered_difference(call, request))
