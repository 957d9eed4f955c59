"""One value to and from the form that DUMP, RESTORE and RDB files share.

    | type | body … | RDB version u16 | CRC64 u64 |        little endian; the CRC covers all before it

A payload can be read in two ways. **As found** keeps the encoding that the bytes have: that is what an x-ray of another
server's key wants. **As RESTORE** does it chooses anew, under this engine's version and thresholds (`Value.settle`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from rinspect.engine.payload.checksum import crc64
from rinspect.engine.payload.codec import CorruptPayload as CorruptPayload
from rinspect.engine.payload.codec import Reader, Writer
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.value import Value

Loader = Callable[[Reader, Runtime], Value]

FOOTER = 10
"""Bytes after the body: the version and the CRC."""

_TYPES = ("string", "list", "set", "zset", "hash", "stream")

_NEWEST_TYPE = {9: 15, 10: 19, 11: 21, 12: 25}
"""The last RDB type of each RDB version."""


@cache
def _loaders() -> dict[int, Loader]:
    found: dict[int, Loader] = {}
    for name in _TYPES:
        found |= import_module(f"{__name__}.{name}").LOADERS
    return found


def save_value(value: Value, out: Writer, key: bytes | None = None) -> None:
    """Type and body; between them the key, as in an RDB file, if one is given."""
    module = import_module(f"{__name__}.{value.type}")
    out.u8(module.type_byte(value))
    if key is not None:
        out.string(key)
    module.save(value, out)


def dump(value: Value) -> bytes:
    """The payload that DUMP answers with."""
    runtime = value.runtime
    out = Writer(runtime.config.rdbcompression)
    save_value(value, out)
    out.raw(runtime.profile.rdb_version.to_bytes(2, "little"))
    out.u64(crc64(bytes(out.data)))
    return bytes(out.data)


class WrongFooter(CorruptPayload):
    """The version is too new, or the CRC does not fit."""


def load_value(kind: int, reader: Reader, runtime: Runtime) -> Value:
    """The value of RDB type `kind` that starts at the reader's place, as found."""
    loader = _loaders().get(kind)
    if loader is None:
        raise CorruptPayload(f"no value has RDB type {kind}")
    return loader(reader, runtime)


def read(payload: bytes, runtime: Runtime) -> Value:
    """The value in a DUMP payload, as found; CorruptPayload if it is none.

    As in the server, bytes left over do not matter, and a value that claims more than there is reads on in the footer.
    """
    if len(payload) < FOOTER:
        raise WrongFooter(f"a payload has at least {FOOTER} bytes, this one {len(payload)}")
    end = len(payload) - FOOTER
    version = int.from_bytes(payload[end : end + 2], "little")
    if version > runtime.profile.rdb_version:
        raise WrongFooter(f"RDB version {version} is newer than {runtime.profile.rdb_version}")
    if not runtime.skip_checksums and int.from_bytes(payload[end + 2 :], "little") != crc64(payload[:-8]):
        raise WrongFooter("the CRC does not fit the bytes")
    if payload[0] > _NEWEST_TYPE[runtime.profile.rdb_version]:
        raise CorruptPayload(f"RDB type {payload[0]} came later than {runtime.profile.name}")
    return load_value(payload[0], Reader(payload, 1), runtime)
