"""From one list to another: LMOVE and RPOPLPUSH, and the forms that would wait."""

from __future__ import annotations

from collections.abc import Iterable

from rinspect.engine.commands.blocking import WouldBlock
from rinspect.engine.commands.blocking import timeout as read_timeout
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.list.ends import removed
from rinspect.engine.commands.propagating import Argv
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import Reply
from rinspect.engine.values.list import ListValue

_ACCESS = "RW access delete; RW insert"


def _waited_propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    """The form that does not wait."""
    yield (argv[0].upper()[1:], *argv[1:-1])


def _move(call: Call, source: bytes, destination: bytes, *, from_head: bool, to_head: bool) -> Reply:
    value = call.find_write(source, ListValue)
    if value is None:
        return None
    target = call.find_write(destination, ListValue)
    size = 0 if value.hands_on_number(head=from_head) else None
    element = value.pop(head=from_head)
    if target is None:
        target = ListValue(call.runtime)
        target.push((element,), head=to_head, size=size)
        call.db.put(destination, target)
    else:
        # Source and destination may be one list, empty for a moment.
        target.push((element,), head=to_head, size=size)
        call.db.changed(destination)
    removed(call, source, value)
    # To the server a move is one change.
    call.db.dirty -= 1
    return element


@command(
    "LMOVE", "source:key destination:key wherefrom=<LEFT|RIGHT> whereto=<LEFT|RIGHT>",
    group="list", since="6.2.0", flags="write denyoom", access=_ACCESS,
    summary="Returns an element after popping it from one list and pushing it to another. Deletes the list if the last "
    "element was moved.",
)  # fmt: skip
def lmove(call: Call, source: bytes, destination: bytes, wherefrom: str, whereto: str) -> Reply:
    return _move(call, source, destination, from_head=wherefrom == "LEFT", to_head=whereto == "LEFT")


@command(
    "RPOPLPUSH", "source:key destination:key",
    group="list", since="1.2.0", flags="write denyoom", access=_ACCESS,
    summary="Returns the last element of a list after removing and pushing it to another list. Deletes the list if the "
    "last element was popped.",
)  # fmt: skip
def rpoplpush(call: Call, source: bytes, destination: bytes) -> Reply:
    return _move(call, source, destination, from_head=False, to_head=True)


@command(
    "BLMOVE", "source:key destination:key wherefrom=<LEFT|RIGHT> whereto=<LEFT|RIGHT> timeout:decimal",
    group="list", since="6.2.0", flags="write denyoom blocking", access=_ACCESS,
    summary="Pops an element from a list, pushes it to another list and returns it. Blocks until an element is "
    "available otherwise. Deletes the list if the last element was moved.", propagated=_waited_propagated,
)  # fmt: skip
def blmove(call: Call, source: bytes, destination: bytes, wherefrom: str, whereto: str, timeout: bytes) -> Reply:
    milliseconds = read_timeout(call, timeout)
    return _await(milliseconds, source, lmove(call, source, destination, wherefrom, whereto))


@command(
    "BRPOPLPUSH", "source:key destination:key timeout:decimal",
    group="list", since="2.2.0", flags="write denyoom blocking", access=_ACCESS,
    summary="Pops an element from a list, pushes it to another list and returns it. Block until an element is "
    "available otherwise. Deletes the list if the last element was popped.", propagated=_waited_propagated,
)  # fmt: skip
def brpoplpush(call: Call, source: bytes, destination: bytes, timeout: bytes) -> Reply:
    milliseconds = read_timeout(call, timeout)
    return _await(milliseconds, source, rpoplpush(call, source, destination))


def _await(milliseconds: int, source: bytes, element: Reply) -> Reply:
    """The element that was moved; where there was none, the command waits for one."""
    if element is None:
        raise WouldBlock((source,), milliseconds, None)
    return element
