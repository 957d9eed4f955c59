"""What is to be sent to a client, as Redis keeps it.

Replies are gathered while commands run and sent before the loop sleeps. Redis puts them into a buffer of 16 KB in the client's
own struct and, when that is full, into a list of blocks; how much that costs is what output buffer limits count. While there
is a list, nothing more goes into the buffer. Here the pieces stand in one queue, and the two are read off its length.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

REPLY_CHUNK = 16 * 1024
"""Size of the buffer in the client at first, and what a block is asked to hold at the least: PROTO_REPLY_CHUNK_BYTES."""
MAX_WRITE = 64 * 1024
"""Bytes that one client is sent before others get their turn: NET_MAX_WRITES_PER_EVENT."""
_NODE, _BLOCK = 24, 16
"""A listNode, and the head of a clientReplyBlock."""


def block_size(usable: Callable[[int], int]) -> int:
    """Bytes that a block of the list holds, which is all that the allocator gives for it."""
    return usable(REPLY_CHUNK + _BLOCK) - _BLOCK


class Outgoing:
    """Bytes to be sent, in order."""

    __slots__ = ("_block", "_buffer", "_sent", "pieces", "room", "size")

    def __init__(self, block: int = REPLY_CHUNK) -> None:
        self.pieces: deque[bytes] = deque()
        """Append here, and add to `size`."""
        self.size = 0
        self._sent = 0
        """How much of the first piece has been sent."""
        self._block = block
        self._buffer = self.room = REPLY_CHUNK
        """Size of the buffer, and how many of the bytes may stand in it: the others are in the list."""

    def add(self, data: bytes) -> None:
        self.pieces.append(data)
        self.size += len(data)

    def defer_length(self) -> None:
        """What is added next begins with a length that is not known yet: it goes into the list, room in the buffer or not."""
        size = self.size if self.size >= self.room else sum(map(len, self.pieces)) - self._sent
        self.room = min(size, self.room)

    def resize_buffer(self, size: int) -> None:
        """The buffer is larger or smaller from now on."""
        self._buffer = size
        if not self.size:
            self.room = size

    def clear(self) -> None:
        self.pieces.clear()
        self.size = self._sent = 0
        self.room = self._buffer

    def send(self, send: Callable[[bytes | memoryview], int]) -> int:
        """Send up to 64 KB, and not more than the kernel takes; how many bytes that were.

        `send` is a socket's, which does not block; what it raises goes through, with nothing lost.
        """
        pieces = self.pieces
        total = 0
        try:
            if self.size < MAX_WRITE and not self._sent:
                # The usual case: all of it in one go.
                total = send(pieces[0] if len(pieces) == 1 else b"".join(pieces))
                if total == self.size:
                    pieces.clear()
                    self.size, self.room = 0, self._buffer
                else:
                    self._went(total)
                return total
            while self.size and total < MAX_WRITE:
                if self._sent or len(pieces[0]) >= MAX_WRITE:
                    end = self._sent + MAX_WRITE - total
                    went = send(memoryview(pieces[0])[self._sent : end])
                    wanted = min(end, len(pieces[0])) - self._sent
                    self._went(went)
                else:
                    data = self._gathered(MAX_WRITE - total)
                    wanted = len(data)
                    went = send(data)
                    self._went(went)
                total += went
                if went < wanted:
                    break
        except BlockingIOError:
            pass  # the kernel's buffer is full
        return total

    def _gathered(self, limit: int) -> bytes:
        if self.size <= limit:
            return b"".join(self.pieces)
        chosen, size = [], 0
        for piece in self.pieces:
            if size and size + len(piece) > limit:
                break
            chosen.append(piece)
            size += len(piece)
        return b"".join(chosen)

    def _went(self, count: int) -> None:
        pieces = self.pieces
        if count == self.size:
            self.clear()
            return
        self.size -= count
        self.room = max(0, self.room - count)
        count += self._sent
        while pieces and count >= len(pieces[0]):
            count -= len(pieces.popleft())
        self._sent = count

    # -- as Redis would hold it -------------------------------------------------------------------------------------------

    @property
    def in_buffer(self) -> int:
        """Bytes in the client's own buffer: `obl` of CLIENT LIST."""
        return min(self.size, self.room)

    @property
    def blocks(self) -> int:
        """Blocks in the list of replies: `oll`."""
        return -(-(self.size - self.in_buffer) // self._block)

    @property
    def list_bytes(self) -> int:
        """What the list of replies costs: `omem`, which the limits are about."""
        blocks = self.blocks
        return blocks and max(blocks * self._block, self.size - self.in_buffer) + blocks * (_NODE + _BLOCK)
