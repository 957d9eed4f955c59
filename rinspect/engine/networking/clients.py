"""Everybody who is connected."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from rinspect.engine.engine import Engine
from rinspect.engine.eventloop import EventLoop
from rinspect.engine.multiplexing import READABLE, WRITABLE
from rinspect.engine.networking.access import Access
from rinspect.engine.networking.blocked import BlockedClients
from rinspect.engine.networking.client import Client
from rinspect.engine.networking.memory import ClientMemory
from rinspect.engine.networking.monitors import Monitors
from rinspect.engine.networking.pause import Pause
from rinspect.engine.networking.pubsub import PubSub
from rinspect.engine.networking.requests import ProtocolError
from rinspect.engine.networking.tracking import Tracking
from rinspect.engine.transactions import discard

C = TypeVar("C", bound=Client)

REPLY_PEAK_RESET = 5000
"""Milliseconds."""


def _raise(client: Client, error: Exception) -> None:
    raise error


@dataclass(slots=True)
class NetworkStats:
    """Counted since the start, or CONFIG RESETSTAT."""

    connections_received: int = 0
    rejected_connections: int = 0
    net_output_bytes: int = 0
    gone_input_bytes: int = 0
    """Of clients that are no longer connected; less what those that are had sent when the count began."""
    reads: int = 0
    writes: int = 0
    query_buffer_disconnections: int = 0
    output_buffer_disconnections: int = 0
    evicted_clients: int = 0
    most_requests: int = 0
    """Run in one iteration of the loop; those that were refused count too."""


class Clients:
    """The connected clients by number, in the order in which they came, and what is to be done for them."""

    def __init__(self, engine: Engine, loop: EventLoop) -> None:
        self.engine = engine
        self.loop = loop
        self.by_id: dict[int, Client] = {}
        self.blocked = BlockedClients(engine)
        self.pause = Pause(engine, self.blocked)
        self.pubsub = PubSub()
        self.tracking = Tracking(engine, self)
        self.monitors = Monitors(engine)
        self.access = Access(engine, self)
        self.running: Client | None = None
        """Whose requests are being run."""
        self.requests = 0
        """How many have been run since the loop last slept."""
        self.pending_writes: list[Client] = []
        self.to_close: list[Client] = []
        self.stats = NetworkStats()
        self.memory = ClientMemory(self.by_id, lambda: self.running)
        self.reply_buffers_resize = True
        """DEBUG REPLYBUFFER RESIZING."""
        self.reply_peak_reset = REPLY_PEAK_RESET
        """Milliseconds after which the peak of a buffer of replies begins anew, -1 for never."""
        self.check_output: Callable[[Client, int], None] = lambda client, more: None
        """Called for a client that has much to receive, and so many bytes more that are yet to be gathered."""
        self.check_input: Callable[[Client], None] = lambda client: None
        """Called for a client that has sent what is not used yet."""
        self.protocol_error: Callable[[Client, ProtocolError], None] = lambda client, error: None
        """Called for a client that sent what is no request."""
        self.may_tell: Callable[[], bool] = lambda: True
        """Asked whether replies may leave in the midst of an iteration: what they tell may be promised and not yet be done."""
        self.broken: Callable[[Client, Exception], None] = _raise
        """Called when a client's command ended in an error of ours."""

    @property
    def net_input_bytes(self) -> int:
        return self.stats.gone_input_bytes + sum(client.bytes_in for client in self.by_id.values())

    def reset_stats(self) -> None:
        """CONFIG RESETSTAT."""
        self.stats = NetworkStats(gone_input_bytes=-sum(client.bytes_in for client in self.by_id.values()))

    def connect(self, connection: socket.socket, address: str, local: str, kind: type[C]) -> C:
        """Make a client of an accepted connection."""
        connection.setblocking(False)
        client = kind(self.engine, self, connection, address, local)
        self.by_id[client.id] = client
        self.memory.moved.add(client)
        self.stats.connections_received += 1
        self.loop.watch(client.fd, READABLE, client.readable, client)
        return client

    def write_pending(self) -> int:
        """Send all replies gathered since the last time; what the kernel does not take now gets an event. How many clients.
        A step of before sleep."""
        self.stats.most_requests = max(self.stats.most_requests, self.requests)
        self.requests = 0
        pending, self.pending_writes = self.pending_writes, []
        for client in pending:
            client.pending_write = False
            if client.closing or client.writing:
                continue
            if client.write() and client.outgoing.size:
                client.writing = True
                self.loop.watch(client.fd, WRITABLE, lambda client=client: self._writable(client), client)  # type: ignore[misc]
        return len(pending)

    def _writable(self, client: Client) -> None:
        if not self.may_tell():
            return  # the kernel says so again when before sleep has been gone through
        if client.write() and not client.outgoing.size:
            client.writing = False
            self.loop.forget(client.fd, WRITABLE)

    def close_marked(self) -> int:
        """Free the clients that are to be closed; how many."""
        closing, self.to_close = self.to_close, []
        for client in closing:
            self.free(client)
        return len(closing)

    def free(self, client: Client) -> None:
        """Close a client's connection and forget it."""
        if self.by_id.pop(client.id, None) is None:
            return
        client.closing = True
        client.stop()
        self.blocked.forget(client)
        self.forget_interests(client)
        discard(client)
        self.memory.forget(client)
        self.stats.gone_input_bytes += client.bytes_in
        self.loop.forget(client.fd)
        client.outgoing.clear()
        client.socket.close()

    def forget_interests(self, client: Client) -> None:
        """A client wants to be sent nothing any more."""
        self.pubsub.forget(client)
        self.tracking.disable(client)
        self.monitors.forget(client)

    def close(self) -> None:
        """Close all connections."""
        for client in list(self.by_id.values()):
            self.free(client)
