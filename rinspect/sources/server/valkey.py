"""What Valkey 8.1 charges, where it differs from Redis: measured on that version with the system's jemalloc.

MEMORY USAGE leaves out the key and its entry, which are embedded in the value's object. Only an embstr, which shares the one
allocation with them, is charged with its key. Sets, hashes, sorted sets and the keyspace use another hashtable, whose figures
depend on a random seed: for those there is no exact figure here. The radix trees of a stream are charged with what they were
given, and are not estimated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rinspect.engine.encodings import sds
from rinspect.engine.encodings.rax import Rax
from rinspect.engine.keyspace import Database
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.tree_layout import tree_charge
from rinspect.engine.values.value import ROBJ_SIZE, Value

SEEDED = frozenset({"hashtable", "skiplist"})
MOST_EMBSTR = 64
RAX_SIZE = 32
"""sizeof rax there: it counts its own bytes."""


def charge(db: Database, key: bytes, value: Value) -> int | None:
    """MEMORY USAGE of a key in Valkey 8.1; None where it depends on chance."""
    if value.encoding in SEEDED:
        return None
    if isinstance(value, StringValue) and value.encoding == "embstr":
        expiry = 8 if db.expiry(key) is not None else 0
        if ROBJ_SIZE + len(key) + 3 + expiry + 4 + len(value) > MOST_EMBSTR:
            return ROBJ_SIZE + db.runtime.usable(sds.sds_size(len(value)))
        return db.runtime.usable(ROBJ_SIZE + 1 + sds.sds_size(len(key)) + 3 + len(value) + 1 + expiry)
    if isinstance(value, StreamValue):
        return value.charged() + sum(RAX_SIZE + tree.size_class - tree_charge(tree) for tree in _counted_trees(value))
    return value.charged()


def _counted_trees(value: StreamValue) -> Iterator[Rax[Any]]:
    """The trees that MEMORY USAGE counts: of the nodes, and of what is pending."""
    yield value.nodes
    for _, group in value.named_groups():
        yield group.pel
        yield from (consumer.pel for consumer in group.consumers.values())
