"""Loading: the commands of the file are done again."""

from __future__ import annotations

import os
import time

from rinspect.engine.engine import Engine
from rinspect.engine.persistence import BadFile, load
from rinspect.engine.persistence.appendonly import BadFormat, CutOff, commands
from rinspect.engine.persistence.opcodes import MAGIC
from rinspect.engine.replies import CommandError, quotable
from rinspect.engine.server.appendonly.files import CannotLoad, Files, FileToLoad
from rinspect.engine.server.log import Log
from rinspect.engine.session import Session

NOBODY = -1
"""The number of who does the commands again: no client's."""


def load_files(engine: Engine, files: Files, log: Log) -> bool:
    """Load an append-only file; whether there is one. CannotLoad if that is no use: keys before that place are in."""
    found = files.to_load()
    runtime = engine.runtime
    propagation, runtime.propagation = runtime.propagation, None
    runtime.loading = True
    try:
        for file in found:
            began = time.perf_counter()
            _load(engine, file, log, is_last=file is found[-1])
            what = "append only file" if file.old_style else "base file" if file is found[0] else "incr file"
            log.notice(f"DB loaded from {what} {file.name}: {time.perf_counter() - began:.3f} seconds")
    finally:
        runtime.loading, runtime.propagation = False, propagation
    return bool(found)


def _load(engine: Engine, file: FileToLoad, log: Log, *, is_last: bool) -> None:
    try:
        with open(file.path, "rb") as opened:  # noqa: PTH123 (a text, as configured)
            data = opened.read()
        at = _load_rdb(engine, file, data, log)
    except OSError as error:
        raise CannotLoad(f"can't open the append log file {file.name} for reading: {error.strerror}") from None
    except BadFile as error:
        raise CannotLoad(f"Error reading the RDB part of the AOF file {file.name}: {error}") from None
    replay = _Replay(engine, file.name, at)
    try:
        replay.run(data)
        replay.tell_of_failures(log)
    except BadFormat as error:
        raise CannotLoad(f"Bad file format reading the append only file {file.name}: {error}") from None
    except CutOff:
        _cut(engine, file, log, replay.whole, is_last=is_last)


def _load_rdb(engine: Engine, file: FileToLoad, data: bytes, log: Log) -> int:
    """Load the RDB file that the data begin with; where it ends, 0 if there is none."""
    if not data.startswith(MAGIC):
        return 0
    log.notice(f"Reading RDB {'preamble from AOF file' if file.old_style else 'base file on AOF loading'}...")
    return load(data, engine.keyspace).size


class _Replay:
    """Does the commands of a file again."""

    def __init__(self, engine: Engine, name: str, start: int) -> None:
        self._name = name
        self._session = Session(engine, NOBODY)
        self._at = start
        self._failures: list[CommandError] = []
        self.whole = start
        """Where what was done ends: a transaction is done when it has ended."""

    def run(self, data: bytes) -> None:
        """CannotLoad; CutOff, BadFormat of what is behind `whole`."""
        unit: list[list[bytes]] | None = None
        for argv, end in commands(data, self._at):
            name = argv[0].upper()
            if name not in self._session.call.commands:
                raise CannotLoad(f"Unknown command '{quotable(argv[0])}' reading the append only file {self._name}")
            if name == b"MULTI":
                unit = []
            elif name != b"EXEC" and unit is not None:
                unit.append(argv)
            else:
                for one in [argv] if unit is None else unit:
                    self._do(one)
                unit, self.whole = None, end
        if unit is not None:
            raise CutOff

    def _do(self, argv: list[bytes]) -> None:
        try:
            self._session.do_again(argv)
        except CommandError as error:
            self._failures.append(error)

    def tell_of_failures(self, log: Log) -> None:
        """What was done once can be done again: where not, it is not the file that was written."""
        if self._failures:
            said = f"{len(self._failures)} commands of the AOF file {self._name} failed; the first: {self._failures[0].message}"
            log.warning(said)


def _cut(engine: Engine, file: FileToLoad, log: Log, whole: int, *, is_last: bool) -> None:
    """The file ends before its end: where it may be so, it is cut to what was whole. CannotLoad."""
    if not engine.runtime.config.aof_load_truncated:
        raise CannotLoad(
            f"Unexpected end of file reading the append only file {file.name}. You can: 1) Make a backup of your AOF file, then"
            " use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated'"
            " configuration option to yes and restart the server."
        )
    if not is_last:
        raise CannotLoad(f"the truncated file {file.name} is not the last file")
    for said in (
        f"!!! Warning: short read while loading the AOF file {file.name}!!!",
        f"!!! Truncating the AOF {file.name} at offset {whole} !!!",
    ):
        log.warning(said)
    try:
        os.truncate(file.path, whole)
    except OSError as error:
        raise CannotLoad(f"Error truncating the AOF file {file.name}: {error.strerror}") from None
    said = f"AOF {file.name} loaded anyway because aof-load-truncated is enabled"
    log.warning(said)
