"""ROLE, REPLICAOF and WAIT, of a server that has no replicas and is none."""

from __future__ import annotations

from rinspect.engine.commands.blocking import WouldBlock
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import INT64_MAX, parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, OK, CommandError, Reply
from rinspect.engine.server.commands.caller import server_of


@command(
    "ROLE", group="server", since="2.8.12", flags="noscript loading stale fast", acl="admin dangerous",
    summary="Returns the replication role.",
)  # fmt: skip
def role(call: Call) -> Reply:
    return [b"master", 0, []]


def _be_replica_of(call: Call, host: bytes, port: bytes) -> Reply:
    if host.upper() == b"NO" and port.upper() == b"ONE":
        return OK
    number = parse_int(port)
    old = call.runtime.profile.version < (7, 0)
    if number is None or not (old or 0 <= number <= 65535):
        raise CommandError(NOT_AN_INTEGER if old else "ERR Invalid master port")
    raise CommandError("ERR this server cannot be a replica")


_REPLICAOF = "args=<host-port=(host port:int)|no-one=(NO one)>"


@command(
    "REPLICAOF", _REPLICAOF, raw=True, arity=3,
    group="server", since="5.0.0", flags="admin noscript stale no_async_loading",
    summary="Configures a server as replica of another, or promotes it to a master.",
)  # fmt: skip
def replicaof(call: Call, host: bytes, port: bytes) -> Reply:
    return _be_replica_of(call, host, port)


@command(
    "SLAVEOF", _REPLICAOF, raw=True, arity=3,
    group="server", since="1.0.0", flags="admin noscript stale no_async_loading",
    summary="Sets a Redis server as a replica of another, or promotes it to being a master.",
)  # fmt: skip
def slaveof(call: Call, host: bytes, port: bytes) -> Reply:
    return _be_replica_of(call, host, port)


def _milliseconds(call: Call, word: bytes) -> int:
    timeout = parse_int(word)
    if timeout is None:
        raise CommandError("ERR timeout is not an integer or out of range")
    if timeout < 0:
        raise CommandError("ERR timeout is negative")
    if timeout > INT64_MAX - call.now and call.runtime.profile.version >= (7, 2):
        raise CommandError("ERR timeout is out of range")
    return timeout


@command(
    "WAIT", "numreplicas:int timeout:int", raw=True,
    group="generic", since="3.0.0", flags="blocking", acl="connection -keyspace",
    tips="request_policy:all_shards response_policy:agg_min",
    summary="Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.",
)  # fmt: skip
def wait(call: Call, replicas: bytes, timeout: bytes) -> Reply:
    wanted = parse_int(replicas)
    if wanted is None:
        raise CommandError(NOT_AN_INTEGER)
    milliseconds = _milliseconds(call, timeout)
    if wanted > 0:
        raise WouldBlock((), milliseconds, 0)
    return 0


@command(
    "WAITAOF", "numlocal:int numreplicas:int timeout:int", raw=True,
    group="generic", since="7.2.0", flags="blocking", acl="connection -keyspace",
    tips="request_policy:all_shards response_policy:agg_min",
    summary="Blocks until all of the preceding write commands sent by the connection are written to the append-only file of"
    " the master and/or replicas.",
)  # fmt: skip
def waitaof(call: Call, local: bytes, replicas: bytes, timeout: bytes) -> Reply:
    here, there = parse_int(local), parse_int(replicas)
    if here is None or not 0 <= here <= 1:
        raise CommandError("ERR value is out of range, value must between 0 and 1")
    if there is None or there < 0:
        raise CommandError("ERR value is out of range, must be positive")
    milliseconds = _milliseconds(call, timeout)
    append_only = server_of(call).append_only
    if here and not append_only.on:
        raise CommandError("ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.")
    # (Whoever asks for the disk is not kept waiting for the second to be over.)
    reached: Reply = [int(append_only.sync_now() if here else append_only.all_synced), 0]
    if there:
        raise WouldBlock((), milliseconds, reached)
    return reached
