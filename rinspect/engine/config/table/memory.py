"""How much memory, what goes when it is full, how memory is given back."""

from __future__ import annotations

from rinspect.engine.config.cnumbers import UINT64_MAX
from rinspect.engine.config.kinds import Bool, Enum, Integer, Memory, NoDefrag
from rinspect.engine.config.setting import Setting
from rinspect.engine.numbers import INT64_MAX

POLICIES = (
    "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
    "allkeys-lru", "allkeys-lfu", "allkeys-random", "noeviction",
)  # fmt: skip

MEMORY = (
    Setting("maxmemory", Memory(high=UINT64_MAX), 0),
    Setting("maxmemory-policy", Enum(POLICIES), "noeviction"),
    Setting("maxmemory-samples", Integer(1), 5, before=(7, 4)),
    Setting("maxmemory-samples", Integer(1, 64), 5, since=(7, 4)),
    Setting("maxmemory-eviction-tenacity", Integer(high=100), 10),
    Setting("lfu-log-factor", Integer(), 10),
    Setting("lfu-decay-time", Integer(), 1),
    Setting("active-expire-effort", Integer(1, 10), 1),
    Setting("lazyfree-lazy-eviction", Bool(), False),
    Setting("lazyfree-lazy-expire", Bool(), False),
    Setting("lazyfree-lazy-server-del", Bool(), False),
    Setting("lazyfree-lazy-user-del", Bool(), False),
    Setting("lazyfree-lazy-user-flush", Bool(), False),
    Setting("jemalloc-bg-thread", Bool(), True),
    Setting("activedefrag", NoDefrag(), False),
    Setting("active-defrag-cycle-min", Integer(1, 99), 1),
    Setting("active-defrag-cycle-max", Integer(1, 99), 25),
    Setting("active-defrag-threshold-lower", Integer(high=1000), 10),
    Setting("active-defrag-threshold-upper", Integer(high=1000), 100),
    Setting("active-defrag-ignore-bytes", Memory(1), 100 << 20),
    Setting("active-defrag-max-scan-fields", Integer(1, INT64_MAX), 1000),
)
