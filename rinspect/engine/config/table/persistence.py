"""Snapshots and the append-only file."""

from __future__ import annotations

from rinspect.engine.config import checks
from rinspect.engine.config.composed import Save
from rinspect.engine.config.kinds import INT32_MIN, Bool, Enum, Integer, Memory, Text
from rinspect.engine.config.setting import Setting

_DELAY = Integer(INT32_MIN)

PERSISTENCE = (
    Setting("save", Save(), ((3600, 1), (300, 100), (60, 10000))),
    Setting("stop-writes-on-bgsave-error", Bool(), True),
    Setting("dbfilename", Text(check=checks.database_file), "dump.rdb", flags="protected"),
    Setting("rdbcompression", Bool(), True),
    Setting("rdbchecksum", Bool(), True, flags="immutable"),
    Setting("rdb-del-sync-files", Bool(), False),
    Setting("rdb-save-incremental-fsync", Bool(), True),
    Setting("rdb-key-save-delay", _DELAY, 0, before=(7, 0)),
    Setting("rdb-key-save-delay", _DELAY, 0, flags="hidden", since=(7, 0)),
    Setting("key-load-delay", _DELAY, 0, before=(7, 0)),
    Setting("key-load-delay", _DELAY, 0, flags="hidden", since=(7, 0)),
    Setting(
        "loading-process-events-interval-bytes", Integer(1024), 2 << 20, flags="hidden", since=(7, 0), before=(8, 0)
    ),
    Setting("loading-process-events-interval-bytes", Integer(1024), 512 << 10, flags="hidden", since=(8, 0)),
    Setting("appendonly", Bool(), False),
    Setting("appendfsync", Enum(("everysec", "always", "no")), "everysec"),
    Setting("no-appendfsync-on-rewrite", Bool(), False),
    Setting("appendfilename", Text(check=checks.old_append_file), "appendonly.aof", flags="immutable", before=(7, 0)),
    Setting("appendfilename", Text(check=checks.append_file), "appendonly.aof", flags="immutable", since=(7, 0)),
    Setting("appenddirname", Text(check=checks.append_folder), "appendonlydir", flags="immutable", since=(7, 0)),
    Setting("auto-aof-rewrite-percentage", Integer(), 100),
    Setting("auto-aof-rewrite-min-size", Memory(signed=True), 64 << 20),
    Setting("aof-rewrite-incremental-fsync", Bool(), True),
    Setting("aof-load-truncated", Bool(), True),
    Setting("aof-use-rdb-preamble", Bool(), True),
    Setting("aof-timestamp-enabled", Bool(), False, since=(7, 0)),
    Setting("aof-disable-auto-gc", Bool(), False, since=(7, 0), before=(7, 2)),
    Setting("aof-disable-auto-gc", Bool(), False, flags="hidden", since=(7, 2)),
)
