r"""intset: a set of integers, sorted, in one allocation.

    | u32 width | u32 count | value | value | … |        little endian; each value takes `width` bytes: 2, 4 or 8

All values have the width of the widest one. A value that does not fit widens them all; removing it makes nothing
narrower again. Being sorted, the set is searched by halving.

The set {-7, 5, 1815}, and what the arrival of 70000 does to it:

    >>> numbers = Intset([1815, 5, -7])
    >>> numbers.data.hex(" ", -2)
    '0200 0000 0300 0000 f9ff 0500 1707'
    >>> numbers.add(70000), numbers.data.hex(" ", -2)
    (True, '0400 0000 0400 0000 f9ff ffff 0500 0000 1707 0000 7011 0100')

    0200 0000   2 bytes a value
    0300 0000   3 values
    f9ff        -7, two's complement
    0500        5
    1707        0x717 = 1815
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from struct import pack, unpack

from rinspect.engine.encodings.entries import CorruptBlob
from rinspect.engine.layout import Field, Kind, Step, Trace, Window

HEADER = 8
WIDTHS = (2, 4, 8)

_CODES = {2: "h", 4: "i", 8: "q"}


def width_of(value: int) -> int:
    """Bytes that a value needs."""
    if -32768 <= value <= 32767:
        return 2
    return 4 if -2147483648 <= value <= 2147483647 else 8


class Intset:
    """An intset in a bytearray.

    `data` is the truth. `values` is a cache beside it: the same integers, to be searched by `bisect`.
    """

    encoding = "intset"
    __slots__ = ("data", "serial", "values", "width")

    def __init__(self, values: Iterable[int] = ()) -> None:
        self.data = bytearray(b"\x02\x00\x00\x00\x00\x00\x00\x00")
        self.values: list[int] = []
        self.width = 2
        self.serial = 0
        for value in values:
            self.add(value)

    @classmethod
    def from_bytes(cls, data: bytes) -> Intset:
        """Take over a blob as it was stored; CorruptBlob if it is not an intset in order."""
        width, count = int.from_bytes(data[:4], "little"), int.from_bytes(data[4:8], "little")
        if width not in WIDTHS or len(data) != HEADER + width * count:
            raise CorruptBlob(f"intset: {len(data)} bytes cannot be {count} values of {width} bytes")
        numbers = cls()
        numbers.data = bytearray(data)
        numbers.width = width
        numbers.values = list(unpack(f"<{count}{_CODES[width]}", data[HEADER:]))
        if any(one >= other for one, other in zip(numbers.values, numbers.values[1:], strict=False)):
            raise CorruptBlob("intset: the values do not ascend")
        return numbers

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[int]:
        return iter(self.values)

    def __contains__(self, value: int) -> bool:
        at = bisect_left(self.values, value)
        return at < len(self.values) and self.values[at] == value

    @property
    def nbytes(self) -> int:
        """Length of the blob."""
        return len(self.data)

    def copy(self) -> Intset:
        twin = Intset()
        twin.data, twin.values, twin.width = self.data[:], self.values[:], self.width
        return twin

    def add(self, value: int) -> bool:
        """Insert a value where it belongs; False if it is there. Widens all values if this one needs it."""
        values = self.values
        at = bisect_left(values, value)
        if at < len(values) and values[at] == value:
            return False
        values.insert(at, value)
        width = width_of(value)
        if width > self.width:
            self._widen(width)
            return True
        start = HEADER + at * self.width
        self.data[start:start] = value.to_bytes(self.width, "little", signed=True)
        self._update_count()
        return True

    def remove(self, value: int) -> bool:
        """Take a value out; False if it is not there."""
        at = bisect_left(self.values, value)
        if at == len(self.values) or self.values[at] != value:
            return False
        del self.values[at]
        start = HEADER + at * self.width
        del self.data[start : start + self.width]
        self._update_count()
        return True

    def _widen(self, width: int) -> None:
        """Write all values anew, each in `width` bytes.

        | -7 | 5 | 1815 |              the new value is wider than all the others: it comes first or last
        | -7   | 5    | 1815 | 70000 |
        """
        self.width = width
        self.data[HEADER:] = pack(f"<{len(self.values)}{_CODES[width]}", *self.values)
        self.data[:4] = width.to_bytes(4, "little")
        self._update_count()

    def _update_count(self) -> None:
        self.data[4:8] = len(self.values).to_bytes(4, "little")

    def trace(self, value: int) -> Trace:
        """How the search for a value goes: the two ends first, then halving. Changes nothing."""
        values = self.values
        steps: list[Step] = []

        def compare(at: int) -> int:
            order = (value > values[at]) - (value < values[at])
            decided = ("equal", "greater: go right", "less: go left")[order]
            steps.append(Step(f"member {at}", str(values[at]), decided))
            return order

        found = False
        low, high = 0, len(values) - 1
        if values and compare(high) <= 0 <= compare(low):
            while low <= high and not found:
                middle = (low + high) // 2
                order = compare(middle)
                found = not order
                low, high = (middle + 1, high) if order > 0 else (low, middle - 1)
        return Trace("find", tuple(steps), len(steps), "found" if found else "not there")

    def fields(self, window: Window) -> tuple[Field, ...]:
        """The header and the window's values, as fields of `width` bytes each."""
        width, count = self.width, len(self.values)
        fields = [
            Field(0, 4, "encoding", width, Kind.ENCODING, f"every value takes {width} bytes, as the widest once did"),
            Field(4, 4, "length", count, Kind.COUNT, f"{count} values"),
        ]
        for index in range(min(window.first, count), min(window.stop, count)):
            value = self.values[index]
            need = width_of(value)
            note = f"{value}, little endian" + (f"; {need} bytes would do" if need < width else "")
            fields.append(Field(HEADER + index * width, width, "member", value, Kind.INTEGER, note, index))
        return tuple(fields)
