"""What COMMAND INFO of older versions says otherwise than today's declarations.

6.2 knew no tips; what is one today was a flag: `random` for an output that depends on chance, `sort_for_script` for one
whose order does. Nor did it tell subcommands apart: a container had the flags of all.
"""

from __future__ import annotations

from rinspect.engine.commands.registry import Command
from rinspect.engine.grammar import Version

FLAGS_BEFORE_7 = {
    "CONFIG": "admin loading noscript stale",
    "ECHO": "fast",
    "MEMORY": "movablekeys random readonly",
    "OBJECT": "random readonly",
    "PING": "fast stale",
}
CATEGORIES_BEFORE_7 = {
    "CONFIG": "@admin @dangerous @slow",
    "MEMORY": "@read @slow",
    "OBJECT": "@keyspace @read @slow",
    "SELECT": "@fast @keyspace",
}

RANDOM_ORDER = ("COMMAND", "HGETALL")
"""Commands of which 6.2 said that chance decides their output, not only its order."""


def flags_in(found: Command, version: Version) -> frozenset[str]:
    """The flags of a command in a version."""
    declaration = found.declaration
    words = set(declaration.flags)
    if version < (7, 2) and "blocking" in words and declaration.version < (7, 0):
        # Scripts may call what blocks from 7.2 on, and what came with 7.0 always.
        words.add("noscript")
    if version >= (7, 0):
        return frozenset(words)
    if found.name in FLAGS_BEFORE_7:
        return frozenset(FLAGS_BEFORE_7[found.name].split())
    if "nondeterministic_output" in declaration.tips or found.name in RANDOM_ORDER:
        words.add("random")
    elif "nondeterministic_output_order" in declaration.tips:
        words.add("sort_for_script")
    return frozenset(words - {"blocking", "allow_busy"})


def categories_in(found: Command, version: Version) -> list[str]:
    """The ACL categories of a command in a version that has others than follow from its declaration; else none."""
    return CATEGORIES_BEFORE_7.get(found.name, "").split() if version < (7, 0) else []


def tips_in(found: Command, version: Version) -> list[str]:
    """The tips of a command in a version, from 7.0 on."""
    if found.name == "MSETNX" and version < (7, 2):
        return ["request_policy:multi_shard", "response_policy:agg_min"]
    if found.name == "CONFIG|REWRITE" and version < (7, 2):
        return []
    unsaid = "response_policy:special" if found.name in ("RANDOMKEY", "SCAN") and version < (7, 2) else ""
    return [tip for tip in found.declaration.tips if tip != unsaid]
