"""Connections to other servers, for MIGRATE: made when first needed, and kept for a while.

They are blocking ones: whoever uses them holds up the loop, and with it everybody, for as long as the other server takes,
or until the timeout. That is what MIGRATE does.
"""

from __future__ import annotations

import contextlib
import errno
import re
import select
import socket
from random import Random

from rinspect.engine.runtime import Clock

MOST = 64
"""Connections that are kept: MIGRATE_SOCKET_CACHE_ITEMS."""
KEPT = 10
"""Seconds without use after which one is closed: MIGRATE_SOCKET_CACHE_TTL."""
LONGEST_LINE = 1023
"""Bytes of a reply that are looked at."""
UNKNOWN_DB = -1
_CHUNK = 64 * 1024
_LONGEST_WAIT = (1 << 31) - 1
"""Milliseconds: no more fit into what the kernel is told."""
_NUMBER = re.compile(rb"\s*[+-]?\d{1,99}")
"""As much of a port as can be one, zeros before it included."""


class Target:
    """A connection to another server. Every method raises OSError, TimeoutError among them, if that fails."""

    def __init__(self, host: bytes, port: bytes, timeout: int) -> None:
        """`timeout` in milliseconds."""
        number = _NUMBER.match(port)
        self._socket = _connecting(host.decode("latin-1"), int(number[0]) if number else 0)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poll = select.poll()
        poll.register(self._socket, select.POLLOUT)
        if not poll.poll(min(timeout, _LONGEST_WAIT)):
            self._socket.close()
            raise TimeoutError
        self._unread = bytearray()
        self.last_db = UNKNOWN_DB
        """The database that is selected there."""
        self.last_use = 0
        """Seconds, by the clock of whoever keeps it."""

    def write(self, data: bytes, timeout: int) -> None:
        """Write all of it; each piece may take so many milliseconds."""
        self._socket.settimeout(_seconds(timeout))
        for at in range(0, len(data), _CHUNK):
            self._socket.sendall(data[at : at + _CHUNK])

    def read_line(self, timeout: int) -> bytes:
        """The next line, without its end; ConnectionError if there is none any more, or an empty one."""
        self._socket.settimeout(_seconds(timeout))
        while (end := self._unread.find(b"\n", 0, LONGEST_LINE)) < 0 and len(self._unread) < LONGEST_LINE:
            received = self._socket.recv(_CHUNK)
            if not received:
                raise ConnectionError("closed")
            self._unread += received
        if not end:
            raise ConnectionError("an empty line")
        # What is too long goes on in the next line.
        line = bytes(self._unread[: end if end > 0 else LONGEST_LINE])
        del self._unread[: len(line) + (end > 0)]
        return line.removesuffix(b"\r")

    def close(self) -> None:
        self._socket.close()


def _connecting(host: str, port: int) -> socket.socket:
    """A connection that is being made, to the first of the host's addresses that it can be begun to. Whether somebody answers
    there is not asked: the server, too, learns that when it writes. OSError if there is no such address."""
    if not host:
        raise OSError("no host")
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OverflowError, UnicodeError, ValueError) as error:
        raise OSError(str(error)) from error
    for family, kind, protocol, _, address in addresses:
        connection = socket.socket(family, kind, protocol)
        connection.setblocking(False)
        try:
            if connection.connect_ex(address) in (0, errno.EINPROGRESS):
                return connection
        except OverflowError:
            pass
        connection.close()
    raise OSError(f"no address of {host} can be reached")


def _seconds(milliseconds: int) -> float:
    return min(milliseconds, _LONGEST_WAIT) / 1000


class Targets:
    """The connections that are kept, by host and port as they were given."""

    def __init__(self, clock: Clock, rng: Random) -> None:
        self._clock = clock
        self._rng = rng
        self._kept: dict[tuple[bytes, bytes], Target] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, host: bytes, port: bytes, timeout: int) -> Target:
        """The connection to that address, made if there is none; OSError if that fails."""
        target = self._kept.get((host, port))
        if target is None:
            if len(self._kept) >= MOST:
                self.close(*self._rng.choice(list(self._kept)))
            target = self._kept[host, port] = Target(host, port, timeout)
        target.last_use = self._clock() // 1_000_000
        return target

    def close(self, host: bytes, port: bytes) -> None:
        """Close the connection to that address, if there is one."""
        target = self._kept.pop((host, port), None)
        if target is not None:
            with contextlib.suppress(OSError):
                target.close()

    def close_idle(self) -> None:
        """Close those that nobody has used for a while."""
        now = self._clock() // 1_000_000
        for address, target in tuple(self._kept.items()):
            if now - target.last_use > KEPT:
                self.close(*address)

    def close_all(self) -> None:
        for address in tuple(self._kept):
            self.close(*address)
