"""Sets in RDB form.

2   hashtable: count, then the members
11  intset: the blob as a string
20  listpack (7.2+): the blob as a string
"""

from __future__ import annotations

from rinspect.engine.encodings.compact import CorruptBlob, Listpack
from rinspect.engine.encodings.hashtable import INITIAL_SIZE
from rinspect.engine.encodings.intset import Intset
from rinspect.engine.encodings.membertable import MemberTable
from rinspect.engine.payload.codec import CorruptPayload, EmptyValue, Reader, Writer
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.set import SetValue

TABLE, INTSET, LISTPACK = 2, 11, 20


def type_byte(value: SetValue) -> int:
    return {"hashtable": TABLE, "intset": INTSET, "listpack": LISTPACK}[value.encoding]


def save(value: SetValue, out: Writer) -> None:
    if not isinstance(value.body, MemberTable):
        out.string(value.body.data)
        return
    out.length(len(value))
    for member in value:
        out.string(member)


def load_table(reader: Reader, runtime: Runtime) -> SetValue:
    count = reader.length()
    if not count:
        raise EmptyValue("a set without members")
    # Each member takes a byte at the least: a count beyond that is a lie, and no reason to make a table for it.
    presize = min(count, reader.end - reader.at)
    value = SetValue.empty_table(runtime, presize if presize > INITIAL_SIZE else 0)
    for _ in range(count):
        if not value.add(reader.string()):
            raise CorruptPayload(f"a member that is there twice, before offset {reader.at}")
    return value


def load_intset(reader: Reader, runtime: Runtime) -> SetValue:
    try:
        numbers = Intset.from_bytes(reader.string())
    except CorruptBlob as error:
        raise CorruptPayload(str(error)) from None
    if not numbers:
        raise CorruptPayload("an intset without members")
    return SetValue(runtime, numbers)


def load_listpack(reader: Reader, runtime: Runtime) -> SetValue:
    try:
        pack = Listpack.from_bytes(reader.string())
    except CorruptBlob as error:
        raise CorruptPayload(str(error)) from None
    if not pack:
        raise EmptyValue("a listpack without members")
    if len(set(pack.texts)) < len(pack):
        raise CorruptPayload("a listpack with a member that is there twice")
    return SetValue(runtime, pack)


LOADERS = {TABLE: load_table, INTSET: load_intset, LISTPACK: load_listpack}
