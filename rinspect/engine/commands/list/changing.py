"""Changing a list inside: LSET, LINSERT, LREM, LTRIM."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.list.ends import removed
from rinspect.engine.commands.list.reading import OUT_OF_LONG
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import INT64_MIN, parse_int
from rinspect.engine.replies import NO_SUCH_KEY, NOT_AN_INTEGER, OK, OUT_OF_RANGE, CommandError, Reply
from rinspect.engine.values.list import ListValue


@command(
    "LSET", "key index:number element",
    group="list", since="1.0.0", flags="write denyoom", access="RW update",
    complexity="O(N) where N is the length of the list. Setting either the first or the last element of the list is "
    "O(1).",
    summary="Sets the value of an element in a list by its index.",
)  # fmt: skip
def lset(call: Call, key: bytes, index: bytes, element: bytes) -> Reply:
    value = call.find_write(key, ListValue)
    if value is None:
        raise CommandError(NO_SUCH_KEY)
    number = parse_int(index)
    if number is None:
        raise CommandError(NOT_AN_INTEGER)
    if not value.replace(number, element):
        raise CommandError(OUT_OF_RANGE)
    call.db.changed(key)
    return OK


@command(
    "LINSERT", "key where=<BEFORE|AFTER> pivot element",
    group="list", since="2.2.0", flags="write denyoom", access="RW insert",
    complexity="O(N) where N is the number of elements to traverse before seeing the value pivot. This means that "
    "inserting somewhere on the left end on the list (head) can be considered O(1) and inserting somewhere on the "
    "right end (tail) is O(N).",
    summary="Inserts an element before or after another element in a list.",
)  # fmt: skip
def linsert(call: Call, key: bytes, where: str, pivot: bytes, element: bytes) -> Reply:
    value = call.find_write(key, ListValue)
    if value is None:
        return 0
    if not value.insert_beside(pivot, element, after=where == "AFTER"):
        return -1
    call.db.changed(key)
    return len(value)


@command(
    "LREM", "key count:int element",
    group="list", since="1.0.0", flags="write", access="RW delete",
    complexity="O(N+M) where N is the length of the list and M is the number of elements removed.",
    summary="Removes elements from a list. Deletes the list if the last element was removed.",
)  # fmt: skip
def lrem(call: Call, key: bytes, count: int, element: bytes) -> Reply:
    if count == INT64_MIN and call.runtime.profile.version >= (7, 4):
        raise CommandError(OUT_OF_LONG)
    value = call.find_write(key, ListValue)
    if value is None:
        return 0
    gone = value.remove(element, count)
    if gone:
        removed(call, key, value, gone)
    return gone


@command(
    "LTRIM", "key start:int stop:int",
    group="list", since="1.0.0", flags="write", access="RW delete",
    complexity="O(N) where N is the number of elements to be removed by the operation.",
    summary="Removes elements from both ends a list. Deletes the list if all elements were trimmed.",
)  # fmt: skip
def ltrim(call: Call, key: bytes, start: int, stop: int) -> Reply:
    value = call.find_write(key, ListValue)
    if value is not None:
        length = len(value)
        value.trim(start, stop)
        removed(call, key, value, length - len(value))
    return OK
