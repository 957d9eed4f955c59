"""The command palette: every action by name, keys to go to, themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from rinspect.views.actions import ACTIONS, key_names

if TYPE_CHECKING:
    from rinspect.views.explore import Explore

_PREFIXES = {
    "keys": "keys: ",
    "structure": "value: ",
    "value": "value: ",
    "bytes": "bytes: ",
    "anywhere": "",
    "always": "",
}


class ActionProvider(Provider):
    """The actions of the screen."""

    @property
    def _explore(self) -> Explore:
        from rinspect.views.explore import Explore

        assert isinstance(self.screen, Explore)
        return self.screen

    def _entries(self) -> list[tuple[str, str, str]]:
        return [
            (f"{_PREFIXES[action.where]}{action.label}", f"{action.help}  ({key_names(action.keys)})", action.action)
            for action in ACTIONS
            if action.where in _PREFIXES and action.action != "command_palette"
        ]

    async def discover(self) -> Hits:
        for name, text, action in self._entries():
            yield DiscoveryHit(name, self._explore.runner(action), help=text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, text, action in self._entries():
            score = matcher.match(f"{name} {text}")
            if score > 0:
                yield Hit(score, matcher.highlight(name), self._explore.runner(action), help=text)


class KeyProvider(Provider):
    """Keys of the database, to go to."""

    async def search(self, query: str) -> Hits:
        from rinspect.views.explore import Explore

        screen = self.screen
        if not isinstance(screen, Explore):
            return
        matcher = self.matcher(query)
        for key in await screen.keys_like(query):
            name = "key: " + key.decode("utf-8", "backslashreplace")
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), screen.key_runner(key), help="Look at this key.")
