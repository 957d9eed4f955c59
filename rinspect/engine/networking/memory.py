"""What clients cost in memory, and which of them go when that is too much (`maxmemory-clients`).

    struct + buffer of replies + list of replies + query buffer + arguments + queued commands + watches + subscriptions

What a client costs is added up anew when somebody asks, for those that something has happened to since. Eviction takes
the largest clients first: by size in powers of two, and among equals whoever came first. Clients that asked not to be
evicted stay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from rinspect.engine.networking.client import Client
from rinspect.engine.networking.overhead import overhead
from rinspect.engine.networking.room import LARGEST_REPLY

KINDS = ("normal", "pubsub")
LEAST = 128 * 1024
"""No limit is lower than this many bytes."""
SMALLEST_BUCKET, LARGEST_BUCKET = 15, 33
"""Powers of two: clients below and above these are all alike."""


def struct_size(client: Client) -> int:
    """Bytes of the client's struct, without the buffer of replies, which was part of it in 6.2."""
    version = client.engine.profile.version
    if version < (7, 0):
        return client.engine.runtime.usable(LARGEST_REPLY + 616) - LARGEST_REPLY
    return 896 if version >= (8, 0) else 768


def usage(client: Client) -> int:
    """Bytes that a client costs: `tot-mem` of CLIENT LIST. While its command runs, with that one's arguments."""
    running = client.clients.running is client
    argv = client.engine.runtime.running if running else None
    return _cost(client, running=running) + (_arguments(client, argv) if argv is not None else 0)


def usage_at_rest(client: Client) -> int:
    """The same between two commands, which is what limits are about."""
    return _cost(client, running=False)


def _arguments(client: Client, argv: Sequence[bytes]) -> int:
    """Bytes of a command's arguments and of the array of pointers to them."""
    pointers = 8 * len(argv)
    old = client.engine.profile.version < (7, 0)
    return sum(map(len, argv)) + (client.engine.runtime.usable(pointers) if old else pointers)


def _cost(client: Client, *, running: bool) -> int:
    room = client.query_room.shown(running=running)
    total = struct_size(client) + client.reply_room.size + client.outgoing.list_bytes + client.query_buffer.argv_bytes
    total += _allocated(client, room)
    return total + overhead(client)


def _allocated(client: Client, room: int) -> int:
    """Bytes of a query buffer with so much room."""
    return client.engine.runtime.usable(room + 6) if room else 0


def connection_size(version: tuple[int, int]) -> int:
    """Bytes that each connection takes beside what is counted for its client: its socket's struct, the client's tables and
    lists, its places in the server's. Measured, as what used_memory of a server grows by when idle clients come."""
    return 494 if version >= (8, 0) else 459 if version >= (7, 0) else 530


class ClientMemory:
    """The memory of all clients of a kind, and the limit to it."""

    def __init__(self, by_id: dict[int, Client], running: Callable[[], Client | None]) -> None:
        self._by_id = by_id
        self._running = running
        self._known: dict[Client, tuple[str, int]] = {}
        self._totals = dict.fromkeys(KINDS, 0)
        self.moved: set[Client] = set()
        """Those that may cost more or less than when it was last added up."""

    def total(self, kind: str) -> int:
        """Bytes that all clients of a kind cost."""
        self.settle()
        return self._totals[kind]

    @property
    def everything(self) -> int:
        """Bytes that all clients cost."""
        self.settle()
        return sum(self._totals.values())

    @property
    def shared_buffer(self) -> int:
        """Bytes of the query buffer that all clients share: none before 8.0, and before there is a client."""
        anyone = next(iter(self._by_id.values()), None)
        return _allocated(anyone, anyone.query_room.shared) if anyone is not None else 0

    def settle(self) -> None:
        """Weigh those anew that something has happened to."""
        running = self._running()
        for client in self.moved:
            self._weigh(client)
        self.moved.clear()
        if running is not None:
            self._weigh(running)

    def forget(self, client: Client) -> None:
        """A client is gone."""
        self.moved.discard(client)
        kind, size = self._known.pop(client, ("normal", 0))
        self._totals[kind] -= size

    def _weigh(self, client: Client) -> None:
        if client.id not in self._by_id:
            return
        before, size = self._known.get(client, ("normal", 0))
        self._totals[before] -= size
        kind, size = client.kind, usage_at_rest(client)
        self._totals[kind] += size
        self._known[client] = kind, size

    def largest_first(self) -> Iterable[Client]:
        """The clients that may be evicted, in the order in which they are."""
        self.settle()
        chosen = [client for client in self._by_id.values() if not client.no_evict]
        return sorted(chosen, key=lambda client: -self._bucket(client))

    def _bucket(self, client: Client) -> int:
        _, size = self._known.get(client, ("normal", 0))
        return min(max(size.bit_length(), SMALLEST_BUCKET), LARGEST_BUCKET)


def limit(maxmemory_clients: int, maxmemory: int) -> int:
    """Bytes that all clients together may cost, 0 for any: a number below zero is per cent of maxmemory."""
    wanted = maxmemory_clients if maxmemory_clients >= 0 else maxmemory * -maxmemory_clients // 100
    return max(LEAST, wanted) if wanted else 0
