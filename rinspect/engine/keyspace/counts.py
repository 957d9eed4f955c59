"""What INFO stats and INFO keyspace say of keys."""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.keyspace.database import Database
from rinspect.engine.keyspace.keyspace import Keyspace
from rinspect.engine.values.hash import HashValue


def key_stats(keyspace: Keyspace) -> dict[str, str]:
    """The fields of INFO stats about keys that were looked up, expired and evicted, in their order."""
    return dict(_stats(keyspace))


def _stats(keyspace: Keyspace) -> Iterator[tuple[str, str]]:
    runtime = keyspace.runtime
    stats, version = runtime.stats, runtime.profile.version
    if version >= (7, 4):
        yield "expired_subkeys", str(stats.expired_subkeys)
    yield "expired_keys", str(stats.expired_keys)
    yield "expired_stale_perc", f"{stats.expired_stale_perc * 100:.2f}"
    yield "expired_time_cap_reached_count", str(stats.expired_time_cap_reached_count)
    yield "expire_cycle_cpu_milliseconds", str(stats.expire_cycle_cpu_microseconds // 1000)
    yield "evicted_keys", str(stats.evicted_keys)
    if version >= (7, 0):
        since = stats.last_eviction_exceeded_time
        current = runtime.clock() - since if since else 0
        yield "total_eviction_exceeded_time", str((stats.total_eviction_exceeded_time + current) // 1000)
        yield "current_eviction_exceeded_time", str(current // 1000)
    yield "keyspace_hits", str(stats.keyspace_hits)
    yield "keyspace_misses", str(stats.keyspace_misses)


def database_info(keyspace: Keyspace) -> dict[str, str]:
    """The fields of INFO keyspace: the databases that have keys."""
    return {f"db{db.number}": _database(db) for db in keyspace.databases if len(db)}


def _database(db: Database) -> str:
    shown = f"keys={len(db)},expires={len(db.expires)},avg_ttl={db.avg_ttl}"
    if db.runtime.profile.version < (7, 4):
        return shown
    return f"{shown},subexpiry={sum(map(_has_expiring_fields, _registered(db)))}"


def _registered(db: Database) -> Iterator[object]:
    """The values of the keys that are, or were, registered for the expiry of fields."""
    for key in db.field_expiry:
        entry = db.table.index.get(key)
        yield None if entry is None else entry.value


def _has_expiring_fields(value: object) -> bool:
    return isinstance(value, HashValue) and value.registered > 0
