"""The command palette: every action by name, and keys to go to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, runtime_checkable

from textual.command import DiscoveryHit, Hit, Hits, Provider

from rinspect.views.actions import ACTIONS, key_names

_PREFIXES = {
    "keys": "keys: ", "structure": "value: ", "value": "value: ", "bytes": "bytes: ", "anywhere": "", "always": "",
}  # fmt: skip


@runtime_checkable
class Commandable(Protocol):
    """A screen whose actions and keys the palette offers."""

    def runner(self, action: str) -> Callable[[], Awaitable[None]]:
        """What runs an action."""
        ...

    def key_runner(self, key: bytes) -> Callable[[], Awaitable[None]]:
        """What goes to a key."""
        ...

    async def keys_like(self, text: str) -> list[bytes]:
        """A few keys whose name contains a text."""
        ...


class ActionProvider(Provider):
    """The actions of the screen."""

    def _entries(self) -> list[tuple[str, str, str]]:
        return [
            (f"{_PREFIXES[action.where]}{action.label}", f"{action.help}  ({key_names(action.keys)})", action.action)
            for action in ACTIONS
            if action.where in _PREFIXES and action.action != "command_palette"
        ]

    async def discover(self) -> Hits:
        screen = self.screen
        if isinstance(screen, Commandable):
            for name, text, action in self._entries():
                yield DiscoveryHit(name, screen.runner(action), help=text)

    async def search(self, query: str) -> Hits:
        screen = self.screen
        matcher = self.matcher(query)
        if isinstance(screen, Commandable):
            for name, text, action in self._entries():
                score = matcher.match(f"{name} {text}")
                if score > 0:
                    yield Hit(score, matcher.highlight(name), screen.runner(action), help=text)


class KeyProvider(Provider):
    """Keys of the database, to go to."""

    async def search(self, query: str) -> Hits:
        screen = self.screen
        if not isinstance(screen, Commandable):
            return
        matcher = self.matcher(query)
        for key in await screen.keys_like(query):
            name = "key: " + key.decode("utf-8", "backslashreplace")
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), screen.key_runner(key), help="Look at this key.")
