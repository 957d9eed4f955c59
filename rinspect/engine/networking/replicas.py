"""min-replicas-to-write: a server that too few replicas follow closely takes no writes, lest they are lost with it.

Nothing can follow this server yet: where replicas are asked for, there are always too few.
"""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.commands.registry import Command
from rinspect.engine.config import Config
from rinspect.engine.engine import Engine
from rinspect.engine.networking.guards import writes
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.session import Session

TOO_FEW = "NOREPLICAS Not enough good replicas to write."


def wanted(config: Config) -> bool:
    """Whether replicas are asked for: how many, and how far they may be behind, are both given."""
    return bool(config.min_replicas_to_write and config.min_replicas_max_lag)


class Replicas:
    """Refuses writes while there are too few replicas."""

    def __init__(self, engine: Engine) -> None:
        self._runtime = engine.runtime
        for name in ("min-replicas-to-write", "min-replicas-max-lag"):
            self._runtime.config.on_change(name, self._heed)
        self._heed()

    def _heed(self) -> None:
        self._runtime.guard("min-replicas", on=wanted(self._runtime.config))

    def guard(self, session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
        """Refuse a write, and EXEC if it is to run one."""
        if writes(session, command) and wanted(self._runtime.config):
            raise CommandError(TOO_FEW)
        return None
