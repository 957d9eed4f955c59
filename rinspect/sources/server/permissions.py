"""What may be sent to a real server.

Without `--write` only what is known to change nothing. The flags of COMMAND alone do not tell: EVAL, SCRIPT FLUSH, PUBLISH,
CONFIG SET and SHUTDOWN carry no `write` flag. So a command passes if it is flagged readonly and is not dangerous, or stands in
the list below, which was judged subcommand by subcommand. What is not known is refused.

Some things are never sent by rinspect itself or on its user's behalf without --write: KEYS, DEBUG, resets of the server's
statistics, anything that may hold up a server for long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_ALLOWED = frozenset(
    # One word a command, in lines by subject; a list of quoted words would hide the subjects.
    """
    PING ECHO AUTH SELECT INFO TIME DBSIZE LASTSAVE ROLE
    COMMAND COMMAND|COUNT COMMAND|INFO COMMAND|DOCS COMMAND|LIST COMMAND|GETKEYS COMMAND|GETKEYSANDFLAGS COMMAND|HELP
    CONFIG|GET CONFIG|HELP
    OBJECT|ENCODING OBJECT|REFCOUNT OBJECT|IDLETIME OBJECT|FREQ OBJECT|HELP
    MEMORY|USAGE MEMORY|STATS MEMORY|DOCTOR MEMORY|HELP
    SLOWLOG|GET SLOWLOG|LEN SLOWLOG|HELP
    LATENCY|LATEST LATENCY|HISTORY LATENCY|DOCTOR LATENCY|GRAPH LATENCY|HISTOGRAM LATENCY|HELP
    CLIENT|LIST CLIENT|INFO CLIENT|ID CLIENT|GETNAME CLIENT|HELP CLIENT|SETNAME CLIENT|SETINFO CLIENT|NO-TOUCH
    CLUSTER|INFO CLUSTER|NODES CLUSTER|SLOTS CLUSTER|SHARDS CLUSTER|MYID CLUSTER|KEYSLOT CLUSTER|COUNTKEYSINSLOT
    CLUSTER|LINKS CLUSTER|HELP
    ACL|WHOAMI ACL|CAT ACL|HELP
    XINFO|STREAM XINFO|GROUPS XINFO|CONSUMERS XINFO|HELP
    PUBSUB|CHANNELS PUBSUB|NUMSUB PUBSUB|NUMPAT PUBSUB|SHARDCHANNELS PUBSUB|SHARDNUMSUB PUBSUB|HELP
    SCRIPT|EXISTS FUNCTION|LIST FUNCTION|STATS EVAL_RO EVALSHA_RO FCALL_RO
    """.split()  # noqa: SIM905
)

_REFUSED = {
    "PFCOUNT": "it may write the cached count",
    "TOUCH": "it resets the keys' idle times",
    "KEYS": "it walks all keys in one go, and the server answers nobody meanwhile; SCAN does it in steps",
    "SORT_RO": "it may read without bounds",
    "DEBUG": "parts of it stop or change the server",
}
"""Refused without --write although the flags would let them pass, and why."""

_CONTAINERS = frozenset(name.partition("|")[0] for name in _ALLOWED if "|" in name)
"""Commands that were judged subcommand by subcommand."""

_WAITING = frozenset("BLPOP BRPOP BRPOPLPUSH BLMOVE BLMPOP BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF".split())  # noqa: SIM905

_NEVER = {
    "MONITOR": "it turns the connection into a stream, and costs the server throughput",
    "SUBSCRIBE": "it turns the connection into a stream",
    "PSUBSCRIBE": "it turns the connection into a stream",
    "SSUBSCRIBE": "it turns the connection into a stream",
    "SYNC": "it makes the connection a replica's",
    "PSYNC": "it makes the connection a replica's",
    "MULTI": "the screen's own questions would be queued with it",
    "HELLO": "the screen speaks RESP2 on this connection",
    "RESET": "it would undo how this connection was set up",
    "QUIT": "it would close the connection under the screen; q leaves rinspect",
    "CLIENT|REPLY": "the screen waits for every answer",
    "CLIENT|TRACKING": "the screen does not take invalidations",
}
"""Refused even with --write: this one connection must go on answering one command at a time."""


@dataclass(frozen=True, slots=True)
class CommandFacts:
    """What COMMAND INFO says of a command or subcommand."""

    flags: frozenset[str]
    categories: frozenset[str]


def refusal(argv: Sequence[bytes], facts: Mapping[str, CommandFacts], *, write: bool) -> str:
    """Why a command must not be sent; empty if it may. `facts` has the server's commands, subcommands as `A|B`."""
    name = argv[0].decode("latin-1").upper()
    sub = f"{name}|{argv[1].decode('latin-1').upper()}" if len(argv) > 1 else name
    never = _NEVER.get(name) or _NEVER.get(sub)
    if never:
        return f"{_spoken(sub if sub in _NEVER else name)} is not run here: {never}."
    known = facts.get(sub) or facts.get(name)
    if _waits(name, argv, known):
        return f"{name} is not run here: it may hold up this connection, and with it the screen."
    if write or sub in _ALLOWED or name in _ALLOWED:
        return ""
    if name in _REFUSED:
        return f"{name} is not run on a read-only server: {_REFUSED[name]}. rinspect --write allows it."
    if known is None:
        return f"{name} is not run on a read-only server: it is not known what it does. rinspect --write allows it."
    # Before 7.0 a container has one set of flags for all its subcommands: MEMORY PURGE is `readonly` there.
    judged = sub in facts or name not in _CONTAINERS
    if judged and "readonly" in known.flags and "@dangerous" not in known.categories and "write" not in known.flags:
        return ""
    return (
        f"{_spoken(sub if sub in facts else name)} may change the server, read-only here. rinspect --write allows it."
    )


def _waits(name: str, argv: Sequence[bytes], known: CommandFacts | None) -> bool:
    """Whether a command may hold up its connection. Before 7.0 there is no flag that says so."""
    if name in ("XREAD", "XREADGROUP"):
        return any(word.upper() == b"BLOCK" for word in argv)
    return name in _WAITING or (known is not None and "blocking" in known.flags)


def _spoken(name: str) -> str:
    return name.replace("|", " ")
