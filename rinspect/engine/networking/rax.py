"""How large a rax is, the radix tree in which the server keeps the prefixes that a client wants to be told of.

foo, bar:    [b f] ─▶ [ar] ─▶ bar
               └────▶ [oo] ─▶ foo
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from operator import itemgetter


def nodes(keys: Collection[bytes]) -> int:
    """How many nodes it has. No key begins with another one.

    >>> nodes([b"foo", b"bar"])
    5
    """
    count, parts = 0, [(sorted(keys), 0)] if keys else []
    while parts:
        # Sorted keys that share their first `at` bytes: a node, and what is below it.
        part, at = parts.pop()
        count += 1
        first, last, shared = part[0], part[-1], at
        while shared < len(first) and first[shared] == last[shared]:
            shared += 1
        if shared > at:
            parts.append((part, shared))
        elif at < len(first):
            parts += [([*some], at + 1) for _, some in groupby(part, itemgetter(at))]
    return count
