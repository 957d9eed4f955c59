"""The frozen records in which a source answers: what screens draw, exports write and comparisons compare."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from rinspect.engine.encodings.hyperloglog.header import DENSE_SIZE
from rinspect.engine.key_layout import Uncounted
from rinspect.engine.layout import Certainty, Layout
from rinspect.engine.layout_diff import LayoutDiff
from rinspect.engine.replies import Push, Reply
from rinspect.engine.values.string import SKETCH


class Order(StrEnum):
    """How keys are listed."""

    RECENT = "recent"
    """Last written first; of a server: as SCAN found them."""
    NAME = "name"
    TYPE = "type"
    ENCODING = "encoding"
    BYTES = "bytes"
    """Most expensive first."""
    TTL = "ttl"
    """Soonest to expire first, those without an expiry last."""

    @property
    def needs_details(self) -> bool:
        """Whether more than its name must be known of each key."""
        return self not in (Order.RECENT, Order.NAME)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which keys are listed: glob on the name, and exact type and encoding; empty for any."""

    glob: bytes = b""
    type: str = ""
    encoding: str = ""

    def __bool__(self) -> bool:
        return bool(self.glob or self.type or self.encoding)

    @property
    def needs_details(self) -> bool:
        """Whether more than its name must be known of each key."""
        return bool(self.type or self.encoding)


class KeyRow(NamedTuple):
    """One line of the list. What has not been asked of a server yet is None."""

    key: bytes
    type: str | None
    encoding: str | None
    charged: int | None
    """MEMORY USAGE, all elements counted where that is cheap enough."""
    expires_at: int | None
    """Milliseconds since 1970."""
    certainty: Certainty = Certainty.EXACT
    sketch: bool = False
    """A string that is a HyperLogLog, as far as that is known."""


class KeyPage(NamedTuple):
    """Rows `first` … of a listing, with how many there are in all."""

    rows: tuple[KeyRow, ...]
    first: int
    total: int
    """Keys that fit the filter, as far as they are known."""
    known: int
    """Keys known so far."""
    complete: bool
    """Whether all keys are known: a server's are only as far as SCAN has come."""
    version: int
    """Changes whenever the listing may have."""
    described: int | None = None
    """Of so many of the known keys type, encoding, size and TTL are known; None for all."""
    growing: bool = False
    """Whether more is being found out just now."""

    @property
    def all_described(self) -> bool:
        return self.described is None or self.described >= self.known


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is being looked at."""

    label: str
    """`built-in`, or host:port. Never holds a password."""
    server: str
    """`redis 8.0`, `redis 7.0.15`, `valkey 8.1.1`."""
    profile: str
    allocator: str
    embedded: bool
    """Whether it is an engine in this process: to be written to freely."""
    read_only: bool
    database: int
    keys: int
    """Keys in the selected database."""
    used: int | None
    """Bytes: the sum of all keys' figures for the engine, used_memory for a server; None while not known."""
    settings: dict[str, str] = field(default_factory=dict)
    """Encoding thresholds, by CONFIG name."""
    estimated: bool = False
    """No profile describes this version: computed figures are estimates."""
    connected: bool = True
    notice: str = ""
    """A line for the user: why something is not available, that it reconnects …"""
    version: int = 0
    """Changes whenever a key of an engine does."""
    held: bool = False
    """An engine's loop is held, so that no command runs."""
    user: bytes | None = b"default"
    """Whose rights the prompt has, as far as it is known; None for who has yet to log in."""


class Look(NamedTuple):
    """A key, looked at."""

    key: bytes
    database: int
    type: str
    encoding: str
    elements: int
    """Members, fields, entries; of a string: bytes."""
    expires_at: int | None
    layout: Layout
    """Key and value: the window asked for."""
    uncounted: tuple[Uncounted, ...]
    computed: int
    """Our figure for MEMORY USAGE … SAMPLES 0."""
    reported: int | None = None
    """The server's own figure, where one was asked."""
    reported_certainty: Certainty = Certainty.EXACT
    difference: str = ""
    """Where the two differ: why, or "unexplained"."""
    idle: int | None = None
    """Seconds since it was last used."""
    notice: str = ""
    """Why something is not here, and what to do: `enter fetches it: DUMP resets the idle time on 7.0`."""

    @property
    def kind(self) -> str:
        """The type as titles have it: `string · HLL sparse` for a HyperLogLog."""
        return f"{self.type} · HLL {self.sketch}" if self.sketch else self.type

    @property
    def sketch(self) -> str:
        """How a HyperLogLog keeps its registers, `sparse` or `dense`; empty for all else."""
        if not any(allocation.summary.endswith(SKETCH) for allocation in self.layout.allocations):
            return ""
        return "dense" if self.elements == DENSE_SIZE else "sparse"


class KeyChange(NamedTuple):
    """What one command did to one key."""

    key: bytes
    before: Look | None
    after: Look | None
    diff: LayoutDiff
    reasons: tuple[str, ...] = ()
    """Encoding flips with the rule that made them: `listpack → hashtable: value of 65 bytes > …`."""


class Change(NamedTuple):
    """One step in the history of changes."""

    number: int
    argv: tuple[bytes, ...] | None
    """The command; None where other clients' commands were joined."""
    commands: int
    """How many commands it joins: 1 for one of the REPL's, more (or 0 for unknown) for other clients'."""
    at: int
    """Microseconds since 1970."""
    keys: tuple[KeyChange, ...]
    more: int = 0
    """How many further keys it changed, which were not looked at."""


class Outcome(NamedTuple):
    """What a command answered, and what it changed."""

    argv: tuple[bytes, ...]
    reply: Reply
    change: Change | None
    took: float
    """Seconds, as seen from here."""


class Heard(NamedTuple):
    """What was said to the prompt, and is no reply: messages of channels, keys that are no longer valid."""

    messages: tuple[Push, ...]
    """In order; long texts and lists are cut."""
    left_out: int
    """Messages before those for which there was no room."""


class Row(NamedTuple):
    """One fact on either side. `same` is None where there is nothing to compare."""

    name: str
    left: str
    right: str
    same: bool | None
    note: str = ""


class Comparison(NamedTuple):
    """A key on two sources."""

    key: bytes
    left: Look | None
    right: Look | None
    rows: tuple[Row, ...]
    settings: tuple[Row, ...]
    """Thresholds that differ, or all of them if none does."""

    @property
    def same(self) -> bool:
        """Whether nothing that was compared differs."""
        return all(row.same is not False for row in self.rows)


class Both(NamedTuple):
    """A command run on two sources; an outcome is None for a side on which it did not run."""

    argv: tuple[bytes, ...]
    left: Outcome | None
    right: Outcome | None
    refused: str = ""
    """Why it ran on neither, or only on one."""

    @property
    def same(self) -> bool | None:
        """Whether both answered the same; None if not both ran it."""
        return None if self.left is None or self.right is None else self.left.reply == self.right.reply
