"""Replies and messages cut short, so that many of them can be kept."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.replies import BigNumber, Map, Push, Reply, SetReply, Verbatim

MOST_ITEMS = 20
"""Items of a reply that are kept, on each level."""
MOST_BYTES = 512
"""Bytes of a text that are kept."""


def brief(reply: Reply) -> Reply:
    """A reply with what is long cut short, and in words how much is left out."""
    if isinstance(reply, bytes):
        return _cut(reply)
    if isinstance(reply, Verbatim):
        return Verbatim(_cut(reply.text), reply.format)
    if isinstance(reply, BigNumber):
        return _cut(reply.text)
    if isinstance(reply, Push):
        return _items(reply.items)
    if isinstance(reply, SetReply):
        return SetReply(tuple(_items(reply.members)))
    if isinstance(reply, Map):
        return Map(tuple((brief(key), brief(value)) for key, value in reply.pairs[:MOST_ITEMS]))
    return _items(reply) if isinstance(reply, list) else reply


def _items(items: Sequence[Reply]) -> list[Reply]:
    kept: list[Reply] = [brief(item) for item in items[:MOST_ITEMS]]
    if len(items) > MOST_ITEMS:
        kept.append(b"... (%d more items)" % (len(items) - MOST_ITEMS))
    return kept


def _cut(text: bytes) -> bytes:
    return text if len(text) <= MOST_BYTES else text[:MOST_BYTES] + b"... (%d more bytes)" % (len(text) - MOST_BYTES)
