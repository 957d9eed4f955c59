"""A sketch's bytes, field by field."""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.encodings.hyperloglog import dense, header, sparse
from rinspect.engine.encodings.hyperloglog.header import DENSE_SIZE, HEADER
from rinspect.engine.encodings.hyperloglog.sparse import Opcode
from rinspect.engine.layout import Field, Kind, Window

GROUP = 4
"""Registers that share three bytes."""
GROUP_SIZE = GROUP * dense.BITS // 8


def describe(data: bytes | bytearray, at: int, window: Window) -> Iterator[Field]:
    """The fields of a string that `is_sketch` which the window's bytes touch; it begins at offset `at` of its allocation."""
    registers = _dense(data, at, window) if header.is_dense(data) else _sparse(data, at)
    for field in (*_header(data, at), *registers):
        if window.covers(field.offset, field.size):
            yield field


def _header(data: bytes | bytearray, at: int) -> Iterator[Field]:
    name = header.ENCODINGS[data[4]]
    how = "6 bits for each register" if header.is_dense(data) else "opcodes for runs of registers of the same value"
    known = header.cardinality(data)
    yield Field(at, 4, "magic", "HYLL", Kind.HEADER, "this string is a HyperLogLog")
    yield Field(at + 4, 1, "encoding", name, Kind.ENCODING, f"{data[4]}: {name}, {how}")
    yield Field(at + 5, 3, "unused", None, Kind.HEADER, "for later use")
    if known is None:
        note = "bit 63 says that the number is stale: a register has changed since PFCOUNT counted"
        yield Field(at + 8, 8, "cardinality", "stale", Kind.COUNT, note)
    else:
        note = f"{known}: what PFCOUNT found; until a register changes it answers that without counting"
        yield Field(at + 8, 8, "cardinality", known, Kind.COUNT, note)


def _sparse(data: bytes | bytearray, at: int) -> Iterator[Field]:
    for opcode in sparse.opcodes(data, HEADER):
        size = min(opcode.size, len(data) - opcode.at)
        kind = Kind.INTEGER if opcode.value else Kind.SPAN
        value = (opcode.value, opcode.run) if opcode.value else opcode.run
        yield Field(at + opcode.at, size, opcode.name, value, kind, _sparse_note(opcode))


def _sparse_note(opcode: Opcode) -> str:
    last = opcode.first + opcode.run - 1
    which, have = f"registers {opcode.first} … {last}", "have"
    if opcode.run == 1:
        which, have = f"register {opcode.first}", "has"
    if not opcode.value:
        return f"{which}: still 0, no element came this way"
    return f"{which} {have} {opcode.value}: the rarest hash that came this way was one of 2^{opcode.value}"


def _dense(data: bytes | bytearray, at: int, window: Window) -> Iterator[Field]:
    """Three bytes, four registers a field; groups side by side in which all is 0 are one."""
    first = max(0, (window.start - at - HEADER) // GROUP_SIZE)
    stop = min((DENSE_SIZE - HEADER) // GROUP_SIZE, (window.start + window.size - at - HEADER) // GROUP_SIZE + 1)
    registers = dense.unpack(data[HEADER + first * GROUP_SIZE : HEADER + max(first, stop) * GROUP_SIZE])
    zeros = 0
    for group in range(first, stop + 1):
        values = registers[(group - first) * GROUP : (group - first + 1) * GROUP]
        if values and not any(values):
            zeros += 1
            continue
        if zeros:
            yield _zeros(group - zeros, zeros, at)
            zeros = 0
        if values:
            yield _group(group, values, at)


def _zeros(group: int, count: int, at: int) -> Field:
    first, last = group * GROUP, (group + count) * GROUP - 1
    note = f"6 bits each: registers {first} … {last} are still 0"
    return Field(at + HEADER + group * GROUP_SIZE, count * GROUP_SIZE, "zeros", last - first + 1, Kind.SPAN, note)


def _group(group: int, values: bytes, at: int) -> Field:
    first = group * GROUP
    shown = ", ".join(map(str, values))
    note = f"6 bits each, the lowest first: registers {first} … {first + GROUP - 1} have {shown}"
    name = f"registers {first}–{first + GROUP - 1}"
    return Field(at + HEADER + group * GROUP_SIZE, GROUP_SIZE, name, tuple(values), Kind.INTEGER, note)
