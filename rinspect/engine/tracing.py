"""The way of an operation through a key's structure."""

from __future__ import annotations

from rinspect.engine.keyspace import Database
from rinspect.engine.layout import Trace


def trace_key(db: Database, key: bytes, operation: str, argument: bytes) -> Trace | None:
    """See `rinspect.sources.source.Source.trace`."""
    return None
