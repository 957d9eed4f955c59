"""The file of a server's snapshots: `dbfilename` in `dir`.

It is written under another name and then given its own: whoever reads it finds the old one or the new one, whole.
"""

from __future__ import annotations

import os
import time
from contextlib import nullcontext, suppress
from mmap import ACCESS_READ, mmap

from rinspect.engine.engine import Engine
from rinspect.engine.persistence import BadFile, Loaded, Told, load, save
from rinspect.engine.server.child import Progress
from rinspect.engine.server.log import Log


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

    def _now(self) -> int:
        """Seconds since 1970."""
        return self._engine.runtime.clock() // 1_000_000

    @property
    def path(self) -> str:
        return os.path.join(self._config.dir, self._config.dbfilename)  # noqa: PTH118 (a text, as configured)

    def write(self, progress: Progress | None = None) -> bool:
        """Write all keys, and tell `progress` of each; whether that worked. The log says why not."""
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
                save(self._engine.keyspace, file.write, self._about(), self.loaded.libraries, self._after_key(progress))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            self._log.warning(f"Write error while saving DB to the disk: {error.strerror}")
            _remove(temporary)
            return False
        try:
            os.replace(temporary, self.path)  # noqa: PTH105 (as above)
            _sync_folder(place)
        except OSError as error:
            self._log.warning(
                f"Error moving temp DB file {temporary} on the final destination {self._config.dbfilename} (in server root"
                f" dir {place}): {error.strerror}"
            )
            _remove(temporary)
            return False
        self._log.notice("DB saved on disk")
        return True

    def remove_temporary(self, pid: int) -> None:
        """Remove what a process that was ended has left."""
        _remove(self._temporary(pid))

    def _temporary(self, pid: int) -> str:
        return os.path.join(self._config.dir, f"temp-{pid}.rdb")  # noqa: PTH118 (as above)

    def _about(self) -> dict[bytes, bytes]:
        """The auxiliary fields."""
        profile, ledger, runtime = self._engine.profile, self._engine.keyspace.ledger, self._engine.runtime
        opened = not runtime.accounted
        used = ledger.used()
        if opened:
            ledger.close()
        return {
            b"redis-ver": ".".join(map(str, profile.server)).encode(),
            b"redis-bits": b"64",
            b"ctime": b"%d" % self._now(),
            b"used-mem": b"%d" % used,
            b"aof-base" if profile.version >= (7, 0) else b"aof-preamble": b"0",
        }

    def _after_key(self, progress: Progress | None) -> Told:
        """What is done after each key. (`rdb-key-save-delay` makes a save slow enough to be looked at.)"""
        delay = self._config.rdb_key_save_delay

        def told() -> None:
            if progress is not None:
                progress.one_more_key()
            if delay > 0:
                time.sleep(delay / 1e6)

        return told

    # -- loading ----------------------------------------------------------------------------------------------------------

    def load(self, *, replacing: bool = False) -> bool:
        """Load the file; False if there is none. CannotLoad if that is no use."""
        path, log, began = self.path, self._log, time.perf_counter()
        try:
            with open(path, "rb") as file:  # noqa: PTH123 (as above)
                size = os.fstat(file.fileno()).st_size
                with mmap(file.fileno(), 0, access=ACCESS_READ) if size else nullcontext(b"") as data:
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
        if (created := about.get(b"ctime")) is not None and created.isdigit():
            log.notice(f"RDB age {self._now() - int(created)} seconds")
        if (used := about.get(b"used-mem")) is not None and used.isdigit():
            log.notice(f"RDB memory usage when created {int(used) / (1 << 20):.2f} Mb")
        if loaded.libraries:
            said = f"{len(loaded.libraries)} libraries of functions cannot run here; the next snapshot has them too"
            log.warning(said)
        if loaded.unchecked:
            log.notice("RDB file was saved with checksum disabled: no check performed.")
        empty = f", empty keys skipped: {len(loaded.empty)}" if loaded.empty else ""
        log.notice(f"Done loading RDB, keys loaded: {loaded.keys}, keys expired: {loaded.expired}{empty}.")


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)  # noqa: PTH108 (a text, as configured)


def _sync_folder(path: str) -> None:
    """A new name is only safe when the folder is."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
