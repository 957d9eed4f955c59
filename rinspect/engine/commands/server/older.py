"""What COMMAND INFO of older versions says otherwise than today's declarations.

6.2 knew no tips; what is one today was a flag: `random` for an output that depends on chance, `sort_for_script` for one
whose order does. Nor did it tell subcommands apart: a container had the flags of all.
"""

from __future__ import annotations

from rinspect.engine.commands.keyspecs import INCOMPLETE, KeySpec
from rinspect.engine.commands.registry import Command
from rinspect.engine.notation import Version

FLAGS_BEFORE_7 = {
    "ACL": "admin loading noscript stale",
    "CLIENT": "admin loading noscript random stale",
    "CLUSTER": "admin random stale",
    "CONFIG": "admin loading noscript stale",
    "ECHO": "fast",
    "LATENCY": "admin loading noscript stale",
    "MEMORY": "movablekeys random readonly",
    "OBJECT": "random readonly",
    "PING": "fast stale",
    "PUBSUB": "loading pubsub random stale",
    "READONLY": "fast",
    "READWRITE": "fast",
    "RESET": "fast loading noscript stale",
    "SLOWLOG": "admin loading random stale",
    "XGROUP": "denyoom write",
    "XINFO": "random readonly",
}
CATEGORIES_BEFORE_7 = {
    "ACL": "@admin @dangerous @slow",
    "ASKING": "@fast @keyspace",
    "CLIENT": "@admin @connection @dangerous @slow",
    "CLUSTER": "@admin @dangerous @slow",
    "CONFIG": "@admin @dangerous @slow",
    "LATENCY": "@admin @dangerous @slow",
    "MEMORY": "@read @slow",
    "OBJECT": "@keyspace @read @slow",
    "PUBSUB": "@pubsub @slow",
    "READONLY": "@fast @keyspace",
    "READWRITE": "@fast @keyspace",
    "ROLE": "@dangerous @fast",
    "SELECT": "@fast @keyspace",
    "SLOWLOG": "@admin @dangerous @slow",
    "WAIT": "@keyspace @slow",
    "XGROUP": "@slow @stream @write",
    "XINFO": "@read @slow @stream",
}
WITHOUT_TIPS_BEFORE_7_2 = {
    "ACL|DELUSER", "ACL|SAVE", "ACL|SETUSER", "CLIENT|SETNAME", "CONFIG|RESETSTAT", "CONFIG|REWRITE",
}  # fmt: skip
CAME_WITH_7 = {"allow_busy", "blocking", "no_async_loading", "no_multi"}
"""Flags that 6.2 did not know."""
NEVER_TOLD = {"may_replicate"}
"""Flags that COMMAND tells of in 6.2 only."""

WAITING = ("WAIT", "WAITAOF")
"""Commands that are said to block from 7.4 on only."""

RANDOM_OUTPUT = ("COMMAND", "HGETALL", "XACK")
"""Commands of which 6.2 said that chance decides their output, not only its order, if that."""


def flags_in(found: Command, version: Version) -> frozenset[str]:
    """The flags of a command in a version."""
    declaration = found.declaration
    words = set(declaration.flags)
    if version < (7, 2) and "blocking" in words and declaration.version < (7, 0) and declaration.group != "stream":
        # Scripts may call what blocks from 7.2 on; what came with 7.0, and what reads streams, always.
        words.add("noscript")
    if version < (7, 2) and found.name in ("CLUSTER|SHARDS", "CLUSTER|SLOTS"):
        words.discard("loading")
    if version < (7, 4) and found.name in WAITING:
        words.discard("blocking")
        if version >= (7, 2) and found.name == "WAITAOF":
            words.add("noscript")
    if version >= (7, 0):
        return frozenset(words - NEVER_TOLD)
    container = found.name.partition("|")[0]
    if container in FLAGS_BEFORE_7:
        return frozenset(FLAGS_BEFORE_7[container].split())
    if "nondeterministic_output" in declaration.tips or found.name in RANDOM_OUTPUT:
        words.add("random")
    elif "nondeterministic_output_order" in declaration.tips:
        words.add("sort_for_script")
    return frozenset(words - CAME_WITH_7)


SEVERAL = ("STORE", "STOREDIST", "STREAMS")
"""Keywords of which there may be several, which was not thought of before 8.0."""


def spec_flags_in(spec: KeySpec, version: Version) -> tuple[str, ...]:
    """The flags of a key specification in a version, from 7.0 on."""
    if version >= (8, 0) or spec.keyword not in SEVERAL:
        return spec.flags
    return tuple(flag for flag in spec.flags if flag != INCOMPLETE)


def categories_in(found: Command, version: Version) -> list[str]:
    """The ACL categories of a command in a version that has others than follow from its declaration; else none."""
    if version < (7, 0):
        return CATEGORIES_BEFORE_7.get(found.name, "").split()
    return ["@connection", "@slow"] if version < (7, 4) and found.name in WAITING else []


def tips_in(found: Command, version: Version) -> list[str]:
    """The tips of a command in a version, from 7.0 on."""
    if found.name == "MSETNX" and version < (7, 2):
        return ["request_policy:multi_shard", "response_policy:agg_min"]
    if found.name == "LATENCY|RESET" and version < (7, 2):
        return ["request_policy:all_nodes", "response_policy:all_succeeded"]
    if found.name in WITHOUT_TIPS_BEFORE_7_2 and version < (7, 2):
        return []
    unknown = {"response_policy:special"} if found.name in ("RANDOMKEY", "SCAN") and version < (7, 2) else set()
    return [tip for tip in found.declaration.tips if tip not in unknown]
