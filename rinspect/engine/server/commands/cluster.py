"""CLUSTER, ASKING, READONLY and READWRITE, of a server that is in no cluster and so refuses them all."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import OK, CommandError, Reply

DISABLED = "ERR This instance has cluster support disabled"
READS = "stale"
CHANGES = "admin stale no_async_loading"
PER_NODE = "O(N) where N is the total number of Cluster nodes"
PER_SLOT = "O(N) where N is the total number of hash slot arguments"
PER_RANGE = "O(N) where N is the total number of the slots between the start slot and end slot arguments."
PER_REPLICA = "O(N) where N is the number of replicas."


@command(
    "CLUSTER", "subcommand [argument...]", raw=True, group="cluster", since="3.0.0", until=(7, 0),
    complexity="Depends on subcommand.", summary="A container for Redis Cluster commands.",
)  # fmt: skip
def disabled(call: Call, *words: bytes) -> Reply:
    """6.2 refuses before it looks at the subcommand."""
    raise CommandError(DISABLED)


@command(
    "ASKING", group="cluster", since="3.0.0", flags="fast", acl="connection",
    summary="Signals that a cluster client is following an -ASK redirect.",
)  # fmt: skip
def asking(call: Call) -> Reply:
    raise CommandError(DISABLED)


@command(
    "READONLY", group="cluster", since="3.0.0", flags="loading stale fast", acl="connection",
    summary="Enables read-only queries for a connection to a Redis Cluster replica node.",
)  # fmt: skip
def readonly(call: Call) -> Reply:
    raise CommandError(DISABLED)


@command(
    "READWRITE", group="cluster", since="3.0.0", flags="loading stale fast", acl="connection",
    summary="Enables read-write queries for a connection to a Reids Cluster replica node.",  # as the server spells it
)  # fmt: skip
def readwrite(call: Call) -> Reply:
    if call.runtime.profile.version < (7, 0):
        return OK
    raise CommandError(DISABLED)


def _subcommand(
    name: str,
    notation: str,
    flags: str,
    summary: str,
    *,
    since: str = "3.0.0",
    complexity: str = "O(1)",
    varies: bool = False,
) -> None:
    """Declare a subcommand of CLUSTER; `varies` if equal nodes may answer differently."""
    command(
        f"CLUSTER|{name}", notation, raw=True, group="cluster", since=since, flags=flags, complexity=complexity,
        summary=summary, tips="nondeterministic_output" if varies else "",
    )(disabled)  # fmt: skip


_subcommand("ADDSLOTS", "slot:int...", CHANGES, "Assigns new hash slots to a node.", complexity=PER_SLOT)
_subcommand(
    "ADDSLOTSRANGE", "range=(start-slot:int end-slot:int)...", CHANGES, "Assigns new hash slot ranges to a node.",
    since="7.0.0", complexity=PER_RANGE,
)  # fmt: skip
_subcommand("BUMPEPOCH", "", CHANGES, "Advances the cluster config epoch.", varies=True)
_subcommand(
    "COUNT-FAILURE-REPORTS", "node-id", "admin stale", "Returns the number of active failure reports active for a node.",
    complexity="O(N) where N is the number of failure reports", varies=True,
)  # fmt: skip
_subcommand("COUNTKEYSINSLOT", "slot:int", READS, "Returns the number of keys in a hash slot.")
_subcommand("DELSLOTS", "slot:int...", CHANGES, "Sets hash slots as unbound for a node.", complexity=PER_SLOT)
_subcommand(
    "DELSLOTSRANGE", "range=(start-slot:int end-slot:int)...", CHANGES, "Sets hash slot ranges as unbound for a node.",
    since="7.0.0", complexity=PER_RANGE,
)  # fmt: skip
_subcommand(
    "FAILOVER", "[options=FORCE|TAKEOVER]", CHANGES, "Forces a replica to perform a manual failover of its master."
)
_subcommand("FLUSHSLOTS", "", CHANGES, "Deletes all slots information from a node.")
_subcommand("FORGET", "node-id", CHANGES, "Removes a node from the nodes table.")
_subcommand(
    "GETKEYSINSLOT", "slot:int count:int", READS, "Returns the key names in a hash slot.",
    complexity="O(N) where N is the number of requested keys", varies=True,
)  # fmt: skip
_subcommand("HELP", "", "loading stale", "Returns helpful text about the different subcommands.", since="5.0.0")
_subcommand("INFO", "", READS, "Returns information about the state of a node.", varies=True)
_subcommand(
    "KEYSLOT", "key:string", READS, "Returns the hash slot for a key.",
    complexity="O(N) where N is the number of bytes in the key",
)  # fmt: skip
_subcommand(
    "LINKS", "", READS, "Returns a list of all TCP links to and from peer nodes.",
    since="7.0.0", complexity=PER_NODE, varies=True,
)  # fmt: skip
_subcommand("MEET", "ip port:int [cluster-bus-port:int]", CHANGES, "Forces a node to handshake with another node.")
_subcommand("MYID", "", READS, "Returns the ID of a node.")
_subcommand("MYSHARDID", "", READS, "Returns the shard ID of a node.", since="7.2.0", varies=True)
_subcommand("NODES", "", READS, "Returns the cluster configuration for a node.", complexity=PER_NODE, varies=True)
_subcommand(
    "REPLICAS", "node-id", "admin stale", "Lists the replica nodes of a master node.",
    since="5.0.0", complexity=PER_REPLICA, varies=True,
)  # fmt: skip
_subcommand("REPLICATE", "node-id", CHANGES, "Configure a node as replica of a master node.")
_subcommand(
    "RESET", "[reset-type=HARD|SOFT]", "admin noscript stale", "Resets a node.",
    complexity="O(N) where N is the number of known nodes. The command may execute a FLUSHALL as a side effect.",
)  # fmt: skip
_subcommand("SAVECONFIG", "", CHANGES, "Forces a node to save the cluster configuration to disk.")
_subcommand("SET-CONFIG-EPOCH", "config-epoch:int", CHANGES, "Sets the configuration epoch for a new node.")
_subcommand(
    "SETSLOT", "slot:int subcommand=<IMPORTING importing|MIGRATING migrating|NODE node|STABLE>", CHANGES,
    "Binds a hash slot to a node.",
)  # fmt: skip
_subcommand(
    "SHARDS", "", "loading stale", "Returns the mapping of cluster slots to shards.",
    since="7.0.0", complexity="O(N) where N is the total number of cluster nodes", varies=True,
)  # fmt: skip
_subcommand(
    "SLAVES", "node-id", "admin stale", "Lists the replica nodes of a master node.", complexity=PER_REPLICA, varies=True
)
_subcommand(
    "SLOTS", "", "loading stale", "Returns the mapping of cluster slots to nodes.", complexity=PER_NODE, varies=True
)
