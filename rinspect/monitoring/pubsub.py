"""Pub/Sub: who listens to what, and messages and keys' events as they flow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Channel:
    name: bytes
    kind: str
    """`channel`, `pattern` or `shard channel`."""
    subscribers: tuple[str, ...]
    """Names or numbers of some of them; a real server does not tell."""
    count: int | None
    """How many they are."""


@dataclass(frozen=True, slots=True)
class Message:
    at: int
    channel: bytes
    text: bytes
    receivers: int


@dataclass(frozen=True, slots=True)
class KeyEvent:
    """Something happened to a key."""

    at: int
    db: int
    key: bytes
    what: str


@dataclass(frozen=True, slots=True)
class PubSubNow:
    channels: tuple[Channel, ...]
    total: int
    """How many channels and patterns there are, shown or not."""
    messages: tuple[Message, ...] | None
    """Newest first; None: cannot be known."""
    events: tuple[KeyEvent, ...] | None
    notify: str
    """`notify-keyspace-events`; empty: the server publishes none."""
