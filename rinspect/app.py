"""The Textual application: modes, theme, key map."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.screen import Screen

from rinspect.console.history import History
from rinspect.drawing.line import words
from rinspect.garbage import collect_from_now_on
from rinspect.settings import Settings, nearest
from rinspect.sources.source import Source
from rinspect.views.browser import Browser
from rinspect.views.explore import Explore
from rinspect.views.log import Log
from rinspect.views.repl import Repl

TERMINAL_COLOURS = "ansi-dark"
"""The theme of the terminal's own colours."""
STARTED = 1.0
"""Seconds after which the first frame is certainly drawn."""


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
        self._browser = Browser(source)
        self._said = Log()
        """What was asked and answered at the prompts on the first source."""
        self._said_on_both = Log()
        self.settings = settings or Settings()
        self._wanted_theme = theme
        self.animation_level = "none"
        self._mode = 0
        """Which of `modes` is shown."""

    @property
    def modes(self) -> tuple[str, ...]:
        """The screens that there are, the first one first."""
        names = ("Explore",) if len(self.sources) == 1 else ("Compare", "Explore")
        return (*names, "Monitor")

    def get_default_screen(self) -> Screen[None]:
        return self._made(self.modes[0])

    def _made(self, mode: str) -> Screen[None]:
        first, keys = self.sources[0], self.settings.keys
        if mode == "Explore":
            return Explore(self._browser, self._history, self._said, keys, self.modes)
        # (Neither is needed for the first paint of one source.)
        if mode == "Compare":
            from rinspect.views.compare import Compare  # noqa: PLC0415

            return Compare(first, self.sources[1], self._history, self._said_on_both, keys, self.modes)
        from rinspect.views.monitor import Monitor  # noqa: PLC0415

        return Monitor(self._browser, self._history, self._said, keys, self.modes)

    def on_mount(self) -> None:
        problems, wanted = list(self.settings.problems), self._wanted_theme
        wanted = TERMINAL_COLOURS if wanted == "textual-ansi" else wanted  # as Textual called it before
        if wanted in self.available_themes:
            self.theme = wanted
        elif wanted:
            problems.append(f"there is no theme {wanted}{nearest(wanted, self.available_themes)}")
        if self.settings.keys:
            self.set_keymap(dict(self.settings.keys))
        for problem in (*problems, self._history.problem):
            if problem:
                self.notify(problem, severity="warning", timeout=10, markup=False)

    def on_ready(self) -> None:
        self.set_timer(STARTED, collect_from_now_on)
        for source, side in zip(self.sources, ("left", "right"), strict=False):
            self.run_worker(self._hear(source, side), group="watch")

    async def _hear(self, source: Source, side: str) -> None:
        """Put what is said to the prompt on a source into the logs that tell of it."""
        async for heard in source.messages():
            if source is self.sources[0]:
                self._said.hear(heard)
            if len(self.sources) > 1:
                self._said_on_both.hear(heard, words((side, "dim")))
            for screen in self.screen_stack:
                for repl in screen.query(Repl):
                    repl.draw_by_itself()

    def action_next_mode(self) -> None:
        """To the next screen; each stays as it was left."""
        modes = self.modes
        self._mode = (self._mode + 1) % len(modes)
        name = modes[self._mode]
        if len(self.screen_stack) > 1:
            self.pop_screen()
        if self._mode:
            if not self.is_screen_installed(name):
                self.install_screen(self._made(name), name)
            self.push_screen(name)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Of Textual's own commands the one that ours are not: themes by name."""
        yield SystemCommand("choose a theme", "Every theme by name.", self.action_change_theme)

    async def on_unmount(self) -> None:
        for source in self.sources:
            await source.close()
