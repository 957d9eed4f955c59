"""HyperLogLog's bytes: hash, registers, opcodes, estimates."""

import doctest
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rinspect.engine.allocator import Allocator
from rinspect.engine.encodings import hyperloglog
from rinspect.engine.encodings.hyperloglog import dense, hashing, header, sparse
from rinspect.engine.encodings.hyperloglog.estimate import estimate
from rinspect.engine.encodings.hyperloglog.hashing import HIGHEST, REGISTERS, murmur64a, place
from rinspect.engine.encodings.hyperloglog.sketch import Sketch, union
from rinspect.engine.encodings.sds import Sds
from rinspect.engine.profile import PROFILES

NEAR = [0, 1, 2, 3, 4, 5, 6, 7, 60, 63, 64, 65, 66, 67, 130, 131, 132, 133, 16380, 16381, 16382, 16383]
"""Registers that lie side by side, at either end, and as far apart as a ZERO may reach."""

changes = st.lists(st.tuples(st.sampled_from(NEAR) | st.integers(0, REGISTERS - 1), st.integers(1, 33)), max_size=60)


def sketch_in(buffer: Sds, limit: int = 3000, profile: str = "7.2") -> Sketch:
    return Sketch(buffer, limit, PROFILES[profile], Allocator())


def applied(changes: Sequence[tuple[int, int]]) -> bytes:
    """The registers after these changes, the simple way."""
    registers = bytearray(REGISTERS)
    for index, value in changes:
        registers[index] = max(registers[index], value)
    return bytes(registers)


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", 0xD8DFEA6585BC9732),
        (b"a", 0x53D2470A9B43B1A7),
        (b"12345678", 0x95EBB86389132953),
        (b"123456789", 0x217532CB09F2A44D),
    ],
)
def test_the_hash(data: bytes, digest: int) -> None:
    assert murmur64a(data) == digest


def test_a_hash_that_is_zero_behind_the_registers_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "murmur64a", lambda data: 5)
    assert place(b"") == (5, HIGHEST)
    monkeypatch.setattr(hashing, "murmur64a", lambda data: (1 << 64) - 1)
    assert place(b"") == (REGISTERS - 1, 1)


@given(st.lists(st.integers(0, 63), min_size=4, max_size=64).map(lambda values: values[: len(values) // 4 * 4]))
def test_registers_of_six_bits(values: list[int]) -> None:
    packed = dense.pack(bytes(values))
    assert len(packed) * 8 == len(values) * 6
    assert list(dense.unpack(packed)) == values
    assert [dense.get(packed, 0, index) for index in range(len(values))] == values


@given(changes)
def test_a_dense_register_leaves_its_neighbours_alone(changes: list[tuple[int, int]]) -> None:
    buffer = Sds(header.EMPTY, Allocator())
    sketch = sketch_in(buffer)
    sketch.to_dense()
    assert len(buffer) == header.DENSE_SIZE
    for at, (index, value) in enumerate(changes):
        assert sketch.raise_register(index, value) is (value > applied(changes[:at])[index])
    assert sketch.registers() == applied(changes)
    assert len(buffer) == header.DENSE_SIZE


@pytest.mark.parametrize("profile", PROFILES)
@given(changes=changes)
def test_opcodes_tell_of_the_same_registers(profile: str, changes: list[tuple[int, int]]) -> None:
    buffer = Sds(header.EMPTY, Allocator())
    sketch = sketch_in(buffer, profile=profile)
    for at, (index, value) in enumerate(changes):
        assert sketch.raise_register(index, value) is (value > applied(changes[:at])[index])
        assert len(buffer) <= buffer.alloc
    assert sketch.registers() == applied(changes)
    assert sketch.is_dense is any(value > sparse.HIGHEST for _, value in changes)
    if not sketch.is_dense:
        opcodes = list(sparse.opcodes(buffer.payload, header.HEADER))
        assert sum(opcode.run for opcode in opcodes) == REGISTERS
        assert b"".join(bytes([opcode.value]) * opcode.run for opcode in opcodes) == applied(changes)


@settings(max_examples=30)
@given(st.integers(0, 1 << 30), st.integers(1, 500))
def test_landmarks_lead_to_the_same_bytes(seed: int, apart: int) -> None:
    """A long sketch raised by one command, with landmarks, and by one command each, without."""
    rng = Random(seed)
    changes = [((rng.randrange(REGISTERS) // apart * apart), rng.choice((1, 1, 2, 3, 9))) for _ in range(700)]
    guided, plain = Sds(header.EMPTY, Allocator()), Sds(header.EMPTY, Allocator())
    sketch = sketch_in(guided)
    for index, value in changes:
        assert sketch.raise_register(index, value) is sketch_in(plain).raise_register(index, value)
    assert guided.payload == plain.payload
    assert (guided.alloc, guided.asked) == (plain.alloc, plain.asked)


def test_a_sketch_becomes_dense_when_it_would_be_too_long() -> None:
    for limit in (header.HEADER + 2, 26, 100, 3000):
        buffer = Sds(header.EMPTY, Allocator())
        sketch = sketch_in(buffer, limit)
        longest = 0
        for number in range(5000):
            longest = max(longest, len(buffer))
            sketch.raise_register(*place(b"%d" % number))
            if sketch.is_dense:
                break
        assert sketch.is_dense
        assert limit - 3 < longest <= limit


@pytest.mark.parametrize(
    ("opcodes", "whole"),
    [
        (b"\x7f\xff", True),
        (b"\x7f\xfe\x80", True),
        (b"\x7f\xfe\x81", False),  # a register too many
        (b"\x7f\xff\x80", False),
        (b"\x7f\xff\x00", False),
        (b"\x7f\xfe", False),
        (b"\x7f", False),  # cut off: 0x3f00 + 1 registers
        (b"", False),
    ],
)
def test_damaged_opcodes(opcodes: bytes, whole: bool) -> None:
    data = header.EMPTY[: header.HEADER] + opcodes
    assert header.is_sketch(data)
    if whole:
        assert len(sparse.unpack(data, header.HEADER)) == REGISTERS
        return
    with pytest.raises(sparse.CorruptSketch):
        sparse.unpack(data, header.HEADER)


def test_what_passes_for_a_sketch() -> None:
    head = header.EMPTY[: header.HEADER]
    assert header.is_sketch(head)
    assert header.is_sketch(header.dense_head(head) + bytes(dense.SIZE))
    assert not header.is_sketch(header.dense_head(head) + bytes(dense.SIZE - 1))
    assert not header.is_sketch(head[:-1])
    assert not header.is_sketch(b"hyll" + head[4:])
    assert not header.is_sketch(b"HYLL\x02" + head[5:])


def test_the_cardinality_is_right_or_stale() -> None:
    data = bytearray(header.EMPTY)
    assert header.cardinality(data) == 0
    header.set_cardinality(data, 70000)
    assert header.cardinality(data) == 70000
    header.set_stale(data)
    assert header.cardinality(data) is None
    assert bytes(data[:8] + data[16:]) == header.EMPTY[:8] + header.EMPTY[16:]


@pytest.mark.parametrize("count", [0, 1, 10, 100, 1000, 20_000, 150_000])
def test_estimates_are_near(count: int) -> None:
    registers = applied([place(b"element:%d" % number) for number in range(count)])
    assert abs(estimate(registers) - count) <= count * 0.03


def test_estimates_of_what_no_elements_lead_to() -> None:
    assert estimate(bytes([HIGHEST]) * REGISTERS) == 1 << 63
    assert estimate(bytes([63]) * REGISTERS) == 1 << 63
    assert estimate(bytes([40]) * REGISTERS) < 1 << 63


def test_the_examples_in_the_docstrings() -> None:
    for module in (hyperloglog, hashing):
        results = doctest.testmod(module)
        assert results.failed == 0
        assert results.attempted


@given(changes, changes)
def test_a_union_has_the_higher_of_each(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> None:
    assert union(applied(some), applied(others)) == applied([*some, *others])
