"""What a restart would make of the keys: each is written in the form that a file has it in, and read back.

So encodings are chosen anew, slack is gone, tables have just the room for what is in them, and keys whose time is over do not
come back. The bytes stay in memory: whoever only wants to see this wants no file.
"""

from __future__ import annotations

from rinspect.engine.keyspace import Keyspace
from rinspect.engine.persistence import load, save


def reload(keyspace: Keyspace, *, emptying: bool = True, replacing: bool = False) -> None:
    """Write all keys and read them back, `emptying` the databases in between. Nothing changes for who counts changes; who
    watches a key finds it touched. BadFile if a key is there already and is not to be replaced."""
    data = bytearray()
    save(keyspace, data.extend, {})
    before = [db.dirty for db in keyspace.databases]
    if emptying:
        empty(keyspace)
    try:
        load(bytes(data), keyspace, replacing=replacing)
    finally:
        for db, dirty in zip(keyspace.databases, before, strict=True):
            db.dirty = dirty


def empty(keyspace: Keyspace) -> None:
    """Empty the databases that have keys."""
    for db in keyspace.databases:
        if len(db):
            db.clear()
