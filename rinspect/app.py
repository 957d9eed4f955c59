"""The Textual application: modes, theme, key map."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App

from rinspect.console.history import History
from rinspect.sources.source import Source
from rinspect.views.explore import Explore


class RinspectApp(App[None]):
    """rinspect's screen on one source."""

    TITLE = "rinspect"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar = []
    CSS = "Screen { background: $background; }"

    def __init__(self, source: Source, history: History | None = None, theme: str = "") -> None:
        super().__init__()
        self.source = source
        self._history = history or History()
        self._wanted_theme = theme
        self.animation_level = "none"

    def on_mount(self) -> None:
        if self._wanted_theme:
            self.theme = self._wanted_theme
        self.push_screen(Explore(self.source, self._history))

    async def on_unmount(self) -> None:
        await self.source.close()
