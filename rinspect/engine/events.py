"""What happened inside: small records that observers receive.

The engine's logic does not wait for anyone: an observer is called with the record and must return at once. With nobody
listening an emission costs one test. Nobody changes a record; that this is not enforced makes each write twice as fast
where somebody listens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class CommandStarted:
    session: int
    argv: tuple[bytes, ...]
    at: int
    """Microseconds since 1970."""


@dataclass(slots=True)
class CommandEnded:
    session: int
    argv: tuple[bytes, ...]
    at: int
    failed: bool


@dataclass(slots=True)
class KeyChanged:
    """A command wrote to the key (or created or deleted it)."""

    db: int
    key: bytes


@dataclass(slots=True)
class KeyCreated:
    """A key came that was not there: before the KeyChanged that tells of its value."""

    db: int
    key: bytes


@dataclass(slots=True)
class StreamChanged:
    """Something happened to a stream; `what` is its name in keyspace notifications."""

    db: int
    key: bytes
    what: str


@dataclass(slots=True)
class KeyMissed:
    """A command looked a key up to read it, and it was not there."""

    db: int
    key: bytes


@dataclass(slots=True)
class KeyExpired:
    db: int
    key: bytes
    lazily: bool
    """Found out by a command that looked the key up, and not by the expire cycle."""


@dataclass(slots=True)
class EncodingChanged:
    """A value took another encoding; `reason` names the rule and the figures that met."""

    serial: int
    """Serial of the value's robj."""
    before: str
    after: str
    reason: str


@dataclass(slots=True)
class NodeSplit:
    """A quicklist node was split at an entry."""

    serial: int
    """Serial of the value's robj."""
    node: int
    at: int


@dataclass(slots=True)
class Flushed:
    """All keys of a database went (`db` -1: of all), or two databases changed places."""

    db: int


@dataclass(slots=True)
class Candidate:
    """A key in the eviction pool.

    The higher the `score`, the better it is to evict: milliseconds without a use (LRU), 255 less the frequency (LFU), or
    2^64 - 1 less the moment at which it expires (volatile-ttl).
    """

    db: int
    key: bytes
    score: int


@dataclass(slots=True)
class EvictionStarted:
    """Memory stands above maxmemory: keys are going to be evicted."""

    at: int
    """Microseconds since 1970."""
    policy: str
    used: int
    maxmemory: int
    to_free: int


@dataclass(slots=True)
class KeyEvicted:
    """A key was evicted.

    `score` is what decided (see Candidate), None where chance did; `pool` is what it was chosen from, itself last: those
    that were better were gone when their turn came. Chance has no pool.
    """

    db: int
    key: bytes
    policy: str
    score: int | None
    freed: int
    """Bytes."""
    pool: tuple[Candidate, ...]


@dataclass(slots=True)
class EvictionEnded:
    at: int
    keys: int
    freed: int
    """Bytes, buckets that a shrinking table gave back included."""
    microseconds: int
    why: str
    """`enough`: memory is within the limit; `time`: the rest is for later; `nothing`: there are no more keys to evict."""


@dataclass(slots=True)
class DatabaseSampled:
    """What an expire cycle did in one database."""

    db: int
    sampled: int
    expired: int
    why: str
    """Why it left: `seen` (all keys with a TTL were), `fresh` (few of the last sample had expired), `sparse` (the table is
    nearly empty, and about to shrink), `time`."""


@dataclass(slots=True)
class ExpireCycleEnded:
    """A round of active expiry that found something to look at."""

    at: int
    """When it began, in microseconds since 1970."""
    fast: bool
    databases: tuple[DatabaseSampled, ...]
    fields: int
    """Fields of hashes that expired."""
    microseconds: int
    limit: int
    """Microseconds that it might have taken."""
    timed_out: bool


@dataclass(slots=True)
class Appended:
    """A command went into the append-only file's buffer."""

    at: int
    """Microseconds since 1970."""
    db: int | None
    """None: it is for any database."""
    argv: tuple[bytes, ...]
    size: int
    """Its bytes there."""
    asked: tuple[bytes, ...] | None
    """What a client sent that did it; None where no client did."""
    gone: str
    """What became of a key that nobody deleted, so that this does: `expired` or `evicted`."""


@dataclass(slots=True)
class FreedLazily:
    """What a real server hands to its thread that frees memory: a value, or (`key` None) all of a database."""

    db: int
    key: bytes | None
    objects: int
    effort: int
    """About how many allocations there are to free."""
    size: int | None
    """Bytes, where that is known."""


Event = (
    CommandStarted
    | CommandEnded
    | KeyChanged
    | KeyCreated
    | StreamChanged
    | KeyMissed
    | KeyExpired
    | KeyEvicted
    | EvictionStarted
    | EvictionEnded
    | ExpireCycleEnded
    | Appended
    | FreedLazily
    | EncodingChanged
    | NodeSplit
    | Flushed
)
Observer = Callable[[Event], None]


class Observers(list[Observer]):
    """Who listens; empty means that nothing needs to be emitted."""
