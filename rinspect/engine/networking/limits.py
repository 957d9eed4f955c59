"""What clients may not exceed: replies that wait, silence, bytes sent and not used, and the memory of all together.

Whoever does is closed, with a line in the log: Redis's answer to a reader that is too slow, or to one that sends without
end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rinspect.engine.commands.registry import Command
from rinspect.engine.engine import Engine
from rinspect.engine.networking.client import Client
from rinspect.engine.networking.clients import Clients
from rinspect.engine.networking.description import description
from rinspect.engine.networking.memory import connection_size, limit
from rinspect.engine.networking.requests import ProtocolError
from rinspect.engine.replies import NO_REPLY, Reply
from rinspect.engine.session import Session

FEWEST = 5
"""Clients that each cron looks at, at the least, if there are so many."""


class Log(Protocol):
    """Where it is told who was closed, and why."""

    def verbose(self, message: str) -> None: ...
    def notice(self, message: str) -> None: ...
    def warning(self, message: str) -> None: ...


class Limits:
    """The limits of a server's clients."""

    def __init__(self, engine: Engine, clients: Clients, log: Log) -> None:
        self._runtime = engine.runtime
        self._clients = clients
        self._log = log
        self._turn: list[Client] = []
        clients.check_output = self.check_output
        clients.check_input = self.check_input
        clients.protocol_error = self.protocol_error
        config = self._runtime.config
        for name in ("maxmemory", "maxmemory-clients"):
            if config.setting(name) is not None:
                config.on_change(name, self._heed_memory)
        config.on_change("proto-max-bulk-len", self._heed_longest_argument)
        engine.guards.insert(0, self._guard)
        ledger, memory, each = engine.keyspace.ledger, clients.memory, connection_size(engine.profile.version)
        ledger.contributors["clients.normal"] = lambda: memory.everything
        ledger.contributors["shared query buffer"] = lambda: memory.shared_buffer
        ledger.contributors["connections"] = lambda: each * len(clients.by_id)
        ledger.clients = lambda: len(clients.by_id)
        self._heed_memory()

    # -- replies that wait ------------------------------------------------------------------------------------------------

    def check_output(self, client: Client, more: int = 0) -> None:
        """Close a client, before the loop sleeps, that has more to receive than it may, with `more` bytes to come."""
        if not client.closing and self._over_output(client, more):
            self._log.warning(
                f"Client {description(client)} scheduled to be closed ASAP for overcoming of output buffer limits."
            )
            self._clients.stats.output_buffer_disconnections += 1
            client.close_soon()

    def _over_output(self, client: Client, more: int = 0) -> bool:
        limits = getattr(self._runtime.config.client_output_buffer_limit, client.kind)
        size, now = client.outgoing.list_bytes + more, self._runtime.ustime // 1_000_000
        if limits.hard and size >= limits.hard:
            return True
        if not limits.soft or size < limits.soft:
            client.over_soft_limit_since = 0
            return False
        if not client.over_soft_limit_since:
            client.over_soft_limit_since = now
        return bool(now - client.over_soft_limit_since > limits.seconds)

    # -- bytes that came --------------------------------------------------------------------------------------------------

    def check_input(self, client: Client) -> None:
        """Close a client that has sent more than may wait to be used."""
        if len(client.query_buffer) + client.query_buffer.argv_bytes > self._runtime.config.client_query_buffer_limit:
            first = client.query_buffer.beginning(64)
            self._log.warning(
                f"Closing client that reached max query buffer length: {description(client)}"
                f" (qbuf initial bytes: {first})"
            )
            self._clients.stats.query_buffer_disconnections += 1
            client.close_soon()

    def _heed_longest_argument(self) -> None:
        for client in self._clients.by_id.values():
            client.query_buffer.max_bulk = self._runtime.config.proto_max_bulk_len

    def protocol_error(self, client: Client, error: ProtocolError) -> None:
        """A client sent what is no request: it is let go."""
        first = client.query_buffer.beginning(128)
        self._log.verbose(f"Protocol error ({error}) from client: {description(client)}. Query buffer: {first}")

    # -- memory -----------------------------------------------------------------------------------------------------------

    def _limit(self) -> int:
        config = self._runtime.config
        return limit(config.maxmemory_clients, config.maxmemory) if self._runtime.profile.version >= (7, 0) else 0

    def _heed_memory(self) -> None:
        self._runtime.guard("maxmemory-clients", on=self._limit() > 0)

    def _guard(self, session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
        """Before a command: whoever sent it may be the one who goes."""
        self.evict()
        return NO_REPLY if isinstance(session, Client) and session.closing else None

    def evict(self) -> int:
        """Close clients, the largest first, until all together cost less than they may; how many. A step of before sleep."""
        most, memory = self._limit(), self._clients.memory
        if not most or memory.everything < most:
            return 0
        self._clients.close_marked()  # whoever goes anyway goes first
        if memory.everything < most:
            return 0
        count = 0
        for client in memory.largest_first():
            self._log.notice(f"Evicting client: {description(client)}")
            self._clients.free(client)
            self._clients.stats.evicted_clients += 1
            count += 1
            if memory.everything < most:
                return count
        self._log.warning("Over client maxmemory after evicting all evictable clients")
        return count

    # -- from time to time ------------------------------------------------------------------------------------------------

    def cron(self, hz: int) -> None:
        """Look at some clients, so that in a second each is looked at: close those that are idle or read too slowly, and
        give back what room they do not need."""
        count = len(self._clients.by_id)
        for _ in range(min(count, max(FEWEST, -(-count // hz)))):
            if not self._turn:
                self._turn = list(self._clients.by_id.values())[::-1]
            client = self._turn.pop()
            if client.id in self._clients.by_id:
                self._look_after(client)

    def _look_after(self, client: Client) -> None:
        config = self._runtime.config
        if config.timeout and client.idle > config.timeout and not (client.blocked or client.subscriptions):
            self._log.verbose("Closing idle client")
            self._clients.free(client)
            return
        buffer, runtime = client.query_buffer, self._runtime
        client.query_room.fit(len(buffer), buffer.wanted, client.idle)
        if runtime.profile.version >= (7, 0) and self._clients.reply_buffers_resize:
            client.reply_room.fit(client.outgoing.in_buffer, runtime.now, self._clients.reply_peak_reset)
            client.outgoing.resize_buffer(client.reply_room.size)
        self._clients.memory.moved.add(client)
        if not client.closing and self._over_output(client):
            self._log.warning(f"Client {description(client)} closed for overcoming of output buffer limits.")
            self._clients.stats.output_buffer_disconnections += 1
            self._clients.free(client)
