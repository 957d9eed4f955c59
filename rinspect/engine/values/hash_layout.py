"""What the forms of a hash cost, and how they look in memory."""

from __future__ import annotations

from rinspect.engine.encodings import mstr, sds
from rinspect.engine.encodings.hashtable import Entry
from rinspect.engine.encodings.listpackex import STRUCT
from rinspect.engine.layout import Allocation, Field, Kind, Layout, Run, Shape, Window
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.blob_layout import blob_allocation, blob_run
from rinspect.engine.values.hash_fields import Fields, PackedFields, TableFields, TimedFields, value_of
from rinspect.engine.values.table_layout import (
    BUCKET_SIZE,
    ENTRY_CHARGE,
    Held,
    TableLayout,
    key_serial,
    table_allocated,
    text_allocation,
)
from rinspect.engine.values.value import (
    ROBJ_SIZE,
    Value,
    averaged,
    blob_charge,
    robj_run,
    struct_allocation,
    struct_bytes,
)

METADATA = 32
"""Bytes behind the dict struct of a hash whose fields may expire."""


def charged(fields: Fields, runtime: Runtime, samples: int) -> int:
    """MEMORY USAGE of a hash without its key; `samples` 0 counts all fields."""
    if isinstance(fields, PackedFields):
        return ROBJ_SIZE + blob_charge(runtime, fields.pack.nbytes)[1]
    if isinstance(fields, TimedFields):
        return ROBJ_SIZE + STRUCT + blob_charge(runtime, fields.pack.nbytes)[1]
    assert isinstance(fields, TableFields)
    count = len(fields)
    fixed = ROBJ_SIZE + runtime.profile.dict_size + BUCKET_SIZE * fields.table.buckets
    if not samples or samples >= count:
        return averaged(fixed, ENTRY_CHARGE * count + fields.names[1] + fields.values[1], count, count)
    sampled, usable = 0, runtime.usable
    for _, (field, value, _expiry) in zip(range(samples), fields, strict=False):
        sampled += ENTRY_CHARGE + usable(fields.name_size(field)) + usable(sds.element_size(len(value)))
    return averaged(fixed, sampled, samples, count)


def allocated(fields: Fields, runtime: Runtime) -> int:
    """What the allocator gave for a hash, its robj included, in bytes."""
    robj = runtime.usable(ROBJ_SIZE)
    if isinstance(fields, PackedFields):
        return robj + runtime.usable(fields.pack.nbytes)
    if isinstance(fields, TimedFields):
        return robj + runtime.usable(STRUCT) + runtime.usable(fields.pack.nbytes)
    assert isinstance(fields, TableFields)
    metadata = METADATA if fields.timed else 0
    return robj + table_allocated(fields.table, runtime, metadata) + fields.names[1] + fields.values[1]


def layout(value: Value, fields: Fields, registered: int, window: Window) -> Layout:
    """The layout of a hash whose form is `fields`; `registered` is its moment in the keyspace's index, or 0."""
    if isinstance(fields, TableFields):
        return _table_layout(value, fields, registered, window)
    assert isinstance(fields, PackedFields | TimedFields)
    runtime, own, run = value.runtime, robj_run(value.runtime), blob_run(fields.pack, value.runtime)
    if isinstance(fields, PackedFields):
        blob = blob_allocation(fields.pack, runtime, window, names=("field", "value"))
        robj = value.robj(blob.serial, pointer_note=f"to the {fields.encoding}")
        return Layout("hash", fields.encoding, len(fields.pack), window, (robj, blob), (own, run))
    blob = blob_allocation(
        fields.pack, runtime, window, role="value/listpackex/listpack", names=("field", "value", "expiry")
    )
    struct = _struct(value.runtime, fields, registered, blob)
    robj = value.robj(struct.serial, pointer_note="to the struct that holds listpack and expiry")
    runs = (own, Run("listpackEx", 1, STRUCT, struct.size_class, STRUCT), run)
    return Layout("hash", fields.encoding, len(fields.pack), window, (robj, struct, blob), runs)


def _struct(runtime: Runtime, fields: TimedFields, registered: int, blob: Allocation) -> Allocation:
    triples = fields.triples
    if not triples.serial:
        triples.serial = runtime.serial()
    shown = (
        *mstr.record_fields(registered, 0, "hash"),
        Field(
            16, 8, "key", "key", Kind.POINTER, "to the key's text in the keyspace: for whoever removes expired fields"
        ),
        Field(24, 8, "lp", None, Kind.POINTER, "to the listpack", target=blob.serial),
    )
    return struct_allocation(
        triples.serial, "value/listpackex", "listpackEx", struct_bytes(shown), shown, size_class=runtime.usable(STRUCT)
    )


def _table_layout(value: Value, fields: TableFields, registered: int, window: Window) -> Layout:
    runtime = value.runtime
    table = fields.table

    def hold(entry: Entry, role: str, element: int) -> Held:
        name = _name(fields, entry, f"{role}/field", window, element)
        serial = fields.value_serials.get(entry.key)
        if serial is None:
            serial = fields.value_serials[entry.key] = runtime.serial()
        text = text_allocation(value_of(entry), serial, f"{role}/value", runtime, window, what="value", element=element)
        pointer = Field(8, 8, "value", None, Kind.POINTER, "the value's text", target=serial)
        return Held(name.serial, pointer, (name, text))

    view = TableLayout(table, runtime, hold, metadata_fields=_metadata(runtime, fields, registered))
    names, values, count = fields.names, fields.values, len(fields)
    if runtime.profile.mstr_fields:
        texts = [Run("mstr", count, names[0], names[1], names[1]), Run("sds", count, values[0], values[1], values[1])]
    else:
        got = names[1] + values[1]
        texts = [Run("sds", 2 * count, names[0] + values[0], got, got)]
    runs = (robj_run(runtime), *view.runs(), *texts)
    rounding = charged(fields, runtime, 0) - sum(run.charged for run in runs)
    robj = value.robj(view.serial, pointer_note="to the dict")
    allocations = (robj, *view.allocations(window))
    return Layout("hash", "hashtable", table.buckets, window, allocations, runs, rounding, facts=view.facts())


def _metadata(runtime: Runtime, fields: TableFields, registered: int) -> tuple[Field, ...]:
    """What stands behind the dict struct once fields may expire."""
    if not fields.timed:
        return ()
    at = runtime.profile.dict_size
    some = fields.minimum() > 0
    return (
        *mstr.record_fields(registered, at, "hash"),
        Field(at + 16, 8, "hfe", "ebuckets" if some else None, Kind.POINTER, "to the index of the fields by expiry"),
        Field(at + 24, 8, "key", "key", Kind.POINTER, "to the key's text: for whoever removes expired fields"),
    )


def _name(fields: TableFields, entry: Entry, role: str, window: Window, element: int) -> Allocation:
    """The allocation of a field's text: an sds, or from 7.4 on an mstr."""
    runtime, field = fields.runtime, entry.key
    serial = key_serial(entry, runtime)
    if not runtime.profile.mstr_fields:
        return text_allocation(field, serial, role, runtime, window, what="field", element=element)
    expiry = fields.records.get(field)
    asked = fields.name_size(field)
    size_class = runtime.usable(asked)
    shown = sds.visible(mstr.describe(len(field), expiry), window)
    start = min(window.start, asked)
    data = mstr.encode(field, expiry)[start : start + window.size]
    return Allocation(
        serial, role, "mstr", asked, size_class, size_class, Shape.BLOB, shown, data, start,
        summary=f"field: {len(field)} bytes", element=element,
    )  # fmt: skip
