"""The command palette: every action by name, and keys to go to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Protocol, runtime_checkable

from textual.command import DiscoveryHit, Hit, Hits, Provider

from rinspect.views.actions import ACTIONS, key_names

_PREFIXES = {
    "keys": "keys: ", "structure": "value: ", "value": "value: ", "changes": "changes: ", "bytes": "bytes: ",
    "explore": "", "compare": "", "anywhere": "", "always": "",
    "monitor": "", "loop": "loop: ", "clients": "clients: ", "slow": "slow log: ",
}  # fmt: skip

Run = Callable[[], Awaitable[None]]


@runtime_checkable
class Commandable(Protocol):
    """A screen whose actions and keys the palette offers."""

    keymap: Mapping[str, str]

    def runner(self, action: str) -> Run | None:
        """What runs an action; None if nothing here does it."""
        ...

    def key_runner(self, key: bytes) -> Run:
        """What goes to a key."""
        ...

    async def keys_like(self, text: str) -> list[bytes]:
        """A few keys whose name contains a text."""
        ...


class ActionProvider(Provider):
    """The actions of the screen."""

    def _entries(self) -> Iterator[tuple[str, str, Run]]:
        screen = self.screen
        if not isinstance(screen, Commandable):
            return
        for action in ACTIONS:
            run = screen.runner(action.action) if action.where in _PREFIXES else None
            if run is not None and action.action != "command_palette":
                keys = key_names(screen.keymap.get(action.id, action.keys))
                yield f"{_PREFIXES[action.where]}{action.label}", f"{action.help}  ({keys})", run

    async def discover(self) -> Hits:
        for name, text, run in self._entries():
            yield DiscoveryHit(name, run, help=text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, text, run in self._entries():
            score = matcher.match(f"{name} {text}")
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=text)


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
