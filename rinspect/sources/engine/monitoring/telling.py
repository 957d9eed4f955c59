"""Clients and their commands as the screen may show them."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.networking.client import Client
from rinspect.engine.redaction import redacted


def name_of(client: Client) -> str:
    """What a client calls itself, or its number."""
    return client.name.decode(errors="replace") or f"client {client.id}"


def blocked_with(client: Client) -> tuple[bytes, ...]:
    """The command with which a client is blocked, without what is secret in it; empty if it is not."""
    blocked = client.blocked
    return () if blocked is None else redacted(blocked.command, blocked.argv, client.engine.runtime.config)


def told(client: Client, argv: Sequence[bytes]) -> tuple[bytes, ...]:
    """A command that a client is about to run, or runs, without what is secret in it."""
    command = client.command
    return tuple(argv) if command is None else redacted(command, argv, client.engine.runtime.config)
