"""Durations for people."""

from __future__ import annotations


def duration(microseconds: int) -> str:
    """`14 µs`, `2.1 ms`, `1.76 s`, `3 min`; with a sign where it is below zero."""
    if microseconds < 0:
        return "-" + duration(-microseconds)
    if microseconds < 1000:
        return f"{microseconds} µs"
    if microseconds < 1_000_000:
        return f"{microseconds / 1000:.1f} ms" if microseconds < 100_000 else f"{microseconds // 1000} ms"
    if microseconds < 120_000_000:
        return f"{microseconds / 1e6:.2f} s"
    return f"{microseconds // 60_000_000} min"
