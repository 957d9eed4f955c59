"""What listpack and ziplist have in common: entries in a row in one allocation, and the caches beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self


class CorruptBlob(ValueError):
    """Bytes that are not a well-formed blob of their kind."""


class Entries:
    """Entries in a row in a bytearray.

    `data` is the truth. `texts` and `sizes` are beside it, entry by entry: the decoded text, and how many bytes the entry
    takes.
    """

    encoding = ""
    HEADER = 0
    """Bytes before the first entry."""
    EMPTY = b""
    """The blob without entries."""

    __slots__ = ("data", "serial", "texts")

    def __init__(self) -> None:
        self.data = bytearray(self.EMPTY)
        self.texts: list[bytes] = []
        self.serial = 0

    @property
    def sizes(self) -> list[int]:
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.texts)

    @property
    def nbytes(self) -> int:
        """Length of the blob."""
        return len(self.data)

    def copy(self) -> Self:
        twin = type(self)()
        twin.data = self.data[:]
        twin.texts = self.texts[:]
        return twin

    def pop_first(self) -> bytes:
        """Take out the first entry, of at least one; its text."""
        text = self.texts[0]
        self.delete(0)
        return text

    def pop_last(self) -> bytes:
        """Take out the last entry, of at least one; its text."""
        text = self.texts[-1]
        self.delete(len(self.texts) - 1)
        return text

    def delete(self, index: int, count: int = 1) -> None:
        """Delete `count` entries from `index` on."""
        raise NotImplementedError

    def offset(self, index: int) -> int:
        """Where entry `index` starts; `len(self)` gives the offset of the closing FF."""
        if not index:
            return self.HEADER
        if index == len(self.texts):
            return len(self.data) - 1
        if index * 2 > len(self.sizes):
            return len(self.data) - 1 - sum(self.sizes[index:])
        return self.HEADER + sum(self.sizes[:index])

    def find(self, text: bytes, first: int = 0, step: int = 1) -> int:
        """Index of the first entry with that text among `first`, `first + step`, …; -1 if there is none."""
        try:
            if step == 1:
                return self.texts.index(text, first)
            return first + step * self.texts[first::step].index(text)
        except ValueError:
            return -1


def count_note(count: int, real: int) -> str:
    """What the header's 16-bit count says, when there are `real` entries."""
    if count == 65535:
        return f"65535: too many to say, one has to walk ({real} entries)"
    return f"{count} entries"
