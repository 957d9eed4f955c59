"""What the server notes of what it does, and tells others."""

from __future__ import annotations

from rinspect.engine.config.composed import Events, Percentiles
from rinspect.engine.config.kinds import Bool, Integer
from rinspect.engine.config.setting import Setting
from rinspect.engine.numbers import INT64_MAX

OBSERVING = (
    Setting("slowlog-log-slower-than", Integer(-1, INT64_MAX), 10000),
    Setting("slowlog-max-len", Integer(high=INT64_MAX), 128),
    Setting("latency-monitor-threshold", Integer(high=INT64_MAX), 0),
    Setting("latency-tracking", Bool(), True, since=(7, 0)),
    Setting("latency-tracking-info-percentiles", Percentiles(), (50.0, 99.0, 99.9), since=(7, 0)),
    Setting("notify-keyspace-events", Events(), ""),
)
