"""Appending: what is handed on goes into a buffer, the buffer into the file before replies leave, the file to the disk."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from enum import Enum

from rinspect.engine.commands.registry import Command
from rinspect.engine.config.errors import Refused
from rinspect.engine.engine import Engine
from rinspect.engine.events import Appended
from rinspect.engine.networking.guards import writes
from rinspect.engine.networking.multibulks import multibulk
from rinspect.engine.propagation import Propagation
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.server.appendonly.files import CannotAppend, Files
from rinspect.engine.server.appendonly.onefile import OneFile
from rinspect.engine.server.appendonly.parts import Parts
from rinspect.engine.server.appendonly.rewriting import Rewriting
from rinspect.engine.server.appendonly.syncing import Syncer
from rinspect.engine.server.child import Children
from rinspect.engine.server.log import Log
from rinspect.engine.session import Session

LOG_ERRORS_EVERY = 30
"""Seconds between two words in the log on what cannot be written."""
POSTPONED_AT_MOST = 2
"""Seconds for which a write waits for an fsync that goes on."""


class State(Enum):
    """Whether what changes is appended. `WAIT_REWRITE`: switched on, but what was there before is still being written."""

    OFF = "off"
    WAIT_REWRITE = "waiting for a rewrite"
    ON = "on"


class AppendOnly:
    """See the module. Moments are in seconds since 1970."""

    def __init__(self, engine: Engine, log: Log, children: Children, give_up: Callable[[], None]) -> None:
        """`give_up` ends a process whose promises cannot be kept; where it must not, it returns."""
        self._engine = engine
        self._runtime = engine.runtime
        self._config = engine.runtime.config
        self._log = log
        self._give_up = give_up
        self.state = State.OFF
        self.files: Files = (Parts if engine.profile.version >= (7, 0) else OneFile)(self._config, log)
        self.rewriting = Rewriting(engine, log, children, self)
        self.syncer = Syncer()
        self.buffer = bytearray()
        """What is not written yet."""
        self.size = 0
        """Bytes of all its files."""
        self.base_size = 0
        """Bytes of them when they were rewritten last, or loaded."""
        self.failure: OSError | None = None
        """Why the last write failed, None if it did not."""
        self.delay = 0
        """Microseconds that each write is made to wait, for whoever wants to see what that does."""
        self.delayed = 0
        """Writes that did not wait any longer for an fsync."""
        self._descriptor = -1
        self.written = self.synced = 0
        """Bytes of the file that is appended to: written, and known to be on the disk or on the way to it."""
        self.appended = 0
        """Bytes of all that was ever appended, whatever file it went to."""
        self.last_sync = 0
        """When the last fsync was begun, 0 if none was."""
        self._selected = -1
        """The database that the file's last command is for; -1 for none."""
        self._stamped = 0
        self._postponed = 0
        """Since when a write waits for an fsync; 0 if none does."""
        self._told = 0
        self._config.on_change("appendonly", self._switch)

    def _now(self) -> int:
        return self._runtime.ustime // 1_000_000

    @property
    def on(self) -> bool:
        return self.state is not State.OFF

    @property
    def waits(self) -> bool:
        return self.state is State.WAIT_REWRITE

    @property
    def appends(self) -> bool:
        """Whether there is a file open that is written to."""
        return self._descriptor >= 0

    def keeps_its_word(self) -> bool:
        """Whether nothing waits that is promised to be on the disk before anybody is told of it."""
        return not (self.buffer and self._config.appendfsync == "always" and self.appends)

    # -- on and off -------------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Begin at the start, with what was loaded. CannotAppend, CannotLoad."""
        self._append_to(self.files.open(self.rewriting.write))
        self.size, self.base_size = self.files.size()
        self._set(State.ON)

    def _switch(self) -> None:
        """CONFIG SET appendonly."""
        if self._config.appendonly and not self.on:
            self._begin()
        elif not self._config.appendonly and self.on:
            self._end()

    def _begin(self) -> None:
        """From now on changes are appended; what is there already, a child has to write first."""
        self._set(State.WAIT_REWRITE)
        self.failure = None
        self.rewriting.asked()
        if not self.rewriting.begin_or_schedule():
            self._set(State.OFF)
            raise Refused(f"Unable to turn on AOF: {self.rewriting.why_not}")

    def _end(self) -> None:
        self.flush(force=True)
        self.rewriting.kill()
        self.close()
        self._set(State.OFF)

    def close(self) -> None:
        """Write everything and bring it to the disk; nothing is appended any more."""
        if self._descriptor >= 0:
            self.flush(force=True)
            self.syncer.sync_and_close(self._descriptor)
            self.syncer.drain()
            self._descriptor = -1

    def _set(self, state: State) -> None:
        self.state = state
        runtime = self._runtime
        runtime.propagation = Propagation(self.feed, self._engine.profile.version) if self.on else None
        self._heed()
        self._selected = -1
        if not self.on:
            self.buffer.clear()

    def stop_waiting(self) -> None:
        """What was there before could not be written: what has changed since is of no use."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self.buffer.clear()
        self.failure = None
        self._heed()

    def begin_elsewhere(self) -> None:
        """The file here stays as it is; elsewhere there will be one when all keys are written there."""
        self.close()
        self.state = State.WAIT_REWRITE

    def select_anew(self) -> None:
        """Have the next command say which database it is for."""
        self._selected = -1

    def rewrite_succeeded(self) -> None:
        """What was there before is written."""
        if self.on:
            self.size, _ = self.files.size()
            self.base_size = self.size
            self.state = State.ON

    # -- appending --------------------------------------------------------------------------------------------------------

    def feed(self, database: int | None, argv: Sequence[bytes], asked: Sequence[bytes] | None, gone: str) -> None:
        """Append a command, and before it what its reader has to know. The arguments are `HandOn`'s."""
        if self._config.aof_timestamp_enabled and self._now() > self._stamped:
            self._stamped = self._now()
            self._append(b"#TS:%d\r\n" % self._stamped)
        if database is not None and database != self._selected:
            self._selected = database
            self._append_command(database, (b"SELECT", b"%d" % database), None, "")
        self._append_command(database, argv, asked, gone)

    def _append_command(
        self, database: int | None, argv: Sequence[bytes], asked: Sequence[bytes] | None, gone: str
    ) -> None:
        data = multibulk(argv)
        self._append(data)
        if self._runtime.observers:
            words = None if asked is None else tuple(asked)
            self._runtime.emit(Appended(self._runtime.ustime, database, tuple(argv), len(data), words, gone))

    def _append(self, data: bytes) -> None:
        self.appended += len(data)
        if self.state is State.ON or self._descriptor >= 0:
            self.buffer += data
        self.files.also_changed(data)

    def append_elsewhere(self, descriptor: int) -> None:
        """Write to another file from now on; the one before is brought to the disk and closed."""
        if self._descriptor >= 0:
            self.syncer.sync_and_close(self._descriptor)
            self.last_sync = self._now()
        self._append_to(descriptor)

    def _append_to(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.written = self.synced = os.fstat(descriptor).st_size
        self._selected = -1

    def flush(self, *, force: bool = False) -> None:
        """Write what is in the buffer, and bring it to the disk as `appendfsync` says. Where an fsync goes on, that may have to
        wait for it, but with `force`."""
        if self._descriptor < 0 or not (self.buffer or self.written != self.synced):
            return
        if self.buffer and (self._must_wait(force) or not self._write()):
            return
        if self._config.no_appendfsync_on_rewrite and self.rewriting.children.active is not None:
            return
        if self._config.appendfsync == "always":
            self._sync_now()
        elif self._config.appendfsync == "everysec" and self._now() > self.last_sync and not self.syncer.pending:
            self.syncer.sync(self._descriptor)
            self.synced = self.written
            self.last_sync = self._now()

    def _must_wait(self, force: bool) -> bool:
        if self._config.appendfsync != "everysec" or force or not self.syncer.pending:
            self._postponed = 0
            return False
        self._postponed = self._postponed or self._now()
        if self._now() - self._postponed < POSTPONED_AT_MOST:
            return True
        self._postponed = 0
        self.delayed += 1
        self._log.notice(
            "Asynchronous AOF fsync is taking too long (disk is busy?). Writing the AOF buffer without waiting for fsync to"
            " complete, this may slow down Redis."
        )
        return False

    def _write(self) -> bool:
        """Write the buffer; whether all of it is in the file. What is there by halves, is taken out again."""
        if self.delay:
            time.sleep(self.delay / 1e6)
        began, expected, count = self._runtime.clock(), len(self.buffer), 0
        try:
            while count < expected:
                count += os.write(self._descriptor, self.buffer[count:] if count else self.buffer)
        except OSError as error:
            said = f"Error writing to the AOF file: {error.strerror}"
            if count:
                said = f"Short write while writing to the AOF file: (nwritten={count}, expected={expected})"
                self._take_back(count)
            self._write_failed(error, said)
            return False
        self._measure("aof-write", began)
        self._measure("aof-write-active-child" if self.rewriting.children.active else "aof-write-alone", began)
        if self.failure is not None:
            self.failure = None
            self._heed()
            self._log.notice("AOF write error looks solved, Redis can write again.")
        self.written += count
        self.size += count
        self.buffer.clear()
        return True

    def _take_back(self, count: int) -> None:
        """Take so many bytes, half a command, out of the file. Where that cannot be, only the rest is left to write."""
        try:
            os.ftruncate(self._descriptor, self.written)
        except OSError as error:
            self._log.warning(
                "Could not remove short write from the append-only file.  Redis may refuse to load the AOF the next time it"
                f" starts.  ftruncate: {error.strerror}"
            )
            self.written += count
            self.size += count
            del self.buffer[:count]

    def _write_failed(self, error: OSError, said: str) -> None:
        if self._now() - self._told > LOG_ERRORS_EVERY:
            self._told = self._now()
            self._log.warning(said)
        first, self.failure = self.failure is None, error
        self._heed()
        if first and self._config.appendfsync == "always":
            # The reply is on its way to the client, and says that it is written.
            self._give_up()

    @property
    def all_synced(self) -> bool:
        """Whether everything is on the disk."""
        return self.on and not self.buffer and self.written == self.synced and not self.syncer.pending

    def sync_now(self) -> bool:
        """Bring everything to the disk; whether that worked. (Until the first rewrite succeeds, there may be no file.)"""
        if self._descriptor < 0:
            return False
        self.flush(force=True)
        if self.written != self.synced or self.syncer.pending:
            self._sync_now()
        return self.failure is None and not self.buffer

    def _sync_now(self) -> None:
        began = self._runtime.clock()
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            self._write_failed(error, f"Error writing to the AOF file: {error.strerror}")
            return
        self._measure("aof-fsync-always", began)
        self.synced = self.written
        self.last_sync = self._now()

    def _measure(self, event: str, began: int) -> None:
        if self._runtime.took_time is not None:
            self._runtime.took_time(event, self._runtime.clock() - began)

    # -- refusing ---------------------------------------------------------------------------------------------------------

    @property
    def _refuses(self) -> OSError | None:
        """Why writes are refused, None if they are not."""
        return (self.failure or self.syncer.failed) if self.on else None

    def _heed(self) -> None:
        """(Whoever runs commands the short way is interrupted, and sees whether they are to be handed on.)"""
        self._runtime.guard("append-only file", on=self._refuses is not None)

    def guard(self, session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
        """Refuse writes, and PING, by which a balancer sees it, while nothing can be written down."""
        failure = self._refuses
        if failure is not None and (writes(session, command) or command.name == "PING"):
            raise CommandError(f"MISCONF Errors writing to the AOF file: {failure.strerror}")
        return None

    def cron(self) -> None:
        """What is due from time to time."""
        self.rewriting.cron()
        if self.syncer.failed is not None and not self.syncer.pending:
            self.synced = 0  # nobody knows what is on the disk: try again
        if self._postponed or self.failure is not None:
            self.flush()
        self._heed()


__all__ = ["AppendOnly", "CannotAppend", "State"]
