"""Listening, clients and their buffers, who may do what."""

from __future__ import annotations

from rinspect.engine.config.composed import Bind, BufferLimit, BufferLimits, OutputBufferLimit
from rinspect.engine.config.kinds import (
    UINT32_MAX,
    Bool,
    Enum,
    Integer,
    Memory,
    MemoryOrPercent,
    Octal,
    Sds,
    Text,
)
from rinspect.engine.config.setting import Setting
from rinspect.engine.numbers import INT64_MAX

_LIMITS = BufferLimits(BufferLimit(0, 0, 0), BufferLimit(256 << 20, 64 << 20, 60), BufferLimit(32 << 20, 8 << 20, 60))
_GUARD = Enum(("no", "yes", "local"))

NETWORK = (
    Setting("port", Integer(high=65535), 6379),
    Setting("bind", Bind(), (), before=(7, 0)),
    Setting("bind", Bind(), ("*", "-::*"), since=(7, 0)),
    Setting("bind-source-addr", Text(unset=True), "", since=(7, 0)),
    Setting("unixsocket", Text(unset=True), "", flags="immutable"),
    Setting("unixsocketperm", Octal(high=0o777), 0, flags="immutable"),
    Setting("tcp-backlog", Integer(), 511, flags="immutable"),
    Setting("tcp-keepalive", Integer(), 300),
    Setting("socket-mark-id", Integer(high=UINT32_MAX), 0, flags="immutable", since=(7, 0)),
    Setting("protected-mode", Bool(), True),
    Setting("timeout", Integer(), 0),
    Setting("maxclients", Integer(1, UINT32_MAX), 10000),
    Setting("max-new-connections-per-cycle", Integer(1, 1000), 10, since=(7, 4)),
    Setting("max-new-tls-connections-per-cycle", Integer(1, 1000), 1, since=(7, 4)),
    Setting("maxmemory-clients", MemoryOrPercent(), 0, since=(7, 0)),
    Setting("client-query-buffer-limit", Memory(1 << 20), 1 << 30),
    Setting("client-output-buffer-limit", OutputBufferLimit(), _LIMITS),
    Setting("proto-max-bulk-len", Memory(1 << 20, signed=True), 512 << 20),
    Setting("tracking-table-max-keys", Integer(high=INT64_MAX), 1_000_000),
    Setting("requirepass", Sds(), b"", flags="sensitive"),
    Setting("aclfile", Text(), "", flags="immutable"),
    Setting("acl-pubsub-default", Enum(("allchannels", "resetchannels")), "allchannels", before=(7, 0)),
    Setting("acl-pubsub-default", Enum(("allchannels", "resetchannels")), "resetchannels", since=(7, 0)),
    Setting("acllog-max-len", Integer(high=INT64_MAX), 128),
    Setting("enable-protected-configs", _GUARD, "no", flags="immutable", since=(7, 0)),
    Setting("enable-debug-command", _GUARD, "no", flags="immutable", since=(7, 0)),
    Setting("enable-module-command", _GUARD, "no", flags="immutable", since=(7, 0)),
    Setting("gopher-enabled", Bool(), False, before=(7, 0)),
    Setting("io-threads", Integer(1, 128), 1, flags="immutable"),
    Setting("io-threads-do-reads", Bool(), False, flags="immutable", before=(8, 0)),
)
