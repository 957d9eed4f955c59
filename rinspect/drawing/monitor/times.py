"""Durations for people."""

from __future__ import annotations


def whole_seconds(seconds: int) -> str:
    """`45 s`, `12 min`, `3 h`, `4 days`: where nothing finer is known, or wanted."""
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 172_800 else f"{seconds // 86_400} days"


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
