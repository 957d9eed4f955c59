"""Draws in which an element may come again: as many as are asked for, were it a thousand million.

So long a reply is given up when its client, who does not keep up, is being let go.
"""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import TypeVar

from rinspect.engine.commands.call import Call

T = TypeVar("T", bytes, tuple[bytes, bytes], tuple[bytes, float])

AT_ONCE = 1000
"""Draws between two looks at the client."""


def draws(call: Call, count: int, draw: Callable[[], T]) -> list[T]:
    """So many draws; fewer for a client who will not be sent them."""
    drawn: list[T] = []
    size = 0
    while len(drawn) < count and call.session.keeps_up(size):
        some = [draw() for _ in range(min(AT_ONCE, count - len(drawn)))]
        size += sum(_length(one) for one in some)
        drawn += some
    return drawn


def _length(one: Sized) -> int:
    return len(one[0]) if isinstance(one, tuple) else len(one)
