"""How large the buffers of a client are, as Redis allocates them: its query buffer and its own buffer of replies.

Bytes in use are one thing, room another: a query buffer gets room for 16 KB before anything is read into it, grows with
what comes, and is made smaller by the cron when its client has been idle or needs less. From 8.0 on all clients share one
buffer, and get their own only where something is left in it. From 7.0 on the buffer of replies, too, follows what is used.
"""

from __future__ import annotations

from collections.abc import Callable

IOBUF = 16 * 1024
"""Room before a read: PROTO_IOBUF_LEN."""
RESIZE_THRESHOLD = 32 * 1024
"""A query buffer up to this size is made smaller only when its client is idle: PROTO_RESIZE_THRESHOLD."""
WORTHWHILE = 4 * 1024
"""Room below which it does not pay to give it back."""
IDLE = 2
"""Seconds after which a client counts as idle."""
SMALLEST_REPLY, LARGEST_REPLY = 1024, 16 * 1024
"""Bounds of the buffer of replies."""
_SDS_GREEDY = 1024 * 1024

Usable = Callable[[int], int]
"""The size that the allocator gives to whoever asks for so many bytes."""


def _header(size: int) -> int:
    """Of an sds with its NUL."""
    return 4 if size < 1 << 8 else 6 if size < 1 << 16 else 10 if size < 1 << 32 else 18


def _given(size: int, usable: Usable) -> int:
    """The room of an sds that is asked to have `size`."""
    header = _header(size)
    return usable(size + header) - header


class QueryRoom:
    """The room of one client's query buffer, in bytes."""

    __slots__ = ("_greedy", "_usable", "peak", "ready", "shares", "size")

    def __init__(self, version: tuple[int, int], usable: Usable) -> None:
        self.size = 0
        """0 while it has none of its own."""
        self.peak = 0
        """The most that stood in it since the cron last looked, as far as that was more than comes at once."""
        self.shares = version >= (8, 0)
        self.ready = self.shares
        """Nothing need be done before a read into it while it is empty."""
        self._usable = usable
        self._greedy = version < (7, 0)

    def shown(self, *, running: bool) -> int:
        """Its size as the client sees it: while its command runs, the shared one counts as its own."""
        return self.shared if running and not self.size else self.size

    @property
    def shared(self) -> int:
        """The size of the one that all share, 0 before there is such."""
        return _given(IOBUF, self._usable) if self.shares else 0

    def read(self, used: int, wanted: int) -> None:
        """Something is to be read behind `used` bytes: all that completes a big argument (`wanted`), or what comes."""
        readlen = wanted or IOBUF
        if self.size - used < readlen:
            size = used + readlen
            if self._greedy or (not wanted and self.size >= IOBUF):
                size += min(size, _SDS_GREEDY)
            self.size = _given(size, self._usable)
        self.peak = max(self.peak, used + readlen if wanted else used)
        self.ready = self.shares or self.size >= IOBUF

    def fit(self, used: int, wanted: int, idle: int) -> None:
        """Give back room that is not needed. `idle`: seconds since its client last spoke."""
        if self.size - used > WORTHWHILE:
            large = self.size > RESIZE_THRESHOLD
            if self._greedy:
                if large and (self.size // (self.peak + 1) > 2 or idle > IDLE):
                    self.size = used
            elif idle > IDLE:
                self.size = used
            elif large and self.size // 2 > self.peak:
                self.size = _given(max(used + wanted, self.peak, IOBUF), self._usable)
        self.peak = 0 if self._greedy else used + wanted
        self.ready = self.shares or self.size >= IOBUF


class ReplyRoom:
    """The buffer of replies of one client, in bytes."""

    __slots__ = ("_since", "_usable", "peak", "size")

    def __init__(self, usable: Usable) -> None:
        self.size = self.peak = LARGEST_REPLY
        self._usable = usable
        self._since = 0
        """Since when the peak is kept: the first that looks at it begins it anew."""

    def used(self, size: int) -> None:
        """So many bytes stand in it."""
        self.peak = max(self.peak, min(size, self.size))

    def fit(self, used: int, now: int, reset_after: int) -> None:
        """Make it larger or smaller as its peak asks. The peak begins anew after `reset_after` milliseconds, -1 for never."""
        size = self.size
        if size // 2 >= SMALLEST_REPLY and self.peak < size // 2:
            self.size = self._usable(max(SMALLEST_REPLY, self.peak + 1, used))
        elif size < LARGEST_REPLY and self.peak == size:
            self.size = min(LARGEST_REPLY, size * 2)
        if reset_after >= 0 and now - self._since >= reset_after:
            self.peak = used
            self._since = now
