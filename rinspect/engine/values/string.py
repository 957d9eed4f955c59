"""string: an integer in the pointer's place, one block with object and text, or an object with a text of its own.

    int      robj | ptr = the number |
    embstr   | robj 16 | sdshdr8 3 | up to 44 bytes | 00 |     one allocation of at most 64 bytes
    raw      robj ─▶ sds                                        the only one that can grow in place

A value is written as int if it is the canonical text of a signed 64-bit integer, as embstr up to 44 bytes, else raw. Any
command that changes bytes in place makes it raw first.
"""

from __future__ import annotations

from rinspect.engine.encodings import sds
from rinspect.engine.encodings.hyperloglog.fields import describe
from rinspect.engine.encodings.hyperloglog.header import is_sketch
from rinspect.engine.encodings.sds import Sds
from rinspect.engine.layout import Allocation, Field, Kind, Layout, Run, Shape, Window
from rinspect.engine.numbers import parse_int
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.value import ROBJ_SIZE, Value, robj_run

EMBSTR_LIMIT = 44
"""Longest embstr: with robj, header and NUL it fills an allocation of 64."""
EMBSTR_OVERHEAD = ROBJ_SIZE + 3 + 1
SHARED_INTEGERS = 10_000
BIG_ARGUMENT = 32 * 1024
"""An argument from this length on keeps the buffer it was received in, CR and LF included."""
SHARED_REFCOUNT = (1 << 31) - 1

SKETCH = "a HyperLogLog"
"""The end of such a string's summary."""


class StringValue(Value):
    """A string.

    What SET stored is kept as `data`, its encoding told when asked for. Once it has been changed in place it lives in
    `buffer`, and `data` is empty.
    """

    type = "string"
    __slots__ = ("buffer", "data", "textual")

    def __init__(self, runtime: Runtime, data: bytes, *, textual: bool = False) -> None:
        """`textual`: a text that is not looked at for being an integer (the result of INCRBYFLOAT)."""
        self.runtime = runtime
        self.serial = 0
        self.used = runtime.now
        self.data = data
        self.textual = textual
        self.buffer: Sds | None = None

    @classmethod
    def loaded(cls, runtime: Runtime, data: bytes) -> StringValue:
        """A string from a payload: allocated to measure, however long."""
        value = cls(runtime, data)
        if value.encoding == "raw":
            value.buffer = value._settled(Sds(data, runtime.allocator))
            value.data = b""
        return value

    @classmethod
    def make_raw(cls, runtime: Runtime, payload: bytes | bytearray) -> StringValue:
        """A raw string whatever its length, as BITOP, SETRANGE and SETBIT create them."""
        value = cls(runtime, b"")
        value.buffer = Sds(payload, runtime.allocator)
        return value

    def __len__(self) -> int:
        return len(self.data) if self.buffer is None else len(self.buffer)

    def bytes(self) -> bytes:
        return self.data if self.buffer is None else bytes(self.buffer.payload)

    @property
    def integer(self) -> int | None:
        """The number that an int-encoded string is; None for the other encodings."""
        if self.buffer is not None or self.textual or len(self.data) > 20:
            return None
        return parse_int(self.data)

    @property
    def encoding(self) -> str:
        if self.buffer is not None:
            return "raw"
        if self.integer is not None:
            return "int"
        return "embstr" if len(self.data) <= EMBSTR_LIMIT else "raw"

    @property
    def refcount(self) -> int:
        """As OBJECT REFCOUNT answers: small integers are shared, unless eviction needs an lru of their own."""
        number = self.integer
        config = self.runtime.config
        needs_own_lru = config.maxmemory > 0 and config.maxmemory_policy.endswith(("lru", "lfu"))
        shared = number is not None and 0 <= number < SHARED_INTEGERS and not needs_own_lru
        return SHARED_REFCOUNT if shared else 1

    # -- changing -----------------------------------------------------------------------------------------------------

    def assign_integer(self, number: int) -> None:
        """Become an int-encoded string (INCR and its kind)."""
        before = "int" if self.buffer is None and not self.textual else self.encoding
        self.data = b"%d" % number
        if before != "int":
            self.buffer = None
            self.textual = False
            self.serial = 0
            self.encoding_changed(before, "the result of an increment is stored as an integer")

    def raw(self, length: int = 0) -> Sds:
        """Make the string raw, with room for `length` bytes: the buffer, to be changed in place.

        An int or embstr is copied to an sds that fits; only then, if `length` is more, it grows, greedily.
        """
        before = self.encoding
        if self.buffer is None:
            self.buffer = self._as_set() if before == "raw" else Sds(self.data, self.runtime.allocator)
            self.data = b""
            if before != "raw":
                # The server makes a new object of it, and frees the old one.
                self.serial = 0
                self.encoding_changed(before, f"{before} cannot be changed in place: it is copied to an sds of its own")
        self.buffer.make_room(length, self.runtime.allocator)
        return self.buffer

    def as_buffer(self) -> Sds:
        """The sds of a raw string: the one it has, or the one that SET made."""
        return self.buffer or self._as_set()

    def _as_set(self) -> Sds:
        extra = 2 if len(self.data) >= BIG_ARGUMENT else 0
        return self._settled(Sds(self.data, self.runtime.allocator, extra=extra))

    def _settled(self, buffer: Sds) -> Sds:
        """Trim slack above a tenth, where the version does that for a string of this length."""
        trims = self.runtime.profile.trims_any_raw or len(buffer) >= BIG_ARGUMENT
        if trims and buffer.alloc - len(buffer) > len(buffer) // 10:
            buffer.trim()
        return buffer

    def lie_in(self, size_class: int) -> bool:
        """Be raw in an allocation of that class, as is known of it from elsewhere; False if the text does not fit or the
        allocator has no such class."""
        buffer = self.raw()
        if self.runtime.usable(size_class) != size_class or size_class < self.runtime.usable(buffer.asked):
            return False
        if size_class > self.runtime.usable(buffer.asked):
            header = next(h for h in (3, 5, 9, 17) if sds.growable_header(size_class - h - 1) <= h)
            buffer.header, buffer.asked = header, size_class
            buffer.alloc = sds.capacity(header, size_class)
        return True

    # -- what it costs, what it looks like ----------------------------------------------------------------------------

    def charged(self, samples: int = 0) -> int:
        encoding = self.encoding
        if encoding == "int":
            return ROBJ_SIZE
        if encoding == "embstr":
            if self.runtime.profile.charges_embstr_length:
                return ROBJ_SIZE + len(self.data) + 2
            return self.runtime.usable(EMBSTR_OVERHEAD + len(self.data))
        buffer = self.as_buffer()
        return ROBJ_SIZE + self.runtime.usable(buffer.asked)

    def allocated(self) -> int:
        usable = self.runtime.usable
        if self.buffer is not None:
            return usable(ROBJ_SIZE) + usable(self.buffer.asked)
        size = len(self.data)
        if size <= EMBSTR_LIMIT:
            if self.integer is None:
                return usable(EMBSTR_OVERHEAD + size)
            return 0 if self.refcount == SHARED_REFCOUNT else usable(ROBJ_SIZE)
        asked = sds.sds_size(size) if size < BIG_ARGUMENT else self._as_set().asked
        return usable(ROBJ_SIZE) + usable(asked)

    def copy(self) -> StringValue:
        if self.encoding == "raw":
            return StringValue.make_raw(self.runtime, self.bytes())
        return StringValue(self.runtime, self.data, textual=self.textual)

    def layout(self, window: Window) -> Layout:
        encoding = self.encoding
        if encoding == "int":
            number = self.integer
            assert number is not None
            allocations: tuple[Allocation, ...] = (self.robj(None, integer=number, refcount=self.refcount),)
            runs: tuple[Run, ...] = (robj_run(self.runtime),)
            facts: dict[str, object] = {"integer": number, "shared": self.refcount == SHARED_REFCOUNT}
        elif encoding == "embstr":
            block = self._embstr_block()
            allocations = (block,)
            runs = (Run(block.name, 1, block.asked, block.size_class, block.charged, block.rule),)
            facts = {"length": len(self), "limit": EMBSTR_LIMIT}
        else:
            if self.buffer is None:
                self.raw()
            assert self.buffer is not None
            block = self._sds_block(self.buffer, window)
            allocations = (self.robj(block.serial, pointer_note="to the sds with the text"), block)
            runs = (robj_run(self.runtime), Run(block.name, 1, block.asked, block.size_class, block.charged))
            facts = {"length": len(self), "room": self.buffer.alloc}
        return Layout("string", encoding, 1, window, allocations, runs, facts=facts)

    @property
    def is_sketch(self) -> bool:
        """Whether it passes for a HyperLogLog."""
        return self.encoding == "raw" and is_sketch(self.data if self.buffer is None else self.buffer.payload)

    def _sds_block(self, buffer: Sds, window: Window) -> Allocation:
        if not buffer.serial:
            buffer.serial = self.runtime.serial()
        size_class = self.runtime.usable(buffer.asked)
        # An sds asks the allocator what it really got, and takes it for room: then nothing of it is slack.
        taken = max(buffer.asked, buffer.header + buffer.alloc + 1)
        fields = sds.visible(buffer.describe(), window)
        data = buffer.window(window.start, min(window.size, size_class))
        summary = f"sds: {len(buffer)} of {buffer.alloc} bytes in use"
        if is_sketch(buffer.payload):
            sketch = tuple(describe(buffer.payload, buffer.header, window))
            at = next((n for n, field in enumerate(fields) if field.kind is Kind.PAYLOAD), 0)
            fields = (*fields[:at], *sketch, *fields[at + bool(sketch) :])
            summary += f", {SKETCH}"
        return Allocation(
            buffer.serial, "value/sds", "sds", taken, size_class, size_class, Shape.BLOB,
            fields, data, min(window.start, size_class), summary=summary,
        )  # fmt: skip

    def _embstr_block(self) -> Allocation:
        own = self.robj(None)
        serial = self.own_serial()
        pointer = Field(8, 8, "ptr", None, Kind.POINTER, "to the text, 19 bytes on in this same block", target=serial)
        # An embstr has no room to grow, however much its size class gave: alloc is the length.
        text = sds.describe(len(self.data), len(self.data), at=ROBJ_SIZE, header=3)
        asked = EMBSTR_OVERHEAD + len(self.data)
        rule = ""
        if self.runtime.profile.charges_embstr_length:
            rule = "6.2 charges an embstr 16 + length + 2, not its allocation"
        return Allocation(
            serial, "value", "robj + sds", asked, self.runtime.usable(asked), self.charged(), Shape.BLOB,
            (*own.fields[:-1], pointer, *text), own.data + sds.encode(self.data, len(self.data), 3),
            rule=rule, summary=f"object and text in one block: {len(self.data)} of at most {EMBSTR_LIMIT} bytes",
        )  # fmt: skip
