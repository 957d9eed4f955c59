"""Reading a list: LLEN, LRANGE, LINDEX, LPOS."""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import INT64_MAX, INT64_MIN, parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, SYNTAX, CommandError, Reply
from rinspect.engine.values.list import ListValue

OUT_OF_LONG = f"ERR value is out of range, value must between {-INT64_MAX} and {INT64_MAX}"
_RANK_ZERO = "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... "
RANK_ZERO = _RANK_ZERO + "or use negative to start from the end of the list"
RANK_ZERO_OLD = "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second, ..."
"""As 6.2 says it."""
COUNT_NEGATIVE = "ERR COUNT can't be negative"
MAXLEN_NEGATIVE = "ERR MAXLEN can't be negative"


@command(
    "LLEN", "key",
    group="list", since="1.0.0", flags="readonly fast", access="RO",
    summary="Returns the length of a list.",
)  # fmt: skip
def llen(call: Call, key: bytes) -> Reply:
    value = call.find(key, ListValue)
    return 0 if value is None else len(value)


@command(
    "LRANGE", "key start:int stop:int",
    group="list", since="1.0.0", flags="readonly", access="RO access",
    complexity="O(S+N) where S is the distance of start offset from HEAD for small lists, from nearest end (HEAD or "
    "TAIL) for large lists; and N is the number of elements in the specified range.",
    summary="Returns a range of elements from a list.",
)  # fmt: skip
def lrange(call: Call, key: bytes, start: int, stop: int) -> Reply:
    value = call.find(key, ListValue)
    return [] if value is None else value.range(start, stop)  # type: ignore[return-value]


@command(
    "LINDEX", "key index:number",
    group="list", since="1.0.0", flags="readonly", access="RO access",
    complexity="O(N) where N is the number of elements to traverse to get to the element at index. This makes asking "
    "for the first or the last element of the list O(1).",
    summary="Returns an element from a list by its index.",
)  # fmt: skip
def lindex(call: Call, key: bytes, index: bytes) -> Reply:
    value = call.find(key, ListValue)
    if value is None:
        return None
    number = parse_int(index)
    if number is None:
        raise CommandError(NOT_AN_INTEGER)
    return value.at(number)


@command(
    "LPOS", "key element [RANK rank:int] [COUNT num-matches:int] [MAXLEN len:int]", raw=True,
    group="list", since="6.0.6", flags="readonly", access="RO access",
    complexity="O(N) where N is the number of elements in the list, for the average case. When searching for elements "
    "near the head or the tail of the list, or when the MAXLEN option is provided, the command may run in constant "
    "time.",
    summary="Returns the index of matching elements in a list.",
)  # fmt: skip
def lpos(call: Call, key: bytes, element: bytes, *words: bytes) -> Reply:
    rank, count, longest = 1, None, 0
    for name, number in _lpos_options(call, words):
        if name == b"RANK":
            rank = number
        elif name == b"COUNT":
            count = number
        else:
            longest = number
    if rank == INT64_MIN:
        # Before 7.2 it overflows: as -1, and no number of matches is enough.
        rank, count = -1, None if count is None else 0
    value = call.find(key, ListValue)
    found = [] if value is None else value.positions(element, rank, 1 if count is None else count, longest)
    if count is None:
        return found[0] if found else None
    if found:
        call.session.defer_length()
    indexes: list[Reply] = [*found]
    return indexes


def _lpos_options(call: Call, words: tuple[bytes, ...]) -> Iterator[tuple[bytes, int]]:
    """The options one by one: each is refused where it stands, before anything behind it is looked at."""
    version = call.runtime.profile.version
    for at in range(0, len(words), 2):
        name = words[at].upper()
        if name not in (b"RANK", b"COUNT", b"MAXLEN") or at + 1 == len(words):
            raise CommandError(SYNTAX)
        number = parse_int(words[at + 1])
        if name == b"RANK":
            if number is None:
                raise CommandError(NOT_AN_INTEGER)
            if number == INT64_MIN and version >= (7, 2):
                raise CommandError(OUT_OF_LONG)
            if number == 0:
                raise CommandError(RANK_ZERO if version >= (7, 0) else RANK_ZERO_OLD)
        elif number is None or number < 0:
            raise CommandError(COUNT_NEGATIVE if name == b"COUNT" else MAXLEN_NEGATIVE)
        yield name, number
