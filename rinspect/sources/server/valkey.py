"""What Valkey 8.1 charges, where it differs from Redis: measured on that version with the system's jemalloc.

MEMORY USAGE leaves out the key and its entry, which are embedded in the value's object. Only an embstr, which shares the one
allocation with them, is charged with its key. Sets, hashes, sorted sets and the keyspace use another hashtable, whose figures
depend on a random seed: for those there is no exact figure here.
"""

from __future__ import annotations

from rinspect.engine.encodings import sds
from rinspect.engine.keyspace import Database
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.value import ROBJ_SIZE, Value

SEEDED = frozenset({"hashtable", "skiplist"})
MOST_EMBSTR = 64


def charge(db: Database, key: bytes, value: Value) -> int | None:
    """MEMORY USAGE of a key in Valkey 8.1; None where it depends on chance."""
    if value.encoding in SEEDED:
        return None
    if isinstance(value, StringValue) and value.encoding == "embstr":
        expiry = 8 if db.expiry(key) is not None else 0
        if ROBJ_SIZE + len(key) + 3 + expiry + 4 + len(value) > MOST_EMBSTR:
            return ROBJ_SIZE + db.runtime.usable(sds.sds_size(len(value)))
        return db.runtime.usable(ROBJ_SIZE + 1 + sds.sds_size(len(key)) + 3 + len(value) + 1 + expiry)
    return value.charged()
