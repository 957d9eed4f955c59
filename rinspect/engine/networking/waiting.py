"""What a client waits for: the command that it is blocked in, and what ends that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rinspect.engine.commands.blocking import WouldBlock
from rinspect.engine.commands.registry import Command
from rinspect.engine.keyspace import Database
from rinspect.engine.replies import Reply

TYPES = {"list": "list", "sorted-set": "zset", "stream": "stream"}
"""The type of key that a command of a group can wait for."""


@dataclass(slots=True)
class Blocked:
    """What a client waits for."""

    command: Command
    argv: Sequence[bytes]
    db: Database
    keys: tuple[bytes, ...]
    """The keys that may wake it; none for a client that waits for something else."""
    deadline: int
    """Milliseconds since 1970 when it gives up, 0 for never."""
    nothing: Reply
    """What it is answered then."""
    since: int
    """Microseconds since 1970."""
    why: str
    """`list`, `zset`, `stream`, `wait`, `postponed`."""
    wish: WouldBlock
    """What it asked for."""
