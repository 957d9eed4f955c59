"""A file as a source: the built-in engine with the keys of an RDB file, or of an append-only file.

A snapshot is shown as it was when it was saved, in the encodings that its keys had then; an append-only file as its
commands have made it, at the moment at which it was last written; under a profile, as such a server would have it. Of an
append-only file in parts the manifest names all (or the folder that it is in, or the server's).

Time stands still there: a key that was to expire a second later is still to be seen. What commands change, they change in
memory; the file stays as it is, and SAVE writes another one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rinspect.engine import Engine
from rinspect.engine.persistence import BadFile, Loaded, glance
from rinspect.engine.persistence.appendonly import BadFormat
from rinspect.engine.persistence.manifest import BadManifest, Manifest, parse
from rinspect.engine.persistence.opcodes import MAGIC
from rinspect.engine.persistence.replaying import Replayed, UnknownCommand, replay
from rinspect.engine.profile import PROFILES
from rinspect.engine.runtime import Clock, wall_clock
from rinspect.sources.engine.source import EngineSource

NEWEST = max(PROFILES)


class CannotRead(Exception):
    """The file is none, or none that can be shown here; the text says why."""


@dataclass(slots=True)
class _Read:
    """What was read."""

    name: str
    parts: list[tuple[str, bytes]] = field(default_factory=list)
    """Names and contents of the files that are done one after the other."""
    moment: int | None = None
    """When it was written, in seconds since 1970."""
    profile: str = NEWEST
    """The version that wrote it, as far as that is known."""


def open_file(path: Path, profile: str | None, allocator: str) -> EngineSource:
    """The source of a file, under a profile: where none is given, the version that wrote it. CannotRead if there is no use in
    it."""
    try:
        read = _read(path)
        engine = Engine(profile or read.profile, allocator, _standing(read.moment))
        notices: list[str] = []
        loaded = Loaded()
        for name, data in read.parts:
            try:
                # Without being told otherwise it shows what the server had that saved it.
                replayed = replay(engine, data, without_modules=True, as_found=profile is None)
            except (BadFile, BadFormat, UnknownCommand) as error:
                where = f" ({name})" if len(read.parts) > 1 else ""
                if isinstance(error, UnknownCommand):
                    raise CannotRead(
                        f"{path}{where} cannot be shown: {engine.profile.name} has no command {error}"
                    ) from None
                raise CannotRead(f"{path}{where} cannot be shown: {error}") from None
            loaded = replayed.loaded or loaded
            notices += _left_out(replayed, len(data) - replayed.whole)
        if over := _drop_due(engine):
            notices.insert(0, counted(over, "key whose time was over", "keys whose time was over"))
    except OSError as error:
        raise CannotRead(f"{error.filename or path} cannot be read: {error.strerror}") from None
    when = "" if read.moment is None else f" of {datetime.fromtimestamp(read.moment, UTC).astimezone():%d %b %Y, %H:%M}"
    engine.runtime.config.dbfilename = f"{path.stem}.changed.rdb"
    notice = f"Not shown of the file: {', '.join(notices)}." if notices else ""
    source = EngineSource(engine, f"{read.name}{when}", notice=notice)
    source.server.snapshots.file.loaded = loaded
    return source


def _read(path: Path) -> _Read:
    """Read all at once: what changes under one's hands while it is read would be no file of one moment."""
    if path.is_dir():
        manifests = sorted(path.glob("*.manifest")) or sorted(path.glob("*/*.manifest"))
        if len(manifests) != 1:
            raise CannotRead(f"{path} is a folder, and has {len(manifests) or 'no'} manifest of an append-only file")
        path = manifests[0]
    elif path.exists() and not path.is_file():
        raise CannotRead(f"{path} is no file")
    data = path.read_bytes()
    if data.startswith(b"file ") or path.suffix == ".manifest":
        return _parts(path, data)
    read = _Read(path.name, [(path.name, data)])
    if data[:1] in (b"*", b"#"):
        read.moment = int(path.stat().st_mtime)
        return read
    try:
        found = glance(data)
    except BadFile as error:
        raise CannotRead(f"{path} cannot be shown: {error}") from None
    read.moment, read.profile = found.created, _profile(found)
    return read


def _parts(path: Path, data: bytes) -> _Read:
    """The files that a manifest names."""
    try:
        manifest: Manifest = parse(data, path.stem)
    except BadManifest as error:
        raise CannotRead(f"{path} cannot be shown: {error}") from None
    read = _Read(path.name)
    for part in manifest.parts:
        file = path.with_name(part.name)
        read.parts.append((part.name, file.read_bytes()))
        read.moment = max(read.moment or 0, int(file.stat().st_mtime))
    if not read.parts:
        raise CannotRead(f"{path} names no files")
    base = read.parts[0][1]
    if base.startswith(MAGIC):
        read.profile = _profile(glance(base))
    return read


def _standing(moment: int | None) -> Clock:
    microseconds = wall_clock() if moment is None else moment * 1_000_000
    return lambda: microseconds


def _profile(found: Loaded) -> str:
    """The version that wrote it, if there is a profile for it; else the oldest that reads it."""
    version = found.about.get(b"redis-ver", b"").decode(errors="replace")
    named = next((name for name in PROFILES if version.startswith(f"{name}.")), None)
    readers = (name for name, profile in PROFILES.items() if profile.rdb_version >= found.version)
    return named or next(readers, NEWEST)


def _drop_due(engine: Engine) -> int:
    """Take out the keys that were due at the moment that is shown, as they would go one by one; how many."""
    engine.runtime.read_clock()
    due = [(db, entry.key) for db in engine.keyspace.databases for entry in db.expires if db.is_due(entry.key)]
    for db, key in due:
        db.expire(key, lazily=False)
    return len(due)


def counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _left_out(replayed: Replayed, behind: int) -> list[str]:
    """What of a file is not to be seen; so many bytes are behind what was read."""
    loaded, failures = replayed.loaded or Loaded(), replayed.failures
    why = ", where it is cut off" if replayed.cut_off else ""
    first = f" (the first: {failures[0].message})" if failures else ""
    found = (
        (loaded.expired, "key whose time was over", "keys whose time was over"),
        (len(loaded.empty), "key without content", "keys without content"),
        (len(loaded.of_modules), "key that only a module can read", "keys that only a module can read"),
        (len(loaded.libraries), "library of functions", "libraries of functions"),
        (len(failures), f"command that failed{first}", f"commands that failed{first}"),
        (behind, f"byte at the end{why}", f"bytes at the end{why}"),
    )
    return [counted(count, one, many) for count, one, many in found if count]
