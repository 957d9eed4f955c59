"""Being part of a cluster."""

from __future__ import annotations

from rinspect.engine.config import checks
from rinspect.engine.config.cnumbers import UINT64_MAX
from rinspect.engine.config.kinds import Bool, Enum, Integer, Memory, Text
from rinspect.engine.config.setting import Setting
from rinspect.engine.numbers import INT64_MAX

_PORT = Integer(high=65535)
_ENDPOINTS = Enum(("ip", "hostname", "unknown-endpoint"))

CLUSTER = (
    Setting("cluster-enabled", Bool(), False, flags="immutable"),
    Setting("cluster-config-file", Text(), "nodes.conf", flags="immutable", since=(7, 0)),
    Setting("cluster-port", _PORT, 0, flags="immutable", since=(7, 0)),
    Setting("cluster-node-timeout", Integer(high=INT64_MAX), 15000),
    Setting("cluster-ping-interval", Integer(high=INT64_MAX), 0, flags="hidden", since=(7, 2)),
    Setting("cluster-announce-ip", Text(unset=True), ""),
    Setting("cluster-announce-port", _PORT, 0),
    Setting("cluster-announce-tls-port", _PORT, 0),
    Setting("cluster-announce-bus-port", _PORT, 0),
    Setting("cluster-announce-hostname", Text(unset=True, check=checks.hostname), "", since=(7, 0)),
    Setting("cluster-announce-human-nodename", Text(unset=True, check=checks.node_name), "", since=(7, 2)),
    Setting("cluster-preferred-endpoint-type", _ENDPOINTS, "ip", since=(7, 0)),
    Setting("cluster-replica-validity-factor", Integer(), 10, alias="cluster-slave-validity-factor"),
    Setting("cluster-replica-no-failover", Bool(), False, alias="cluster-slave-no-failover"),
    Setting("cluster-allow-replica-migration", Bool(), True),
    Setting("cluster-migration-barrier", Integer(), 1),
    Setting("cluster-require-full-coverage", Bool(), True),
    Setting("cluster-allow-reads-when-down", Bool(), False),
    Setting("cluster-allow-pubsubshard-when-down", Bool(), True, since=(7, 0)),
    Setting("cluster-link-sendbuf-limit", Memory(high=UINT64_MAX), 0, since=(7, 0)),
    Setting("cluster-compatibility-sample-ratio", Integer(high=100), 0, since=(8, 0)),
)
