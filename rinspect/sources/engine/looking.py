"""A key of an engine, looked at."""

from __future__ import annotations

from rinspect.engine import lru
from rinspect.engine.key_layout import key_layout
from rinspect.engine.keyspace import Database
from rinspect.engine.layout import Certainty, Window
from rinspect.engine.values.value import Value
from rinspect.records import Look


def look(db: Database, key: bytes, window: Window) -> Look | None:
    """A key of an engine, looked at; without marking it as used. None if it is not there."""
    found = key_layout(db, key, window)
    if found is None:
        return None
    value = db.table.index[key].value
    assert isinstance(value, Value)
    certainty = Certainty.EXACT if db.runtime.allocator.exact else Certainty.ESTIMATED
    return Look(
        key=key,
        database=db.number,
        type=value.type,
        encoding=value.encoding,
        elements=len(value),
        expires_at=db.expiry(key),
        layout=found.layout,
        uncounted=found.uncounted,
        computed=found.layout.charged,
        reported_certainty=certainty,
        idle=lru.idle_time(value.used, db.runtime.now) // 1000,
    )
