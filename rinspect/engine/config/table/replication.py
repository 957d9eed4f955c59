"""Being a master or a replica."""

from __future__ import annotations

from rinspect.engine.config.composed import ReplicaOf
from rinspect.engine.config.kinds import Backlog, Bool, Enum, Integer, Memory, Sds, Text
from rinspect.engine.config.setting import Setting
from rinspect.engine.numbers import INT64_MAX

_LOADS = Enum(("disabled", "on-empty-db", "swapdb"))
_BEHAVIOURS = Enum(("ignore", "panic", "panic-on-replicas"))

REPLICATION = (
    Setting("replicaof", ReplicaOf(), None, alias="slaveof", flags="immutable"),
    Setting("masteruser", Text(unset=True), "", flags="sensitive"),
    Setting("masterauth", Sds(), b"", flags="sensitive"),
    Setting("replica-serve-stale-data", Bool(), True, alias="slave-serve-stale-data"),
    Setting("replica-read-only", Bool(), True, alias="slave-read-only"),
    Setting("replica-lazy-flush", Bool(), False, alias="slave-lazy-flush"),
    Setting("replica-ignore-maxmemory", Bool(), True, alias="slave-ignore-maxmemory"),
    Setting("replica-ignore-disk-write-errors", Bool(), False, since=(7, 0)),
    Setting("replica-priority", Integer(), 100, alias="slave-priority"),
    Setting("replica-announced", Bool(), True),
    Setting("replica-announce-ip", Text(unset=True), "", alias="slave-announce-ip"),
    Setting("replica-announce-port", Integer(high=65535), 0, alias="slave-announce-port"),
    Setting("replica-full-sync-buffer-limit", Memory(), 0, since=(8, 0)),
    Setting("min-replicas-to-write", Integer(), 0, alias="min-slaves-to-write"),
    Setting("min-replicas-max-lag", Integer(), 10, alias="min-slaves-max-lag"),
    Setting("repl-ping-replica-period", Integer(1), 10, alias="repl-ping-slave-period"),
    Setting("repl-timeout", Integer(1), 60),
    Setting("repl-disable-tcp-nodelay", Bool(), False),
    Setting("repl-diskless-sync", Bool(), False, before=(7, 0)),
    Setting("repl-diskless-sync", Bool(), True, since=(7, 0)),
    Setting("repl-diskless-sync-delay", Integer(), 5),
    Setting("repl-diskless-sync-max-replicas", Integer(), 0, since=(7, 0)),
    Setting("repl-diskless-load", _LOADS, "disabled"),
    Setting("repl-rdb-channel", Bool(), True, flags="hidden", since=(8, 0)),
    Setting("repl-backlog-size", Backlog(1), 1 << 20),
    Setting("repl-backlog-ttl", Integer(high=INT64_MAX), 3600),
    Setting("propagation-error-behavior", _BEHAVIOURS, "ignore", since=(7, 0)),
)
