"""What happened inside: small frozen records that observers receive.

The engine's logic does not wait for anyone: an observer is called with the record and must return at once. With nobody
listening an emission costs one test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CommandStarted:
    session: int
    argv: tuple[bytes, ...]
    at: int
    """Microseconds since 1970."""


@dataclass(frozen=True, slots=True)
class CommandEnded:
    session: int
    argv: tuple[bytes, ...]
    at: int
    failed: bool


@dataclass(frozen=True, slots=True)
class KeyChanged:
    """A command wrote to the key (or created or deleted it)."""

    db: int
    key: bytes


@dataclass(frozen=True, slots=True)
class KeyExpired:
    db: int
    key: bytes
    lazily: bool
    """Found out by a command that looked the key up, and not by the expire cycle."""


@dataclass(frozen=True, slots=True)
class EncodingChanged:
    """A value took another encoding; `reason` names the rule and the figures that met."""

    serial: int
    """Serial of the value's robj."""
    before: str
    after: str
    reason: str


@dataclass(frozen=True, slots=True)
class NodeSplit:
    """A quicklist node was split at an entry."""

    serial: int
    """Serial of the value's robj."""
    node: int
    at: int


@dataclass(frozen=True, slots=True)
class Flushed:
    """All keys of a database went (`db` -1: of all), or two databases changed places."""

    db: int


Event = CommandStarted | CommandEnded | KeyChanged | KeyExpired | EncodingChanged | NodeSplit | Flushed
Observer = Callable[[Event], None]


class Observers(list[Observer]):
    """Who listens; empty means that nothing needs to be emitted."""
