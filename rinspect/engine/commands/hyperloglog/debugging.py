"""PFDEBUG, a sketch's registers and opcodes, and PFSELFTEST."""

from __future__ import annotations

import math

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.hyperloglog.finding import damage_told, find_sketch_write, sketch_of
from rinspect.engine.commands.registry import command
from rinspect.engine.encodings.hyperloglog import dense, header, sparse
from rinspect.engine.encodings.hyperloglog.estimate import estimate
from rinspect.engine.encodings.hyperloglog.hashing import REGISTERS, place
from rinspect.engine.encodings.hyperloglog.sketch import Sketch
from rinspect.engine.encodings.sds import Sds
from rinspect.engine.replies import OK, CommandError, Reply, Status, quotable

_ABOUT = "Internal commands for debugging HyperLogLog values."


@command(
    "PFDEBUG", "subcommand key",
    group="hyperloglog", since="2.8.9", flags="write denyoom admin", access="RW access", raw=True,
    complexity="N/A", summary=_ABOUT,
)  # fmt: skip
@command(
    "PFDEBUG", "subcommand key [argument...]", until=(7, 0),
    group="hyperloglog", since="2.8.9", flags="write denyoom admin", access="RW access", raw=True,
    complexity="N/A", summary=_ABOUT,
)  # fmt: skip
def pfdebug(call: Call, word: bytes, key: bytes, *more: bytes) -> Reply:
    if word.upper() == b"SIMD" and call.runtime.profile.version >= (8, 0):
        return _simd(key)
    value = find_sketch_write(call, key)
    if value is None:
        raise CommandError("ERR The specified key does not exist")
    sketch = sketch_of(call, key, value)
    asked = word.upper()
    if asked not in (b"GETREG", b"DECODE", b"ENCODING", b"TODENSE"):
        raise CommandError(f"ERR Unknown PFDEBUG subcommand '{quotable(word)}'")
    if more:
        raise CommandError(f"ERR Wrong number of arguments for the '{quotable(word)}' subcommand")
    if asked == b"ENCODING":
        return Status(b"dense" if sketch.is_dense else b"sparse")
    if asked == b"DECODE":
        if sketch.is_dense:
            raise CommandError("ERR HLL encoding is not sparse")
        return _decoded(value.raw().payload)
    was_sparse = not sketch.is_dense
    with damage_told():
        sketch.to_dense()
    call.db.dirty += was_sparse
    return list(sketch.registers()) if asked == b"GETREG" else int(was_sparse)


def _simd(word: bytes) -> Reply:
    """Whether the server may use the processor's instructions for many registers at once: here it is all the same."""
    if word.upper() not in (b"ON", b"OFF"):
        # The server tells how it stands besides: a second reply, to nobody's question.
        raise CommandError("ERR Argument must be ON or OFF")
    return Status(b"enabled" if word.upper() == b"ON" else b"disabled")


def _decoded(data: bytearray) -> bytes:
    names = {"ZERO": "z:{run}", "XZERO": "Z:{run}", "VAL": "v:{value},{run}"}
    shown = (names[one.name].format(run=one.run, value=one.value) for one in sparse.opcodes(data, header.HEADER))
    return " ".join(shown).encode()


_ROUNDS = 10
_ELEMENTS = 100_000
"""The server adds ten million, and goes a thousand rounds: too many for Python."""


@command(
    "PFSELFTEST",
    group="hyperloglog", since="2.8.9", flags="admin",
    complexity="N/A", summary="An internal command for testing HyperLogLog values.",
)  # fmt: skip
def pfselftest(call: Call) -> Reply:
    _test_registers(call)
    _test_estimates(call)
    return OK


def _test_registers(call: Call) -> None:
    """What is put into the registers, one by one or all at once, can be read back."""
    packed = bytearray(dense.SIZE)
    for _ in range(_ROUNDS):
        values = bytes(byte & dense.HIGHEST for byte in call.runtime.rng.randbytes(REGISTERS))
        for index, value in enumerate(values):
            dense.put(packed, 0, index, value)
        for index, value in enumerate(values):
            found = dense.get(packed, 0, index)
            if found != value:
                raise CommandError(f"ERR TESTFAILED Register {index} should be {value} but is {found}")
        if dense.unpack(packed) != values or dense.pack(values) != packed:
            raise CommandError("ERR TESTFAILED the registers together differ from each of them")


def _test_estimates(call: Call) -> None:
    """Sparse and dense sketches of the same elements agree, and are as near as they should be."""
    runtime = call.runtime
    sketches = [
        Sketch(Sds(header.EMPTY, runtime.allocator), limit, runtime.profile, runtime.allocator)
        for limit in (runtime.config.hll_sparse_max_bytes, 0)
    ]
    one, other = sketches
    seed, checkpoint = runtime.rng.getrandbits(64), 1
    for count in range(1, _ELEMENTS + 1):
        index, value = place((count ^ seed).to_bytes(8, "little"))
        for sketch in sketches:
            sketch.raise_register(index, value)
        if count < checkpoint:
            continue
        if count < runtime.config.hll_sparse_max_bytes // 2 and one.is_dense:
            raise CommandError("ERR TESTFAILED sparse encoding not used")
        estimates = [estimate(sketch.registers()) for sketch in sketches]
        if one.registers() != other.registers() or estimates[0] != estimates[1]:
            raise CommandError("ERR TESTFAILED dense/sparse disagree")
        error = abs(count - estimates[0])
        # Among ten, two that share a register are no rarity.
        most = 1 if count == 10 else math.ceil(6 * 1.04 / math.sqrt(REGISTERS) * count)
        if error > most:
            raise CommandError(f"ERR TESTFAILED Too big error. card:{count} abserr:{error}")
        checkpoint *= 10
