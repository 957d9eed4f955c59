"""What the server counts about keys, as INFO stats names it."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Stats:
    """Counters since the start, or since CONFIG RESETSTAT."""

    keyspace_hits: int = 0
    keyspace_misses: int = 0
    """Look-ups of commands that read; those of commands that write are not counted."""

    expired_keys: int = 0
    expired_subkeys: int = 0
    """Fields of hashes that expired."""
    expired_stale_perc: float = 0.0
    """Share of the sampled keys that had expired, 0 … 1: a running mean in which a cycle counts for 5 %."""
    expired_time_cap_reached_count: int = 0
    """Cycles that ended because their time was up."""
    expire_cycle_cpu_microseconds: int = 0

    evicted_keys: int = 0
    total_eviction_exceeded_time: int = 0
    """Microseconds that memory stood above maxmemory, but for the stretch that is going on."""
    last_eviction_exceeded_time: int = 0
    """When that stretch began, in microseconds since 1970; 0 if none is going on."""

    lazyfreed_objects: int = 0
    lazyfree_pending_objects: int = 0

    def reset(self) -> None:
        """CONFIG RESETSTAT: all but the objects that wait to be freed."""
        fresh = Stats()
        fresh.lazyfree_pending_objects = self.lazyfree_pending_objects
        for field in fields(self):
            setattr(self, field.name, getattr(fresh, field.name))
