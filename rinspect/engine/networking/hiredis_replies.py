"""Bytes as replies, read in C with hiredis: for who wants many of them soon, and little of each."""

from __future__ import annotations

from collections.abc import Iterator

import hiredis

_NOTHING = [object()]
"""What hiredis gives where nothing has come whole."""


class ReplyReader:
    """As `replies.ReplyReader`, but the replies are hiredis's: an error is an exception of its own, a status bytes."""

    def __init__(self) -> None:
        self._reader = hiredis.Reader(notEnoughData=_NOTHING)
        self.feed = self._reader.feed

    def replies(self) -> Iterator[object]:
        """The complete replies and pushed messages, in order."""
        return iter(self._reader.gets, _NOTHING)
