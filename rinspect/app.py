"""The Textual application: modes, theme, key map."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.screen import Screen

from rinspect.console.history import History
from rinspect.settings import Settings
from rinspect.sources.source import Source
from rinspect.views.explore import Explore

TERMINAL_COLOURS = "ansi-dark"
"""The theme of the terminal's own colours."""
STARTED = 1.0
"""Seconds after which the first frame is certainly drawn."""


def _collect_again() -> None:
    """Have garbage collected again, without what the start made: that is never garbage."""
    gc.freeze()
    gc.enable()


class RinspectApp(App[None]):
    """rinspect's screens on one source, or on two to compare."""

    TITLE = "rinspect"
    BINDINGS: ClassVar = []
    CSS_PATH = "views/screens.tcss"

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

    def get_default_screen(self) -> Screen[None]:
        """The first screen: Compare where there are two sources, else Explore."""
        first, *others = self.sources
        if not others:
            return Explore(first, self._history, self.settings.keys)
        from rinspect.views.compare import Compare  # noqa: PLC0415 (not needed for the first paint of one source)

        return Compare(first, others[0], self._history, self.settings.keys)

    def on_mount(self) -> None:
        problems, wanted = list(self.settings.problems), self._wanted_theme
        wanted = TERMINAL_COLOURS if wanted == "textual-ansi" else wanted  # as Textual called it before
        if wanted in self.available_themes:
            self.theme = wanted
        elif wanted:
            problems.append(f"there is no theme {wanted}: {', '.join(sorted(self.available_themes))}")
        if self.settings.keys:
            self.set_keymap(dict(self.settings.keys))
        for problem in (*problems, self._history.problem):
            if problem:
                self.notify(problem, severity="warning", timeout=10, markup=False)

    def on_ready(self) -> None:
        self.set_timer(STARTED, _collect_again)

    def action_next_mode(self) -> None:
        """From Compare to Explore on the first source, and back."""
        if isinstance(self.screen, Explore):
            if len(self.screen_stack) > 1:
                self.pop_screen()
        elif len(self.sources) > 1:
            self.push_screen(Explore(self.sources[0], self._history, self.settings.keys, ("Explore", "Compare")))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Of Textual's own commands the one that ours are not: themes by name."""
        yield SystemCommand("choose a theme", "Every theme by name.", self.action_change_theme)

    async def on_unmount(self) -> None:
        for source in self.sources:
            await source.close()
