"""The rewrite: a child writes the keys as they are, in place of all that made them so.

BGREWRITEAOF asks for one; so does the cron when the file has grown by `auto-aof-rewrite-percentage` since the last one, and
CONFIG SET appendonly yes, for what was there before.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rinspect.engine.engine import Engine
from rinspect.engine.persistence import save
from rinspect.engine.persistence.rebuilding import rebuild
from rinspect.engine.server.appendonly.files import CannotAppend, CannotLoad, remove
from rinspect.engine.server.child import KILL, Child, Children, Progress
from rinspect.engine.server.dumpfile import about, after_key
from rinspect.engine.server.log import Log

if TYPE_CHECKING:
    from rinspect.engine.server.appendonly.appendonly import AppendOnly

FAILURES_IN_A_ROW = 3
"""So many, and the cron waits longer and longer before it tries again: AOF_REWRITE_LIMITE_THRESHOLD."""
LONGEST_WAIT = 60
"""Minutes."""


class Rewriting:
    """Rewrites past and present. Moments are in seconds since 1970."""

    def __init__(self, engine: Engine, log: Log, children: Children, file: AppendOnly) -> None:
        self._engine = engine
        self._config = engine.runtime.config
        self._log = log
        self._file = file
        self.children = children
        self.child: Child | None = None
        self.scheduled = False
        """One waits until it can begin."""
        self.began = 0
        self.took = -1
        """Seconds that the last one took."""
        self.count = 0
        self.keys_to_save = 0
        """How many keys the child found."""
        self.last_failed = False
        self.failures = 0
        """In a row."""
        self.last_copied = 0
        """Bytes that the last child cost."""
        self.why_not = ""
        """Why the last one that was to begin has not."""
        self._not_before = 0
        self._dir = ""
        """`dir` when the last child was forked: it writes there."""
        self._killed = False
        """What the child writes is not wanted any more, even if it had ended well before it could hear of that."""

    def _now(self) -> int:
        return self._engine.runtime.clock() // 1_000_000

    # -- writing ----------------------------------------------------------------------------------------------------------

    def write(self, path: str, progress: Progress | None = None) -> bool:
        """Write the keys as they are to a path; whether that worked. The log says why not."""
        engine, told = self._engine, after_key(self._config, progress)
        try:
            with open(path, "wb", buffering=1 << 16) as file:  # noqa: PTH123 (a text, as configured)
                if self._config.aof_use_rdb_preamble:
                    save(engine.keyspace, file.write, about(engine, of_appending=True), (), told)
                else:
                    if self._config.aof_timestamp_enabled:
                        file.write(b"#TS:%d\r\n" % self._now())
                    rebuild(engine.keyspace, file.write, told)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            remove(path)
            self._log.warning(f"Write error writing append only file on disk: {error.strerror}")
            return False
        return True

    def temporary(self, pid: int) -> str:
        """The path of the file that a child writes."""
        return os.path.join(self._dir, f"temp-rewriteaof-bg-{pid}.aof")  # noqa: PTH118 (a text, as configured)

    def _in_child(self, progress: Progress) -> bool:
        self._log.role = "C"
        temporary = self.temporary(os.getpid())
        if not self.write(temporary, progress):
            return False
        progress.look()
        self._log.notice(f"Successfully created the temporary AOF base file {temporary}")
        said = f"Fork CoW for AOF rewrite: current {progress.copied >> 20} MB, peak {progress.peak >> 20} MB"
        self._log.notice(said)
        return True

    # -- beginning --------------------------------------------------------------------------------------------------------

    def begin_or_schedule(self) -> bool:
        """Begin one because appending has been switched on; whether it has begun or will."""
        if self.child is not None:
            self._log.notice(
                "AOF was enabled but there is already an AOF rewriting in background. Stopping background AOF and starting a"
                " rewrite now."
            )
            self.kill()
            self.scheduled = True
        elif self.children.active is not None:
            self._log.notice(
                "AOF was enabled but there is already another background operation. An AOF background was scheduled to start"
                " when possible."
            )
            self.scheduled = True
        elif self._engine.runtime.executing:
            # (6.2 begins at once. Its child sees half of a transaction, and what the other half does comes behind that.)
            self._log.warning(
                "AOF was enabled during a transaction. An AOF background was scheduled to start when possible."
            )
            self.scheduled = True
        return self.scheduled or self.begin()

    def begin(self) -> bool:
        """Have a child write the keys; whether there is one. None must be at work."""
        file = self._file
        file.flush(force=True)
        if file.on and file.files.moves:
            file.begin_elsewhere()
        waiting = file.waits
        try:
            descriptor = file.files.begin_rewrite(on=file.on, waiting=waiting)
            if descriptor is not None:
                file.append_elsewhere(descriptor)
        except (CannotAppend, CannotLoad) as error:
            return self._not_begun(str(error))
        file.select_anew()
        self.count += 1
        self.keys_to_save = sum(map(len, self._engine.keyspace.databases))
        self._dir, self._killed = self._config.dir, False
        try:
            self.child = self.children.start(self._in_child)
        except OSError as error:
            file.files.abandon_rewrite(waiting=waiting)
            if waiting:
                file.stop_waiting()
            return self._not_begun(f"Can't rewrite append only file in background: fork: {error.strerror}")
        self._log.notice(f"Background append only file rewriting started by pid {self.child.pid}")
        self.scheduled = False
        self.began = self._now()
        return True

    def _not_begun(self, why: str) -> bool:
        self._log.warning(why)
        self.why_not, self.last_failed = why, True
        return False

    def kill(self) -> None:
        """End the child, if there is one: what it writes is not wanted any more."""
        if self.child is not None and not self._killed:
            self._log.notice(f"Killing running AOF rewrite child: {self.child.pid}")
            self.child.kill()
            self._killed = True
            remove(self.temporary(self.child.pid))

    # -- looking after it -------------------------------------------------------------------------------------------------

    def cron(self) -> None:
        """Look after the child, and whether it is time for another one."""
        if self.child is not None:
            self._look_after(self.child)
        elif self.children.active is not None:
            return
        elif self.scheduled and self._now() >= self._not_before:
            self.begin()
        else:
            self._begin_if_grown()

    def _begin_if_grown(self) -> None:
        file, percentage = self._file, self._config.auto_aof_rewrite_percentage
        if file.waits or not (file.on and percentage) or file.size <= self._config.auto_aof_rewrite_min_size:
            return
        growth = file.size * 100 // (file.base_size or 1) - 100
        if growth >= percentage and self._now() >= self._not_before:
            self._log.notice(f"Starting automatic rewriting of AOF on {growth}% growth")
            self.begin()

    def _look_after(self, child: Child) -> None:
        ended = child.ended()
        if ended is None:
            return
        code, ended_by = (0, KILL) if self._killed else ended
        self.child = None
        self.children.gone()
        child.progress.hear()
        self.last_copied = child.progress.peak
        self.took = self._now() - self.began
        temporary, waiting = self.temporary(child.pid), self._file.waits
        if not code and not ended_by:
            self._log.notice("Background AOF rewrite terminated with success")
            self._done(temporary, waiting)
        elif ended_by:
            self._log.warning(f"Background AOF rewrite terminated by signal {ended_by}")
            self._failed(waiting, counts=ended_by != KILL)
        else:
            self._log.warning("Background AOF rewrite terminated with error")
            self._failed(waiting)
        remove(temporary)

    def _done(self, temporary: str, waiting: bool) -> None:
        file = self._file
        try:
            descriptor = file.files.end_rewrite(temporary, on=file.on, waiting=waiting)
        except CannotAppend as error:
            self._log.warning(str(error))
            self._failed(waiting)
            return
        if descriptor is not None:
            file.buffer.clear()  # that is in the new file already
            file.append_elsewhere(descriptor)
        self.last_failed, self.failures, self._not_before = False, 0, 0
        file.rewrite_succeeded()
        self._log.notice("Background AOF rewrite finished successfully")

    def _failed(self, waiting: bool, *, counts: bool = True) -> None:
        """A child has failed. Where appending begins with it, another one is to try."""
        self._file.files.abandon_rewrite(waiting=waiting)
        if waiting:
            self._file.stop_waiting()
            self.scheduled = True
        if not counts:
            return
        self.last_failed = True
        self.failures += 1
        if self.failures >= FAILURES_IN_A_ROW:
            minutes = min(LONGEST_WAIT, 1 << (self.failures - FAILURES_IN_A_ROW))
            self._not_before = self._now() + 60 * minutes
            self._log.warning(
                f"Background AOF rewrite has repeatedly failed and triggered the limit, will retry in {minutes} minutes"
            )

    def asked(self) -> None:
        """BGREWRITEAOF: what failed before is forgotten."""
        self.failures = self._not_before = 0

    def reset(self) -> None:
        """CONFIG RESETSTAT."""
        self.count = 0
