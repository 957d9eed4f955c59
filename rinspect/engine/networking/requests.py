"""The query buffer: what a client has sent, taken apart into requests.

A request is a *multibulk*, an array of strings with their lengths before them, or *inline*, a line of words as one types
it into telnet:

    *2\\r\\n$3\\r\\nGET\\r\\n$1\\r\\nk\\r\\n        GET k\\r\\n

Requests come in pieces, and many at once. Nothing is taken before it is complete, but a multibulk's arguments are taken
one by one: of a request with a million arguments only the last piece is kept as it came.
"""

from __future__ import annotations

import sys
from collections import deque

from rinspect.engine.networking.multibulks import Requests, request_size
from rinspect.engine.numbers import parse_int
from rinspect.engine.splitargs import catrepr, splitargs

if sys.implementation.name == "cpython":
    from rinspect.engine.networking.hiredis_multibulks import way_to_take_apart
else:
    from rinspect.engine.networking.multibulks import way_to_take_apart

LINE_LIMIT = 64 * 1024
"""Bytes that an inline request, or the line with a length, may have: PROTO_INLINE_MAX_SIZE."""
BIG_ARGUMENT = 32 * 1024
"""An argument of this size or more is received into a buffer of its own: PROTO_MBULK_BIG_ARG."""
INT_MAX = (1 << 31) - 1


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
        "_rest",
        "_take_apart",
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
        self._take_apart = way_to_take_apart()
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
            requests, used = self._take_apart(data)
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
                    requests, used = self._take_apart(self._rest)
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


def _line_end(data: bytes, at: int, mark: bytes) -> int:
    """Where the line that begins at `at` has its mark, -1 if it has not come. The server looks for it as in a C string: behind
    a NUL there is none."""
    end = data.find(mark, at)
    return -1 if data.find(b"\0", at, None if end < 0 else end) >= 0 else end
