"""INFO stats, and what it keeps for those who look for the cause of something: INFO debug."""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.server.server import Server

Fields = Iterator[tuple[str, object]]


def stats(server: Server) -> Fields:
    engine, network, metrics = server.engine, server.clients.stats, server.metrics
    counted, version = engine.runtime.stats, engine.profile.version
    yield "total_connections_received", network.connections_received
    yield "total_commands_processed", engine.commands.processed
    yield "instantaneous_ops_per_sec", metrics.commands.mean
    yield "total_net_input_bytes", server.clients.net_input_bytes
    yield "total_net_output_bytes", network.net_output_bytes
    if version >= (7, 0):
        yield "total_net_repl_input_bytes", 0
        yield "total_net_repl_output_bytes", 0
    yield "instantaneous_input_kbps", f"{metrics.input.mean / 1024:.2f}"
    yield "instantaneous_output_kbps", f"{metrics.output.mean / 1024:.2f}"
    if version >= (7, 0):
        yield "instantaneous_input_repl_kbps", "0.00"
        yield "instantaneous_output_repl_kbps", "0.00"
    yield "rejected_connections", network.rejected_connections
    for name in ("sync_full", "sync_partial_ok", "sync_partial_err"):
        yield name, 0
    if version >= (7, 4):
        yield "expired_subkeys", counted.expired_subkeys
    yield "expired_keys", counted.expired_keys
    yield "expired_stale_perc", f"{counted.expired_stale_perc * 100:.2f}"
    yield "expired_time_cap_reached_count", counted.expired_time_cap_reached_count
    yield "expire_cycle_cpu_milliseconds", counted.expire_cycle_cpu_microseconds // 1000
    yield "evicted_keys", counted.evicted_keys
    if version >= (7, 0):
        since = counted.last_eviction_exceeded_time
        exceeded = engine.runtime.clock() - since if since else 0
        yield "evicted_clients", network.evicted_clients
        if version >= (7, 4):
            yield "evicted_scripts", 0
        yield "total_eviction_exceeded_time", (counted.total_eviction_exceeded_time + exceeded) // 1000
        yield "current_eviction_exceeded_time", exceeded // 1000
    yield "keyspace_hits", counted.keyspace_hits
    yield "keyspace_misses", counted.keyspace_misses
    yield from _channels(server)
    yield "latest_fork_usec", server.children.fork_took
    yield "total_forks", server.children.forks
    for name in ("migrate_cached_sockets", "slave_expires_tracked_keys"):
        yield name, 0
    for name in ("hits", "misses", "key_hits", "key_misses"):
        yield f"active_defrag_{name}", 0
    if version >= (7, 0):
        yield "total_active_defrag_time", 0
        yield "current_active_defrag_time", 0
    tracking = server.clients.tracking
    yield "tracking_total_keys", len(tracking.readers)
    yield "tracking_total_items", tracking.items
    yield "tracking_total_prefixes", len(tracking.prefixes)
    yield "unexpected_error_replies", 0
    yield "total_error_replies", sum(engine.error_counts.values())
    yield "dump_payload_sanitizations", 0
    yield "total_reads_processed", network.reads
    yield "total_writes_processed", network.writes
    yield "io_threaded_reads_processed", 0
    yield "io_threaded_writes_processed", 0
    if version >= (7, 4):
        yield "client_query_buffer_limit_disconnections", network.query_buffer_disconnections
        yield "client_output_buffer_limit_disconnections", network.output_buffer_disconnections
    if version >= (7, 0):
        yield "reply_buffer_shrinks", 0
        yield "reply_buffer_expands", 0
    if version >= (7, 2):
        yield "eventloop_cycles", metrics.loop_cycles
        yield "eventloop_duration_sum", metrics.loop_duration
        yield "eventloop_duration_cmd_sum", metrics.command_duration
        yield "instantaneous_eventloop_cycles_per_sec", metrics.cycles.mean
        yield "instantaneous_eventloop_duration_usec", metrics.cycle_duration.mean
        for name, reason in (("auth", "auth"), ("cmd", "command"), ("key", "key"), ("channel", "channel")):
            yield f"acl_access_denied_{name}", server.clients.access.refused[reason]


def _channels(server: Server) -> Fields:
    pubsub = server.clients.pubsub
    yield "pubsub_channels", len(pubsub.channels)
    yield "pubsub_patterns", len(pubsub.patterns)
    if server.engine.profile.version >= (7, 0):
        yield "pubsubshard_channels", len(pubsub.shard_channels)


def debug(server: Server) -> Fields:
    yield "eventloop_duration_aof_sum", 0
    yield "eventloop_duration_cron_sum", server.metrics.cron_duration
    yield "eventloop_duration_max", server.loop.stats.longest
    yield "eventloop_cmd_per_cycle_max", server.clients.stats.most_requests
