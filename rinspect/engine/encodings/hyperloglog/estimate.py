"""How many different elements the registers have seen.

Ertl's estimator ("New cardinality estimation algorithms for HyperLogLog sketches", 2017) needs only how many registers
have each value. Where Flajolet's formula wanted corrections for few and for many elements, sigma stands for the registers
that nothing has reached yet, tau for those that cannot go higher.
"""

from __future__ import annotations

import math

from rinspect.engine.encodings.hyperloglog.hashing import HIGHEST, REGISTERS

_ALPHA = 0.721347520444481703680
"""0.5 / ln 2."""
BEYOND = 1 << 63
"""What comes out where the result is too large for C's conversion: only damaged registers lead there."""


def estimate(registers: bytes) -> int:
    """The cardinality; `registers` has a byte for each."""
    counts = _counts(registers)
    size = float(REGISTERS)
    total = size * _tau((size - counts[HIGHEST]) / size)
    for count in reversed(counts[1:HIGHEST]):
        total = (total + count) * 0.5
    total += size * _sigma(counts[0] / size)
    result = _ALPHA * size * size / total if total else math.inf
    if result >= BEYOND:
        return BEYOND
    # As C's llround: a half goes up.
    whole = int(result)
    return whole + (result - whole >= 0.5)


def _counts(registers: bytes) -> list[int]:
    """How many registers have each value. About half of what is left goes with each, so that this is soon done."""
    counts = []
    for value in range(HIGHEST + 1):
        rest = registers.translate(None, bytes((value,)))
        counts.append(len(registers) - len(rest))
        registers = rest
    return counts


def _sigma(x: float) -> float:
    """x + x^2 + 2 x^4 + 4 x^8 + …, as far as doubles tell a difference."""
    if x == 1.0:
        return math.inf
    weight, total, before = 1.0, x, -1.0
    while total != before:
        x *= x
        before = total
        total += x * weight
        weight += weight
    return total


def _tau(x: float) -> float:
    """(1 - x - (1 - x^½)^2 / 2 - (1 - x^¼)^2 / 4 - …) / 3."""
    if x in (0.0, 1.0):
        return 0.0
    weight, total, before = 1.0, 1 - x, -1.0
    while total != before:
        x = math.sqrt(x)
        before = total
        weight *= 0.5
        total -= (1 - x) * (1 - x) * weight
    return total / 3
