"""A key with its value: the whole of what MEMORY USAGE counts, and what it leaves out.

main table  [ … | ▶ | … ]          8 bytes a bucket: paid, not counted
                  └▶ dictEntry 24 ─┬▶ sds key
                                   └▶ robj value ─▶ …
expires     [ … | ▶ | … ] └▶ dictEntry 24          paid when the key has a TTL, not counted
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from rinspect.engine.encodings import sds
from rinspect.engine.keyspace import Database
from rinspect.engine.layout import Allocation, Field, Kind, Layout, Run, Shape, Window
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.value import struct_allocation

DICT_ENTRY = 24
BUCKET = 8


def key_charge(runtime: Runtime, key: bytes) -> int:
    """What MEMORY USAGE counts for the key itself: its dictEntry and its sds."""
    return DICT_ENTRY + runtime.usable(sds.sds_size(len(key)))


class Uncounted(NamedTuple):
    """Something that a key costs and MEMORY USAGE leaves out."""

    name: str
    size: int
    why: str


class KeyLayout(NamedTuple):
    """A key's memory: its own allocations and its value's, as one layout, and what is paid beside."""

    key: bytes
    layout: Layout
    uncounted: tuple[Uncounted, ...]


def key_layout(db: Database, key: bytes, window: Window) -> KeyLayout | None:
    """The layout of a key with its value, touching neither its idle time nor its expiry; None if it is not there."""
    entry = db.table.index.get(key)
    value = db.peek(key)
    if entry is None or value is None:
        return None
    runtime = db.runtime
    inner = value.layout(window)
    if not entry.serial:
        entry.serial = runtime.serial()
    if not entry.key_serial:
        entry.key_serial = runtime.serial()
    name = _key_allocation(runtime, key, entry.key_serial)
    fields = (
        Field(0, 8, "key", None, Kind.POINTER, "to the key's sds", target=entry.key_serial),
        Field(8, 8, "v", None, Kind.POINTER, "to the value's robj", target=value.own_serial()),
        Field(
            16,
            8,
            "next",
            None if entry.next is None else "another key",
            Kind.POINTER,
            "to the next key in the same bucket of the main table, if any",
        ),
    )
    link = struct_allocation(
        entry.serial, "entry", "dictEntry", bytes(DICT_ENTRY), fields, size_class=runtime.usable(24)
    )
    runs = (
        Run("dictEntry (key)", 1, DICT_ENTRY, runtime.usable(DICT_ENTRY), DICT_ENTRY),
        Run("sds (key)", 1, name.asked, name.size_class, name.charged),
        *inner.runs,
    )
    whole = replace(inner, allocations=(link, name, *inner.allocations), runs=runs)
    return KeyLayout(key, whole, tuple(_uncounted(db, key)))


def _key_allocation(runtime: Runtime, key: bytes, serial: int) -> Allocation:
    data = sds.encode(key)
    size_class = runtime.usable(len(data))
    return Allocation(
        serial, "key", "sds", len(data), size_class, size_class, Shape.BLOB, sds.describe(len(key), what="key"), data,
        summary=f"the key's name, {len(key)} bytes",
    )  # fmt: skip


def _uncounted(db: Database, key: bytes) -> list[Uncounted]:
    usable = db.runtime.usable
    found = [Uncounted("bucket of the main table", BUCKET, "8 bytes for each bucket, about one a key")]
    if db.expiry(key) is not None:
        found.append(Uncounted("dictEntry in expires", usable(DICT_ENTRY), "holds the moment; shares the key's sds"))
        found.append(Uncounted("bucket of expires", BUCKET, "8 bytes for each bucket, about one a key with a TTL"))
    if usable(DICT_ENTRY) > DICT_ENTRY:
        why = "this allocator has no class of 24 bytes: MEMORY USAGE counts 24"
        found.append(Uncounted("rounding of the dictEntry", usable(DICT_ENTRY) - DICT_ENTRY, why))
    return found
