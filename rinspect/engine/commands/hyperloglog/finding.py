"""The HyperLogLog under a key: a string that looks like one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rinspect.engine.commands.call import Call
from rinspect.engine.encodings.hyperloglog import header
from rinspect.engine.encodings.hyperloglog.sketch import Sketch
from rinspect.engine.encodings.hyperloglog.sparse import CorruptSketch
from rinspect.engine.replies import CommandError
from rinspect.engine.values.string import StringValue

NOT_A_SKETCH = "WRONGTYPE Key is not a valid HyperLogLog string value."
CORRUPT = "INVALIDOBJ Corrupted HLL object detected"


def find_sketch(call: Call, key: bytes) -> StringValue | None:
    """The string that a command reads, if it is a HyperLogLog; CommandError if there is something else."""
    return _checked(call.find(key, StringValue))


def find_sketch_write(call: Call, key: bytes) -> StringValue | None:
    """The same for a command that is going to change it."""
    return _checked(call.find_write(key, StringValue))


def _checked(value: StringValue | None) -> StringValue | None:
    if value is not None and not header.is_sketch(content(value)):
        raise CommandError(NOT_A_SKETCH)
    return value


def new_sketch(call: Call, key: bytes) -> StringValue:
    """An empty HyperLogLog, put under a key that has nothing."""
    value = StringValue.make_raw(call.runtime, header.EMPTY)
    call.db.put(key, value)
    return value


def content(value: StringValue) -> bytes | bytearray:
    """The bytes of a string, without a copy."""
    return value.data if value.buffer is None else value.buffer.payload


def sketch_of(call: Call, key: bytes, value: StringValue) -> Sketch:
    """The sketch in a string under a key, to be changed; the string is raw from now on."""
    runtime = call.runtime
    call.db.reweigh(key)
    return Sketch(value.raw(), runtime.config.hll_sparse_max_bytes, runtime.profile, runtime.allocator)


@contextmanager
def damage_told() -> Iterator[None]:
    """A sketch that is found to be damaged meanwhile is a CommandError."""
    try:
        yield
    except CorruptSketch:
        raise CommandError(CORRUPT) from None
