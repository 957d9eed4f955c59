"""Reading an RDB file."""

from __future__ import annotations

from dataclasses import dataclass, field

from rinspect.engine import lru
from rinspect.engine.keyspace import Database, Keyspace
from rinspect.engine.numbers import INT64_MAX, parse_int
from rinspect.engine.payload import CorruptPayload, load_value
from rinspect.engine.payload.checksum import crc64
from rinspect.engine.payload.codec import EmptyValue, Reader
from rinspect.engine.persistence import opcodes
from rinspect.engine.replies import quotable
from rinspect.engine.values.value import Value

HEAD = 9
"""Bytes of magic word and version."""
LAST_SECOND = 253_402_300_799
"""The end of the year 9999: what lies behind that is no moment at which a file was written."""
CHECKED_SINCE = 5
"""The version of the format from which on there is a checksum."""


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
    created: int | None = None
    """When it was written, in seconds since 1970, if it says so."""
    used_memory: int | None = None
    """The server's used_memory then, in bytes, if it says so."""
    keys: int = 0
    expired: int = 0
    """Keys that were passed over because their time was over."""
    empty: list[bytes] = field(default_factory=list)
    """Keys that were passed over because there was nothing in them."""
    of_modules: list[bytes] = field(default_factory=list)
    """Keys that were passed over because only a module knows what their value is."""
    unchecked: bool = False
    """It was saved without a checksum."""
    size: int = 0
    """Bytes of the file: something else may stand behind it."""

    @property
    def for_appending(self) -> bool:
        """Whether it was written for commands to stand behind it: those know each key that was there then."""
        return b"1" in (self.about.get(b"aof-base"), self.about.get(b"aof-preamble"))

    def read_about(self, reader: Reader) -> None:
        """Read an auxiliary field."""
        name, text = reader.string(), reader.string()
        self.about[name] = text
        if name == b"ctime":
            self.created = _number(text, LAST_SECOND)
        elif name == b"used-mem":
            self.used_memory = _number(text, INT64_MAX)


def _number(text: bytes, most: int) -> int | None:
    number = parse_int(text)
    return number if number is not None and 0 <= number <= most else None


def load(
    data: bytes,
    keyspace: Keyspace,
    *,
    replacing: bool = False,
    without_modules: bool = False,
    as_found: bool = False,
) -> Loaded:
    """Put the keys of a file into the databases. Encodings are chosen anew, as at a server's start, unless they are to be
    `as_found`. With `replacing`, a key that is there makes room for the file's; `without_modules`, what belongs to modules is
    passed over, where otherwise the file cannot be loaded. BadFile where it cannot: keys before that place are in."""
    loader = _Loader(data, keyspace, replacing=replacing, without_modules=without_modules, as_found=as_found)
    try:
        loader.load()
    except CorruptPayload as error:
        raise BadFile(f"{error} (what was read there began at offset {loader.began})") from None
    return loader.loaded


def glance(data: bytes) -> Loaded:
    """What stands at the beginning: version and auxiliary fields. BadFile if it does not begin as such files do."""
    reader, loaded = Reader(data), Loaded()
    try:
        loaded.version = _version(reader)
        while reader.u8() == opcodes.AUX:
            loaded.read_about(reader)
    except CorruptPayload as error:
        raise BadFile(str(error)) from None
    return loaded


def _moment(data: bytes) -> int | None:
    """An expiry; -1 stands for none."""
    moment = int.from_bytes(data, "little", signed=True)
    return None if moment == -1 else moment


def _version(reader: Reader) -> int:
    head = reader.raw(HEAD) if reader.end >= HEAD else b""
    digits = head[len(opcodes.MAGIC) :]
    if not head.startswith(opcodes.MAGIC) or not digits.isdigit():
        raise BadFile(f"it does not begin with {opcodes.MAGIC.decode()} and a version")
    return int(digits)


class _Loader:
    def __init__(
        self, data: bytes, keyspace: Keyspace, *, replacing: bool, without_modules: bool, as_found: bool
    ) -> None:
        self.reader = Reader(data)
        self.loaded = Loaded()
        self._without_modules = without_modules
        self._as_found = as_found
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
        loaded.version = self._supported(_version(reader))
        while True:
            self.began = reader.at
            match reader.u8():
                case opcodes.EXPIRY:
                    self._expiry = _moment(reader.raw(8))
                case opcodes.EXPIRY_SECONDS:
                    seconds = _moment(reader.raw(4))
                    self._expiry = None if seconds is None else seconds * 1000
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
                    loaded.read_about(reader)
                case opcodes.FUNCTION:
                    loaded.libraries.append(reader.string())
                case opcodes.FUNCTION_BEFORE_RELEASE:
                    raise BadFile("it has functions in a form from before 7.0 was released")
                case opcodes.MODULE_AUX:
                    self._pass_over("data of a module")
                case opcodes.END:
                    self._check()
                    loaded.size = reader.at
                    return
                case kind:
                    self._load_key(db, kind)
                    self._forget()

    def _supported(self, version: int) -> int:
        profile = self._runtime.profile
        if not 1 <= version <= profile.rdb_version:
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
        key = self.reader.string()
        if kind in opcodes.MODULE_TYPES:
            self._pass_over(f"key {quotable(key)}, whose value a module defines", kind)
            self.loaded.of_modules.append(key)
            return
        try:
            value = load_value(kind, self.reader, self._runtime)
        except EmptyValue:
            self.loaded.empty.append(key)
            return
        kept = self._runtime.loading and self.loaded.for_appending
        if self._expiry is not None and self._expiry < self._runtime.now and not kept:
            self.loaded.expired += 1
            return
        if key in db.table.index:
            if not self._replacing:
                raise BadFile(f"key {quotable(key)} is there twice in database {db.number}")
            db.delete(key)
        if not self._as_found:
            value = value.settle()
        db.load(key, value, self._expiry)
        self._set_use(value)
        self.loaded.keys += 1

    def _pass_over(self, what: str, kind: int = opcodes.MODULE_TYPES[-1]) -> None:
        """Pass over what a module has written: its name, and then numbers and strings, each with its kind before it."""
        if not self._without_modules or kind != opcodes.MODULE_TYPES[-1]:
            raise BadFile(f"it has {what}, and there are no modules here")
        reader = self.reader
        reader.length()
        while (found := reader.length()) != opcodes.MODULE_END:
            match found:
                case opcodes.MODULE_SINT | opcodes.MODULE_UINT:
                    reader.length()
                case opcodes.MODULE_FLOAT:
                    reader.raw(4)
                case opcodes.MODULE_DOUBLE:
                    reader.raw(8)
                case opcodes.MODULE_STRING:
                    reader.string()
                case _:
                    raise CorruptPayload(f"a module's data has kind {found} before offset {reader.at}")

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
