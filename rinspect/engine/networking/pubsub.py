"""Pub/Sub: who subscribed to what, and messages on their way to them.

Channels and patterns are kept from both sides: what a client subscribed to, and who subscribed to a channel. A message goes
at once into the outgoing bytes of everybody who gets it; one that matches a pattern too comes twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rinspect.engine.glob import stringmatch
from rinspect.engine.replies import Push

if TYPE_CHECKING:
    from rinspect.engine.networking.client import Client

Registry = dict[bytes, dict["Client", None]]
"""Channels or patterns with their subscribers, in the order in which they came."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the three ways to subscribe, with the words of its messages."""

    name: str
    subscribe: bytes
    unsubscribe: bytes
    message: bytes


CHANNEL = Kind("channels", b"subscribe", b"unsubscribe", b"message")
PATTERN = Kind("patterns", b"psubscribe", b"punsubscribe", b"pmessage")
SHARD = Kind("shard_channels", b"ssubscribe", b"sunsubscribe", b"smessage")


@dataclass(slots=True)
class Subscriptions:
    """What one client subscribed to, in order."""

    channels: dict[bytes, None] = field(default_factory=dict)
    patterns: dict[bytes, None] = field(default_factory=dict)
    shard_channels: dict[bytes, None] = field(default_factory=dict)

    def of(self, kind: Kind) -> dict[bytes, None]:
        own: dict[bytes, None] = getattr(self, kind.name)
        return own

    def __len__(self) -> int:
        return len(self.channels) + len(self.patterns) + len(self.shard_channels)

    def count(self, kind: Kind) -> int:
        """As (un)subscribing answers it: channels and patterns together, shard channels by themselves."""
        return len(self.shard_channels) if kind is SHARD else len(self.channels) + len(self.patterns)

    def __bool__(self) -> bool:
        return bool(self.channels or self.patterns or self.shard_channels)


class PubSub:
    """All subscriptions."""

    def __init__(self) -> None:
        self.channels: Registry = {}
        self.patterns: Registry = {}
        self.shard_channels: Registry = {}
        self.listeners: list[Callable[[bytes, bytes, int], None]] = []
        """Called with each message: its channel, its text, and how many got it."""

    def registry(self, kind: Kind) -> Registry:
        registry: Registry = getattr(self, kind.name)
        return registry

    def subscribe(self, client: Client, kind: Kind, name: bytes) -> Push:
        """Subscribe a client; what it is told."""
        own = client.subscriptions.of(kind)
        if name not in own:
            own[name] = None
            self.registry(kind).setdefault(name, {})[client] = None
            client.subscribed()
        return Push((kind.subscribe, name, client.subscriptions.count(kind)))

    def unsubscribe(self, client: Client, kind: Kind, name: bytes) -> Push:
        """End a subscription, if there is one; what the client is told."""
        own = client.subscriptions.of(kind)
        if name in own:
            del own[name]
            registry = self.registry(kind)
            del registry[name][client]
            if not registry[name]:
                del registry[name]
        client.subscribed()
        return Push((kind.unsubscribe, name, client.subscriptions.count(kind)))

    def unsubscribe_all(self, client: Client, kind: Kind) -> tuple[Push, ...]:
        """End all subscriptions of a kind; what the client is told: where there are none, that of nothing."""
        names = list(client.subscriptions.of(kind))
        told = tuple(self.unsubscribe(client, kind, name) for name in names)
        return told or (Push((kind.unsubscribe, None, client.subscriptions.count(kind))),)

    def forget(self, client: Client) -> None:
        """A client is gone, or begins afresh."""
        for kind in (CHANNEL, PATTERN, SHARD):
            self.unsubscribe_all(client, kind)

    def publish(self, channel: bytes, message: bytes) -> int:
        """Send a message to all who subscribed to the channel or to a pattern that fits it; how many they were."""
        receivers = 0
        for client in tuple(self.channels.get(channel, ())):
            client.push(Push((CHANNEL.message, channel, message)))
            receivers += 1
        for pattern, clients in tuple(self.patterns.items()):
            if stringmatch(pattern, channel):
                for client in tuple(clients):
                    client.push(Push((PATTERN.message, pattern, channel, message)))
                    receivers += 1
        for listener in self.listeners:
            listener(channel, message, receivers)
        return receivers

    def publish_to_shard(self, channel: bytes, message: bytes) -> int:
        """The same for shard channels, which have no patterns."""
        clients = tuple(self.shard_channels.get(channel, ()))
        for client in clients:
            client.push(Push((SHARD.message, channel, message)))
        for listener in self.listeners:
            listener(channel, message, len(clients))
        return len(clients)
