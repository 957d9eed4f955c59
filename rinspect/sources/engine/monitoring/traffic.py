"""Pub/Sub and keys' events of the built-in engine: who listens, and what flows."""

from __future__ import annotations

from collections import deque
from itertools import islice

from rinspect.engine.events import Event, Flushed, KeyChanged, KeyCreated, KeyEvicted, KeyExpired, KeyMissed
from rinspect.engine.server import Server
from rinspect.engine.server.slowlog import shortened
from rinspect.monitoring.pubsub import Channel, KeyEvent, Message, PubSubNow
from rinspect.sources.engine.monitoring.telling import name_of

KEPT = 200
MOST_CHANNELS = 200
MOST_NAMED = 8


class Traffic:
    """Messages and events since it collects. All of it happens in the loop's thread."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._messages: deque[Message] = deque(maxlen=KEPT)
        self._events: deque[KeyEvent] = deque(maxlen=KEPT)

    def collect(self, on: bool) -> None:
        """Begin or stop to collect."""
        listeners, engine = self._server.clients.pubsub.listeners, self._server.engine
        if on:
            listeners.append(self._message)
            engine.observe_keys(self._observe)
        else:
            listeners.remove(self._message)
            engine.unobserve(self._observe)

    def now(self) -> PubSubNow:
        pubsub = self._server.clients.pubsub
        registries = (
            ("channel", pubsub.channels), ("pattern", pubsub.patterns), ("shard channel", pubsub.shard_channels),
        )  # fmt: skip
        found = ((kind, name, clients) for kind, registry in registries for name, clients in registry.items())
        channels = tuple(
            Channel(name, kind, tuple(map(name_of, islice(clients, MOST_NAMED))), len(clients))
            for kind, name, clients in islice(found, MOST_CHANNELS)
        )
        total = sum(len(registry) for _, registry in registries)
        # As CONFIG GET writes it.
        notify = self._server.engine.runtime.config.matching(["notify-keyspace-events"])["notify-keyspace-events"]
        return PubSubNow(channels, total, tuple(self._messages), tuple(self._events), notify)

    def _message(self, channel: bytes, text: bytes, receivers: int) -> None:
        channel, text = shortened((channel, text))
        self._messages.appendleft(Message(self._server.engine.runtime.clock(), channel, text, receivers))

    def _observe(self, event: Event) -> None:
        match event:
            case KeyCreated(db, key):
                found = (db, key, "new")
            case KeyChanged(db, key):
                found = (db, key, "changed")
            case KeyMissed(db, key):
                found = (db, key, "missed")
            case KeyExpired(db, key, lazily):
                found = (db, key, "expired on access" if lazily else "expired by the cycle")
            case KeyEvicted():
                found = (event.db, event.key, f"evicted by {event.policy}")
            case Flushed(db):
                found = (db, b"", "all keys replaced" if db < 0 else "flushed")
            case _:
                return
        db, key, what = found
        found_now = KeyEvent(self._server.engine.runtime.ustime, db, shortened((key,))[0], what)
        # A command may write a key in several steps.
        if not self._events or self._events[0] != found_now:
            self._events.appendleft(found_now)
