"""The append-only file of 6.2: one file, `appendfilename` in `dir`.

While a child writes the keys anew, changes are appended to the old file, and kept: when it is done they go behind the new one,
which then takes the old one's place.
"""

from __future__ import annotations

import os

from rinspect.engine.config import Config
from rinspect.engine.server.appendonly.files import (
    CannotAppend,
    CannotLoad,
    Existing,
    FileToLoad,
    Write,
    not_ours,
    open_to_append,
    size_of,
    whole,
)
from rinspect.engine.server.log import Log


class OneFile:
    """See `Files`."""

    def __init__(self, config: Config, log: Log) -> None:
        self._config = config
        self._log = log
        self._since: bytearray | None = None
        """What has changed since the child was forked."""
        self._base = 0
        self._place = ""
        """The file, as it was configured when it was last loaded, opened or begun to be rewritten."""
        self.replaces_others = True
        self._written: set[str] = set()
        """Files that were written from here."""

    @property
    def place(self) -> str:
        return os.path.dirname(self._place) if self._place else self._config.dir  # noqa: PTH120 (as above)

    @property
    def path(self) -> str:
        """Where it is to be, whole: `dir` may change."""
        return whole(os.path.join(self._config.dir, self._config.appendfilename))  # noqa: PTH118 (a text, as configured)

    def to_load(self) -> list[FileToLoad]:
        self._place = self.path
        if not self._may_be_changed(self._place):
            raise CannotLoad(not_ours(self._place))
        self._base = size_of(self._place)
        return [FileToLoad(self._config.appendfilename, self._place, old_style=True)] if self._base else []

    def open(self, write_base: Write) -> int:
        self._place = self.path
        return open_to_append(self._place, emptied=False)

    @property
    def moves(self) -> bool:
        return False  # appended to is the file here, until the one elsewhere is whole

    def _may_be_changed(self, path: str) -> bool:
        return self.replaces_others or path in self._written or not os.path.exists(path)  # noqa: PTH110 (as above)

    def begin_rewrite(self, *, on: bool, waiting: bool) -> int | None:
        path = self.path
        if not self._may_be_changed(path):
            raise CannotAppend(not_ours(path))
        self._written.add(path)
        self._place = path
        self._since = bytearray()
        return None

    def also_changed(self, data: bytes) -> None:
        if self._since is not None:
            self._since += data

    def end_rewrite(self, temporary: str, *, on: bool, waiting: bool) -> int | None:
        since, self._since = self._since or bytearray(), None
        try:
            # Were it not there, to make it would be to lose what was to be in it.
            descriptor = os.open(temporary, os.O_WRONLY | os.O_APPEND)
        except OSError as error:
            raise CannotAppend(f"Unable to open the temporary AOF produced by the child: {error.strerror}") from None
        try:
            left = memoryview(since)
            while left:
                left = left[os.write(descriptor, left) :]
            os.replace(temporary, self._place)  # noqa: PTH105 (as above)
        except OSError as error:
            os.close(descriptor)
            raise CannotAppend(
                f"Error trying to rename the temporary AOF file {temporary} into {self._place}: {error.strerror}"
            ) from None
        said = f"Residual parent diff successfully flushed to the rewritten AOF ({len(since) / (1 << 20):.2f} MB)"
        self._log.notice(said)
        self._base = size_of(self._place)
        if on:
            return descriptor
        os.close(descriptor)
        return None

    def abandon_rewrite(self, *, waiting: bool) -> None:
        self._since = None

    def existing(self, *, waiting: bool) -> list[Existing]:
        path = self._place or self.path
        exists = os.path.exists(path)  # noqa: PTH110 (as above)
        return [Existing(self._config.appendfilename, "", size_of(path))] if exists else []

    def size(self) -> tuple[int, int]:
        return size_of(self._place), self._base
