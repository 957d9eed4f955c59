"""PFADD and PFMERGE."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.hyperloglog.finding import (
    content,
    damage_told,
    find_sketch,
    find_sketch_write,
    new_sketch,
    sketch_of,
)
from rinspect.engine.commands.registry import command
from rinspect.engine.encodings.hyperloglog import header
from rinspect.engine.encodings.hyperloglog.hashing import REGISTERS, place
from rinspect.engine.encodings.hyperloglog.sketch import registers, union
from rinspect.engine.replies import OK, Reply


@command(
    "PFADD", "key [element...]",
    group="hyperloglog", since="2.8.9", flags="write denyoom fast", access="RW insert", raw=True,
    complexity="O(1) to add every element.",
    summary="Adds elements to a HyperLogLog key. Creates the key if it doesn't exist.",
)  # fmt: skip
def pfadd(call: Call, key: bytes, *elements: bytes) -> Reply:
    dirty = call.db.dirty
    value = find_sketch_write(call, key)
    raised = 0
    if value is None:
        value = new_sketch(call, key)
        raised = 1
    sketch = sketch_of(call, key, value)
    with damage_told():
        for element in elements:
            raised += sketch.raise_register(*place(element))
    if not raised:
        return 0
    header.set_stale(value.raw().payload)
    call.db.changed(key)
    call.db.dirty = dirty + raised
    return 1


@command(
    "PFMERGE", "destkey:key [sourcekey:key...]",
    group="hyperloglog", since="2.8.9", flags="write denyoom", access="RW access insert;RO access", raw=True,
    complexity="O(N) to merge N HyperLogLogs, but with high constant times.",
    summary="Merges one or more HyperLogLog values into a single key.",
)  # fmt: skip
def pfmerge(call: Call, target: bytes, *sources: bytes) -> Reply:
    dirty = call.db.dirty
    merged = bytes(REGISTERS)
    dense = False
    for key in (target, *sources):
        found = find_sketch(call, key)
        if found is not None:
            dense = dense or header.is_dense(content(found))
            with damage_told():
                merged = union(merged, registers(content(found)))
    value = find_sketch_write(call, target) or new_sketch(call, target)
    sketch = sketch_of(call, target, value)
    if dense:
        sketch.to_dense()
    for index, highest in enumerate(merged):
        if highest:
            sketch.raise_register(index, highest)
    header.set_stale(value.raw().payload)
    call.db.changed(target)
    call.db.dirty = dirty + 1
    return OK
