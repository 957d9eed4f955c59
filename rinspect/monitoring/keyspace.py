"""Expiry, eviction and memory."""

from __future__ import annotations

from dataclasses import dataclass

from rinspect.engine.events import Candidate, EvictionEnded, ExpireCycleEnded, FreedLazily, KeyEvicted


@dataclass(frozen=True, slots=True)
class Spread:
    """How TTLs are spread: of a sample, so many up to each limit."""

    steps: tuple[tuple[str, int], ...]
    sampled: int
    with_ttl: int
    keys: int


@dataclass(frozen=True, slots=True)
class Expired:
    """A key that expired."""

    at: int
    """When that was found out, in microseconds since 1970."""
    db: int
    key: bytes
    lazily: bool
    """By a command that looked the key up, and not by the expire cycle."""


@dataclass(frozen=True, slots=True)
class Eviction:
    """A round of eviction."""

    ended: EvictionEnded
    client: str
    """Whose command had to wait for it; empty: it ran from a timer."""
    argv: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ExpiryNow:
    spread: Spread | None
    cycles: tuple[ExpireCycleEnded, ...] | None
    """Newest first, as all of these; None: cannot be known."""
    expired: tuple[Expired, ...] | None
    evictions: tuple[Eviction, ...] | None
    evicted: tuple[KeyEvicted, ...] | None
    pool: tuple[Candidate, ...] | None
    """Good to evict, the best first."""
    used: int | None
    maxmemory: int
    policy: str
    samples: int
    """`maxmemory-samples`."""
    counters: dict[str, str]
    """Of INFO stats, by their names there."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of used_memory, with the parts that it consists of."""

    name: str
    size: int
    note: str = ""
    parts: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class MemoryNow:
    """used_memory, from its total down."""

    used: int | None
    """None while nobody has added it up."""
    peak: int
    shares: tuple[Share, ...]
    """Their sum and the residual are `used`."""
    residual: int
    residual_note: str
    facts: dict[str, str]
    """The allocator's and the system's figures of INFO, where the source has them."""
    freed: tuple[FreedLazily, ...] | None
    """What was freed lazily, newest first."""
    age: float | None
    """Seconds since the keys were walked; None while that is under way for the first time."""
