"""What a command had to go through, as far as something has a size that tells.

The N of most commands' complexity is no size: RPOP's is how many elements it takes off, DEL's how many keys it is given.
Dividing its time by the size of its key would tell a price that nobody paid. Only of commands that go through a whole
database, a whole value or a range of one is it known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rinspect.engine.commands.keyspecs import key_triple
from rinspect.engine.commands.registry import Command
from rinspect.engine.keyspace.database import Database
from rinspect.engine.values.value import Value

THROUGH_ALL = frozenset({"SMEMBERS", "HGETALL", "HKEYS", "HVALS"})
"""Their N is how many there are in the key's value."""
BY_RANK = frozenset({"LRANGE", "ZRANGE", "ZREVRANGE"})
"""What they go through is a range of it, from one rank to another."""
UNITS = {"list": "elements", "set": "members", "zset": "members", "hash": "fields"}
"""What values of a type consist of."""


@dataclass(frozen=True, slots=True)
class Extent:
    """A number of things, when the command had ended."""

    count: int
    unit: str
    """`keys`, or what the value of `key` consists of."""
    db: int
    key: bytes | None = None
    """None: of the whole database."""
    passed: bool = False
    """The command went through so many: its time may be divided by them."""


def extent(command: Command, argv: Sequence[bytes], db: Database) -> Extent | None:
    """For a command that has just ended in `db`; None where its key is gone, or it has none, or a string."""
    if command.name == "KEYS":
        return Extent(len(db), "keys", db.number, passed=True)
    first, _, _ = key_triple(command)
    if not 0 < first < len(argv):
        return None
    found = db.table.index.get(argv[first])
    value = None if found is None else found.value
    if not isinstance(value, Value) or value.type not in UNITS:
        return None
    count, unit, passed = len(value), UNITS[value.type], command.name in THROUGH_ALL
    if command.name in BY_RANK:
        within = _within(argv, count)
        if within is not None:
            count, passed = within, True
    return Extent(count, unit, db.number, argv[first], passed)


def _within(argv: Sequence[bytes], size: int) -> int | None:
    """How many of `size` stand between the two ranks of `key start stop`; None if that is not what they are."""
    if len(argv) < 4 or any(word.upper() in (b"BYSCORE", b"BYLEX") for word in argv[4:]):
        return None
    try:
        start, stop = int(argv[2]), int(argv[3])
    except ValueError:
        return None
    start, stop = max(0, start + size if start < 0 else start), min(size - 1, stop + size if stop < 0 else stop)
    return max(0, stop - start + 1)
