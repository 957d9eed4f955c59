"""Client-side caching: telling clients which of the keys that they keep a copy of have changed.

In the usual mode the server remembers which client was sent which keys, and tells each once when such a key is written
to, expires or is evicted: then it forgets, until the client reads the key again. In broadcasting mode nothing is
remembered: clients name prefixes, and before the loop sleeps they are told of all keys that begin so and were written to.
A message goes to the client itself (RESP3), or to another one that it names, which in RESP2 must subscribe to
`__redis__:invalidate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rinspect.engine.commands.registry import Command
from rinspect.engine.commands.server.command import keys_of
from rinspect.engine.encodings.rax import Rax
from rinspect.engine.engine import Engine
from rinspect.engine.keyspace import Database
from rinspect.engine.replies import Push, Reply
from rinspect.engine.session import Session

if TYPE_CHECKING:
    from rinspect.engine.networking.client import Client
    from rinspect.engine.networking.clients import Clients

CHANNEL = b"__redis__:invalidate"
_EFFORT = 100
"""Keys forgotten at once where more are remembered than may be."""


@dataclass(slots=True)
class Mode:
    """How one client wants to be told."""

    redirect: int = 0
    """The number of the client that is told in its place; 0 for none."""
    broadcast: bool = False
    opt_in: bool = False
    opt_out: bool = False
    no_loop: bool = False
    """Not of what it changed itself."""
    caching: bool = False
    """CLIENT CACHING was said for the next command."""
    prefixes: tuple[bytes, ...] = ()
    nodes: int = 0
    """Of the rax of prefixes."""
    broken: bool = False
    """The client that was to be told in its place is gone."""


@dataclass(slots=True)
class _Prefix:
    clients: dict[Client, None] = field(default_factory=dict)
    written: dict[bytes, Client | None] = field(default_factory=dict)
    """Keys written to since the loop slept, with who wrote to them last."""


class Tracking:
    """Who is to be told of which keys."""

    def __init__(self, engine: Engine, clients: Clients) -> None:
        self._engine = engine
        self._clients = clients
        self.modes: dict[Client, Mode] = {}
        self.readers: dict[bytes, dict[int, None]] = {}
        """Keys with the numbers of the clients that were sent them."""
        self.prefixes: dict[bytes, _Prefix] = {}
        self._flushing = False
        self._overfull = 0
        engine.keyspace.before_replacing(self._about_to_replace)
        engine.witnesses.append(self._remember)

    def enable(self, client: Client, mode: Mode) -> None:
        """Track for a client; prefixes are added to those that it named before."""
        if not self.modes:
            self._engine.keyspace.listen(self._touched)
        before = self.modes.get(client)
        if mode.broadcast:
            old = before.prefixes if before is not None else ()
            for prefix in mode.prefixes:
                self.prefixes.setdefault(prefix, _Prefix()).clients[client] = None
            mode.prefixes = tuple(dict.fromkeys((*old, *mode.prefixes)))
            mode.nodes = _nodes_of(mode.prefixes)
        self.modes[client] = mode
        client.guard("tracking", on=True)

    def disable(self, client: Client) -> None:
        """Track no longer for a client. What was remembered for it is found out of date when its turn comes."""
        mode = self.modes.pop(client, None)
        if mode is None:
            return
        for prefix in mode.prefixes:
            del self.prefixes[prefix].clients[client]
            if not self.prefixes[prefix].clients:
                del self.prefixes[prefix]
        client.guard("tracking", on=False)
        if not self.modes:
            self.readers.clear()
            self._engine.keyspace.unlisten(self._touched)

    @property
    def items(self) -> int:
        """How many pairs of key and client are remembered."""
        return sum(map(len, self.readers.values()))

    # -- remembering ------------------------------------------------------------------------------------------------------

    def _remember(self, session: Session, command: Command, argv: Sequence[bytes]) -> None:
        """A command has run: what it read is kept by whoever asked."""
        mode = self.modes.get(session)  # type: ignore[call-overload]
        if mode is None:
            return
        wanted = mode.caching if mode.opt_in else not (mode.opt_out and mode.caching)
        if "readonly" in command.declaration.flags and not mode.broadcast and wanted:
            for key in keys_of(session.call, argv):
                self.readers.setdefault(key, {})[session.id] = None
        if command.name != "CLIENT|CACHING" and session.transaction is None:
            mode.caching = False

    def _forget_some(self) -> None:
        """Where too much is remembered, give up some keys, the more the longer this has been so."""
        limit = self._engine.runtime.config.tracking_table_max_keys
        if not limit or len(self.readers) <= limit:
            self._overfull = 0
            return
        self._overfull += 1
        for key in list(self.readers)[: _EFFORT * self._overfull]:
            if len(self.readers) <= limit:
                return
            self._invalidate(key)

    # -- telling ----------------------------------------------------------------------------------------------------------

    def _touched(self, db: Database, key: bytes) -> None:
        writer = None if db.runtime.unasked else self._clients.running
        for prefix, state in self.prefixes.items():
            if key.startswith(prefix):
                state.written[key] = writer
        if key in self.readers:
            self._invalidate(key)

    def _invalidate(self, key: bytes) -> None:
        for number in self.readers.pop(key):
            client = self._clients.by_id.get(number)
            mode = None if client is None else self.modes.get(client)
            if client is None or mode is None or mode.broadcast or (mode.no_loop and client is self._clients.running):
                continue
            self._tell(client, mode, [key])

    def broadcast(self) -> int:
        """Tell of what was written to since the loop slept; how many keys. A step of before sleep."""
        self._forget_some()
        count = 0
        for state in self.prefixes.values():
            written, state.written = state.written, {}
            count += len(written)
            if not written:
                continue
            for client in tuple(state.clients):
                mode = self.modes[client]
                keys: list[Reply] = [key for key, writer in written.items() if not (mode.no_loop and writer is client)]
                if keys:
                    self._tell(client, mode, keys)
        return count

    def _about_to_replace(self, db: Database, other: Database | None) -> None:
        if other is None and (self.modes or self.readers) and not self._flushing:
            self._flushing = True
            self._engine.runtime.defer(self._flushed)

    def _flushed(self) -> None:
        """All keys went: everybody is told once that nothing is valid any more."""
        self._flushing = False
        self.readers.clear()
        for client, mode in list(self.modes.items()):
            self._tell(client, mode, None)

    def _tell(self, client: Client, mode: Mode, keys: list[Reply] | None) -> None:
        """Send the names of keys, or None for all of them, to whoever is to be told."""
        receiver = client
        if mode.redirect:
            found = self._clients.by_id.get(mode.redirect)
            if found is None:
                mode.broken = True
                if client.call.resp == 3:
                    client.push_behind(Push((b"tracking-redir-broken", mode.redirect)))
                return
            receiver = found
        if receiver.call.resp == 3:
            receiver.push_behind(Push((b"invalidate", keys)))
        elif receiver is not client and receiver.subscribes:
            receiver.push_behind(Push((b"message", CHANNEL, keys)))


def _nodes_of(prefixes: Sequence[bytes]) -> int:
    """How many nodes the rax of some prefixes has."""
    tree: Rax[None] = Rax()
    for prefix in prefixes:
        tree.insert(prefix, None)
    return tree.numnodes
