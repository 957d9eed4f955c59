"""INFO memory and MEMORY STATS: the breakdown under the names that each version gives it.

An allocator's pages are no part of the model: all that is allocated is resident, and nothing lies in between. So its
fragmentation is none. The process's own size is the operating system's figure, for the Python that runs here.
"""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.keyspace.keyspace import Keyspace
from rinspect.engine.keyspace.overhead import UINT64, Overhead, overhead
from rinspect.engine.keyspace.resident import resident_size, system_memory

Stat = int | float | dict[str, int]

LUA_SIZE = {"6.2": 30_720}
"""Bytes of an empty Lua interpreter as INFO gives them; 32,768 in later versions."""
FUNCTIONS_SIZE = 33_792
"""The same for the one that runs functions (7.0+)."""

_BUNDLED = {"6.2": "jemalloc-5.1.0", "7.0": "jemalloc-5.2.1"}


def memory_overhead(keyspace: Keyspace) -> Overhead:
    """The breakdown of used_memory."""
    return overhead(keyspace.databases, keyspace.ledger, keyspace.runtime)


def memory_stats(keyspace: Keyspace) -> dict[str, Stat]:
    """What MEMORY STATS answers, in its order; a database's figures are a map of their own."""
    return dict(_stats(keyspace, memory_overhead(keyspace)))


def _stats(keyspace: Keyspace, figures: Overhead) -> Iterator[tuple[str, Stat]]:
    version = keyspace.runtime.profile.version
    yield "peak.allocated", figures.peak
    yield "total.allocated", figures.used
    yield "startup.allocated", figures.startup
    yield from figures.parts.items()
    for db in figures.databases:
        tables = {"overhead.hashtable.main": db.main, "overhead.hashtable.expires": db.expires}
        if (7, 0) <= version < (7, 4):
            tables["overhead.hashtable.slot-to-keys"] = 0
        yield f"db.{db.number}", tables
    if version >= (7, 4):
        yield "overhead.db.hashtable.lut", figures.buckets
        yield "overhead.db.hashtable.rehashing", figures.rehashing
    yield "overhead.total", figures.total
    if version >= (7, 4):
        yield "db.dict.rehashing.count", figures.rehashing_count
    yield "keys.count", figures.keys
    yield "keys.bytes-per-key", _bytes_per_key(figures, version)
    yield "dataset.bytes", figures.dataset
    yield "dataset.percentage", figures.dataset_percentage
    yield "peak.percentage", figures.peak_percentage
    for name in ("allocated", "active", "resident"):
        yield f"allocator.{name}", figures.used
    if version >= (7, 4):
        yield "allocator.muzzy", 0
    resident = resident_size()
    for name, ratio, size in (
        ("allocator-fragmentation", 1.0, 0),
        ("allocator-rss", 1.0, 0),
        ("rss-overhead", resident / figures.used, resident - figures.used),
    ):
        yield f"{name}.ratio", ratio
        yield f"{name}.bytes", size
    yield "fragmentation", resident / figures.used
    yield "fragmentation.bytes", resident - figures.used


def _bytes_per_key(figures: Overhead, version: tuple[int, int]) -> int:
    """From 7.4 on of the dataset, divided without a sign even where it is below nothing; the quotient is told with one."""
    if not figures.keys:
        return 0
    if version < (7, 4):
        return figures.net // figures.keys
    quotient = (figures.dataset & UINT64) // figures.keys
    return quotient - (UINT64 + 1) if quotient >> 63 else quotient


def memory_info(keyspace: Keyspace) -> dict[str, str]:
    """The fields of INFO memory, in their order."""
    return dict(_info(keyspace, memory_overhead(keyspace)))


def _info(keyspace: Keyspace, figures: Overhead) -> Iterator[tuple[str, str]]:
    runtime, resident = keyspace.runtime, resident_size()
    version, parts = runtime.profile.version, figures.parts
    yield from _sized("used_memory", figures.used)
    yield from _sized("used_memory_rss", resident)
    yield from _sized("used_memory_peak", figures.peak)
    yield "used_memory_peak_perc", f"{figures.peak_percentage:.2f}%"
    yield "used_memory_overhead", str(figures.total)
    yield "used_memory_startup", str(figures.startup)
    yield "used_memory_dataset", str(figures.dataset & UINT64)
    yield "used_memory_dataset_perc", f"{figures.dataset_percentage:.2f}%"
    for name in ("allocated", "active", "resident"):
        yield f"allocator_{name}", str(figures.used)
    if version >= (7, 4):
        yield "allocator_muzzy", "0"
    yield from _sized("total_system_memory", system_memory())
    yield from _scripts(runtime.profile.name, version, parts)
    yield from _sized("maxmemory", runtime.config.maxmemory)
    yield "maxmemory_policy", runtime.config.maxmemory_policy
    yield "allocator_frag_ratio", "1.00"
    yield "allocator_frag_bytes", "0"
    yield "allocator_rss_ratio", "1.00"
    yield "allocator_rss_bytes", "0"
    for name in ("rss_overhead", "mem_fragmentation"):
        yield f"{name}_ratio", f"{resident / figures.used:.2f}"
        yield f"{name}_bytes", str(resident - figures.used)
    yield "mem_not_counted_for_evict", str(keyspace.ledger.not_counted())
    yield "mem_replication_backlog", str(parts["replication.backlog"])
    if version >= (7, 0):
        yield "mem_total_replication_buffers", str(parts["replication.backlog"] + parts["clients.slaves"])
    if version >= (8, 0):
        yield "mem_replica_full_sync_buffer", str(parts["replica.fullsync.buffer"])
    yield "mem_clients_slaves", str(parts["clients.slaves"])
    yield "mem_clients_normal", str(parts["clients.normal"])
    if version >= (7, 0):
        yield "mem_cluster_links", str(parts["cluster.links"])
    yield "mem_aof_buffer", str(parts["aof.buffer"])
    yield "mem_allocator", allocator_name(runtime.allocator.name, runtime.profile.name)
    if version >= (7, 4):
        yield "mem_overhead_db_hashtable_rehashing", str(figures.rehashing)
    yield "active_defrag_running", "0"
    yield "lazyfree_pending_objects", str(runtime.stats.lazyfree_pending_objects)
    yield "lazyfreed_objects", str(runtime.stats.lazyfreed_objects)


def _scripts(profile: str, version: tuple[int, int], parts: dict[str, int]) -> Iterator[tuple[str, str]]:
    """The interpreters and what they keep."""
    lua, caches = LUA_SIZE.get(profile, 32_768), parts["lua.caches"]
    yield "used_memory_lua", str(lua)
    if version < (7, 0):
        yield "used_memory_lua_human", human(lua)
        yield from _sized("used_memory_scripts", caches)
        yield "number_of_cached_scripts", "0"
        return
    yield "used_memory_vm_eval", str(lua)
    yield "used_memory_lua_human", human(lua)
    yield "used_memory_scripts_eval", str(caches)
    for name in ("number_of_cached_scripts", "number_of_functions", "number_of_libraries"):
        yield name, "0"
    yield "used_memory_vm_functions", str(FUNCTIONS_SIZE)
    yield from _sized("used_memory_vm_total", lua + FUNCTIONS_SIZE)
    yield "used_memory_functions", str(parts["functions.caches"])
    yield from _sized("used_memory_scripts", caches + parts["functions.caches"])


def _sized(name: str, size: int) -> Iterator[tuple[str, str]]:
    yield name, str(size)
    yield f"{name}_human", human(size)


def human(size: int) -> str:
    """A size for people: `914.06K`."""
    if size < 1024:
        return f"{size}B"
    unit = min((size.bit_length() - 1) // 10, 5)
    return f"{size / (1 << 10 * unit):.2f}{'BKMGTP'[unit]}"


def allocator_name(allocator: str, profile: str) -> str:
    """As INFO's mem_allocator has it."""
    if allocator == "libc":
        return "libc"
    return _BUNDLED.get(profile, "jemalloc-5.3.0") if allocator == "jemalloc" else "jemalloc-5.3.0"
