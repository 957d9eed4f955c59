"""The Textual application: modes, theme, key map."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App

from rinspect.console.history import History
from rinspect.settings import Settings
from rinspect.sources.source import Source
from rinspect.views.explore import Explore


class RinspectApp(App[None]):
    """rinspect's screen on one source."""

    TITLE = "rinspect"
    BINDINGS: ClassVar = []
    CSS = "Screen { background: $background; }"

    def __init__(
        self, source: Source, history: History | None = None, settings: Settings | None = None, *, theme: str = ""
    ) -> None:
        super().__init__()
        self.source = source
        self._history = history or History()
        self.settings = settings or Settings()
        self._wanted_theme = theme
        self.animation_level = "none"

    def on_mount(self) -> None:
        problems = list(self.settings.problems)
        if self._wanted_theme in self.available_themes:
            self.theme = self._wanted_theme
        elif self._wanted_theme:
            problems.append(f"there is no theme {self._wanted_theme}: {', '.join(sorted(self.available_themes))}")
        if self.settings.keys:
            self.set_keymap(dict(self.settings.keys))
        self.push_screen(Explore(self.source, self._history, self.settings.keys))
        for problem in (*problems, self._history.problem):
            if problem:
                self.notify(problem, severity="warning", timeout=10, markup=False)

    async def on_unmount(self) -> None:
        await self.source.close()
