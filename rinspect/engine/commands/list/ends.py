"""The ends of a list: push and pop."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NULL_ARRAY, CommandError, Reply
from rinspect.engine.values.list import ListValue

NOT_POSITIVE = "ERR value is out of range, must be positive"

_PUSHING = "O(1) for each element added, so O(N) to add N elements when the command is called with multiple arguments."
_POPPING = "O(N) where N is the number of elements returned"


def removed(call: Call, key: bytes, value: ListValue, count: int = 1) -> None:
    """What follows every removal of `count` elements: an empty list goes, a short one may become a listpack."""
    if value.shrink():
        call.db.changed(key)
    else:
        call.db.delete(key)
    if count != 1:
        call.db.dirty += count - 1


@command(
    "LPUSH", "key element...", raw=True,
    group="list", since="1.0.0", flags="write denyoom fast", access="RW insert", complexity=_PUSHING,
    summary="Prepends one or more elements to a list. Creates the key if it doesn't exist.",
)  # fmt: skip
def lpush(call: Call, key: bytes, *elements: bytes) -> Reply:
    value = call.db.find_write(key, ListValue)
    if value is None:
        return _push_new(call, key, elements, head=True)
    length = value.push(elements, head=True)
    call.db.changed(key)
    if len(elements) > 1:
        call.db.dirty += len(elements) - 1
    return length


@command(
    "RPUSH", "key element...", raw=True,
    group="list", since="1.0.0", flags="write denyoom fast", access="RW insert", complexity=_PUSHING,
    summary="Appends one or more elements to a list. Creates the key if it doesn't exist.",
)  # fmt: skip
def rpush(call: Call, key: bytes, *elements: bytes) -> Reply:
    value = call.db.find_write(key, ListValue)
    if value is None:
        return _push_new(call, key, elements, head=False)
    length = value.push(elements, head=False)
    call.db.changed(key)
    if len(elements) > 1:
        call.db.dirty += len(elements) - 1
    return length


def _push_new(call: Call, key: bytes, elements: tuple[bytes, ...], *, head: bool) -> Reply:
    value = ListValue(call.runtime)
    length = value.push(elements, head=head)
    call.db.put(key, value)
    call.db.dirty += len(elements) - 1
    return length


@command(
    "LPUSHX", "key element...", raw=True,
    group="list", since="2.2.0", flags="write denyoom fast", access="RW insert", complexity=_PUSHING,
    summary="Prepends one or more elements to a list only when the list exists.",
)  # fmt: skip
def lpushx(call: Call, key: bytes, *elements: bytes) -> Reply:
    return _push_existing(call, key, elements, head=True)


@command(
    "RPUSHX", "key element...", raw=True,
    group="list", since="2.2.0", flags="write denyoom fast", access="RW insert", complexity=_PUSHING,
    summary="Appends an element to a list only when the list exists.",
)  # fmt: skip
def rpushx(call: Call, key: bytes, *elements: bytes) -> Reply:
    return _push_existing(call, key, elements, head=False)


def _push_existing(call: Call, key: bytes, elements: tuple[bytes, ...], *, head: bool) -> Reply:
    value = call.find_write(key, ListValue)
    if value is None:
        return 0
    length = value.push(elements, head=head)
    call.db.changed(key)
    call.db.dirty += len(elements) - 1
    return length


@command(
    "LPOP", "key [count:number]", raw=True,
    group="list", since="1.0.0", flags="write fast", access="RW access delete", complexity=_POPPING,
    summary="Returns the first elements in a list after removing it. Deletes the list if the last element was popped.",
)  # fmt: skip
def lpop(call: Call, key: bytes, *rest: bytes) -> Reply:
    return _pop(call, "lpop", key, rest, head=True)


@command(
    "RPOP", "key [count:number]", raw=True,
    group="list", since="1.0.0", flags="write fast", access="RW access delete", complexity=_POPPING,
    summary="Returns and removes the last elements of a list. Deletes the list if the last element was popped.",
)  # fmt: skip
def rpop(call: Call, key: bytes, *rest: bytes) -> Reply:
    return _pop(call, "rpop", key, rest, head=False)


def _pop(call: Call, name: str, key: bytes, rest: tuple[bytes, ...], *, head: bool) -> Reply:
    if not rest:
        value = call.db.find_write(key, ListValue)
        if value is None:
            return None
        element = value.pop(head=head)
        removed(call, key, value)
        return element
    if len(rest) > 1:
        raise CommandError(f"ERR wrong number of arguments for '{name}' command")
    count = parse_int(rest[0])
    if count is None or count < 0:
        raise CommandError(NOT_POSITIVE)
    value = call.find_write(key, ListValue)
    if value is None:
        return NULL_ARRAY
    if not count:
        return []
    return pop_range(call, key, value, count, head=head)


def pop_range(call: Call, key: bytes, value: ListValue, count: int, *, head: bool) -> list[Reply]:
    """Take up to `count` elements from one end of the list under a key."""
    elements: list[Reply] = [*value.pop_range(count, head=head)]
    removed(call, key, value, len(elements))
    return elements
