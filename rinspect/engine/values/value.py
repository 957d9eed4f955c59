"""What every type of value has in common: a robj, an encoding, a price."""

from __future__ import annotations

from typing import ClassVar

from rinspect.engine import lru
from rinspect.engine.encodings.hashtable import Hashtable
from rinspect.engine.events import EncodingChanged
from rinspect.engine.layout import Allocation, Field, Kind, Layout, Run, Serial, Shape, Window
from rinspect.engine.runtime import Runtime

ROBJ_SIZE = 16
"""type 4 bits, encoding 4, lru 24, refcount 32, pointer 64."""

TYPE_NUMBERS = {"string": 0, "list": 1, "set": 2, "zset": 3, "hash": 4, "stream": 6}
ENCODING_NUMBERS = {
    "raw": 0, "int": 1, "hashtable": 2, "ziplist": 5, "intset": 6, "skiplist": 7,
    "embstr": 8, "quicklist": 9, "stream": 10, "listpack": 11, "listpackex": 12,
}  # fmt: skip


class Value:
    """A value that a key can hold.

    (No ABC: to ask whether something is one would take ten times as long.)

    Subclasses pick and convert encodings. What they hold is the truth; `charged` and `layout` are read off it.
    """

    type: ClassVar[str]
    """The type's name, as TYPE answers."""

    __slots__ = ("runtime", "serial", "used")

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.serial = 0
        """The robj's serial; 0 until it is first looked at."""
        self.used = runtime.now
        """When the value was last used, in milliseconds since 1970; under an LFU policy also how often (see lru.py)."""

    @property
    def encoding(self) -> str:
        """As OBJECT ENCODING answers."""
        raise NotImplementedError

    def charged(self, samples: int = 0) -> int:
        """MEMORY USAGE of the value, its robj included and the key excluded; `samples` 0 counts all elements.

        Costs no more than the samples: running totals stand beside the structures.
        """
        raise NotImplementedError

    def allocated(self) -> int:
        """What the allocator gave for the value, its robj included, in bytes: the layout's `size_class`, from running
        totals. A shared integer takes nothing."""
        raise NotImplementedError

    def layout(self, window: Window) -> Layout:
        """The value's allocations, robj first, without the key's. Its `charged` equals `charged(0)`."""
        raise NotImplementedError

    def copy(self) -> Value:
        """As COPY makes it: the same encoding, allocated to measure."""
        raise NotImplementedError

    @property
    def hashtable(self) -> Hashtable | None:
        """The dict of a value that is, or has beside its skiplist, a hashtable; None for all others."""
        return None

    def settle(self) -> Value:
        """Choose the encoding anew, as RESTORE does with a value that was read as found; the value to keep."""
        return self

    def __len__(self) -> int:
        """How many elements the value has (of a string: bytes)."""
        raise NotImplementedError

    def own_serial(self) -> int:
        """The robj's serial, drawn now if it has none yet."""
        if not self.serial:
            self.serial = self.runtime.serial()
        return self.serial

    def encoding_changed(self, before: str, reason: str) -> None:
        """Tell the observers; called after the conversion."""
        if self.runtime.observers:
            self.runtime.emit(EncodingChanged(self.own_serial(), before, self.encoding, reason))

    def robj(
        self, target: Serial | None, *, pointer_note: str = "", integer: int | None = None, refcount: int = 1
    ) -> Allocation:
        """The robj's allocation: what it points to, or the integer that stands in the pointer's place."""
        bits = lru.bits_of(self.used)
        fields = (
            Field(0, 1, "type, encoding", (TYPE_NUMBERS[self.type], ENCODING_NUMBERS[self.encoding]), Kind.HEADER,
                  f"4 bits: type {TYPE_NUMBERS[self.type]} ({self.type}); 4 bits: encoding "
                  f"{ENCODING_NUMBERS[self.encoding]} ({self.encoding})"),
            Field(1, 3, "lru", bits, Kind.FLAGS,
                  f"24 bits: used last in minute {bits >> 8} modulo 2^16, LFU counter {bits & 255}" if self.used < 0 else
                  "24 bits: the second when it was last used, modulo 2^24 (an LFU policy keeps its counter here)"),
            Field(4, 4, "refcount", refcount, Kind.COUNT, "how many hold this object" if refcount == 1
                  else "shared: one object stands for this small integer wherever it is a value, and is never freed"),
            Field(8, 8, "ptr", integer, Kind.INTEGER, f"{integer}: the number itself stands in place of the pointer")
            if integer is not None
            else Field(8, 8, "ptr", None, Kind.POINTER, pointer_note, target=target),
        )  # fmt: skip
        head = TYPE_NUMBERS[self.type] | ENCODING_NUMBERS[self.encoding] << 4
        tail = integer.to_bytes(8, "little", signed=True) if integer is not None else bytes(8)
        data = bytes([head]) + bits.to_bytes(3, "little") + refcount.to_bytes(4, "little") + tail
        size_class = self.runtime.usable(ROBJ_SIZE)
        return struct_allocation(self.own_serial(), "value", "robj", data, fields, size_class=size_class)


def struct_allocation(
    serial: Serial,
    role: str,
    name: str,
    data: bytes,
    fields: tuple[Field, ...],
    *,
    size_class: int | None = None,
    element: int | None = None,
) -> Allocation:
    """A C struct's allocation. MEMORY USAGE charges structs by sizeof, which here is also the class unless said."""
    asked = len(data)
    return Allocation(
        serial, role, name, asked, size_class or asked, asked, Shape.STRUCT, fields, data, element=element
    )


def struct_bytes(fields: tuple[Field, ...]) -> bytes:
    """A struct's bytes: its numbers, and zeros for pointers."""
    numbers = ((field.value if isinstance(field.value, int) else 0, 8 * field.size) for field in fields)
    return b"".join((number & (1 << bits) - 1).to_bytes(bits // 8, "little") for number, bits in numbers)


def robj_run(runtime: Runtime) -> Run:
    """The run of a value's one robj."""
    return Run("robj", 1, ROBJ_SIZE, runtime.usable(ROBJ_SIZE), ROBJ_SIZE)


def blob_charge(runtime: Runtime, length: int) -> tuple[int, int, str]:
    """(class, charged, rule) of a compact blob: listpack, ziplist or intset."""
    size_class = runtime.usable(length)
    if runtime.profile.charges_blob_length:
        return size_class, length, "6.2 charges a blob by its length"
    return size_class, size_class, ""


def averaged(fixed: int, sampled: int, samples: int, count: int) -> int:
    """MEMORY USAGE's arithmetic: the samples' mean times the number of elements, in doubles, cut to an integer.

    With all elements sampled this is now and then one byte less than the sum.
    """
    return int(float(fixed) + float(sampled) / samples * count) if samples else fixed
