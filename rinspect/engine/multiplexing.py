"""I/O multiplexing: which descriptors can be read or written now, asked of the kernel in one call.

Three ways to ask, the best one first. All of them are level-triggered: a descriptor is reported for as long as there is
something to read or room to write.
"""

from __future__ import annotations

import select
from typing import Any, Protocol

READABLE = 1
WRITABLE = 4
BROKEN = 24
"""Gone, or in error: whoever reads or writes finds out. The numbers are epoll's."""

Ready = list[tuple[int, int]]
"""Descriptors with what they are ready for, in the order in which the kernel names them."""


class Multiplexer(Protocol):
    """What the event loop needs of a way to ask."""

    name: str

    def watch(self, fd: int, mask: int, before: int) -> None:
        """Ask about `mask` from now on, where it was `before`; 0 for not at all."""
        ...

    def poll(self, timeout: float | None) -> Ready:
        """What is ready, waiting `timeout` seconds for the first; None for however long."""
        ...

    def close(self) -> None: ...


class Epoll:
    """Linux: the kernel keeps the set of descriptors, and a call costs what is ready, not what is watched."""

    name = "epoll"

    def __init__(self) -> None:
        self._epoll = select.epoll()

    def watch(self, fd: int, mask: int, before: int) -> None:
        if not mask:
            self._epoll.unregister(fd)
        elif before:
            self._epoll.modify(fd, mask)
        else:
            self._epoll.register(fd, mask)

    def poll(self, timeout: float | None) -> Ready:
        return self._epoll.poll(-1 if timeout is None else timeout)

    def close(self) -> None:
        self._epoll.close()


class Kqueue:
    """macOS and the BSDs: reading and writing are two filters of a descriptor, reported one by one."""

    name = "kqueue"

    def __init__(self) -> None:
        # (typed as what it is elsewhere: not there)
        self._select: Any = select
        self._kqueue = self._select.kqueue()
        self._watched = 0

    def watch(self, fd: int, mask: int, before: int) -> None:
        changes = []
        for bit, filter_ in ((READABLE, self._select.KQ_FILTER_READ), (WRITABLE, self._select.KQ_FILTER_WRITE)):
            if (mask ^ before) & bit:
                flags = self._select.KQ_EV_ADD if mask & bit else self._select.KQ_EV_DELETE
                changes.append(self._select.kevent(fd, filter_, flags))
                self._watched += 1 if mask & bit else -1
        if changes:
            self._kqueue.control(changes, 0)

    def poll(self, timeout: float | None) -> Ready:
        ready: dict[int, int] = {}
        for event in self._kqueue.control(None, max(1, self._watched), timeout):
            bit = READABLE if event.filter == self._select.KQ_FILTER_READ else WRITABLE
            ready[event.ident] = ready.get(event.ident, 0) | bit
        return list(ready.items())

    def close(self) -> None:
        self._kqueue.close()


class Select:
    """Everywhere: all descriptors are handed over at each call, and their numbers must be below 1024."""

    name = "select"

    def __init__(self) -> None:
        self._masks: dict[int, int] = {}

    def watch(self, fd: int, mask: int, before: int) -> None:
        if mask:
            self._masks[fd] = mask
        else:
            self._masks.pop(fd, None)

    def poll(self, timeout: float | None) -> Ready:
        readers = [fd for fd, mask in self._masks.items() if mask & READABLE]
        writers = [fd for fd, mask in self._masks.items() if mask & WRITABLE]
        readable, writable, _ = select.select(readers, writers, (), timeout)
        ready = dict.fromkeys(readable, READABLE)
        for fd in writable:
            ready[fd] = ready.get(fd, 0) | WRITABLE
        return list(ready.items())

    def close(self) -> None:
        self._masks.clear()


def best() -> Multiplexer:
    """The best way that this system has."""
    if hasattr(select, "epoll"):
        return Epoll()
    if hasattr(select, "kqueue"):
        return Kqueue()
    return Select()
