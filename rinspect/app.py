"""The Textual application: modes, theme, key map."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App

from rinspect.console.history import History
from rinspect.settings import Settings
from rinspect.sources.source import Source
from rinspect.views.compare import Compare
from rinspect.views.explore import Explore


class RinspectApp(App[None]):
    """rinspect's screens on one source, or on two to compare."""

    TITLE = "rinspect"
    BINDINGS: ClassVar = []
    CSS = "Screen { background: $background; }"

    def __init__(
        self,
        source: Source,
        history: History | None = None,
        settings: Settings | None = None,
        *,
        other: Source | None = None,
        theme: str = "",
    ) -> None:
        super().__init__()
        self.sources: tuple[Source, ...] = (source,) if other is None else (source, other)
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
        first, *others = self.sources
        names = ("Explore", "Compare") if others else ("Explore",)
        self.add_mode("explore", lambda: Explore(first, self._history, self.settings.keys, names))
        for other in others:
            self.add_mode("compare", lambda other=other: Compare(first, other, self._history))  # type: ignore[misc]
        self.switch_mode("compare" if others else "explore")
        for problem in (*problems, self._history.problem):
            if problem:
                self.notify(problem, severity="warning", timeout=10, markup=False)

    def action_next_mode(self) -> None:
        if len(self.sources) == 2:
            self.switch_mode("explore" if self.current_mode == "compare" else "compare")

    async def on_unmount(self) -> None:
        for source in self.sources:
            await source.close()
