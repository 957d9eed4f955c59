"""The settings that the code reads, with their types: `config.maxclients`."""

from __future__ import annotations

from rinspect.engine.config.composed import BufferLimits


class Attributes:
    """Values as the engine uses them. Sizes are bytes; a setting that a version does not have has its newest default."""

    # Encodings: read on every write, hence attributes and no look-ups by name.
    hash_max_listpack_entries: int
    hash_max_listpack_value: int
    list_max_listpack_size: int
    list_compress_depth: int
    set_max_intset_entries: int
    set_max_listpack_entries: int
    set_max_listpack_value: int
    zset_max_listpack_entries: int
    zset_max_listpack_value: int
    stream_node_max_bytes: int
    stream_node_max_entries: int
    hll_sparse_max_bytes: int
    sanitize_dump_payload: str

    port: int
    bind: tuple[str, ...]
    """Addresses; one that begins with "-" may be missing, "*" and "::*" are all."""
    bind_source_addr: str
    unixsocket: str
    unixsocketperm: int
    tcp_backlog: int
    tcp_keepalive: int
    """Seconds."""
    socket_mark_id: int
    protected_mode: bool
    timeout: int
    """Seconds; 0 is never."""
    maxclients: int
    max_new_connections_per_cycle: int
    maxmemory_clients: int
    """Below zero: per cent of maxmemory."""
    client_query_buffer_limit: int
    client_output_buffer_limit: BufferLimits
    proto_max_bulk_len: int
    tracking_table_max_keys: int
    requirepass: bytes
    """b"" is none."""
    aclfile: str
    """"" is none."""
    acl_pubsub_default: str
    acllog_max_len: int
    enable_protected_configs: str
    enable_debug_command: str
    enable_module_command: str

    databases: int
    dir: str
    """"" is the process's own working directory."""
    daemonize: bool
    pidfile: str
    logfile: str
    loglevel: str
    supervised: str
    always_show_logo: bool
    hz: int
    dynamic_hz: bool
    activerehashing: bool
    busy_reply_threshold: int
    """Milliseconds."""
    shutdown_timeout: int
    shutdown_on_sigint: tuple[str, ...]
    shutdown_on_sigterm: tuple[str, ...]

    maxmemory: int
    maxmemory_policy: str
    maxmemory_samples: int
    maxmemory_eviction_tenacity: int
    lfu_log_factor: int
    lfu_decay_time: int
    active_expire_effort: int
    lazyfree_lazy_eviction: bool
    lazyfree_lazy_expire: bool
    lazyfree_lazy_server_del: bool
    lazyfree_lazy_user_del: bool
    lazyfree_lazy_user_flush: bool

    save: tuple[tuple[int, int], ...]
    """Seconds and changes."""
    stop_writes_on_bgsave_error: bool
    dbfilename: str
    rdbcompression: bool
    rdbchecksum: bool
    rdb_save_incremental_fsync: bool
    rdb_key_save_delay: int
    key_load_delay: int
    loading_process_events_interval_bytes: int
    appendonly: bool
    appendfsync: str
    no_appendfsync_on_rewrite: bool
    appendfilename: str
    appenddirname: str
    auto_aof_rewrite_percentage: int
    auto_aof_rewrite_min_size: int
    aof_rewrite_incremental_fsync: bool
    aof_load_truncated: bool
    aof_use_rdb_preamble: bool
    aof_timestamp_enabled: bool
    aof_disable_auto_gc: bool

    repl_backlog_size: int
    slowlog_log_slower_than: int
    """Microseconds; -1 is never."""
    slowlog_max_len: int
    latency_monitor_threshold: int
    """Milliseconds; 0 is never."""
    latency_tracking: bool
    latency_tracking_info_percentiles: tuple[float, ...]
    notify_keyspace_events: str
    """Letters, A spelt out: `"K" in config.notify_keyspace_events`."""

    replicaof: tuple[str, int] | None
    oom_score_adj: str
    oom_score_adj_values: tuple[int, int, int]
    """As a master, as a replica, in a child."""
    min_replicas_to_write: int
    min_replicas_max_lag: int
    """Seconds."""
    cluster_enabled: bool
