"""Databases: keys, their values and their expiry; what they take in memory, and what makes room."""

from rinspect.engine.keyspace.database import Database
from rinspect.engine.keyspace.keyspace import Keyspace

__all__ = ["Database", "Keyspace"]
