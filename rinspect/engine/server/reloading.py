"""What a restart would make of the keys: each is written in the form that a file has it in, and read back.

So encodings are chosen anew, slack is gone, tables have just the room for what is in them, and keys whose time is over do not
come back. There is no file yet: the bytes stay in memory.
"""

from __future__ import annotations

from rinspect.engine import payload
from rinspect.engine.keyspace import Database, Keyspace


def reload(keyspace: Keyspace) -> None:
    """Write all keys and read them back. Nothing changes for who counts changes; who watches a key finds it touched."""
    for db in keyspace.databases:
        if len(db):
            _reload(db)


def _reload(db: Database) -> None:
    runtime, dirty = db.runtime, db.dirty
    saved = []
    for entry in db.table:
        value = db.peek(entry.key) if entry.key in db.table.index else None
        if value is not None:
            saved.append((entry.key, payload.dump(value), db.expiry(entry.key), value.used))
    db.clear()
    db.table.expand(len(saved))
    db.expires.expand(sum(when is not None for _, _, when, _ in saved))
    keeps_use = runtime.config.maxmemory_policy.endswith(("lru", "lfu"))
    for key, data, when, used in saved:
        value = payload.read(data, runtime).settle()
        if keeps_use:
            value.used = used
        db.load(key, value, when)
    db.dirty = dirty
