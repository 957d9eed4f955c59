"""The append-only file: how it stands, its files, and what is appended."""

from __future__ import annotations

from dataclasses import dataclass

from rinspect.monitoring.loop import Saving


@dataclass(frozen=True, slots=True)
class Written:
    """A command that was appended, shortened."""

    at: int
    """Microseconds since 1970."""
    db: int | None
    """None: it is for any database."""
    argv: tuple[bytes, ...]
    size: int
    """Its bytes in the file."""
    asked: tuple[bytes, ...] | None = None
    """What a client sent, without what is secret, where that was something else."""
    gone: str = ""
    """What became of a key that nobody deleted: `expired` or `evicted`."""
    place: str = ""
    """Where in a unit it is, MULTI to EXEC: `first`, `inside` or `last`; empty: it is one by itself."""
    count: int = 1
    """So many like it came one after the other, of keys that went; all is of the last, but `size`, which is that of all."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """What was appended while nobody looked on."""

    at: int
    """When somebody looked on again, in microseconds since 1970."""
    size: int
    """Its bytes."""


@dataclass(frozen=True, slots=True)
class File:
    name: str
    kind: str
    """`base`, `incr` or `history`; empty where there is only one."""
    size: int | None
    """Bytes; None: it is not there any more."""
    appended_to: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """The way of the bytes to the disk."""

    buffer: int
    """What is not written yet."""
    written: int | None
    """Bytes of the file that is appended to; None: not told, as all that follows here."""
    unsynced: int | None
    """Those of them for which no fsync has been begun."""
    last_sync: int | None
    """Seconds since the last fsync was begun; None too if none was."""


@dataclass(frozen=True, slots=True)
class Rewrites:
    """Those that are past, and the next one."""

    count: int | None
    took: int
    """Seconds that the last one took; below 0: there was none."""
    failed: bool
    """The last one did."""
    scheduled: bool
    """One waits until it can begin."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The last RDB file, which is all that is left where nothing is appended."""

    ago: int | None
    """Seconds; None: none was written since the start."""
    changes: int
    """Since then."""
    failed: bool


@dataclass(frozen=True, slots=True)
class AppendOnlyNow:
    state: str
    """`off`, `waiting for a rewrite` (what was there before is still being written) or `on`."""
    fsync: str
    """`appendfsync`; empty: not told."""
    failure: str
    """Why what is done cannot be written, or brought to the disk; empty if it can."""
    flow: Flow | None
    """None: not told."""
    pending: int
    """Jobs of the thread that brings files to the disk."""
    delayed: int
    """Writes that did not wait any longer for such a job."""
    size: int
    """Bytes of all its files."""
    base_size: int
    """Bytes of them when they were rewritten last, or loaded."""
    percentage: int | None
    """`auto-aof-rewrite-percentage`; 0: never by itself."""
    min_size: int | None
    """`auto-aof-rewrite-min-size`, in bytes."""
    rewrite: Saving | None
    """The child that rewrites it."""
    rewrites: Rewrites
    snapshot: Snapshot
    place: str
    """The folder in which they are; empty: not told."""
    files: tuple[File, ...] | None
    """In the order in which they are read; None: not told."""
    tail: tuple[Written | Unseen, ...] | None
    """What was appended while somebody looked on, newest last; None: not told."""
    forgotten: int
    """Rows before those of `tail` that are not kept."""
    facts: dict[str, str]
    """The fields of INFO persistence, by their names there, where the source has them."""
