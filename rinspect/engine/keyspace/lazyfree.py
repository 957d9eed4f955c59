"""Which values are freed by another thread.

    DEL, expiry, overwriting …  ─▶ unlinked by the main thread ─┬▶ effort <= 64: freed at once
                                                                └▶ effort >  64: a job for the thread `bio_lazy_free`

The effort is about how many allocations there are to free: a list's nodes, a table's or skiplist's elements, the nodes of
a stream's tree and, as if all groups were like the first, its groups and what is pending in them; else 1. One
allocation, however large, is freed faster than it could be handed over. Which deletions may be lazy is a matter of the
settings `lazyfree-lazy-…`; UNLINK and FLUSHALL ASYNC always are.

Here memory goes when nothing refers to it any more, so a job is done as soon as it is made. What would have been one is
told to the observers.
"""

from __future__ import annotations

from rinspect.engine.encodings.quicklist import Quicklist
from rinspect.engine.events import FreedLazily
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.list import ListValue
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.value import Value

THRESHOLD = 64


def free_effort(value: Value) -> int:
    """About how many allocations freeing the value takes."""
    if isinstance(value, ListValue):
        return value.body.nodes_count if isinstance(value.body, Quicklist) else 1
    if isinstance(value, StreamValue):
        first = next(value.named_groups(), None)
        groups = 0 if first is None or value.groups is None else len(value.groups) * (1 + len(first[1].pel))
        return value.nodes.numnodes + groups
    return 1 if value.hashtable is None else len(value)


def free_lazily(runtime: Runtime, db: int, key: bytes, value: Value) -> None:
    """Leave a value that was under `key` to the thread, if that is worth it."""
    effort = free_effort(value)
    if effort > THRESHOLD:
        runtime.stats.lazyfreed_objects += 1
        if runtime.observers:
            runtime.emit(FreedLazily(db, key, 1, effort, value.allocated()))


def free_tables_lazily(runtime: Runtime, db: int, keys: int) -> None:
    """Leave a database's tables to the thread, with all keys and values."""
    runtime.stats.lazyfreed_objects += keys
    if runtime.observers:
        runtime.emit(FreedLazily(db, None, keys, keys, None))
