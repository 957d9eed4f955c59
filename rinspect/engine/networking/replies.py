"""Bytes as replies: what a client makes of what `resp` wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rinspect.engine.replies import (
    NULL_ARRAY,
    Attributed,
    BigNumber,
    CommandError,
    Double,
    Map,
    Push,
    Reply,
    SetReply,
    Status,
    Verbatim,
)


class _Incomplete(Exception):
    """The rest has not come yet."""


class ReplyReader:
    """Takes bytes as they come, and gives the replies that are complete."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._at = 0

    def feed(self, data: bytes) -> None:
        self._data += data

    def replies(self) -> Iterator[Reply]:
        """The complete replies and pushed messages, in order. ValueError for bytes that are no reply."""
        try:
            while self._data:
                self._at = 0
                reply = self._one()
                del self._data[: self._at]
                yield reply
        except _Incomplete:
            return

    def _line(self) -> bytes:
        end = self._data.find(b"\r\n", self._at)
        if end < 0:
            raise _Incomplete
        line = bytes(self._data[self._at : end])
        self._at = end + 2
        return line

    def _string(self, length: int) -> bytes:
        end = self._at + length
        if end + 2 > len(self._data):
            raise _Incomplete
        text = bytes(self._data[self._at : end])
        self._at = end + 2
        return text

    def _items(self, count: int) -> list[Any]:
        return [self._one() for _ in range(count)]

    def _one(self) -> Reply:
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b"+":
            return Status(rest)
        if kind == b"-":
            return CommandError(rest.decode("latin-1"))
        if kind == b"_":
            return None
        if kind == b"#":
            return rest == b"t"
        if kind == b",":
            return Double(rest)
        if kind == b"(":
            return BigNumber(rest)
        if not kind or kind not in b":$=*~>%|":
            raise ValueError(f"no reply begins like this: {line[:20]!r}")
        number = int(rest)
        if kind == b":":
            return number
        if number < 0:
            return None if kind == b"$" else NULL_ARRAY
        if kind == b"$":
            return self._string(number)
        if kind == b"=":
            name, _, text = self._string(number).partition(b":")
            return Verbatim(text, name.decode())
        if kind in b"%|":
            flat = self._items(2 * number)
            pairs = tuple(zip(flat[::2], flat[1::2], strict=True))
            return Map(pairs) if kind == b"%" else Attributed(pairs, self._one())
        items = self._items(number)
        if kind == b"~":
            return SetReply(tuple(items))
        return Push(tuple(items)) if kind == b">" else items
