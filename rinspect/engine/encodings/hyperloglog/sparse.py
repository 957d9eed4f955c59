"""Sparse registers: opcodes for runs of registers that have the same value.

    00nnnnnn            ZERO   n + 1 registers are 0: 1 … 64
    01nnnnnn n8         XZERO  n + 1 registers are 0: 1 … 16384, high bits first
    1vvvvvrr            VAL    r + 1 registers, 1 … 4, have the value v + 1: 1 … 32

Together they tell of all 16384.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rinspect.engine.encodings.hyperloglog.hashing import REGISTERS

XZERO_BIT, VAL_BIT = 0x40, 0x80
LONGEST_ZERO = 64
LONGEST_VAL = 4
HIGHEST = 32
"""The highest value that a VAL can have."""
_SCANNED = 5
"""How many opcodes are looked at for what can be merged, from the one before the change on."""

EMPTY = b"\x7f\xff"
"""One XZERO for all registers."""

_SPANS = bytes(
    0 if byte & 0xC0 == XZERO_BIT else (byte & 3) + 1 if byte & VAL_BIT else (byte & 63) + 1 for byte in range(256)
)
"""How many registers an opcode of one byte covers; 0 where there is a second byte."""


_RUNS = [
    bytes((((byte >> 2 & 31) + 1 if byte & VAL_BIT else 0),)) * span for byte, span in enumerate(_SPANS)
]  # fmt: skip
"""What an opcode of one byte says of its registers."""


class CorruptSketch(ValueError):
    """The opcodes do not tell of all registers and no more."""


class Opcode(NamedTuple):
    """`run` registers from `first` on have `value`; it stands at offset `at`."""

    at: int
    size: int
    first: int
    run: int
    value: int

    @property
    def name(self) -> str:
        return "VAL" if self.value else "ZERO" if self.size == 1 else "XZERO"


def opcodes(data: bytes | bytearray, at: int) -> Iterator[Opcode]:
    """The opcodes from offset `at` on; of one that was cut off the missing byte is 0, as the NUL that ends the string."""
    first = 0
    while at < len(data):
        byte = data[at]
        run, size = _SPANS[byte], 1
        if not run:
            run, size = _xzero_run(data, at), 2
        yield Opcode(at, size, first, run, _value(byte) if byte & VAL_BIT else 0)
        at += size
        first += run


def unpack(data: bytes | bytearray, at: int) -> bytes:
    """The registers, a byte each; CorruptSketch where the opcodes are not for all of them and no more."""
    pieces: list[bytes] = []
    covered = 0
    while at < len(data) and covered <= REGISTERS:
        piece = _RUNS[data[at]]
        if not piece:
            piece = bytes(_xzero_run(data, at))
            at += 1
        pieces.append(piece)
        covered += len(piece)
        at += 1
    if covered != REGISTERS:
        raise CorruptSketch
    return b"".join(pieces)


def size_at(data: bytes | bytearray, at: int) -> int:
    """Bytes of the opcode at offset `at`."""
    return 1 if _SPANS[data[at]] else 2


class Spot(NamedTuple):
    """The opcode that covers a register, at offset `at`, and the one before it (itself, where it is the first)."""

    at: int
    before: int
    first: int
    run: int


def find(data: bytes | bytearray, at: int, index: int, first: int = 0) -> Spot:
    """Where register `index` is told of; CorruptSketch if nowhere. The walk begins with the opcode at offset `at`, whose
    registers begin with `first`."""
    before, end, spans = at, len(data), _SPANS
    while at < end:
        run, size = spans[data[at]], 1
        if not run:
            run, size = _xzero_run(data, at), 2
        if index < first + run:
            return Spot(at, before, first, run)
        before, at, first = at, at + size, first + run
    raise CorruptSketch


def every(count: int, data: bytes | bytearray, at: int) -> tuple[list[int], list[int]]:
    """(offsets, first registers) of every so many opcodes, the first one among them."""
    offsets, firsts = [], []
    first, end, spans, left = 0, len(data), _SPANS, 0
    while at < end:
        if not left:
            offsets.append(at)
            firsts.append(first)
            left = count
        run = spans[data[at]]
        if not run:
            run = _xzero_run(data, at)
            at += 1
        at += 1
        first += run
        left -= 1
    return offsets, firsts


def replacement(data: bytes | bytearray, spot: Spot, index: int, value: int) -> bytes | None:
    """What must stand at a spot for register `index` to have a higher value; None if it is no higher.

    | XZERO 16384 |                                     register 3407 becomes 3
    | XZERO 3407 | VAL 3,1 | XZERO 12976 |
    """
    byte = data[spot.at]
    held = _value(byte) if byte & VAL_BIT else 0
    if held >= value:
        return None
    left, right = index - spot.first, spot.first + spot.run - 1 - index
    return _run(held, left) + _val(value, 1) + _run(held, right)


def splice(data: bytearray, spot: Spot, opcodes: bytes) -> None:
    """Put opcodes in the place of the one at a spot, and merge what has become alike."""
    data[spot.at : spot.at + size_at(data, spot.at)] = opcodes
    _merge(data, spot.before)


def _merge(data: bytearray, at: int) -> None:
    """Join VALs side by side of the same value, a few opcodes from offset `at` on.

    | VAL 3,1 | VAL 3,1 | VAL 3,2 |   ─▶   | VAL 3,2 | VAL 3,2 |   ─▶   | VAL 3,4 |
    """
    for _ in range(_SCANNED):
        if at >= len(data):
            return
        byte = data[at]
        if not byte & VAL_BIT:
            at += 2 if byte & XZERO_BIT else 1
            continue
        following = data[at + 1] if at + 1 < len(data) else 0
        if following & VAL_BIT and _value(byte) == _value(following):
            run = _SPANS[byte] + _SPANS[following]
            if run <= LONGEST_VAL:
                data[at : at + 2] = _val(_value(byte), run)
                continue
        at += 1


def _value(byte: int) -> int:
    return (byte >> 2 & 31) + 1


def _xzero_run(data: bytes | bytearray, at: int) -> int:
    low = data[at + 1] if at + 1 < len(data) else 0
    return ((data[at] & 63) << 8 | low) + 1


def _val(value: int, run: int) -> bytes:
    return bytes((VAL_BIT | value - 1 << 2 | run - 1,))


def _run(value: int, run: int) -> bytes:
    """The shortest opcode for a run, which may have no register at all."""
    if not run:
        return b""
    if value:
        return _val(value, run)
    if run <= LONGEST_ZERO:
        return bytes((run - 1,))
    return bytes((XZERO_BIT | run - 1 >> 8, run - 1 & 255))
