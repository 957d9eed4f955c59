"""Replies as bytes: RESP2 and RESP3.

    +OK          status                 $3  abc      bulk string          *2 …    array
    -ERR …       error                  $-1          null (RESP2)         *-1     null array (RESP2)
    :42          integer                _            null (RESP3)         %1 …    map, ~2 … set, >2 … push (RESP3)
    ,1.5  #t     double, boolean        =7  txt:abc  verbatim string      (1234   big number (RESP3)
    |1 …         attributes of the reply that follows (RESP3)

Each line, and each string's bytes, end in CR LF. Handlers shape what they answer by the protocol version; here each
object is written as what it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rinspect.engine.replies import (
    OK,
    Attributed,
    BigNumber,
    CommandError,
    Double,
    Map,
    NoReply,
    NullArray,
    Push,
    Reply,
    SetReply,
    Several,
    Status,
    Verbatim,
)

Encode = Callable[[Any], bytes]

_TABLED = 1024
_HEADS = [b"$%d\r\n" % n for n in range(_TABLED)]
_NEXT_HEADS = [b"\r\n" + head for head in _HEADS]
"""The head of a string that follows another one in an array: with the other one's end."""
_INTEGERS = [b":%d\r\n" % n for n in range(_TABLED)]
_ONE_LINE = bytes.maketrans(b"\r\n", b"  ")


def _bulk(text: bytes) -> bytes:
    length = len(text)
    return _HEADS[length] + text + b"\r\n" if length < _TABLED else b"$%d\r\n%b\r\n" % (length, text)


def _integer(number: int) -> bytes:
    return _INTEGERS[number] if 0 <= number < _TABLED else b":%d\r\n" % number


def _status(status: Status) -> bytes:
    if status is OK:
        return b"+OK\r\n"
    return b"+%b\r\n" % status.text


def _error(error: CommandError) -> bytes:
    """On one line, whatever it quotes."""
    return b"-%b\r\n" % error.message.encode("latin-1", "replace").translate(_ONE_LINE)


def _array_of_strings(texts: list[bytes]) -> bytes | None:
    """An array whose items are all short strings, put together without looking at each; None if they are anything else."""
    count, length = len(texts), len(texts[0])
    try:
        first = b"*%d\r\n" % count + _HEADS[length]
        # Most that differ in length do so in these three already.
        if len(texts[-1]) == length == len(texts[count // 2]) and len({*map(len, texts)}) == 1:
            return first + _NEXT_HEADS[length].join(texts) + b"\r\n"
        pieces: list[bytes] = [b""] * (2 * count)
        pieces[0::2] = map(_NEXT_HEADS.__getitem__, map(len, texts))
        pieces[1::2] = texts
        pieces[0] = first
        pieces.append(b"\r\n")
        return b"".join(pieces)
    except (TypeError, IndexError):
        return None


class Encoder:
    """Writes replies in one version of the protocol."""

    def __init__(self, version: int) -> None:
        self.version = version
        modern = version == 3
        null = b"_\r\n" if modern else b"$-1\r\n"
        self.by_type: dict[type, Encode] = {
            bytes: _bulk,
            int: _integer,
            bool: (lambda value: b"#t\r\n" if value else b"#f\r\n") if modern else (lambda value: b":%d\r\n" % value),
            type(None): lambda value: null,
            NoReply: lambda value: b"",
            NullArray: lambda value: b"_\r\n" if modern else b"*-1\r\n",
            list: self._array,
            Status: _status,
            CommandError: _error,
            Double: lambda value: b",%b\r\n" % value.text if modern else _bulk(value.text),
            BigNumber: lambda value: b"(%b\r\n" % value.text if modern else _bulk(value.text),
            Map: self._map,
            SetReply: lambda value: self._items(b"~" if modern else b"*", value.members),
            Push: lambda value: self._items(b">" if modern else b"*", value.items),
            Verbatim: self._verbatim,
            Several: lambda value: b"".join(map(self.encode, value.messages)),
            Attributed: self._attributed,
        }

    def encode(self, reply: Reply) -> bytes:
        """The bytes of a reply."""
        return self.by_type[type(reply)](reply)

    def _items(self, kind: bytes, items: tuple[Reply, ...] | list[Reply]) -> bytes:
        by_type = self.by_type
        return b"".join([b"%b%d\r\n" % (kind, len(items)), *(by_type[type(item)](item) for item in items)])

    def _array(self, items: list[Any]) -> bytes:
        strings = _array_of_strings(items) if items and items[0].__class__ is bytes else None
        return self._items(b"*", items) if strings is None else strings

    def _map(self, value: Map) -> bytes:
        flat = [item for pair in value.pairs for item in pair]
        if self.version == 2:
            return self._items(b"*", flat)
        by_type = self.by_type
        return b"".join([b"%%%d\r\n" % len(value.pairs), *(by_type[type(item)](item) for item in flat)])

    def _attributed(self, value: Attributed) -> bytes:
        reply = self.encode(value.reply)
        if self.version == 2:
            return reply
        flat = [self.encode(item) for pair in value.attributes for item in pair]
        return b"".join([b"|%d\r\n" % len(value.attributes), *flat, reply])

    def _verbatim(self, value: Verbatim) -> bytes:
        if self.version == 2:
            return _bulk(value.text)
        text = value.format.encode() + b":" + value.text
        return b"=%d\r\n%b\r\n" % (len(text), text)


ENCODERS = {2: Encoder(2), 3: Encoder(3)}
