"""Snapshots: when all keys are written to a file, and whether that worked.

    SAVE        at once, and everybody waits
    BGSAVE      in a child process (child.py), and everybody is served
    save 60 10000, and the cron finds 10,000 changes and 60 seconds since the last one: as BGSAVE

Where the last BGSAVE failed, writes are refused: whoever relies on snapshots is to hear that there are none.
"""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.commands.registry import Command
from rinspect.engine.engine import Engine
from rinspect.engine.networking.guards import writes
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.server.child import KILL, Child, Children, Progress
from rinspect.engine.server.dumpfile import DumpFile
from rinspect.engine.server.log import Log
from rinspect.engine.session import Session

RETRY = 5
"""Seconds after a failure before the cron tries again: CONFIG_BGSAVE_RETRY_DELAY."""
MISCONF = (
    "MISCONF Redis is configured to save RDB snapshots, but {}. Commands that may modify the data set are disabled, because"
    " this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error"
    " option). Please check the Redis logs for details about the RDB error."
)
_UNABLE, _UNABLE_BEFORE_7 = "it's currently unable to persist to disk", "it is currently not able to persist on disk"


class Snapshots:
    """The file of one server, its saves past and present. Moments are in seconds since 1970."""

    def __init__(self, engine: Engine, log: Log, children: Children) -> None:
        self._engine = engine
        self._children = children
        self._config = engine.runtime.config
        self._log = log
        self.file = DumpFile(engine, log)
        self.last_save = self._now()
        """At the start all is taken to be saved."""
        self.last_failed = False
        self.saves = 0
        self.scheduled = False
        """A BGSAVE waits until it can begin."""
        self.child: Child | None = None
        self.began = 0
        """When the child was forked."""
        self.keys_to_save = 0
        """How many keys the child found."""
        self.took = -1
        """Seconds that the last child took."""
        self.last_copied = 0
        """Bytes that it cost."""
        self._tried = 0
        self._saved = 0
        """Changes that are in the last snapshot."""
        self._at_fork = 0
        """Changes that will be in the one that is being written."""
        for name in ("save", "stop-writes-on-bgsave-error"):
            self._config.on_change(name, self._heed)
        engine.keyspace.cleared = self._cleared

    def _now(self) -> int:
        return self._engine.runtime.clock() // 1_000_000

    @property
    def changes(self) -> int:
        """Changes since the last snapshot."""
        return self._engine.keyspace.dirty - self._saved

    # -- saving -----------------------------------------------------------------------------------------------------------

    def save(self) -> bool:
        """Write the file now; whether that worked. The log says why not."""
        changes = self._engine.keyspace.dirty
        if not self.file.write():
            return False
        self._done(changes)
        return True

    def _done(self, changes: int) -> None:
        self._saved = changes
        self.last_save = self._now()
        self._failed(False)

    def _failed(self, failed: bool) -> None:
        self.last_failed = failed
        self._heed()

    # -- in the background ------------------------------------------------------------------------------------------------

    def save_in_background(self) -> bool:
        """Have a child write the file; whether there is one. None must be at work."""
        keyspace = self._engine.keyspace
        self.saves += 1
        self._at_fork = keyspace.dirty
        self._tried = self.began = self._now()
        self.keys_to_save = sum(map(len, keyspace.databases))
        try:
            self.child = self._children.start(self._in_child)
        except OSError as error:
            self._log.warning(f"Can't save in background: fork: {error.strerror}")
            self._failed(True)
            return False
        self._log.notice(f"Background saving started by pid {self.child.pid}")
        return True

    def _in_child(self, progress: Progress) -> bool:
        self._log.role = "C"
        if not self.file.write(progress):
            return False
        progress.look()
        self._log.notice(f"Fork CoW for RDB: current {progress.copied >> 20} MB, peak {progress.peak >> 20} MB")
        return True

    def cron(self) -> None:
        """Look after the child, and whether it is time for another one."""
        if self.child is not None:
            self._look_after(self.child)
        elif self._children.active is not None:
            return
        elif self.scheduled and self._may_try():
            self.scheduled = not self.save_in_background()
        else:
            self._save_if_time()

    def _may_try(self) -> bool:
        return not self.last_failed or self._now() - self._tried > RETRY

    def _save_if_time(self) -> None:
        if not self._config.save or not self._may_try():
            return
        changes, since = self.changes, self._now() - self.last_save
        for seconds, least in self._config.save:
            if changes >= least and since > seconds:
                self._log.notice(f"{least} changes in {seconds} seconds. Saving...")
                self.save_in_background()
                return

    def _look_after(self, child: Child) -> None:
        ended = child.ended()
        if ended is None:
            return
        code, ended_by = ended
        self._forget(child)
        if not code and not ended_by:
            self._log.notice("Background saving terminated with success")
            self.file.note_written()
            self._done(self._at_fork)
            return
        if ended_by:
            self._log.warning(f"Background saving terminated by signal {ended_by}")
            self.file.remove_temporary(child.pid)
        else:
            self._log.warning("Background saving error")
        if ended_by != KILL:
            self._failed(True)

    def _forget(self, child: Child) -> None:
        self.child = None
        self._children.gone()
        self.took = self._now() - self.began
        child.progress.hear()
        self.last_copied = child.progress.peak

    def kill(self) -> None:
        """End the child, if there is one: its snapshot is not wanted any more."""
        if self.child is not None:
            self.child.kill()
            self.file.remove_temporary(self.child.pid)

    def reset(self) -> None:
        """CONFIG RESETSTAT."""
        self.saves = 0

    def _cleared(self) -> None:
        """FLUSHALL: the keys shall not come back from the file either, where there is one. (6.2 counts on as if nothing had
        been saved.)"""
        self.kill()
        if not self._config.save:
            return
        saved = self._saved
        self.save()
        if self._engine.profile.version < (7, 0):
            self._saved = saved

    # -- refusing ---------------------------------------------------------------------------------------------------------

    @property
    def _refuses(self) -> bool:
        return self.last_failed and self._config.stop_writes_on_bgsave_error and bool(self._config.save)

    def _heed(self) -> None:
        self._engine.runtime.guard("snapshots", on=self._refuses)

    def guard(self, session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
        """Refuse writes, and PING, by which a balancer sees it, while nothing can be saved."""
        if self._refuses and (writes(session, command) or command.name == "PING"):
            unable = _UNABLE if self._engine.profile.version >= (7, 0) else _UNABLE_BEFORE_7
            raise CommandError(MISCONF.format(unable))
        return None

    # -- loading ----------------------------------------------------------------------------------------------------------

    def load(self, *, replacing: bool = False) -> bool:
        """Load the file; False if there is none. CannotLoad if that is no use."""
        if not self.file.load(replacing=replacing):
            return False
        self.forget_changes()
        return True

    def forget_changes(self) -> None:
        """Count changes anew from here: what is there has come from a file."""
        self._saved = self._engine.keyspace.dirty
