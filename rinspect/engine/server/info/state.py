"""INFO clients, persistence, threads, replication, modules and cluster: how things stand.

Nothing is replicated or clustered here; the fields about it are the server's for when that is so.
"""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.networking import replicas
from rinspect.engine.server.appendonly import AppendOnly
from rinspect.engine.server.server import Server

Fields = Iterator[tuple[str, object]]


def clients(server: Server) -> Fields:
    everybody, version = server.clients, server.engine.profile.version
    waiting = [client.blocked for client in everybody.blocked.waiting if client.blocked is not None]
    yield "connected_clients", len(everybody.by_id)
    yield "cluster_connections", 0
    yield "maxclients", server.engine.runtime.config.maxclients
    yield "client_recent_max_input_buffer", server.metrics.largest_input
    yield "client_recent_max_output_buffer", server.metrics.largest_output
    yield "blocked_clients", len(everybody.blocked)
    yield "tracking_clients", len(everybody.tracking.modes)
    if version >= (7, 4):
        yield "pubsub_clients", sum(bool(client.subscriptions) for client in everybody.by_id.values())
        yield "watching_clients", sum(bool(client.watched) for client in everybody.by_id.values())
    yield "clients_in_timeout_table", sum(blocked.deadline > 0 for blocked in waiting)
    if version >= (7, 4):
        yield "total_watched_keys", len(server.engine.watched_keys.by_key)
    if version >= (7, 2):
        yield "total_blocking_keys", len(everybody.blocked.by_key)
        yield "total_blocking_keys_on_nokey", everybody.blocked.missed_keys


def persistence(server: Server) -> Fields:
    version, snapshots, child = server.engine.profile.version, server.snapshots, server.children.active
    rewriting = server.append_only.rewriting
    if child is not None:
        child.progress.hear()
    done = 0 if child is None else child.progress.keys
    total = 0 if child is None else rewriting.keys_to_save if rewriting.child is child else snapshots.keys_to_save
    now = server.engine.runtime.clock() // 1_000_000
    yield "loading", 0
    if version >= (7, 0):
        yield "async_loading", 0
        yield "current_cow_peak", 0 if child is None else child.progress.peak
    yield "current_cow_size", 0 if child is None else child.progress.copied
    yield "current_cow_size_age", 0
    yield "current_fork_perc", f"{100 * done / total if total else 0:.2f}"
    yield "current_save_keys_processed", done
    yield "current_save_keys_total", total
    yield "rdb_changes_since_last_save", snapshots.changes
    yield "rdb_bgsave_in_progress", int(snapshots.child is not None)
    yield "rdb_last_save_time", snapshots.last_save
    yield "rdb_last_bgsave_status", "err" if snapshots.last_failed else "ok"
    yield "rdb_last_bgsave_time_sec", snapshots.took
    yield "rdb_current_bgsave_time_sec", -1 if snapshots.child is None else now - snapshots.began
    if version >= (7, 0):
        yield "rdb_saves", snapshots.saves
    yield "rdb_last_cow_size", snapshots.last_copied
    if version >= (7, 0):
        yield "rdb_last_load_keys_expired", snapshots.file.loaded.expired
        yield "rdb_last_load_keys_loaded", snapshots.file.loaded.keys
    yield from _append_only(server)
    yield "module_fork_in_progress", 0
    yield "module_fork_last_cow_size", 0
    if server.append_only.on:
        yield from _appending(server.append_only)


def _append_only(server: Server) -> Fields:
    file, rewriting = server.append_only, server.append_only.rewriting
    now = server.engine.runtime.clock() // 1_000_000
    yield "aof_enabled", int(file.on)
    yield "aof_rewrite_in_progress", int(rewriting.child is not None)
    yield "aof_rewrite_scheduled", int(rewriting.scheduled)
    yield "aof_last_rewrite_time_sec", rewriting.took
    yield "aof_current_rewrite_time_sec", -1 if rewriting.child is None else now - rewriting.began
    yield "aof_last_bgrewrite_status", "err" if rewriting.last_failed else "ok"
    if server.engine.profile.version >= (7, 0):
        yield "aof_rewrites", rewriting.count
        yield "aof_rewrites_consecutive_failures", rewriting.failures
    yield "aof_last_write_status", "ok" if file.failure is None and file.syncer.failed is None else "err"
    yield "aof_last_cow_size", rewriting.last_copied


def _appending(file: AppendOnly) -> Fields:
    yield "aof_current_size", file.size
    yield "aof_base_size", file.base_size
    yield "aof_pending_rewrite", int(file.rewriting.scheduled)
    yield "aof_buffer_length", len(file.buffer)
    yield "aof_pending_bio_fsync", file.syncer.pending
    yield "aof_delayed_fsync", file.delayed


def threads(server: Server) -> Fields:
    """There is the main thread only."""
    stats = server.clients.stats
    yield "io_thread_0", f"clients={len(server.clients.by_id)},reads={stats.reads},writes={stats.writes}"


def replication(server: Server) -> Fields:
    yield "role", "master"
    yield "connected_slaves", 0
    if replicas.wanted(server.engine.runtime.config):
        yield "min_slaves_good_slaves", 0
    yield "master_failover_state", "no-failover"
    yield "master_replid", server.replication_id
    yield "master_replid2", "0" * 40
    yield "master_repl_offset", 0
    yield "second_repl_offset", -1
    yield "repl_backlog_active", 0
    yield "repl_backlog_size", server.engine.runtime.config.repl_backlog_size
    yield "repl_backlog_first_byte_offset", 0
    yield "repl_backlog_histlen", 0


def modules(server: Server) -> Fields:
    yield from ()


def cluster(server: Server) -> Fields:
    yield "cluster_enabled", 0
