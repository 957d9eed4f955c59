"""Why a value has the encoding it has, and what would change it.

The thresholds are read off the value and the settings. What a change would cost is never computed: the command is run on a
scratch copy, and what comes out is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

from rinspect.engine.keyspace import Database


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


def why(db: Database, key: bytes) -> Why | None:
    """Why the value under `key` has its encoding; None if there is no such key."""
    return None


def rebuilt(db: Database, key: bytes) -> tuple[Rebuilt, ...]:
    """The value as a fresh copy under each profile, oldest first."""
    return ()
