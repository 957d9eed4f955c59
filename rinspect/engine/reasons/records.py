"""What is said of an encoding's reasons."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Threshold:
    """One rule that keeps a value in its encoding."""

    what: str
    """`entries`, `longest value` …"""
    now: int
    limit: int
    setting: str
    """The CONFIG name; empty for what cannot be configured."""


@dataclass(frozen=True, slots=True)
class Flip:
    """What would change the encoding, tried on a scratch copy."""

    command: str
    """As one would type it, long arguments shown as `<65 bytes>`."""
    becomes: str
    """The encoding afterwards."""
    before: int
    after: int
    """MEMORY USAGE before and after."""


@dataclass(frozen=True, slots=True)
class Why:
    """Which rules chose this encoding."""

    sentence: str
    thresholds: tuple[Threshold, ...]
    flips: tuple[Flip, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A fresh copy of a value under another profile."""

    profile: str
    encoding: str
    charged: int
