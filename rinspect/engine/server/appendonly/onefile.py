"""The append-only file of 6.2: one file, `appendfilename` in `dir`.

While a child writes the keys anew, changes are appended to the old file, and kept: when it is done they go behind the new one,
which then takes the old one's place.
"""

from __future__ import annotations

import os

from rinspect.engine.config import Config
from rinspect.engine.server.appendonly.files import (
    CannotAppend,
    Existing,
    FileToLoad,
    Write,
    not_ours,
    open_to_append,
    size_of,
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
        self.replaces_others = True
        self._written: set[str] = set()
        """Files that were written from here."""

    @property
    def place(self) -> str:
        return self._config.dir

    @property
    def path(self) -> str:
        return os.path.join(self._config.dir, self._config.appendfilename)  # noqa: PTH118 (a text, as configured)

    def to_load(self) -> list[FileToLoad]:
        self._base = size_of(self.path)
        return [FileToLoad(self._config.appendfilename, self.path, old_style=True)] if self._base else []

    def open(self, write_base: Write) -> int:
        return open_to_append(self.path, emptied=False)

    def begin_rewrite(self, *, on: bool, waiting: bool) -> int | None:
        path = os.path.abspath(self.path)  # noqa: PTH100 (as above)
        if not self.replaces_others and path not in self._written and os.path.exists(path):  # noqa: PTH110 (as above)
            raise not_ours(path)
        self._written.add(path)
        self._since = bytearray()
        return None

    def also_changed(self, data: bytes) -> None:
        if self._since is not None:
            self._since += data

    def end_rewrite(self, temporary: str, *, on: bool, waiting: bool) -> int | None:
        since, self._since = self._since or bytearray(), None
        descriptor = open_to_append(temporary, emptied=False)
        try:
            left = memoryview(since)
            while left:
                left = left[os.write(descriptor, left) :]
            os.replace(temporary, self.path)  # noqa: PTH105 (as above)
        except OSError as error:
            os.close(descriptor)
            raise CannotAppend(
                f"Error trying to rename the temporary AOF file {temporary} into {self.path}: {error.strerror}"
            ) from None
        said = f"Residual parent diff successfully flushed to the rewritten AOF ({len(since) / (1 << 20):.2f} MB)"
        self._log.notice(said)
        self._base = size_of(self.path)
        if on:
            return descriptor
        os.close(descriptor)
        return None

    def abandon_rewrite(self, *, waiting: bool) -> None:
        self._since = None

    def existing(self, *, waiting: bool) -> list[Existing]:
        exists = os.path.exists(self.path)  # noqa: PTH110 (as above)
        return [Existing(self._config.appendfilename, "", size_of(self.path))] if exists else []

    def size(self) -> tuple[int, int]:
        return size_of(self.path), self._base
