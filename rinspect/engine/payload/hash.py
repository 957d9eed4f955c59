"""Hashes in RDB form.

4       hashtable: count, then field, value …
9       zipmap, of before 2.6: the blob as a string (read only)
13, 16  ziplist (6.2 and before), listpack: the blob as a string
24      hashtable with expiry (7.4+): u64 next expiry, count, then expiry, field, value …
        where an expiry is 0 for never, else the milliseconds after the next one, plus 1, as a length
25      listpackex (7.4+): u64 registered expiry, the blob as a string
22, 23  what 24 and 25 were before 7.4 was released: without the u64, and in 22 with absolute expiries
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from rinspect.engine.encodings.compact import CorruptBlob, Listpack, Ziplist
from rinspect.engine.encodings.hashtable import INITIAL_SIZE
from rinspect.engine.encodings.listpackex import MAX_EXPIRY, ListpackEx
from rinspect.engine.encodings.zipmap import read_zipmap
from rinspect.engine.payload.codec import CorruptPayload, EmptyValue, Reader, Writer
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.hash import HashValue
from rinspect.engine.values.hash_fields import Fields, PackedFields, TableFields, TimedFields

TABLE, ZIPMAP, ZIPLIST, LISTPACK = 4, 9, 13, 16
OLD_TIMED_TABLE, OLD_LISTPACKEX, TIMED_TABLE, LISTPACKEX = 22, 23, 24, 25


def type_byte(value: HashValue) -> int:
    if isinstance(value.fields, TableFields):
        return TIMED_TABLE if value.fields.minimum() else TABLE
    return {"ziplist": ZIPLIST, "listpack": LISTPACK, "listpackex": LISTPACKEX}[value.encoding]


def save(value: HashValue, out: Writer) -> None:
    fields = value.fields
    if isinstance(fields, TableFields):
        _save_table(fields, out)
        return
    assert isinstance(fields, PackedFields | TimedFields)
    if fields.timed:
        out.u64(value.registered)
    out.string(fields.pack.data)


def _save_table(fields: TableFields, out: Writer) -> None:
    first = fields.minimum()
    if first:
        out.u64(first)
    out.length(len(fields))
    for field, value, expiry in fields:
        if first:
            out.length(expiry - first + 1 if expiry else 0)
        out.string(field)
        out.string(value)


def _whole(runtime: Runtime, fields: Fields, names: list[bytes]) -> HashValue:
    """The hash of what was read; CorruptPayload if it is empty or a field is there twice."""
    if not names:
        raise EmptyValue("a hash without fields")
    if len(set(names)) < len(names):
        raise CorruptPayload("a hash with a field that is there twice")
    return HashValue(runtime, fields)


def _pairs(runtime: Runtime, pack: Listpack | Ziplist) -> HashValue:
    if len(pack) % 2:
        raise CorruptPayload(f"{len(pack)} entries are no pairs of field and value")
    return _whole(runtime, PackedFields(pack), pack.texts[::2])


def load_listpack(reader: Reader, runtime: Runtime) -> HashValue:
    return _pairs(runtime, _blob(Listpack.from_bytes, reader))


def load_ziplist(reader: Reader, runtime: Runtime) -> HashValue:
    return _pairs(runtime, _blob(Ziplist.from_bytes, reader))


def load_zipmap(reader: Reader, runtime: Runtime) -> HashValue:
    """Nothing keeps zipmaps any more: it becomes a listpack or ziplist on the way."""
    try:
        pairs = read_zipmap(reader.string())
    except CorruptBlob as error:
        raise CorruptPayload(str(error)) from None
    packed = HashValue(runtime)
    assert isinstance(packed.fields, PackedFields)
    packed.fields.pack.extend(text for pair in pairs for text in pair)
    return _whole(runtime, packed.fields, [field for field, _ in pairs])


def load_listpackex(reader: Reader, runtime: Runtime) -> HashValue:
    registered = reader.u64()
    value = load_old_listpackex(reader, runtime)
    value.registered = registered if registered <= MAX_EXPIRY else 0
    return value


def load_old_listpackex(reader: Reader, runtime: Runtime) -> HashValue:
    triples = _blob(ListpackEx.from_bytes, reader)
    value = _whole(runtime, TimedFields(triples), triples.pack.texts[::3])
    value.registered = triples.minimum()
    return value


def load_table(reader: Reader, runtime: Runtime) -> HashValue:
    return _load_table(reader, runtime, lambda: 0)


def load_timed_table(reader: Reader, runtime: Runtime) -> HashValue:
    first = reader.u64()

    def expiry() -> int:
        after = reader.length()
        return first + after - 1 if after else 0

    return _load_table(reader, runtime, expiry, timed=True)


def load_old_timed_table(reader: Reader, runtime: Runtime) -> HashValue:
    return _load_table(reader, runtime, reader.length, timed=True)


def _load_table(reader: Reader, runtime: Runtime, read_expiry: Callable[[], int], *, timed: bool = False) -> HashValue:
    count = reader.length()
    # Each field takes two bytes at the least: a count beyond that is a lie, and no reason to make a table for it.
    presize = min(count, (reader.end - reader.at) // 2)
    fields = TableFields(runtime, presize if presize > INITIAL_SIZE else 0)
    fields.timed = timed
    for _ in range(count):
        expiry = read_expiry()
        if expiry > MAX_EXPIRY:
            raise CorruptPayload(f"an expiry of {expiry}, before offset {reader.at}")
        if not fields.insert(reader.string(), reader.string(), expiry):
            raise CorruptPayload(f"a field that is there twice, before offset {reader.at}")
    if not fields:
        raise EmptyValue("a hash without fields")
    hashed = HashValue(runtime, fields)
    hashed.registered = fields.minimum()
    return hashed


Blob = TypeVar("Blob", Listpack, Ziplist, ListpackEx)


def _blob(from_bytes: Callable[[bytes], Blob], reader: Reader) -> Blob:
    try:
        return from_bytes(reader.string())
    except CorruptBlob as error:
        raise CorruptPayload(str(error)) from None


LOADERS = {
    TABLE: load_table,
    ZIPMAP: load_zipmap,
    ZIPLIST: load_ziplist,
    LISTPACK: load_listpack,
    OLD_TIMED_TABLE: load_old_timed_table,
    OLD_LISTPACKEX: load_old_listpackex,
    TIMED_TABLE: load_timed_table,
    LISTPACKEX: load_listpackex,
}
