"""Monitor: what a server does, live, panel by panel, and the prompt."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.dom import DOMNode
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static

from rinspect.console.history import History
from rinspect.drawing.line import Line, wrap
from rinspect.drawing.monitor.parts import Picture
from rinspect.drawing.top import foot_line, panels_line, tabs_line, top_line, warning_of
from rinspect.sources.monitored import NotKnown
from rinspect.sources.source import Source
from rinspect.views.actions import NONE, always_offered, bindings, footer
from rinspect.views.browser import Browser
from rinspect.views.lines import LineView
from rinspect.views.log import Log
from rinspect.views.panels import PANELS, Panel
from rinspect.views.repl import Prompt, Repl
from rinspect.views.titles import set_titles
from rinspect.views.tools import ToolScreen

TICK = 0.2
"""Seconds between two looks at what is visible, at the least; a source may want more."""
LATE = 0.6
"""Seconds after which it is said that an answer is still to come."""
COUNTED = 1.0
"""Seconds between two questions of how many keys and bytes there are."""


class Monitor(ToolScreen):
    """One panel at a time, sampled while it is visible."""

    BINDINGS = bindings("monitor", "loop", "clients", "slow", "anywhere", "always")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-medium"), (108, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]
    AUTO_FOCUS = "#panel"
    GO_ON = "esc: n one event, p go on"

    def __init__(
        self, browser: Browser, history: History, log: Log, keymap: Mapping[str, str], modes: Sequence[str] = ()
    ) -> None:
        """As Explore."""
        super().__init__(keymap)
        self._modes = modes
        self._source = browser.source.monitored
        self.browser = browser
        self._history = history
        self._said = log
        self._sampler: Timer | None = None
        self._panels = {made.name: made for made in (panel(self._source) for panel in PANELS)}
        self._panel: Panel = self._panels["loop"]
        self._picture = Picture(())
        self._asked = self._answered = self._counted = 0.0
        self._note = ""
        """What the first line says of the answer that is asked for."""
        self._told_of_hold = False
        """The last line offers what can be done with a held loop."""
        self.frozen = False
        """The display stands still; what happens is collected all the same."""

    def compose(self) -> ComposeResult:
        yield Static(id="top")
        with Vertical(id="main", classes="pane"):
            yield Static(id="head")
            yield LineView(id="panel")
            yield Static(id="below")
            yield Input(
                id="breakpoint", placeholder="command GET  key user:*  client 7  longer 5ms; a number takes it away"
            )
        yield Repl(self._history, self._said, id="repl", classes="pane")
        yield Static(id="foot")

    def on_mount(self) -> None:
        self.view = self.query_one("#panel", LineView)
        self.repl = self.query_one(Repl)
        set_titles(self.repl, "REPL")
        self._sampler = self.set_interval(TICK, self._tick)
        self.ask("start", self._start, replace=False)

    async def _start(self) -> None:
        await self._source.attend(self._panel.name)
        await self.ask_info(self.browser)
        await self.repl.know(self.browser)
        self._draw_frame()

    def on_screen_suspend(self) -> None:
        """Another screen is shown: nothing is looked at or collected meanwhile."""
        if self._sampler is not None:
            self._sampler.pause()
            self.ask("attend", self._leave, self._panel, "")

    def on_screen_resume(self) -> None:
        if self._sampler is not None:
            self.repl.draw()
            self._sampler.resume()
            self.ask("attend", self._source.attend, self._panel.name)

    async def _leave(self, panel: Panel, following: str) -> None:
        await panel.leave()
        await self._source.attend(following)

    # -- sampling and drawing ---------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        if self._held != self._told_of_hold:
            self._draw_frame()
        if self.frozen:
            return
        now = time.monotonic()
        if now - self._counted >= COUNTED and not self._under_way("info") and not self._held:
            self._counted = now
            self.ask("info", self._count)
        if self._under_way("sample"):
            if now - self._asked > LATE:
                reason = "" if self.has_class("-narrow") else self._source.waiting()
                self._draw_top(f"still asking: {reason}".removesuffix(": "))
        elif now - self._answered >= self._source.period(self._panel.name) - TICK / 2:
            self._sample()

    def _under_way(self, group: str) -> bool:
        return any(worker.group == group and not worker.is_finished for worker in self.workers)

    @property
    def _held(self) -> bool:
        """Nothing changes then, and nobody answers."""
        return self._source.hold is not None and self._source.hold.holding

    async def _count(self) -> None:
        await self.ask_info(self.browser)
        self._draw_top(self._note)

    def _sample(self) -> None:
        self._asked = time.monotonic()
        self.ask("sample", self._take)

    async def _take(self) -> None:
        panel = self._panel
        width = max(36, (self.view.size.width or self.size.width - 2) - 1)
        try:
            picture = await panel.picture(width, self._height())
        except NotKnown as reason:
            picture = Picture(wrap(str(reason), width, "warn"))
        self._answered = time.monotonic()
        if panel is self._panel:
            self._show(picture, width)

    def _height(self) -> int:
        return self.view.size.height or self.size.height

    def _show(self, picture: Picture, width: int) -> None:
        row, view = self._panel.row, self.view
        before, self._picture = self._picture, picture
        self.put("head", picture.head)
        self.put("below", picture.below)
        for name, lines in (("#head", picture.head), ("#below", picture.below)):
            part = self.query_one(name)
            if part.styles.height is None or part.styles.height.value != len(lines):
                part.styles.height = len(lines)
        view.selectable = row is not None
        with view.prevent(LineView.RowChosen):
            view.follow = picture.follow
            if picture.first > before.first:
                # Who reads what came before keeps it under their eyes.
                view.scroll_to(y=view.scroll_offset.y - picture.first + before.first, animate=False, force=True)
            view.show(picture.lines, width=width)
            if row is not None:
                view.row = row
            if picture.follow and not before.follow:
                view.to_end()
        self._draw_top("")

    def _draw_top(self, note: str) -> None:
        self._note = note
        info, width = self.browser.info, self.size.width
        if info is None:
            return
        said = ("loop held" if self._held else "", "display stands still" if self.frozen else note)
        past = " · ".join(filter(None, said))
        if self.has_class("-narrow"):
            tabs = [one.tab for one in self._panels.values()]
            self.put("top", [panels_line(tabs, self._panel.tab, past, width, warning_of(info))])
        else:
            self.put("top", [top_line(info, width, self._modes, "Monitor", past)])

    def _draw_frame(self) -> None:
        width = self.size.width
        if not self.is_mounted:
            return
        self._draw_top("")
        tabs = tabs_line([one.tab for one in self._panels.values()], self._panel.tab, first=1)
        set_titles(self.query_one("#main"), self._panel.title, tabs)
        place = "breakpoint" if self.query_one("#breakpoint").has_focus else self.pane
        self._told_of_hold = held = self._held
        idle = HOLDING if self._source.hold is None else frozenset[str]() if held else STEPPING
        if not self._source.embedded:
            idle |= {"load"}
        always = always_offered(place, self.keymap)
        if held and self.has_class("-narrow"):
            always = always[1:]
        offered = footer(place, self.keymap, idle, HELD if held else NONE)
        self.put("foot", [foot_line(offered, always, width)])

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw_frame)
        if self.is_mounted:
            self.call_after_refresh(self._sample)

    def on_descendant_focus(self) -> None:
        self._draw_frame()

    def sources(self) -> Sequence[Source]:
        return (self.browser.source,)

    async def refresh_all(self) -> None:
        """Ask what there is: the panels are sampled anyway."""
        await self.ask_info(self.browser)

    def redraw(self) -> None:
        self.view.refresh()
        self._draw_frame()

    # -- commands -----------------------------------------------------------------------------------------------------

    async def on_prompt_entered(self, event: Prompt.Entered) -> None:
        self._history.add(*event.lines)
        self.run_commands(self.browser.source, self._run_lines, event.lines)

    async def _run_lines(self, lines: list[str]) -> None:
        async with self.browser.turn:
            async for _, log in self.browser.run_lines(lines):
                for left, right in log:
                    self.repl.said.add(left, right)
        self.repl.draw()
        await self.ask_info(self.browser)

    def to_panes(self) -> None:
        self.view.focus()

    # -- what is chosen -----------------------------------------------------------------------------------------------

    def on_line_view_row_chosen(self, event: LineView.RowChosen) -> None:
        if event.view is self.view:
            self._panel.choose(event.row)
            if event.entered:
                self.action_open_row()
            else:
                self._sample()

    def action_open_row(self) -> None:
        """Open what is selected."""
        self._panel.choose(self.view.row)
        self.ask("row", self._change_row, self._panel.open)

    def action_close_row(self) -> None:
        """Back to the list."""
        self.ask("row", self._change_row, self._panel.close)

    async def _change_row(self, change: Callable[[], Awaitable[bool]]) -> None:
        try:
            if await change():
                self.view.scroll_home(animate=False)
                self._sample()
        except NotKnown as reason:
            self.notify(str(reason), severity="warning", markup=False)

    def action_next_order(self) -> None:
        """Sort in another way."""
        self._panel.next_order()
        self._sample()

    def action_kill(self) -> None:
        """End a client's connection, when asked twice."""
        self.ask("row", self._kill)

    async def _kill(self) -> None:
        said = await self._panel.kill()
        if said:
            self.notify(said, severity="warning", markup=False)
            self._sample()

    # -- holding ------------------------------------------------------------------------------------------------------

    def _hold(self) -> bool:
        if self._source.hold is None:
            self.notify("Only the built-in engine's loop can be held.", severity="warning")
        return self._source.hold is not None

    def action_hold(self) -> None:
        """Hold the loop, or let it go on."""
        hold = self._source.hold
        if self._hold() and hold is not None:
            (hold.go_on if hold.holding else hold.pause)()

    def action_step(self, kind: str) -> None:
        """Let a held loop do one thing."""
        hold = self._source.hold
        if self._hold() and hold is not None:
            hold.step(kind)

    def action_load(self) -> None:
        """Start the workload, or stop it."""
        self.ask("load", self._toggle_load, replace=False)

    async def _toggle_load(self) -> None:
        try:
            self.notify(await self._source.toggle_load(), timeout=4)
        except NotKnown as reason:
            self.notify(str(reason), severity="warning", markup=False)
        else:
            self.ask("watch", self._tell_of_load, replace=False)

    async def _tell_of_load(self) -> None:
        problem = await self._source.load_ended()
        if problem:
            self.notify(problem, severity="warning", timeout=10, markup=False)

    def action_breakpoint(self) -> None:
        """Open the box in which one is typed."""
        if self._hold():
            box = self.query_one("#breakpoint", Input)
            box.value = ""
            box.add_class("open")
            box.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        hold, text = self._source.hold, event.value.strip()
        if event.input.id != "breakpoint" or hold is None:
            return
        if text.isdecimal():
            known = 0 < int(text) <= len(hold.breakpoints)
            problem = "" if known else f"There is no breakpoint {text}."
            if known:
                hold.remove_breakpoint(int(text) - 1)
        else:
            problem = hold.add_breakpoint(text) if text else ""
        if problem:
            self.notify(problem, severity="warning", markup=False)
        else:
            self._close_box()

    def _close_box(self) -> None:
        self.query_one("#breakpoint").remove_class("open")
        self.view.focus()

    # -- panels -------------------------------------------------------------------------------------------------------

    @property
    def pane(self) -> str:
        return "repl" if isinstance(self.focused, Prompt) else self._panel.name

    def action_focus_repl(self) -> None:
        self.repl.prompt.focus()

    def action_next_pane(self, step: int) -> None:
        names = [*self._panels, "repl"]
        self.go_to(names[(names.index(self.pane) + step) % len(names)])

    def action_show_panel(self, name: str) -> None:
        """Go to a panel."""
        self.view.focus()
        before, self._panel = self._panel, self._panels[name]
        if before is not self._panel:
            self.ask("attend", self._leave, before, name)
            self.view.row = 0
            self._show(Picture(()), self.view.size.width)
            self.view.scroll_home(animate=False)
        self._draw_frame()
        self._sample()

    def action_back(self) -> None:
        """Leave what is open."""
        if self.query_one("#breakpoint").has_class("open"):
            self._close_box()
        else:
            self.action_close_row()

    def action_freeze(self) -> None:
        """Have the display stand still, or go on."""
        self.frozen = not self.frozen
        self._draw_frame()

    def action_refresh_view(self) -> None:
        self._panel.refresh()
        self._sample()

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
        picture = self._picture
        return f"rinspect · {self._panel.title}", [*picture.head, *picture.lines, *picture.below]


HELD = {"hold": "go on", "step-event": "event", "step-command": "command", "step-iteration": "iteration"}
"""What is offered first while the loop is held, and in which words."""
STEPPING = frozenset(("step-event", "step-command", "step-iteration"))
"""What is not offered while the loop goes round, though it would hold it."""
HOLDING = frozenset(("hold", *STEPPING, "breakpoint"))
"""Actions of no use where the loop cannot be held."""
