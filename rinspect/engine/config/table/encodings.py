"""Up to which size a value is compact. The encoding rules read these on every write."""

from __future__ import annotations

from rinspect.engine.config.kinds import INT32_MIN, Enum, Integer, Memory
from rinspect.engine.config.setting import Setting
from rinspect.engine.numbers import INT64_MAX

_COUNT = Integer(high=INT64_MAX)

ENCODINGS = (
    Setting("hash-max-listpack-entries", _COUNT, 512, alias="hash-max-ziplist-entries", renamed=(7, 0)),
    Setting("hash-max-listpack-value", Memory(), 64, alias="hash-max-ziplist-value", renamed=(7, 0)),
    Setting("list-max-listpack-size", Integer(INT32_MIN), -2, alias="list-max-ziplist-size", renamed=(7, 0)),
    Setting("list-compress-depth", Integer(), 0),
    Setting("set-max-intset-entries", _COUNT, 512),
    Setting("set-max-listpack-entries", _COUNT, 128, since=(7, 2)),
    Setting("set-max-listpack-value", _COUNT, 64, since=(7, 2)),
    Setting("zset-max-listpack-entries", _COUNT, 128, alias="zset-max-ziplist-entries", renamed=(7, 0)),
    Setting("zset-max-listpack-value", Memory(), 64, alias="zset-max-ziplist-value", renamed=(7, 0)),
    Setting("stream-node-max-bytes", Memory(), 4096),
    Setting("stream-node-max-entries", _COUNT, 100),
    Setting("hll-sparse-max-bytes", Memory(), 3000),
    Setting("sanitize-dump-payload", Enum(("no", "yes", "clients")), "no"),
)
