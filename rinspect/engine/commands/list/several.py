"""The first list of several that is there: BLPOP, BRPOP, LMPOP, BLMPOP."""

from __future__ import annotations

from rinspect.engine.commands.blocking import WouldBlock
from rinspect.engine.commands.blocking import timeout as read_timeout
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.list.ends import pop_range, removed
from rinspect.engine.commands.propagating import from_the_one, so_many_from_the_one
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NULL_ARRAY, SYNTAX, CommandError, Reply
from rinspect.engine.values.list import ListValue

NUMKEYS = "ERR numkeys should be greater than 0"
COUNT = "ERR count should be greater than 0"

_KEYS = "O(N) where N is the number of provided keys."
_KEYS_AND_ELEMENTS = "O(N+M) where N is the number of provided keys and M is the number of elements returned."
_SO_MANY = so_many_from_the_one(b"LPOP", b"RPOP")


def _pop_first(call: Call, words: tuple[bytes, ...], *, head: bool) -> Reply:
    *keys, timeout = words
    milliseconds = read_timeout(call, timeout)
    for key in keys:
        value = call.find_write(key, ListValue)
        if value is not None:
            element = value.pop(head=head)
            removed(call, key, value)
            return [key, element]
    raise WouldBlock(keys, milliseconds, NULL_ARRAY)


@command(
    "BLPOP", "key... timeout:decimal", raw=True,
    group="list", since="2.0.0", flags="write blocking", access="RW access delete", complexity=_KEYS,
    summary="Removes and returns the first element in a list. Blocks until an element is available otherwise. Deletes "
    "the list if the last element was popped.",
    propagated=from_the_one,
)  # fmt: skip
def blpop(call: Call, *words: bytes) -> Reply:
    return _pop_first(call, words, head=True)


@command(
    "BRPOP", "key... timeout:decimal", raw=True,
    group="list", since="2.0.0", flags="write blocking", access="RW access delete", complexity=_KEYS,
    summary="Removes and returns the last element in a list. Blocks until an element is available otherwise. Deletes "
    "the list if the last element was popped.",
    propagated=from_the_one,
)  # fmt: skip
def brpop(call: Call, *words: bytes) -> Reply:
    return _pop_first(call, words, head=False)


@command(
    "LMPOP", "numkeys:count key*numkeys where=<LEFT|RIGHT> [COUNT count:int]", raw=True,
    group="list", since="7.0.0", flags="write movablekeys", access="RW access delete",
    complexity=_KEYS_AND_ELEMENTS,
    summary="Returns multiple elements from a list after removing them. Deletes the list if the last element was "
    "popped.",
    propagated=_SO_MANY,
)  # fmt: skip
def lmpop(call: Call, *words: bytes) -> Reply:
    return _pop_several(call, *_read(words))


@command(
    "BLMPOP", "timeout:decimal numkeys:count key*numkeys where=<LEFT|RIGHT> [COUNT count:int]", raw=True,
    group="list", since="7.0.0", flags="write blocking movablekeys", access="RW access delete",
    complexity=_KEYS_AND_ELEMENTS,
    summary="Pops the first element from one of multiple lists. Blocks until an element is available otherwise. "
    "Deletes the list if the last element was popped.",
    propagated=_SO_MANY,
)  # fmt: skip
def blmpop(call: Call, timeout: bytes, *words: bytes) -> Reply:
    keys, head, count = _read(words)
    milliseconds = read_timeout(call, timeout)
    reply = _pop_several(call, keys, head, count)
    if reply is NULL_ARRAY:
        raise WouldBlock(keys, milliseconds, reply)
    return reply


def _read(words: tuple[bytes, ...]) -> tuple[tuple[bytes, ...], bool, int]:
    """Keys, whether to take from the head, how many. Each word is refused where it stands."""
    numkeys = parse_int(words[0])
    if numkeys is None or numkeys <= 0:
        raise CommandError(NUMKEYS)
    if numkeys + 1 >= len(words):
        raise CommandError(SYNTAX)
    keys, where, options = words[1 : numkeys + 1], words[numkeys + 1].upper(), words[numkeys + 2 :]
    if where not in (b"LEFT", b"RIGHT"):
        raise CommandError(SYNTAX)
    count = 1
    if options:
        if options[0].upper() != b"COUNT" or len(options) == 1:
            raise CommandError(SYNTAX)
        number = parse_int(options[1])
        if number is None or number <= 0:
            raise CommandError(COUNT)
        if len(options) > 2:
            raise CommandError(SYNTAX)
        count = number
    return keys, where == b"LEFT", count


def _pop_several(call: Call, keys: tuple[bytes, ...], head: bool, count: int) -> Reply:
    for key in keys:
        value = call.find_write(key, ListValue)
        if value is not None:
            return [key, pop_range(call, key, value, count, head=head)]
    return NULL_ARRAY
