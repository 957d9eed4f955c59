"""Monitor: what the engine does, live, panel by panel, and the prompt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.dom import DOMNode
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from rinspect.console.history import History
from rinspect.drawing.line import Line
from rinspect.drawing.top import foot_line, tabs_line, top_line
from rinspect.engine.networking.listening import CannotListen
from rinspect.sources.engine import EngineSource
from rinspect.views.actions import always_offered, bindings, footer
from rinspect.views.browser import Browser
from rinspect.views.lines import LineView
from rinspect.views.panels import PANELS, Panel
from rinspect.views.repl import Prompt, Repl
from rinspect.views.titles import set_titles
from rinspect.views.tools import ToolScreen

SAMPLES = 5
"""Looks a second at what is visible, at the most."""


class Monitor(ToolScreen):
    """One panel at a time, sampled while it is visible."""

    BINDINGS = bindings("monitor", "anywhere", "always")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-medium"), (108, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]
    AUTO_FOCUS = "#panel"

    def __init__(
        self, source: EngineSource, history: History, keymap: Mapping[str, str], modes: Sequence[str] = ()
    ) -> None:
        super().__init__(keymap)
        self._modes = modes
        self._source = source
        self.browser = Browser(source)
        self._history = history
        self._sampler: Timer | None = None
        self._panel: Panel = PANELS["loop"]
        self.frozen = False
        """The display stands still; what happens is collected all the same."""

    def compose(self) -> ComposeResult:
        yield Static(id="top")
        with Vertical(id="main"):
            yield LineView(id="panel")
        yield Repl(self._history, id="repl", classes="pane")
        yield Static(id="foot")

    def on_mount(self) -> None:
        self.view = self.query_one("#panel", LineView)
        self.repl = self.query_one(Repl)
        self.query_one("#main").add_class("pane")
        set_titles(self.repl, "REPL")
        self._sampler = self.set_interval(1 / SAMPLES, self._sample)
        self.ask("start", self._start, replace=False)

    async def _start(self) -> None:
        await self.browser.ask_info()
        self.repl.prompt.table = await self.browser.source.commands()
        self._draw_frame()

    def on_screen_suspend(self) -> None:
        if self._sampler is not None:
            self._sampler.pause()

    def on_screen_resume(self) -> None:
        if self._sampler is not None:
            self._sampler.resume()

    # -- sampling and drawing ---------------------------------------------------------------------------------------------

    def _sample(self) -> None:
        if not self.frozen and not any(w.group == "sample" and not w.is_finished for w in self.workers):
            self.ask("sample", self._take, replace=False)

    async def _take(self) -> None:
        panel = self._panel
        lines = await panel.lines(
            self._source, max(40, self.view.size.width or self.size.width - 2), self.view.size.height
        )
        if panel is self._panel and list(lines) != list(self.view.lines):
            self.view.show(lines)

    def _draw_frame(self) -> None:
        info, width = self.browser.info, self.size.width
        if not self.is_mounted or info is None:
            return
        self.put("top", [top_line(info, width, self._modes, "Monitor", "display stands still" if self.frozen else "")])
        names = list(PANELS)
        set_titles(self.query_one("#main"), self._panel.title, tabs_line(names, self._panel.name, short=width < 76))
        self.put("foot", [foot_line(footer(self.pane, self.keymap), always_offered(self.pane, self.keymap), width)])

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw_frame)

    def on_descendant_focus(self) -> None:
        self._draw_frame()

    def redraw(self) -> None:
        self.view.refresh()
        self._draw_frame()

    # -- commands -----------------------------------------------------------------------------------------------------

    async def on_prompt_entered(self, event: Prompt.Entered) -> None:
        self._history.add(*event.lines)
        self.ask("commands", self._run_lines, event.lines, replace=False)

    async def _run_lines(self, lines: list[str]) -> None:
        async for _, log in self.browser.run_lines(lines):
            for left, right in log:
                self.repl.add(left, right)
        self.repl.draw()

    def on_prompt_left(self) -> None:
        self.view.focus()

    # -- actions ------------------------------------------------------------------------------------------------------

    @property
    def pane(self) -> str:
        return "repl" if isinstance(self.focused, Prompt) else self._panel.name

    def action_focus_repl(self) -> None:
        self.repl.prompt.focus()

    def action_next_pane(self, step: int) -> None:
        names = [*PANELS, "repl"]
        self.go_to(names[(names.index(self.pane) + step) % len(names)])

    def action_show_panel(self, name: str) -> None:
        """Go to a panel."""
        self._panel = PANELS[name]
        self.view.show([])
        self.view.focus()
        self._draw_frame()
        self._sample()

    def action_freeze(self) -> None:
        """Have the display stand still, or go on."""
        self.frozen = not self.frozen
        self._draw_frame()

    def action_hold(self) -> None:
        """Hold the loop, or let it go on."""
        control = self._source.control
        if control.holding:
            control.go_on()
        else:
            control.pause()

    def action_load(self) -> None:
        """Start the workload, or stop it."""
        self.ask("load", self._toggle_load, replace=False)

    async def _toggle_load(self) -> None:
        load = self._source.load
        if load.running:
            await load.stop()
            self.notify("The workload has stopped.", timeout=2)
            return
        try:
            await load.start()
        except CannotListen as error:
            self.notify(f"No workload: {error}", severity="warning", markup=False)
        else:
            self.notify("A workload runs: ten clients, a slow command now and then. w stops it.", timeout=4)

    def action_step(self, kind: str) -> None:
        """Let a held loop do one thing."""
        self._source.control.step(kind)

    def places(self) -> dict[str, tuple[str, Widget]]:
        return {"p": (self._panel.name, self.query_one("#main")), "r": ("repl", self.repl)}

    def go_to(self, pane: str) -> None:
        if pane == "repl":
            self.action_focus_repl()
        else:
            self.action_show_panel(pane)

    def takers(self) -> Sequence[DOMNode]:
        return self, self.view, self.app

    async def keys_like(self, text: str) -> list[bytes]:
        return []

    def key_runner(self, key: bytes) -> Callable[[], Awaitable[None]]:
        raise NotImplementedError

    def lines_of_pane(self) -> tuple[str, Sequence[Line]]:
        if self.pane == "repl":
            return "rinspect", self.repl.log_view.lines
        return f"rinspect · {self._panel.title}", self.view.lines
