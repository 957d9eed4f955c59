"""The vocabulary in which everything physical is described.

A value is a graph of **allocations**. Each has what was *asked* of the allocator, the size *class* it got, what MEMORY
USAGE *charges* for it (mostly the class; where a version counts differently, `rule` says how), and a *shape* that tells
how it wants to be drawn. Its bytes are covered by **fields**. A pointer is a field with a target, never an address.

A picture costs what is visible. Whoever asks for a layout names a **window** of the value's elements, and gets the
allocations behind these elements together with the value's fixed parts; the whole value is summed up in **runs**, one for
each kind of allocation. So:

    MEMORY USAGE key SAMPLES 0  =  sum of the runs' `charged`  +  `rounding`

What an operation did inside a structure, step by step, is a **trace**, made by the structure's own code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

Serial = int | str
"""A live allocation's number, or a role path such as `value/node[3]` for one that was read from a payload."""


class Kind(StrEnum):
    """What a field is for: decides its colour, and nothing else."""

    HEADER = "header"
    LENGTH = "length"
    COUNT = "count"
    FLAGS = "flags"
    ENCODING = "encoding"
    PAYLOAD = "payload"
    INTEGER = "integer"
    BACKLEN = "backlen"
    POINTER = "pointer"
    SCORE = "score"
    SPAN = "span"
    EXPIRY = "expiry"
    TERMINATOR = "terminator"
    SLACK = "slack"


class Shape(StrEnum):
    """How an allocation wants to be drawn."""

    STRUCT = "struct"
    """A C struct: fields side by side."""
    BLOB = "blob"
    """Bytes with a header: an sds, an HyperLogLog."""
    ENTRIES = "entries"
    """Entries in a row: listpack, ziplist, intset."""
    CHAIN = "chain"
    """Nodes linked one to the next: quicklist."""
    TABLE = "table"
    """Buckets with chains: one table of a dict."""
    LEVELS = "levels"
    """A skiplist."""
    TREE = "tree"
    """A radix tree."""


class Certainty(StrEnum):
    """How much a figure or a drawing can be relied on."""

    EXACT = "exact"
    MEASURED = "measured"
    RECONSTRUCTED = "reconstructed"
    ESTIMATED = "estimated"
    REBUILT = "rebuilt"


class Field(NamedTuple):
    """A stretch of bytes with one meaning.

    `offset` is in bytes from the allocation's start. `entry` is the index of the entry that the field belongs to,
    where the shape has entries. `target` is set on pointers only; a null pointer has `value` None and no target.
    """

    offset: int
    size: int
    name: str
    value: object
    kind: Kind
    note: str = ""
    entry: int | None = None
    target: Serial | None = None

    @property
    def end(self) -> int:
        return self.offset + self.size


class Allocation(NamedTuple):
    """One block of memory.

    `data` holds the bytes from `data_offset` on, as many as the window asked for; bytes of pointers are zero there.
    `fields` cover these bytes without gaps. `element` is the index, in structure order, of the element of the value
    that the allocation serves; None for the fixed parts.
    """

    serial: Serial
    role: str
    """Where it hangs: `key`, `value`, `value/table[0]`, `value/node[3]/blob` …"""
    name: str
    """What it is, in Redis's words: `robj`, `dictEntry`, `sds`, `listpack`, `quicklistNode` …"""
    asked: int
    size_class: int
    charged: int
    shape: Shape
    fields: tuple[Field, ...] = ()
    data: bytes = b""
    data_offset: int = 0
    rule: str = ""
    summary: str = ""
    element: int | None = None

    @property
    def slack(self) -> int:
        """Bytes that the allocator gave beyond what was asked."""
        return self.size_class - self.asked


@dataclass(frozen=True, slots=True)
class Run:
    """All allocations of one kind in a value, summed: totals, whatever the window."""

    name: str
    count: int
    asked: int
    size_class: int
    charged: int
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a value is wanted: `count` elements from `first` on, and of a long blob `size` bytes from `start` on.

    An element is what the structure consists of: a bucket of a hashtable, a node of a quicklist or skiplist (by rank
    from 0), an entry of a listpack, ziplist or intset.
    """

    first: int = 0
    count: int = 256
    start: int = 0
    size: int = 4096

    @property
    def stop(self) -> int:
        return self.first + self.count

    def covers(self, offset: int, size: int) -> bool:
        """Whether the bytes from `offset` on, `size` of them, touch the wanted bytes."""
        return offset < self.start + self.size and offset + size > self.start


WHOLE = Window(0, 1 << 62, 0, 1 << 62)


@dataclass(frozen=True, slots=True)
class Layout:
    """A value's memory, or a key's: the allocations of the window, and the sums of all."""

    type: str
    encoding: str
    elements: int
    """How many elements the structure has in all (see Window)."""
    window: Window
    allocations: tuple[Allocation, ...]
    runs: tuple[Run, ...]
    rounding: int = 0
    """What MEMORY USAGE's arithmetic in doubles adds to the sum: 0, or now and then -1."""
    certainty: Certainty = Certainty.EXACT
    facts: dict[str, object] = field(default_factory=dict)
    """Figures of the structure that drawings name: `{"width": 2}` of an intset, `{"levels": 4}` of a skiplist …"""

    @property
    def charged(self) -> int:
        """MEMORY USAGE … SAMPLES 0."""
        return sum(run.charged for run in self.runs) + self.rounding

    @property
    def size_class(self) -> int:
        """What the allocator gave for all of it."""
        return sum(run.size_class for run in self.runs)

    @property
    def asked(self) -> int:
        return sum(run.asked for run in self.runs)

    def find(self, serial: Serial) -> Allocation | None:
        """The allocation of the window with that serial."""
        return next((a for a in self.allocations if a.serial == serial), None)


class Step(NamedTuple):
    """One comparison or move of an operation inside a structure.

    `at` names the place (a member, a node, a bucket), `saw` what was found there and `decided` what followed from it.
    `level` and `rank` are set by skiplists: the level walked on and the sum of spans so far.
    """

    at: str
    saw: str
    decided: str
    level: int | None = None
    rank: int | None = None
    target: Serial | None = None


class Trace(NamedTuple):
    """The way an operation took through a structure, made by the structure's own code."""

    operation: str
    steps: tuple[Step, ...]
    comparisons: int
    result: str
