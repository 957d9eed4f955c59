"""Clients: everything of CLIENT LIST, and one client's conversation."""

from __future__ import annotations

from dataclasses import dataclass

from rinspect.engine.replies import Reply


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A line of CLIENT LIST."""

    id: int
    facts: dict[str, str]
    """By their names there, in their order."""
    blocked: tuple[bytes, ...] = ()
    """The command with which it is blocked; empty where it is not, and where a server does not tell."""

    def number(self, name: str) -> int:
        """A fact that is a number; 0 where the server does not tell it."""
        text = self.facts.get(name, "0")
        return int(text) if text.lstrip("-").isdigit() else 0

    @property
    def name(self) -> str:
        return self.facts.get("name") or f"client {self.id}"


@dataclass(frozen=True, slots=True)
class ClientTable:
    rows: tuple[ClientRow, ...]
    connected: int
    """How many clients there are, listed or not."""


@dataclass(frozen=True, slots=True)
class Said:
    """A request, a reply, or a message that was no reply. Long ones are shortened, with what is left out in words."""

    at: int
    """Microseconds since 1970."""
    kind: str
    """`request`, `reply` or `push`."""
    argv: tuple[bytes, ...]
    """The request; of a reply, the one that it answers."""
    reply: Reply = None
    took: int | None = None
    """Between the request and its reply, where that was one run of a command."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a client said and was told, since somebody listens."""

    client: int
    said: tuple[Said, ...]
    forgotten: int
    """What was said before that and is no longer kept."""
    gone: bool
    """The client is no longer connected."""
