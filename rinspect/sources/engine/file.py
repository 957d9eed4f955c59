"""A snapshot as a source: the built-in engine with the keys of an RDB file, at the moment at which they were saved, in the
encodings that they had; or, under a profile, in those that such a server would give them.

Time stands still there: a key that was to expire a second later is still to be seen. What commands change, they change in
memory; the file stays as it is, and SAVE writes another one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rinspect.engine import Engine
from rinspect.engine.persistence import BadFile, Loaded, glance, load
from rinspect.engine.profile import PROFILES
from rinspect.engine.runtime import Clock, wall_clock
from rinspect.sources.engine.source import EngineSource


class CannotRead(Exception):
    """The file is no snapshot, or none that can be shown here; the text says why."""


def open_file(path: Path, profile: str | None, allocator: str) -> EngineSource:
    """The source of a file, under a profile: where none is given, the version that wrote it. CannotRead if there is no use in
    it."""
    try:
        if path.exists() and not path.is_file():
            raise CannotRead(f"{path} is no file")
        # All at once: what changes under one's hands while it is read would be no file of one moment.
        data = path.read_bytes()
        found = glance(data)
        engine = Engine(profile or _profile(found), allocator, _standing(found.created))
        # Without being told otherwise it shows what the server had that saved it.
        loaded = load(data, engine.keyspace, without_modules=True, as_found=profile is None)
    except OSError as error:
        raise CannotRead(f"{path} cannot be read: {error.strerror}") from None
    except BadFile as error:
        raise CannotRead(f"{path} cannot be shown: {error}") from None
    when = (
        ""
        if found.created is None
        else f" of {datetime.fromtimestamp(found.created, UTC).astimezone():%d %b %Y, %H:%M}"
    )
    engine.runtime.config.dbfilename = f"{path.stem}.changed.rdb"
    source = EngineSource(engine, f"{path.name}{when}", notice=_left_out(loaded))
    source.server.snapshots.file.loaded = loaded
    return source


def _standing(moment: int | None) -> Clock:
    microseconds = wall_clock() if moment is None else moment * 1_000_000
    return lambda: microseconds


def _profile(found: Loaded) -> str:
    """The version that wrote it, if there is a profile for it; else the oldest that reads it."""
    version = found.about.get(b"redis-ver", b"").decode(errors="replace")
    named = next((name for name in PROFILES if version.startswith(f"{name}.")), None)
    readers = (name for name, profile in PROFILES.items() if profile.rdb_version >= found.version)
    return named or next(readers, max(PROFILES))


def _left_out(loaded: Loaded) -> str:
    """What of the file is not to be seen, as a sentence."""
    counted = (
        (loaded.expired, "key whose time was over", "keys whose time was over"),
        (len(loaded.empty), "key without content", "keys without content"),
        (len(loaded.of_modules), "key that only a module can read", "keys that only a module can read"),
        (len(loaded.libraries), "library of functions", "libraries of functions"),
    )
    parts = [f"{count:,} {one if count == 1 else many}" for count, one, many in counted if count]
    return f"Not shown of the file: {', '.join(parts)}." if parts else ""
