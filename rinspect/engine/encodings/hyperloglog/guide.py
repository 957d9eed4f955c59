"""Landmarks in a sparse sketch: where every so many opcodes one begins, and with which register.

The server walks over all opcodes for each element, and is quick at that; with landmarks nearly all of the way is left out.
They stand beside the truth, for as long as one command works on a sketch.
"""

from __future__ import annotations

from bisect import bisect_right

from rinspect.engine.encodings.hyperloglog import sparse

_APART = 48
"""Opcodes from one landmark to the next."""
_REACH = 10
"""Bytes behind the opcode before a change within which others may be no more: splitting and merging go no further."""

_OUTWORN = 64
"""Changes after which landmarks are set anew: some are lost by then, and others missing where the sketch has grown."""


class Guide:
    """Landmarks of the opcodes from offset `at` of `data` on, to be told of every change."""

    __slots__ = ("_at", "_changes", "_data", "_firsts", "_offsets")

    def __init__(self, data: bytearray, at: int) -> None:
        self._data = data
        self._at = at
        self._set()

    def _set(self) -> None:
        self._offsets, self._firsts = sparse.every(_APART, self._data, self._at)
        self._changes = 0

    def near(self, index: int) -> tuple[int, int]:
        """(offset, first register) of an opcode some way before the one that covers register `index`."""
        # The last landmark may be that very opcode, and the one before it is needed, too.
        number = bisect_right(self._firsts, index) - 2
        return (self._offsets[number], self._firsts[number]) if number >= 0 else (self._at, 0)

    def changed(self, before: int, longer: int) -> None:
        """Something changed behind the opcode at offset `before`, by which the sketch became so many bytes longer."""
        low = bisect_right(self._offsets, before)
        high = bisect_right(self._offsets, before + _REACH)
        del self._offsets[low:high], self._firsts[low:high]
        if longer:
            self._offsets[low:] = [offset + longer for offset in self._offsets[low:]]
        self._changes += 1
        if self._changes == _OUTWORN:
            self._set()
