"""The dict of a database's keys, and the one of `expires`: they grow only where there is memory for it.

A larger table beside the old one may take much at once, and would have keys evicted whose only fault is that another came.
So while memory would be above maxmemory with the new table, chains grow longer instead, up to 1.618 entries a bucket.
"""

from __future__ import annotations

from rinspect.engine.encodings.hashtable import Hashtable, table_size
from rinspect.engine.runtime import Runtime

MAX_LOAD_FACTOR = 1.618
BUCKET_SIZE = 8


class KeyTable(Hashtable):
    """A dict of keys. Unlike the dicts of values it asks before it takes another table."""

    __slots__ = ("_runtime",)

    def __init__(self, runtime: Runtime) -> None:
        super().__init__(runtime.profile, runtime.hash_seed)
        self._runtime = runtime
        self.clear()

    def expand(self, wanted: int) -> None:
        shrinks = wanted == len(self.index)
        if self.index and self.rehashidx < 0 and not (shrinks and self._runtime.profile.version < (7, 4)):
            crowded = len(self.index) / len(self.tables[0]) > MAX_LOAD_FACTOR
            if not crowded and not self._runtime.has_memory_for(BUCKET_SIZE * table_size(wanted)):
                return
        super().expand(wanted)
