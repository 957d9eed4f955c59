"""What a payload does not carry, found out by reading alone.

**Where a hashtable's entries lie.** SSCAN, HSCAN and ZSCAN with COUNT 1 stop at the first bucket with entries: what they give
are its entries, in the chain's order, and the cursor they give is the next bucket's. How many buckets there are follows
from MEMORY USAGE, in which everything else is known.

**How tall a skiplist's towers are.** MEMORY USAGE … SAMPLES n counts the first n nodes: the difference of two such figures
is one node's, and its size tells its height. It takes a question a node, so only short lists are measured.
"""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.encodings import sds
from rinspect.engine.encodings.indexedzset import IndexedZset
from rinspect.engine.encodings.skiplist import MAX_LEVEL
from rinspect.engine.runtime import Runtime
from rinspect.sources.server.connection import ServerConnection

MOST_BUCKETS = 4096
MOST_NODES = 300
PIPELINE = 50
DICT_ENTRY = 24
NODE, LEVEL = 24, 16
"""sizeof zskiplistNode without its levels, and of one level."""

Buckets = list[list[bytes]]


async def bucket_order(
    connection: ServerConnection, command: bytes, key: bytes, size: int, count: int, *, pairs: bool
) -> Buckets | None:
    """The chains of all buckets; None if they do not add up to `count`, because a rehash runs or the value changed."""
    if size > MOST_BUCKETS:
        return None
    buckets: Buckets = [[] for _ in range(size)]
    cursor = b"0"
    for _ in range(size + 1):
        reply = await connection.ask(command, key, cursor, b"COUNT", b"1")
        if not isinstance(reply, list) or len(reply) != 2 or not isinstance(reply[0], bytes):
            return None
        cursor, items = reply[0], reply[1]
        assert isinstance(items, list)
        found = [item for item in (items[::2] if pairs else items) if isinstance(item, bytes)]
        if int(cursor) >= size:
            return None
        if found:
            buckets[_before(int(cursor), size)] += found
        if cursor == b"0":
            break
    return buckets if sum(map(len, buckets)) == count and cursor == b"0" else None


def _before(cursor: int, size: int) -> int:
    """The bucket that was visited before the one a cursor names: cursors count in reversed binary."""
    bits = size.bit_length() - 1
    return _reversed((_reversed(cursor, bits) - 1) % size, bits)


def _reversed(number: int, bits: int) -> int:
    return int(f"{number:0{bits}b}"[::-1], 2) if bits else 0


def table_size(now: int, computed: int, reported: int) -> int | None:
    """How many buckets a table has whose value costs `reported`, where with `now` buckets it costs `computed`; None if
    that is no power of two, as with two tables while a rehash runs."""
    size, rest = now + (reported - computed) // 8, (reported - computed) % 8
    return size if not rest and size >= 4 and not size & (size - 1) else None


async def tower_heights(
    connection: ServerConnection, key: bytes, runtime: Runtime, body: IndexedZset, fixed: int, buckets: int
) -> tuple[list[int], int] | None:
    """(height of each node in ascending order, buckets of the dict); None if the figures fit no heights.

    `fixed` is what MEMORY USAGE counts besides the nodes and their members, for a dict of `buckets` buckets.
    """
    members = body.members(0, len(body))
    if len(members) > MOST_NODES:
        return None
    usages: list[int] = []
    for start in range(1, len(members) + 1, PIPELINE):
        numbers = range(start, min(start + PIPELINE, len(members) + 1))
        replies = await connection.ask_all([[b"MEMORY", b"USAGE", key, b"SAMPLES", b"%d" % n] for n in numbers])
        usages += [reply for reply in replies if isinstance(reply, int)]
    if len(usages) != len(members):
        return None
    size = 4
    while size <= 64 * len(members):
        heights = _heights(members, usages, runtime, fixed + 8 * (size - buckets))
        if heights is not None:
            return heights, size
        size *= 2
    return None


def _heights(members: Sequence[bytes], usages: Sequence[int], runtime: Runtime, fixed: int) -> list[int] | None:
    """The heights that explain all figures, if the rest of the value costs `fixed`."""
    by_size = {runtime.usable(NODE + LEVEL * level): level for level in range(MAX_LEVEL, 0, -1)}
    heights: list[int] = []
    total = 0
    for n, (member, usage) in enumerate(zip(members, usages, strict=True), 1):
        known = total + DICT_ENTRY + runtime.usable(sds.sds_size(len(member)))
        fitting = [
            (size, level)
            for size, level in by_size.items()
            if int(float(fixed) + float(known + size) / n * len(members)) == usage
        ]
        if not fitting:
            return None
        size, level = fitting[0]
        heights.append(level)
        total = known + size
    return heights
