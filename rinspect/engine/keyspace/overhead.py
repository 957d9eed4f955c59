"""Where used_memory goes, as the server itself breaks it down: MEMORY STATS, MEMORY DOCTOR and INFO memory read it here.

    used = startup + named parts + tables of the databases + dataset
           └────────────── overhead ──────────────┘

The dataset is what is left: what nobody has counted, rounding to size classes included. The server charges entries and
robjs by their sizes here, not by their classes, and counts once more some parts that are in the startup figure; 8.0 also
the interpreters of scripts, which it has in no other figure. So a nearly empty server may have a dataset below nothing. INFO
writes that as a number without a sign, and so do we.

Clients are told as they are now; the server tells them as its cron saw them last.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import pack, unpack
from typing import NamedTuple

from rinspect.engine.encodings.hashtable import Hashtable
from rinspect.engine.keyspace.account import BUCKET_SIZE, ENTRY_SIZE, LIST_NODE
from rinspect.engine.keyspace.database import Database
from rinspect.engine.keyspace.ledger import Ledger
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.value import ROBJ_SIZE

UINT64 = (1 << 64) - 1

PARTS = (
    ("replication.backlog", (0, 0), 0),
    ("replica.fullsync.buffer", (8, 0), 0),
    ("clients.slaves", (0, 0), 0),
    ("clients.normal", (0, 0), 0),
    ("cluster.links", (7, 0), 0),
    ("aof.buffer", (0, 0), 0),
    ("lua.caches", (0, 0), 0),
    ("functions.caches", (7, 0), 200),
    ("script.VMs", (8, 0), 66_560),
)
"""Name in MEMORY STATS, since which version, and bytes without a contributor of that name: what a server without functions
and scripts says. It has them in its startup figure already, but for `script.VMs`."""


class DatabaseOverhead(NamedTuple):
    """What the tables of one database take, in bytes as the server charges them."""

    number: int
    main: int
    expires: int


class Overhead(NamedTuple):
    """The breakdown; all sizes in bytes."""

    used: int
    startup: int
    peak: int
    parts: dict[str, int]
    databases: tuple[DatabaseOverhead, ...]
    keys: int
    buckets: int
    """All tables of keys and `expires`."""
    rehashing: int
    """The smaller ones of those that are being rehashed."""
    rehashing_count: int

    @property
    def total(self) -> int:
        """All but the dataset."""
        return self.startup + sum(self.parts.values()) + sum(db.main + db.expires for db in self.databases)

    @property
    def dataset(self) -> int:
        return self.used - self.total

    @property
    def net(self) -> int:
        """What has been added since the start; 1 for nothing."""
        return self.used - self.startup if self.used > self.startup else 1

    @property
    def dataset_percentage(self) -> float:
        """Of what has been added; below nothing it is a very large number, as the server's is."""
        return _float(_float(_float(self.dataset & UINT64) * 100) / self.net)

    @property
    def peak_percentage(self) -> float:
        return _float(_float(_float(self.used) * 100) / self.peak)


def overhead(databases: Sequence[Database], ledger: Ledger, runtime: Runtime) -> Overhead:
    """The breakdown of this moment."""
    version = runtime.profile.version
    parts = {
        name: ledger.contributors[name]() if name in ledger.contributors else default
        for name, since, default in PARTS
        if since <= version
    }
    # A kvstore shows from its first key on, whether that is still there or not.
    shown = [db for db in databases if len(db) or (runtime.profile.kvstore_size and db.table.tables[0])]
    tables = [table for db in shown for table in (db.table, db.expires)]
    moving = [table for table in tables if table.rehashing]
    used = ledger.used()
    return Overhead(
        used=used,
        startup=ledger.startup,
        peak=ledger.peak,
        parts=parts,
        databases=tuple(_database(db, runtime) for db in shown),
        keys=sum(len(db) for db in shown),
        buckets=BUCKET_SIZE * sum(table.buckets for table in tables),
        rehashing=BUCKET_SIZE * sum(len(table.tables[0]) for table in moving),
        rehashing_count=len(moving),
    )


def _database(db: Database, runtime: Runtime) -> DatabaseOverhead:
    profile = runtime.profile
    main = _charged(db.table, runtime, profile.keys_metadata) + ROBJ_SIZE * len(db)
    return DatabaseOverhead(db.number, main, _charged(db.expires, runtime, profile.expires_metadata))


def _charged(table: Hashtable, runtime: Runtime, metadata: int) -> int:
    """A dict as the server charges it: entries and buckets, and from 7.4 on the structs."""
    size, profile = ENTRY_SIZE * len(table) + BUCKET_SIZE * table.buckets, runtime.profile
    if profile.kvstore_size:
        size += profile.kvstore_size
        if table.tables[0]:
            size += profile.dict_size + metadata + LIST_NODE * table.rehashing
    return size


def _float(number: float) -> float:
    """A number as C's float has it."""
    rounded: float = unpack("f", pack("f", number))[0]
    return rounded
