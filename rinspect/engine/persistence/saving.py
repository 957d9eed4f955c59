"""Writing an RDB file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rinspect.engine import lru
from rinspect.engine.keyspace import Database, Keyspace
from rinspect.engine.payload import save_value
from rinspect.engine.payload.checksum import crc64
from rinspect.engine.payload.codec import Writer
from rinspect.engine.persistence import opcodes
from rinspect.engine.values.value import Value

Told = Callable[[], None]


class _Output:
    """Where the file's bytes go, and the checksum of those so far."""

    def __init__(self, write: Callable[[bytes], object], *, checked: bool) -> None:
        self._write = write
        self._checked = checked
        self.checksum = 0
        """0 where none is wanted."""

    def put(self, data: bytes) -> None:
        self._write(data)
        if self._checked:
            self.checksum = crc64(data, self.checksum)


def save(
    keyspace: Keyspace,
    write: Callable[[bytes], object],
    about: Mapping[bytes, bytes],
    libraries: Iterable[bytes] = (),
    told: Told = lambda: None,
) -> None:
    """Write all databases. `write` is called with the file's bytes, piece by piece; `about` are the auxiliary fields and
    `libraries` the functions' code. `told` is called after each key. Changes nothing."""
    runtime = keyspace.runtime
    config = runtime.config
    output = _Output(write, checked=config.rdbchecksum)
    head = Writer(config.rdbcompression)
    head.raw(b"%b%04d" % (opcodes.MAGIC, runtime.profile.rdb_version))
    for name, text in about.items():
        head.u8(opcodes.AUX)
        head.string(name)
        head.string(text)
    for code in libraries:
        head.u8(opcodes.FUNCTION)
        head.string(code)
    output.put(bytes(head.data))
    for db in keyspace.databases:
        if len(db):
            _save_database(db, output, told)
    output.put(bytes((opcodes.END,)))
    write(output.checksum.to_bytes(8, "little"))


def _save_database(db: Database, output: _Output, told: Told) -> None:
    config = db.runtime.config
    head = Writer()
    head.u8(opcodes.SELECT)
    head.length(db.number)
    head.u8(opcodes.RESIZE)
    head.length(len(db))
    head.length(len(db.expires))
    output.put(bytes(head.data))
    for entry in db.table:
        value = entry.value
        assert isinstance(value, Value)
        out = Writer(config.rdbcompression)
        _save_what_is_known(db, entry.key, value, out)
        save_value(value, out, entry.key)
        output.put(bytes(out.data))
        told()


def _save_what_is_known(db: Database, key: bytes, value: Value, out: Writer) -> None:
    """Expiry, and what the policy of eviction goes by."""
    config, now = db.runtime.config, db.runtime.now
    when = db.expiry(key)
    if when is not None:
        out.u8(opcodes.EXPIRY)
        out.u64(when)
    if config.maxmemory_policy.endswith("lru"):
        out.u8(opcodes.IDLE)
        out.length(lru.idle_time(value.used, now) // 1000)
    elif config.maxmemory_policy.endswith("lfu"):
        out.u8(opcodes.FREQ)
        out.u8(lru.frequency(value.used, now, config.lfu_decay_time))
