"""A HyperLogLog at work in the sds of a string."""

from __future__ import annotations

from rinspect.engine.allocator import Allocator
from rinspect.engine.encodings.hyperloglog import dense, header, sparse
from rinspect.engine.encodings.hyperloglog.guide import Guide
from rinspect.engine.encodings.hyperloglog.hashing import REGISTERS
from rinspect.engine.encodings.hyperloglog.header import HEADER
from rinspect.engine.encodings.sds import Sds
from rinspect.engine.profile import Profile

_WORST_SPLIT = 3
"""Bytes that a sparse sketch may grow by at once: an XZERO becomes XZERO, VAL, XZERO."""
_MOST_SPARE = 300
_FEW = 4
_SHORT = 100
"""Registers raised, and bytes of a sketch, from which on landmarks pay."""


class Sketch:
    """Changes a raw string that `is_sketch`. All but `is_dense` raise CorruptSketch where the opcodes are wrong."""

    __slots__ = ("_allocator", "_buffer", "_guide", "_limit", "_profile", "_raised")

    def __init__(self, buffer: Sds, limit: int, profile: Profile, allocator: Allocator) -> None:
        """`limit` is hll-sparse-max-bytes."""
        self._buffer = buffer
        self._limit = limit
        self._profile = profile
        self._allocator = allocator
        self._guide: Guide | None = None
        self._raised = 0

    @property
    def is_dense(self) -> bool:
        return header.is_dense(self._buffer.payload)

    def registers(self) -> bytes:
        """A byte for each register."""
        return registers(self._buffer.payload)

    def raise_register(self, index: int, value: int) -> bool:
        """Let a register have at least `value`; whether it had less. Of a sparse sketch the cardinality is stale then."""
        data = self._buffer.payload
        if header.is_dense(data):
            if dense.get(data, HEADER, index) >= value:
                return False
            dense.put(data, HEADER, index, value)
            return True
        if value > sparse.HIGHEST:
            return self._promoted(index, value)
        self._make_room()
        guide = self._guidance()
        at, first = (HEADER, 0) if guide is None else guide.near(index)
        spot = sparse.find(data, at, index, first)
        opcodes = sparse.replacement(data, spot, index, value)
        if opcodes is None:
            return False
        longer = len(opcodes) - sparse.size_at(data, spot.at)
        if longer > 0 and len(data) + longer > self._limit:
            return self._promoted(index, value)
        length = len(data)
        sparse.splice(data, spot, opcodes)
        if guide is not None:
            guide.changed(spot.before, len(data) - length)
        header.set_stale(data)
        return True

    def _guidance(self) -> Guide | None:
        """Landmarks, once they pay: for more than a few registers of a sketch that is not short."""
        self._raised += 1
        if self._guide is None and self._raised > _FEW and len(self._buffer) > _SHORT:
            self._guide = Guide(self._buffer.payload, HEADER)
        return self._guide

    def to_dense(self) -> None:
        """Make a sparse sketch dense, in an allocation of its own; what was counted last stays."""
        data = self._buffer.payload
        if not header.is_dense(data):
            unpacked = sparse.unpack(data, HEADER)
            self._buffer.move(header.dense_head(data) + dense.pack(unpacked), self._allocator)

    def _promoted(self, index: int, value: int) -> bool:
        self.to_dense()
        return self.raise_register(index, value)

    def _make_room(self) -> None:
        """See that the worst split fits where the sketch is.

        It asks greedily for as much as any string that grows, or, from 7.2 on, for twice what it has, or 300 bytes more, and
        never for more than the limit: what does not fit then makes it dense.
        """
        buffer = self._buffer
        if not self._profile.sketch_room_limited:
            buffer.make_room(len(buffer) + _WORST_SPLIT, self._allocator)
        elif buffer.alloc < self._limit and buffer.alloc - len(buffer) < _WORST_SPLIT:
            wanted = len(buffer) + _WORST_SPLIT
            buffer.resize(min(wanted + min(wanted, _MOST_SPARE), self._limit))


def registers(data: bytes | bytearray) -> bytes:
    """The registers of a string that `is_sketch`, a byte each; CorruptSketch where the opcodes are wrong."""
    if header.is_dense(data):
        return dense.unpack(data[HEADER:])
    return sparse.unpack(data, HEADER)


_ONES = int.from_bytes(b"\x80" * REGISTERS, "little")


def union(one: bytes, other: bytes) -> bytes:
    """Of each register the higher of two values.

    All at once, as two numbers with a byte for each register. The highest bit of a byte is free: with it set before the
    subtraction nothing is borrowed from the next byte, and it stays where the other value is not lower.
    """
    mine = int.from_bytes(one, "little")
    difference = (int.from_bytes(other, "little") | _ONES) - mine
    not_lower = difference & _ONES
    return (mine + (difference & (not_lower - (not_lower >> 7)))).to_bytes(REGISTERS, "little")
