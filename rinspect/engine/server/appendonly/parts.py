"""The append-only file from 7.0 on: files in a folder, `appenddirname`, and a manifest of them.

    begin of a rewrite     base.1  incr.1  + incr.2        what changes from here on goes to incr.2
    end of it              base.2          + incr.2        base.1 and incr.1 are history, and removed

The manifest is written under another name and then given its own: whoever reads it finds the old one or the new one, whole.
"""

from __future__ import annotations

import os

from rinspect.engine.config import Config
from rinspect.engine.persistence.manifest import BASE, HISTORY, INCREMENTAL, BadManifest, Manifest, Part, parse
from rinspect.engine.server.appendonly.files import (
    CannotAppend,
    CannotLoad,
    Existing,
    FileToLoad,
    Write,
    not_ours,
    open_to_append,
    remove,
    size_of,
    whole,
)
from rinspect.engine.server.log import Log

KINDS = {BASE: "base", INCREMENTAL: "incr", HISTORY: "history"}
"""As the files' names have them."""


class Parts:
    """See `Files`."""

    def __init__(self, config: Config, log: Log) -> None:
        self._config = config
        self._log = log
        self.manifest = Manifest(config.appendfilename)
        self.replaces_others = True
        config.on_change("aof-disable-auto-gc", self.remove_history)
        self._folder = ""
        """Where the manifest's files are, whole: when `dir` changes they stay there, and the next rewrite goes elsewhere."""

    @property
    def _configured(self) -> str:
        return whole(os.path.join(self._config.dir, self._config.appenddirname))  # noqa: PTH118 (a text, as configured)

    @property
    def place(self) -> str:
        return self._folder or self._configured

    def path(self, name: str) -> str:
        """Where a file of the folder is."""
        return os.path.join(self.place, name)  # noqa: PTH118 (a text, as configured)

    @property
    def _form(self) -> str:
        return "rdb" if self._config.aof_use_rdb_preamble else "aof"

    @property
    def _manifest_name(self) -> str:
        return f"{self._config.appendfilename}.manifest"

    @property
    def _waiting_name(self) -> str:
        """The file that is appended to until the first rewrite has succeeded."""
        return f"temp-{self._config.appendfilename}.incr"

    # -- at the start -----------------------------------------------------------------------------------------------------

    def to_load(self) -> list[FileToLoad]:
        self._take_over()
        self._take_over_old_file()
        files = [FileToLoad(part.name, self.path(part.name), old_style=False) for part in self.manifest.parts]
        for file in files:
            if not os.path.exists(file.path):  # noqa: PTH110 (as above)
                raise CannotLoad(
                    f"The append log file {file.name}, which the manifest names, doesn't exist: No such file or directory"
                )
        return files if any(size_of(file.path) for file in files) else []

    def _take_over(self) -> None:
        """Take over what the configured folder has, once: later it is known. CannotLoad, also if that is somebody else's."""
        if self._configured != self._folder:
            self._folder, self.manifest = self._configured, self._found()
            self.remove_history()

    def _begin_beside(self) -> None:
        """Append in the configured folder from now on. What is there and was not loaded is left alone. CannotLoad."""
        if self._configured != self._folder:
            found = self._found()
            taken = max((part.seq for part in (*found.parts, *found.history)), default=0)
            self._folder, self.manifest = self._configured, Manifest(found.prefix, beyond=taken)

    def _found(self) -> Manifest:
        config, folder = self._config, self._configured
        manifest = os.path.join(folder, self._manifest_name)  # noqa: PTH118 (as above)
        if not self.replaces_others and os.path.exists(manifest):  # noqa: PTH110 (as above)
            raise CannotLoad(not_ours(manifest))
        try:
            with open(manifest, "rb") as file:  # noqa: PTH123 (as above)
                return parse(file.read(), config.appendfilename)
        except FileNotFoundError:
            return Manifest(config.appendfilename)
        except OSError as error:
            raise CannotLoad(
                f"can't open the AOF manifest file {self._manifest_name} for reading: {error.strerror}"
            ) from None
        except BadManifest as error:
            raise CannotLoad(f"AOF manifest file error in {self._manifest_name}: {error}") from None

    def _take_over_old_file(self) -> None:
        """Make the one file of an older version the base."""
        name = self._config.appendfilename
        old = os.path.join(self._config.dir, name)  # noqa: PTH118 (as above)
        base = self.manifest.base
        unfinished = base is not None and base.name == name and not os.path.exists(self.path(name))  # noqa: PTH110
        there = self.replaces_others and os.path.isfile(old)  # noqa: PTH113 (as above)
        if not there or self.manifest.incrementals or (base is not None and not unfinished):
            return
        try:
            self._persist(self.manifest._replace(base=Part(name, 1, BASE)))
            os.replace(old, self.path(name))  # noqa: PTH105 (as above)
        except OSError as error:
            raise CannotLoad(f"Error trying to move the old AOF file {name} into dir {self.place}: {error}") from None
        self._log.notice(
            f"Successfully migrated an old-style AOF file ({name}) into the AOF directory ({self._config.appenddirname})."
        )

    def open(self, write_base: Write) -> int:
        self._take_over()
        manifest = self.manifest
        self._make_folder()
        if not manifest.parts:
            manifest = manifest.with_base(self._form)
            assert manifest.base is not None
            if not write_base(self.path(manifest.base.name)):
                raise CannotAppend(f"Can't write the AOF base file {manifest.base.name}")
            self._log.notice(f"Creating AOF base file {manifest.base.name} on server start")
        opening = "Opening" if manifest.incrementals else "Creating"
        if not manifest.incrementals:
            manifest = manifest.with_incremental()
        name = manifest.incrementals[-1].name
        descriptor = open_to_append(self.path(name), emptied=False)
        self._persist(manifest)
        self._log.notice(f"{opening} AOF incr file {name} on server start")
        return descriptor

    @property
    def moves(self) -> bool:
        return bool(self._folder) and self._folder != self._configured

    # -- a rewrite --------------------------------------------------------------------------------------------------------

    def begin_rewrite(self, *, on: bool, waiting: bool) -> int | None:
        self._begin_beside()
        self._make_folder()
        if not on:
            return None
        manifest = self.manifest if waiting else self.manifest.with_incremental()
        name = self._waiting_name if waiting else manifest.incrementals[-1].name
        descriptor = open_to_append(self.path(name), emptied=True)
        if not waiting:
            try:
                self._persist(manifest)
            except CannotAppend:
                os.close(descriptor)
                remove(self.path(name))
                raise
        self._log.notice(f"Creating AOF incr file {name} on background rewrite")
        return descriptor

    def also_changed(self, data: bytes) -> None:
        """It is in a file of its own."""

    def end_rewrite(self, temporary: str, *, on: bool, waiting: bool) -> int | None:
        manifest = self.manifest.with_base(self._form)
        if waiting:
            manifest = manifest.with_incremental()
        manifest = manifest.rewritten(kept=1 if on else 0)
        assert manifest.base is not None
        base = self.path(manifest.base.name)
        try:
            os.replace(temporary, base)  # noqa: PTH105 (as above)
            self._log.notice(f"Successfully renamed the temporary AOF base file {temporary} into {manifest.base.name}")
            if waiting:
                name = manifest.incrementals[-1].name
                os.replace(self.path(self._waiting_name), self.path(name))  # noqa: PTH105 (as above)
                said = f"Successfully renamed the temporary AOF incr file {self._waiting_name} into {name}"
                self._log.notice(said)
            self._persist(manifest)
        except OSError as error:
            remove(base)
            raise CannotAppend(f"Error trying to take over the temporary AOF base file {temporary}: {error}") from None
        self.remove_history()
        return None

    def abandon_rewrite(self, *, waiting: bool) -> None:
        if waiting:
            said = f"Removing the temp incr aof file {self._waiting_name}"
            self._log.notice(said)
            remove(self.path(self._waiting_name))

    def existing(self, *, waiting: bool) -> list[Existing]:
        parts = (*self.manifest.history, *self.manifest.parts)
        found = [(part.name, KINDS[part.kind]) for part in parts]
        if waiting:
            found.append((self._waiting_name, KINDS[INCREMENTAL]))
        return [Existing(name, kind, size_of(self.path(name))) for name, kind in found]

    def size(self) -> tuple[int, int]:
        base = size_of(self.path(self.manifest.base.name)) if self.manifest.base else 0
        return base + sum(size_of(self.path(part.name)) for part in self.manifest.incrementals), base

    # -- the manifest -----------------------------------------------------------------------------------------------------

    def remove_history(self) -> None:
        """Remove what is no longer needed. (What cannot be removed stays, and is tried again at the next start.)"""
        if not self.manifest.history or self._config.aof_disable_auto_gc:
            return
        for part in self.manifest.history:
            self._log.notice(f"Removing the history file {part.name}")
            remove(self.path(part.name))
        try:
            self._persist(self.manifest.without_history())
        except CannotAppend as error:
            self._log.warning(str(error))

    def _make_folder(self) -> None:
        try:
            os.makedirs(self.place, 0o755, exist_ok=True)  # noqa: PTH103 (as above)
        except OSError as error:
            raise CannotAppend(
                f"Can't open or create append-only dir {self._config.appenddirname}: {error.strerror}"
            ) from None

    def _persist(self, manifest: Manifest) -> None:
        """Write the manifest; from then on it is what holds. CannotAppend."""
        self._make_folder()
        temporary, final = self.path(f"temp_{self._manifest_name}"), self.path(self._manifest_name)
        try:
            with open(temporary, "wb") as file:  # noqa: PTH123 (as above)
                file.write(manifest.text().encode(errors="surrogateescape"))
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, final)  # noqa: PTH105 (as above)
        except OSError as error:
            raise CannotAppend(
                f"Error trying to write the AOF manifest file {self._manifest_name}: {error.strerror}"
            ) from None
        self.manifest = manifest
