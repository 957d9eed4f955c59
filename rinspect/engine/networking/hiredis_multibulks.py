"""Multibulks taken apart in C, with hiredis: see `multibulks`.

hiredis reads replies, and takes what is no request. So nothing but strings may have come of it, and nothing that begins
otherwise may stand between them; where one cannot be sure, it must begin as these requests are written.

What is probably one request only is taken apart without it: for so little that is quicker.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import Any

import hiredis

from rinspect.engine.networking.multibulks import Requests, TakeApart, multibulk

_CR, _ARRAY, _PUSH, _SET = b"\r*>~"
"""The end of a line; what a multibulk begins with, and what hiredis takes for one too. (To look for a number in bytes is
faster than to look for bytes.)"""
_OF_REPLIES = b"+=(>~%|"
"""What begins that hiredis gives as a string or a container, and no request may hold."""
_SMALL = 256
"""Bytes below which what comes is probably one request."""
_COUNTS = [b"*%d" % count for count in range(_SMALL // 5)]
_LENGTHS = [b"$%d" % length for length in range(_SMALL)]
"""The lines that say how many words follow, and how long the next is."""
_MANY, _MANY_OTHERS = re.compile(rb"\*\d{5}").search, re.compile(rb"[>~]\d{5}").search
"""What may declare so many items that room for them must not be made before they come, as hiredis would at once."""
_END = b"%0\r\n"
"""What hiredis gives as an empty dict, if all before it has come whole."""
_NOTHING = [object()]
"""What hiredis gives where nothing has come whole. (A list, for it is compared with lists.)"""


def way_to_take_apart() -> TakeApart:
    """For one connection."""
    return _Reader().take_apart


def _new_reader() -> hiredis.Reader:
    return hiredis.Reader(notEnoughData=_NOTHING)


class _Reader:
    """A reader of hiredis, which is empty whenever it is not at work."""

    __slots__ = ("_reader",)

    def __init__(self) -> None:
        self._reader = _new_reader()

    def take_apart(self, data: bytes) -> tuple[Requests, int]:
        """See `TakeApart`."""
        if len(data) < _SMALL and (argv := _the_only_one(data)) is not None:
            return [argv], len(data)
        reader = self._reader
        try:
            if data[0] != _ARRAY or (data[2] != _CR and data.find(b"\r", 3, 6) < 0):
                return [], 0
            if (data.rfind(b"*") and _MANY(data)) or ((_PUSH in data or _SET in data) and _MANY_OTHERS(data)):
                return [], 0
            reader.feed(data)
            reader.feed(_END)
            requests: list[Any] = [*iter(reader.gets, _NOTHING)]
            last = requests[-1]  # (IndexError if none came whole)
            if last.__class__ is dict:
                requests.pop()
                words = b"".join(chain.from_iterable(requests))  # (TypeError if any is none)
                if all(requests) and _nothing_between(data, words):
                    return requests, len(data)
            elif last and last[-1].__class__ is dict:
                requests.pop()  # the end has come in the place of a word
            self._reader = _new_reader()
            written = b"".join(map(multibulk, requests))
        except (hiredis.HiredisError, TypeError, IndexError):
            self._reader = _new_reader()
            return [], 0
        return ([*filter(None, requests)], len(written)) if data.startswith(written) else ([], 0)


def _nothing_between(data: bytes, words: bytes) -> bool:
    """Whether what begins anything else than a multibulk or its strings stands in the words only, not between them."""
    marks = [mark for mark in _OF_REPLIES if mark in data]
    return not marks or all(data.count(mark) == words.count(mark) for mark in marks)


def _the_only_one(data: bytes) -> list[bytes] | None:
    """The words of one request, if that is all there is, written as clients write it; None for anything else.

    Between CR LF and CR LF stand, in turn, what says how long the next word is, and the word. If each says what is so, no
    other way to take it apart says so too.
    """
    parts = data.split(b"\r\n")
    last = parts.pop()
    words, at = parts[2::2], 1
    try:
        if last or parts[0] != _COUNTS[len(words)]:
            return None
        for word in words:
            if parts[at] != _LENGTHS[len(word)]:
                return None
            at += 2
    except IndexError:
        return None
    return words if words and at == len(parts) else None
