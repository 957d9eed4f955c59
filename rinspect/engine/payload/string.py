"""A string in RDB form: just the string."""

from __future__ import annotations

from rinspect.engine.payload.codec import Reader, Writer
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.string import StringValue

STRING = 0


def type_byte(value: StringValue) -> int:
    return STRING


def save(value: StringValue, out: Writer) -> None:
    out.string(value.bytes())


def load(reader: Reader, runtime: Runtime) -> StringValue:
    return StringValue.loaded(runtime, reader.string())


LOADERS = {STRING: load}
