"""The file of a server's snapshots: `dbfilename` in `dir`.

It is written under another name and then given its own: whoever reads it finds the old one or the new one, whole.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from errno import EBADF, EINVAL
from itertools import count

from rinspect.engine.config import Config
from rinspect.engine.engine import Engine
from rinspect.engine.persistence import BadFile, Loaded, Told, load, save
from rinspect.engine.server.child import Progress
from rinspect.engine.server.log import Log

_numbers = count()


class CannotLoad(Exception):
    """The file that is there cannot be loaded; the text says why."""


class DumpFile:
    """See the module."""

    def __init__(self, engine: Engine, log: Log) -> None:
        self._engine = engine
        self._config = engine.runtime.config
        self._log = log
        self.loaded = Loaded()
        """What was in it when it was loaded last."""
        self.replaces_others = True
        """A file that somebody else has written is written over, as a server does it."""
        self._written: set[str] = set()
        """Files that were written from here."""
        number = next(_numbers)
        self._suffix = f"-{number}" if number else ""

    def _now(self) -> int:
        """Seconds since 1970."""
        return self._engine.runtime.clock() // 1_000_000

    @property
    def path(self) -> str:
        return os.path.join(self._config.dir, self._config.dbfilename)  # noqa: PTH118 (a text, as configured)

    def write(self, progress: Progress | None = None) -> bool:
        """Write all keys, and tell `progress` of each; whether that worked. The log says why not."""
        if reason := self.refusal():
            self._log.warning(reason)
            return False
        temporary, place = self._temporary(os.getpid()), self._config.dir or os.getcwd()  # noqa: PTH109 (as above)
        try:
            file = open(temporary, "wb", buffering=1 << 16)  # noqa: PTH123, SIM115 (closed below)
        except OSError as error:
            self._log.warning(
                f"Failed opening the temp RDB file {temporary} (in server root dir {place}) for saving: {error.strerror}"
            )
            return False
        try:
            with file:
                save(
                    self._engine.keyspace,
                    file.write,
                    about(self._engine),
                    self.loaded.libraries,
                    after_key(self._config, progress),
                )
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            # First that: the log may be on the same disk, which is full.
            _remove(temporary)
            self._log.warning(f"Write error while saving DB to the disk: {error.strerror}")
            return False
        try:
            os.replace(temporary, self.path)  # noqa: PTH105 (as above)
        except OSError as error:
            _remove(temporary)
            self._log.warning(
                f"Error moving temp DB file {temporary} on the final destination {self._config.dbfilename} (in server root"
                f" dir {place}): {error.strerror}"
            )
            return False
        try:
            _sync_folder(place)
        except OSError as error:
            self._log.warning(f"Failed to fsync directory while saving DB: {error.strerror}")
            return False
        self.note_written()
        self._log.notice("DB saved on disk")
        return True

    def refusal(self) -> str:
        """Why it is not written to; empty if it may be."""
        path = os.path.abspath(self.path)  # noqa: PTH100 (as above)
        if self.replaces_others or path in self._written or not os.path.exists(path):  # noqa: PTH110 (as above)
            return ""
        return f"{path} is there already, and not from here: CONFIG SET dbfilename to another name first"

    def note_written(self) -> None:
        """The file that is there is one of ours."""
        self._written.add(os.path.abspath(self.path))  # noqa: PTH100 (as above)

    def remove_temporary(self, pid: int) -> None:
        """Remove what a process that was ended has left."""
        _remove(self._temporary(pid))

    def _temporary(self, pid: int) -> str:
        # (Two sides that are compared are one process.)
        return os.path.join(self._config.dir, f"temp-{pid}{self._suffix}.rdb")  # noqa: PTH118 (as above)

    # -- loading ----------------------------------------------------------------------------------------------------------

    def load(self, *, replacing: bool = False) -> bool:
        """Load the file; False if there is none. CannotLoad if that is no use."""
        path, log, began = self.path, self._log, time.perf_counter()
        try:
            with open(path, "rb") as file:  # noqa: PTH123 (as above)
                data = file.read()
            loaded = load(data, self._engine.keyspace, replacing=replacing)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise CannotLoad(
                f"can't open the RDB file {self._config.dbfilename} for reading: {error.strerror}"
            ) from None
        except BadFile as error:
            raise CannotLoad(f"{path} cannot be loaded: {error}") from None
        self.loaded = loaded
        self._tell_of(loaded)
        log.notice(f"DB loaded from disk: {time.perf_counter() - began:.3f} seconds")
        return True

    def _tell_of(self, loaded: Loaded) -> None:
        log, about = self._log, loaded.about
        if (version := about.get(b"redis-ver")) is not None:
            log.notice(f"Loading RDB produced by version {version.decode(errors='replace')}")
        if loaded.created is not None:
            log.notice(f"RDB age {self._now() - loaded.created} seconds")
        if loaded.used_memory is not None:
            log.notice(f"RDB memory usage when created {loaded.used_memory / (1 << 20):.2f} Mb")
        if loaded.libraries:
            said = f"Libraries of functions cannot run here ({len(loaded.libraries)}); the next snapshot has them too"
            log.warning(said)
        if loaded.unchecked:
            log.notice("RDB file was saved with checksum disabled: no check performed.")
        empty = f", empty keys skipped: {len(loaded.empty)}" if loaded.empty else ""
        log.notice(f"Done loading RDB, keys loaded: {loaded.keys}, keys expired: {loaded.expired}{empty}.")


def about(engine: Engine, *, of_appending: bool = False) -> dict[bytes, bytes]:
    """The auxiliary fields of a file; `of_appending` if commands are to be read behind it."""
    profile, ledger, runtime = engine.profile, engine.keyspace.ledger, engine.runtime
    opened = not runtime.accounted
    used = ledger.used()
    if opened:
        ledger.close()
    return {
        b"redis-ver": ".".join(map(str, profile.server)).encode(),
        b"redis-bits": b"64",
        b"ctime": b"%d" % (runtime.clock() // 1_000_000),
        b"used-mem": b"%d" % used,
        b"aof-base" if profile.version >= (7, 0) else b"aof-preamble": b"%d" % of_appending,
    }


def after_key(config: Config, progress: Progress | None) -> Told:
    """What is done after each key that is written. (`rdb-key-save-delay` makes that slow enough to be looked at.)"""
    delay = config.rdb_key_save_delay

    def told() -> None:
        if progress is not None:
            progress.one_more_key()
        if delay > 0:
            time.sleep(delay / 1e6)

    return told


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)  # noqa: PTH108 (a text, as configured)


def _sync_folder(path: str) -> None:
    """A new name is only safe when the folder is."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    except OSError as error:
        # Some file systems know no such thing.
        if error.errno not in (EBADF, EINVAL):
            raise
    finally:
        os.close(folder)
