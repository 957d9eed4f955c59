"""The server's log, in Redis's own form: pid, role, time, level, message."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from rinspect.engine.config import Config
from rinspect.engine.config.reader import Directive, fatal
from rinspect.engine.runtime import Clock

LEVELS = {"debug": ".", "verbose": "-", "notice": "*", "warning": "#"}
_RANK = {name: rank for rank, name in enumerate((*LEVELS, "nothing"))}


def check_log_file(config: Config, lines: Mapping[str, Directive]) -> None:
    """ConfigFileError if the log cannot be written where it is to be. `lines` are the last ones about each setting."""
    if not config.logfile:
        return
    try:
        Path(config.logfile).open("a").close()
    except OSError as error:
        reason = f"Can't open the log file: {os.strerror(error.errno or 0)}"
        line = lines.get("logfile")
        if line is None or config.profile.version >= (7, 0):
            raise fatal(config.profile, reason) from None
        raise line.error(reason, config.profile) from None


class Log:
    """Writes to `logfile`, or where there is none to the standard output. `write` may be given to send lines elsewhere."""

    def __init__(self, config: Config, clock: Clock, write: Callable[[str], None] | None = None) -> None:
        self._config = config
        self._clock = clock
        self._write = write or self._to_file
        self.role = "M"
        """Whose lines they are: M of a master, C of a child that saves."""

    def _to_file(self, line: str) -> None:
        path = self._config.logfile
        # A log that cannot be written (the disk is full, nobody reads it) must not be what ends the server.
        with suppress(OSError):
            if not path:
                sys.stdout.write(line)
                sys.stdout.flush()
                return
            with open(path, "a", encoding="utf-8", errors="backslashreplace") as file:  # noqa: PTH123 (as configured)
                file.write(line)

    def _say(self, level: str, message: str) -> None:
        if _RANK[level] < _RANK[self._config.loglevel]:
            return
        now = datetime.fromtimestamp(self._clock() / 1e6, UTC).astimezone()
        when = f"{now:%d %b %Y %H:%M:%S}.{now.microsecond // 1000:03d}"
        self._write(f"{os.getpid()}:{self.role} {when} {LEVELS[level]} {message}\n")

    def debug(self, message: str) -> None:
        self._say("debug", message)

    def verbose(self, message: str) -> None:
        self._say("verbose", message)

    def notice(self, message: str) -> None:
        self._say("notice", message)

    def warning(self, message: str) -> None:
        self._say("warning", message)
