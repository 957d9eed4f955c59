"""What a client is charged for what the server keeps on its behalf: queued commands, watched keys, subscriptions, prefixes.

Structs only: names are shared with whoever else uses them. 6.2 charges nothing.
"""

from __future__ import annotations

from rinspect.engine.networking.client import Client

_LIST_NODE = _DICT_ENTRY = _QUEUED = 24
"""A listNode, a dictEntry, a multiCmd."""
_RAX_NODE = 4 * 8
"""What the server reckons for a node: the size of its head, multiplied by that of a pointer."""


def overhead(client: Client) -> int:
    """Bytes of all that."""
    version = client.engine.profile.version
    if version < (7, 0):
        return 0
    total, transaction, subscriptions = 0, client.transaction, client.subscriptions
    if transaction is not None and transaction.queued:
        total += transaction.argv_bytes + _QUEUED * max(2, 1 << (len(transaction.queued) - 1).bit_length())
    # A watchedKey has had a listNode of its own since 7.2.
    total += len(client.watched) * (_LIST_NODE + (56 if version >= (7, 2) else 32))
    patterns = len(subscriptions.patterns)
    total += _dict(patterns) if version >= (7, 2) else patterns * _LIST_NODE
    total += _dict(len(subscriptions.channels)) + _dict(len(subscriptions.shard_channels))
    mode = client.clients.tracking.modes.get(client)
    return total + (_RAX_NODE * mode.nodes if mode is not None else 0)


def _dict(count: int) -> int:
    """Bytes of a dict's entries and buckets. (The old buckets, which one that grows has too for a while, are left out.)"""
    return count and count * _DICT_ENTRY + max(4, 1 << (count - 1).bit_length()) * 8
