"""What comes before the registers: the magic, the encoding, and the cardinality that was counted last."""

from __future__ import annotations

from rinspect.engine.encodings.hyperloglog import dense, sparse

MAGIC = b"HYLL"
HEADER = 16
DENSE, SPARSE = 0, 1
ENCODINGS = ("dense", "sparse")
DENSE_SIZE = HEADER + dense.SIZE

_ENCODING_AT = 4
_CARDINALITY_AT = 8
_STALE = 0x80
"""The highest bit of the last byte, and so of the number."""

EMPTY = MAGIC + bytes((SPARSE,)) + bytes(HEADER - 5) + sparse.EMPTY
"""The sketch that PFADD begins with; its cardinality, 0, is right."""


def is_sketch(data: bytes | bytearray) -> bool:
    """Whether a string passes for a HyperLogLog. Whether the opcodes of a sparse one are right is seen when they are read."""
    if len(data) < HEADER or data[: len(MAGIC)] != MAGIC:
        return False
    encoding = data[_ENCODING_AT]
    return encoding == SPARSE or (encoding == DENSE and len(data) == DENSE_SIZE)


def is_dense(data: bytes | bytearray) -> bool:
    return data[_ENCODING_AT] == DENSE


def cardinality(data: bytes | bytearray) -> int | None:
    """What was counted last; None if that is stale."""
    if data[HEADER - 1] & _STALE:
        return None
    return int.from_bytes(data[_CARDINALITY_AT:HEADER], "little")


def set_cardinality(data: bytearray, count: int) -> None:
    data[_CARDINALITY_AT:HEADER] = count.to_bytes(8, "little")


def set_stale(data: bytearray) -> None:
    """What was counted last is not right any more."""
    data[HEADER - 1] |= _STALE


def dense_head(data: bytes | bytearray) -> bytes:
    """The header for the same sketch in the dense encoding."""
    return bytes(data[:_ENCODING_AT]) + bytes((DENSE,)) + bytes(data[_ENCODING_AT + 1 : HEADER])
