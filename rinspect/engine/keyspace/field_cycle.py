"""Active expiry of hash fields (7.4+): a database at a time, the soonest fields first.

A database that has more due fields than one call may delete keeps its turn; when that has gone on for a million fields the
calls may delete more, up to 32 times as many.
"""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.keyspace.database import Database
from rinspect.engine.runtime import Runtime

FIELDS_PER_SECOND = 10_000
LONG_SEQUENCE = 1_000_000
MAX_FACTOR = 32


class FieldCycle:
    """Whose turn it is, and how many fields in a row were not enough."""

    def __init__(self, databases: Sequence[Database], runtime: Runtime) -> None:
        self._databases = databases
        self._runtime = runtime
        self._turn = 0
        self._sequence = 0

    def run(self, *, fast: bool) -> int:
        """Delete due fields of the database whose turn it is; how many."""
        db = self._databases[self._turn]
        if not len(db.field_expiry):
            self._pass_on()
            return 0
        limit = FIELDS_PER_SECOND // max(1, self._runtime.config.hz)
        if self._sequence > LONG_SEQUENCE and not fast:
            limit *= min(self._sequence // LONG_SEQUENCE, MAX_FACTOR)
        gone = db.expire_fields(limit)
        if gone == limit:
            self._sequence += limit
        else:
            self._pass_on()
        return gone

    def _pass_on(self) -> None:
        self._sequence = 0
        self._turn = (self._turn + 1) % len(self._databases)
