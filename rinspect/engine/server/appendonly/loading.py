"""Loading at the start: the files are read one after the other, and what is behind the end of the last is cut off."""

from __future__ import annotations

import os
import time

from rinspect.engine.engine import Engine
from rinspect.engine.persistence import BadFile
from rinspect.engine.persistence.appendonly import BadFormat
from rinspect.engine.persistence.replaying import Replayed, UnknownCommand, replay
from rinspect.engine.server.appendonly.files import CannotLoad, Files, FileToLoad
from rinspect.engine.server.log import Log


def load_files(engine: Engine, files: Files, log: Log) -> bool:
    """Load an append-only file; whether there is one. CannotLoad if that is no use: keys before that place are in."""
    found = files.to_load()
    for file in found:
        began = time.perf_counter()
        replayed = _load(engine, file)
        if replayed.loaded is not None:
            said = f"RDB {'preamble of' if file.old_style else 'base file'} {file.name} read"
            log.verbose(said)
        if replayed.failures:
            first = replayed.failures[0].message
            said = f"{len(replayed.failures)} commands of the AOF file {file.name} failed; the first: {first}"
            log.warning(said)
        if replayed.cut_off:
            _cut(engine, file, log, replayed.whole, is_last=file is found[-1])
        what = "append only file" if file.old_style else "base file" if file is found[0] else "incr file"
        said = f"DB loaded from {what} {file.name}: {time.perf_counter() - began:.3f} seconds"
        log.notice(said)
    return bool(found)


def _load(engine: Engine, file: FileToLoad) -> Replayed:
    try:
        with open(file.path, "rb") as opened:  # noqa: PTH123 (a text, as configured)
            data = opened.read()
        replayed = replay(engine, data)
        if replayed.whole < len(data) and not replayed.cut_off:
            raise BadFormat(f"no command at offset {replayed.whole}")
    except OSError as error:
        raise CannotLoad(f"can't open the append log file {file.name} for reading: {error.strerror}") from None
    except BadFile as error:
        raise CannotLoad(f"Error reading the RDB part of the AOF file {file.name}: {error}") from None
    except UnknownCommand as error:
        raise CannotLoad(f"Unknown command '{error}' reading the append only file {file.name}") from None
    except BadFormat as error:
        raise CannotLoad(f"Bad file format reading the append only file {file.name}: {error}") from None
    return replayed


def _cut(engine: Engine, file: FileToLoad, log: Log, whole: int, *, is_last: bool) -> None:
    """The file ends before its end: where it may be so, it is cut to what was whole. CannotLoad."""
    if not engine.runtime.config.aof_load_truncated:
        raise CannotLoad(
            f"Unexpected end of file reading the append only file {file.name}. You can: 1) Make a backup of your AOF file, then"
            " use redis-check-aof --fix. 2) Alternatively you can set the 'aof-load-truncated' configuration option to yes and"
            " restart the server."
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
