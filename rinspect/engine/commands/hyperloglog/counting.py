"""PFCOUNT: of one sketch, which then remembers the answer, or of several put together."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.hyperloglog.finding import content, damage_told, find_sketch, find_sketch_write
from rinspect.engine.commands.registry import command
from rinspect.engine.encodings.hyperloglog import header
from rinspect.engine.encodings.hyperloglog.estimate import estimate
from rinspect.engine.encodings.hyperloglog.hashing import REGISTERS
from rinspect.engine.encodings.hyperloglog.sketch import registers, union
from rinspect.engine.replies import Reply


@command(
    "PFCOUNT", "key...",
    group="hyperloglog", since="2.8.9", flags="readonly may_replicate", access="RW access", raw=True,
    complexity="O(1) with a very small average constant time when called with a single key. O(N) with N being the number of"
    " keys, and much bigger constant times, when called with multiple keys.",
    summary="Returns the approximated cardinality of the set(s) observed by the HyperLogLog key(s).",
)  # fmt: skip
def pfcount(call: Call, *keys: bytes) -> Reply:
    return _signed(_count(call, keys[0]) if len(keys) == 1 else _count_union(call, keys))


def _count(call: Call, key: bytes) -> int:
    # Before 7.0 that it may be written to decided how it is looked up.
    find = find_sketch if call.runtime.profile.version >= (7, 0) else find_sketch_write
    value = find(call, key)
    if value is None:
        return 0
    data = value.raw().payload
    call.db.reweigh(key)
    known = header.cardinality(data)
    if known is not None:
        return known
    with damage_told():
        count = estimate(registers(data))
    header.set_cardinality(data, count)
    call.db.changed(key)
    return count


def _count_union(call: Call, keys: tuple[bytes, ...]) -> int:
    merged = bytes(REGISTERS)
    for key in keys:
        value = find_sketch(call, key)
        if value is not None:
            with damage_told():
                merged = union(merged, registers(content(value)))
    return estimate(merged)


def _signed(count: int) -> int:
    """As a reply's 64 bits have it."""
    return (count + (1 << 63)) % (1 << 64) - (1 << 63)
