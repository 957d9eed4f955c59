"""What an append-only file is on the disk: many files or one."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Protocol

from rinspect.engine.server.dumpfile import CannotLoad

Write = Callable[[str], bool]
"""Writes the keys as they are to a path; whether that worked."""


class FileToLoad(NamedTuple):
    """A file to be read: its name as the log names it, where it is, and whether an RDB file in it is called a preamble."""

    name: str
    path: str
    old_style: bool


class Existing(NamedTuple):
    """A file as it is on the disk."""

    name: str
    kind: str
    """`base`, `incr` or `history`; empty where there is only one."""
    size: int


class CannotAppend(OSError):
    """No file can be opened to append to, or the manifest cannot be written: the text says which, and why."""


class Files(Protocol):
    """Paths are texts, as configured: relative to `dir`."""

    replaces_others: bool
    """What somebody else has written is taken over, as a server does it: loaded, cut where it ends by halves, moved, replaced.
    If not, CannotAppend or CannotLoad where it would be."""

    def to_load(self) -> list[FileToLoad]:
        """The files in which keys are, in order; none where there is no append-only file. CannotLoad."""
        ...

    def open(self, write_base: Write) -> int:
        """The descriptor of the file to append to at the start; `write_base` writes one to begin with where that is needed.
        CannotAppend, CannotLoad."""
        ...

    @property
    def moves(self) -> bool:
        """Whether the next rewrite goes elsewhere, where nothing is yet: until it has succeeded the file here is what holds."""
        ...

    def begin_rewrite(self, *, on: bool, waiting: bool) -> int | None:
        """A child is about to write the keys: from here on what changes goes elsewhere. The descriptor to append to, None for
        the same as before. `on` if there is appending at all, `waiting` if it begins with this rewrite. CannotAppend,
        CannotLoad."""
        ...

    def also_changed(self, data: bytes) -> None:
        """This was appended while the child writes."""
        ...

    def end_rewrite(self, temporary: str, *, on: bool, waiting: bool) -> int | None:
        """The child has written the keys to `temporary`: take that over. The descriptor to append to, None for the same as
        before. CannotAppend, with everything as before."""
        ...

    def abandon_rewrite(self, *, waiting: bool) -> None:
        """The child has failed."""
        ...

    @property
    def place(self) -> str:
        """The folder in which they are."""
        ...

    def existing(self, *, waiting: bool) -> list[Existing]:
        """All of them, behind the others the one that is appended to; `waiting` if appending begins with a rewrite."""
        ...

    def size(self) -> tuple[int, int]:
        """(bytes of all files, bytes of what a rewrite wrote)."""
        ...


def size_of(path: str) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return os.stat(path).st_size  # noqa: PTH116 (a text, as configured)
    except OSError:
        return 0


def remove(path: str) -> None:
    """Remove a file that may be there."""
    with suppress(OSError):
        os.unlink(path)  # noqa: PTH108 (as above)


def whole(path: str) -> str:
    """A path that means the same when the working folder or `dir` is another; as it is, where there is no working folder."""
    try:
        return os.path.abspath(path)  # noqa: PTH100 (as above)
    except OSError:
        return path


def not_ours(path: str) -> str:
    """What is said of a file that is somebody else's and has to stay."""
    return f"{path} is there already, and not from here: CONFIG SET dir to another folder first"


def open_to_append(path: str, *, emptied: bool) -> int:
    """The descriptor of a file that is written to at its end. CannotAppend."""
    try:
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | (os.O_TRUNC if emptied else 0), 0o644)
    except OSError as error:
        raise CannotAppend(f"Can't open the append-only file {os.path.basename(path)}: {error.strerror}") from None  # noqa: PTH119


__all__ = [
    "CannotAppend",
    "CannotLoad",
    "Existing",
    "FileToLoad",
    "Files",
    "Write",
    "not_ours",
    "open_to_append",
    "remove",
    "size_of",
    "whole",
]
