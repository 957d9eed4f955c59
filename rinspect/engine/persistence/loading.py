"""Reading an RDB file."""

from __future__ import annotations

from dataclasses import dataclass, field
from mmap import mmap

from rinspect.engine import lru
from rinspect.engine.keyspace import Database, Keyspace
from rinspect.engine.payload import CorruptPayload, crc64, load_value
from rinspect.engine.payload.codec import EmptyValue, Reader
from rinspect.engine.persistence import opcodes
from rinspect.engine.replies import quotable
from rinspect.engine.values.value import Value

HEAD = 9
"""Bytes of magic word and version."""
CHECKED_SINCE = 5
"""The version of the format from which on there is a checksum."""
_MODULES = (6, 7)
"""Types of values that modules define."""


class BadFile(ValueError):
    """No RDB file, or one that cannot be loaded here; the text says why and where."""


@dataclass(slots=True)
class Loaded:
    """What was in a file."""

    version: int = 0
    about: dict[bytes, bytes] = field(default_factory=dict)
    """The auxiliary fields."""
    libraries: list[bytes] = field(default_factory=list)
    """The code of the functions."""
    keys: int = 0
    expired: int = 0
    """Keys that were passed over because their time was over."""
    empty: list[bytes] = field(default_factory=list)
    """Keys that were passed over because there was nothing in them."""
    unchecked: bool = False
    """It was saved without a checksum."""


def load(data: bytes | mmap, keyspace: Keyspace, *, replacing: bool = False) -> Loaded:
    """Put the keys of a file into the databases. Encodings are chosen anew, as at a server's start. With `replacing`, a key
    that is there makes room for the file's. BadFile where the data cannot be loaded: keys before that place are in."""
    loader = _Loader(data, keyspace, replacing=replacing)
    try:
        loader.load()
    except CorruptPayload as error:
        raise BadFile(f"{error} (the key before offset {loader.reader.at} began at {loader.began})") from None
    return loader.loaded


class _Loader:
    def __init__(self, data: bytes | mmap, keyspace: Keyspace, *, replacing: bool) -> None:
        self.reader = Reader(data)
        self.loaded = Loaded()
        self.began = 0
        """Where the last opcode or type stands."""
        self._data = data
        self._keyspace = keyspace
        self._replacing = replacing
        self._runtime = keyspace.runtime
        self._forget()

    def _forget(self) -> None:
        """What is known about a key holds for one."""
        self._expiry: int | None = None
        self._idle: int | None = None
        self._counter: int | None = None

    def load(self) -> None:
        reader, loaded, db = self.reader, self.loaded, self._keyspace[0]
        loaded.version = self._version()
        while True:
            self.began = reader.at
            match reader.u8():
                case opcodes.EXPIRY:
                    self._expiry = int.from_bytes(reader.raw(8), "little", signed=True)
                case opcodes.EXPIRY_SECONDS:
                    self._expiry = int.from_bytes(reader.raw(4), "little", signed=True) * 1000
                case opcodes.IDLE:
                    self._idle = reader.length()
                case opcodes.FREQ:
                    self._counter = reader.u8()
                case opcodes.SELECT:
                    db = self._database(reader.length())
                case opcodes.RESIZE:
                    self._make_room(db, reader.length(), reader.length())
                case opcodes.SLOT_INFO:
                    _ = reader.length(), reader.length(), reader.length()
                case opcodes.AUX:
                    name = reader.string()
                    loaded.about[name] = reader.string()
                case opcodes.FUNCTION:
                    loaded.libraries.append(reader.string())
                case opcodes.FUNCTION_BEFORE_RELEASE:
                    raise BadFile("it has functions in a form from before 7.0 was released")
                case opcodes.MODULE_AUX:
                    raise BadFile("it has data of a module, and there are no modules here")
                case opcodes.END:
                    self._check()
                    return
                case kind:
                    self._load_key(db, kind)
                    self._forget()

    def _version(self) -> int:
        head = self.reader.raw(HEAD) if self.reader.end >= HEAD else b""
        digits = head[len(opcodes.MAGIC) :]
        if not head.startswith(opcodes.MAGIC) or not digits.isdigit():
            raise BadFile(f"it does not begin with {opcodes.MAGIC.decode()} and a version")
        profile = self._runtime.profile
        if not 1 <= (version := int(digits)) <= profile.rdb_version:
            raise BadFile(f"its format has version {version}, and {profile.name} reads 1 to {profile.rdb_version}")
        return version

    def _database(self, number: int) -> Database:
        if number >= len(self._keyspace):
            raise BadFile(f"it has a database {number}, and there are only {len(self._keyspace)} here: see `databases`")
        return self._keyspace[number]

    def _make_room(self, db: Database, keys: int, expiries: int) -> None:
        # Each takes two bytes at the least: a hint beyond that is a lie, and no reason to make a table for it.
        most = (self.reader.end - self.reader.at) // 2
        db.table.expand(min(keys, most))
        db.expires.expand(min(expiries, most))

    def _load_key(self, db: Database, kind: int) -> None:
        if kind in _MODULES:
            raise BadFile("it has a key whose value a module defines, and there are no modules here")
        key = self.reader.string()
        try:
            value = load_value(kind, self.reader, self._runtime)
        except EmptyValue:
            self.loaded.empty.append(key)
            return
        if self._expiry is not None and self._expiry < self._runtime.now:
            self.loaded.expired += 1
            return
        if key in db.table.index:
            if not self._replacing:
                raise BadFile(f"key {quotable(key)} is there twice in database {db.number}")
            db.delete(key)
        value = value.settle()
        db.load(key, value, self._expiry)
        self._set_use(value)
        self.loaded.keys += 1

    def _set_use(self, value: Value) -> None:
        """Whatever the policy does not know is passed over."""
        now = self._runtime.now
        if self._runtime.lfu:
            value.used = lru.counted(lru.COUNTER_START if self._counter is None else self._counter, now)
        elif self._idle is not None:
            value.used = lru.idle_since(now, self._idle * 1000)

    def _check(self) -> None:
        if self.loaded.version < CHECKED_SINCE:
            return
        end = self.reader.at
        expected = self.reader.u64()
        if not self._runtime.config.rdbchecksum or self._runtime.skip_checksums:
            return
        if not expected:
            self.loaded.unchecked = True
            return
        with memoryview(self._data) as view:
            found = crc64(view[:end])
        if found != expected:
            raise BadFile(f"its checksum is {expected:x}, and that of what stands in it {found:x}")
