"""The query buffer: what a client has sent, taken apart into requests.

A request is a *multibulk*, an array of strings with their lengths before them, or *inline*, a line of words as one types
it into telnet:

    *2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\nk\\r\\n        GET k\\r\\n

Requests come in pieces, and many at once. Nothing is taken before it is complete, but a multibulk's arguments are taken
one by one: of a request with a million arguments only the last piece is kept as it came.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from itertools import chain
from typing import Any

import hiredis

from rinspect.engine.numbers import parse_int
from rinspect.engine.splitargs import catrepr, splitargs

CR, ARRAY, PUSH, SET = b"\r*>~"
"""The end of a line; what a multibulk begins with, and what hiredis takes for one too. (To look for a number in bytes is
faster than to look for bytes.)"""
_OF_REPLIES = b"+=(>~%|"
"""What begins that hiredis gives as a string or a container, and no request may hold."""
LINE_LIMIT = 64 * 1024
"""Bytes that an inline request, or the line with a length, may have: PROTO_INLINE_MAX_SIZE."""
BIG_ARGUMENT = 32 * 1024
"""An argument of this size or more is received into a buffer of its own: PROTO_MBULK_BIG_ARG."""
INT_MAX = (1 << 31) - 1
SMALL = 256
"""Bytes below which what comes is probably one request."""
_COUNTS = [b"*%d" % count for count in range(SMALL // 5)]
_LENGTHS = [b"$%d" % length for length in range(SMALL)]
"""The lines that say how many words follow, and how long the next is."""
Requests = list[list[bytes]]
_MANY, _MANY_OTHERS = re.compile(rb"\*\d{5}").search, re.compile(rb"[>~]\d{5}").search
"""What may declare so many items that room for them must not be made before they come, as hiredis would at once."""
_END = b"%0\r\n"
"""What hiredis gives as an empty dict, if all before it has come whole."""
_NOTHING = [object()]
"""What hiredis gives where nothing has come whole. (A list, for it is compared with lists.)"""


def _new_reader() -> hiredis.Reader:
    return hiredis.Reader(notEnoughData=_NOTHING)


class ProtocolError(Exception):
    """What a client sent is no request; the text is the server's. The connection cannot go on."""


class QueryBuffer:
    """Bytes in, requests out.

    `max_bulk` is the longest argument; a client that has yet to authenticate (`unauthenticated`) is allowed less.
    """

    __slots__ = (
        "_ahead",
        "_argv",
        "_big",
        "_bulk",
        "_held",
        "_left",
        "_piecewise",
        "_reader",
        "_rest",
        "argv_bytes",
        "empty",
        "max_bulk",
        "unauthenticated",
    )

    def __init__(self, max_bulk: int = 512 << 20) -> None:
        self.max_bulk = max_bulk
        self.unauthenticated = False
        self.empty = True
        """Nothing stands in it; arguments that were taken of a request that is not complete do not, but it is."""
        self._rest = b""
        self._reader = _new_reader()
        self._ahead: Requests = []
        """Requests that were put back."""
        self._held: deque[bytes] = deque()
        """What came while nothing was to be taken, piece by piece: to be looked at piece by piece too."""
        self._piecewise = False
        """What is in the buffer is not in the form that can be taken apart in one go."""
        self._argv: list[bytes] = []
        """The arguments so far of a request that is not complete …"""
        self.argv_bytes = 0
        """… how many bytes they are …"""
        self._left = 0
        """… how many are still to come …"""
        self._bulk = -1
        """… and the length of the next, -1 while that has not come."""
        self._big: bytearray | None = None
        """A big argument that is being received."""

    def __len__(self) -> int:
        """Bytes received and not yet taken."""
        waiting = sum(map(request_size, self._ahead)) + sum(map(len, self._held))
        return waiting + len(self._rest) + (len(self._big) if self._big is not None else 0)

    def beginning(self, size: int) -> str:
        """Its first bytes, for the log."""
        first = self._rest or (bytes(self._big[:size]) if self._big is not None else b"")
        return catrepr((first or (self._held[0] if self._held else b""))[:size])

    @property
    def wanted(self) -> int:
        """How many bytes complete the big argument that is being received; 0 where there is none."""
        return 0 if self._big is None else self._bulk + 2 - len(self._big)

    def hold(self, data: bytes) -> None:
        """Keep what has come while nothing is taken."""
        self._held.append(data)
        self.empty = False

    def receive(self, data: bytes) -> Requests:
        """Take what has come: the next complete requests, as `take` gives them."""
        if self.empty and not self.unauthenticated:
            # The usual case: nothing stands before it, and it is some requests and nothing else.
            if len(data) < SMALL and (argv := _the_only_one(data)) is not None:
                return [argv]
            requests, used = self._all_at_once(data)
            if used == len(data):
                return requests
            self._rest = data[used:]
            self._piecewise, self.empty = not requests, False
            return requests or self.take()
        self.empty = False
        if self._held:
            self._held.append(data)
        else:
            self._look_at(data)
        return self.take()

    def _look_at(self, data: bytes) -> None:
        if self._big is not None:
            missing = self.wanted
            self._big += data[:missing]
            data = data[missing:]
        if data:
            self._rest = self._rest + data if self._rest else data
            self._piecewise = False

    def take(self) -> Requests:
        """The next complete requests, in order, as many as can be had in one go; none if there is none. ProtocolError at
        what is no request. One with nothing in it is passed over."""
        if self.empty:
            return []
        requests = self._taken()
        self.empty = not (self._rest or self._held or self._big is not None or self._left)
        return requests

    def _taken(self) -> Requests:
        if self._ahead:
            ahead, self._ahead = self._ahead, []
            return ahead
        while True:
            while self._rest or self._big is not None:
                if not (self._left or self._piecewise or self.unauthenticated):
                    requests, used = self._all_at_once(self._rest)
                    self._rest = self._rest[used:]
                    if requests:
                        return requests
                self._piecewise = True
                argv = self._piecemeal()
                if argv is None:
                    break
                if argv:
                    return [argv]
            if not self._held:
                return []
            self._look_at(self._held.popleft())

    def put_back(self, requests: Requests) -> None:
        """Requests that were taken and are not to be served yet: they come first the next time."""
        if requests:
            self._ahead = requests
            self.empty = False

    def _all_at_once(self, data: bytes) -> tuple[Requests, int]:
        """Take apart all complete requests with hiredis, if they are multibulks in the form that clients write: they, and how
        many bytes they are; none, and 0, if they are anything else.

        hiredis reads replies, and takes what is no request. So nothing but strings may have come of it, and nothing that
        begins otherwise may stand between them; where one cannot be sure, it must begin as these requests are written.
        """
        reader = self._reader
        try:
            if data[0] != ARRAY or (data[2] != CR and data.find(b"\r", 3, 6) < 0):
                return [], 0
            if (data.rfind(b"*") and _MANY(data)) or ((PUSH in data or SET in data) and _MANY_OTHERS(data)):
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

    def _piecemeal(self) -> list[bytes] | None:
        """The next request, argument by argument; None if it is not complete, empty if there is nothing in it."""
        if not self._left:
            if self._rest[:1] != b"*":
                return self._inline()
            count = self._multibulk_length()
            if count is None:
                return None
            if count <= 0:
                return []
            self._left = count
        self._arguments()
        if self._left:
            return None
        argv, self._argv = self._argv, []
        self.argv_bytes = 0
        return argv

    def _inline(self) -> list[bytes] | None:
        end = _line_end(self._rest, 0, b"\n")
        if end < 0:
            if len(self._rest) > LINE_LIMIT:
                raise ProtocolError("too big inline request")
            return None
        argv = splitargs(self._rest[:end].removesuffix(b"\r"))
        if argv is None:
            raise ProtocolError("unbalanced quotes in request")
        self._rest = self._rest[end + 1 :]
        return argv

    def _multibulk_length(self) -> int | None:
        end = _line_end(self._rest, 0, b"\r")
        if end < 0 or end + 1 >= len(self._rest):
            if len(self._rest) > LINE_LIMIT and end < 0:
                raise ProtocolError("too big mbulk count string")
            return None
        count = parse_int(self._rest[1:end])
        if count is None or count > INT_MAX:
            raise ProtocolError("invalid multibulk length")
        if count > 10 and self.unauthenticated:
            raise ProtocolError("unauthenticated multibulk length")
        self._rest = self._rest[end + 2 :]
        return count

    def _arguments(self) -> None:
        """Take as many arguments of the request as are complete."""
        if self._big is not None:
            if self.wanted:
                return
            self._take(bytes(self._big[:-2]))
            self._big = None
        rest, at = self._rest, 0
        try:
            while self._left:
                if self._bulk < 0:
                    end = _line_end(rest, at, b"\r")
                    if end < 0 or end + 1 >= len(rest):
                        if end < 0 and len(rest) - at > LINE_LIMIT:
                            raise ProtocolError("too big bulk count string")
                        return
                    self._bulk = self._bulk_length(rest, at, end)
                    at = end + 2
                end = at + self._bulk
                if end + 2 > len(rest):
                    if self._bulk >= BIG_ARGUMENT:
                        self._big = bytearray(rest[at:])
                        at = len(rest)
                    return
                self._take(rest[at:end])
                at = end + 2
        finally:
            self._rest = rest[at:]

    def _take(self, argument: bytes) -> None:
        self._argv.append(argument)
        self.argv_bytes += len(argument)
        self._left -= 1
        self._bulk = -1

    def _bulk_length(self, rest: bytes, at: int, end: int) -> int:
        if rest[at] != 36:
            raise ProtocolError(f"expected '$', got '{chr(rest[at])}'")
        length = parse_int(rest[at + 1 : end])
        if length is None or not 0 <= length <= self.max_bulk:
            raise ProtocolError("invalid bulk length")
        if length > 16384 and self.unauthenticated:
            raise ProtocolError("unauthenticated bulk length")
        return length


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


def _line_end(data: bytes, at: int, mark: bytes) -> int:
    """Where the line that begins at `at` has its mark, -1 if it has not come. The server looks for it as in a C string: behind
    a NUL there is none."""
    end = data.find(mark, at)
    return -1 if data.find(b"\0", at, None if end < 0 else end) >= 0 else end


def multibulk(argv: Sequence[bytes]) -> bytes:
    """A request as clients write it."""
    return b"*%d\r\n" % len(argv) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in argv)


def request_size(argv: Sequence[bytes]) -> int:
    """The bytes of a request as a multibulk."""
    return len(b"*%d\r\n" % len(argv)) + sum(len(b"$%d\r\n" % len(word)) + len(word) + 2 for word in argv)
