"""What a screen can do beside looking: copy, export, help, themes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import WorkType

from rinspect.drawing.line import Line, joined, words
from rinspect.sources.monitored import Monitored
from rinspect.sources.source import Refused, Source
from rinspect.views.browser import AT_ONCE, Browser
from rinspect.views.change_list import KEPT
from rinspect.views.palette import palette_of
from rinspect.views.palette_commands import ActionProvider, KeyProvider
from rinspect.views.repl import Prompt, Repl
from rinspect.views.runner import given_up

PATIENCE = 0.3
"""Seconds after which it is said what a command waits for."""


class ToolScreen(Screen[None]):
    """A screen whose panes can be copied, exported and explained."""

    COMMANDS: ClassVar = {ActionProvider, KeyProvider}
    GO_ON = "esc c: Monitor, p go on"
    """How a held loop is let go on from the prompt."""

    def __init__(self, keymap: Mapping[str, str]) -> None:
        """`keymap` holds the keys that the user changed, by action."""
        super().__init__()
        self.keymap = keymap
        self._drawn: dict[str, object] = {}
        self._patience: Timer | None = None
        """Runs while commands do."""
        self._waited_for: Monitored | None = None
        """Can tell what they wait for."""
        self._told_of_waiting = False

    def put(self, name: str, lines: Sequence[Line]) -> None:
        """Show lines in the Static of that name, unless it shows them already."""
        drawn = (tuple(lines), self.app.theme)
        if self._drawn.get(name) != drawn:
            self._drawn[name] = drawn
            self.query_one(f"#{name}", Static).update(palette_of(self.app).text(lines), layout=False)

    def ask(
        self, group: str, work: Callable[..., Coroutine[Any, Any, None]], *args: object, replace: bool = True
    ) -> None:
        """Do something in the background; with `replace` in place of what is under way in its group. (A function rather than
        a coroutine: one that is replaced before it begins would never be awaited.)"""

        async def begin() -> None:
            try:
                await work(*args)
            except NoMatches:
                # Who still had something to show when the program was left, found nothing to show it in.
                if self.app.is_running:
                    raise

        in_background: WorkType[None] = begin
        self.run_worker(in_background, group=group, exclusive=replace)

    async def ask_info(self, browser: Browser) -> None:
        """Ask what there is, and who one is there; what does not go as it should there is said once, in the log."""
        notice, repl = await browser.ask_info(), self.query_one(Repl)
        if browser.info is not None:
            repl.sign_as(browser.info.user)
        if notice:
            repl.said.add(words((notice, "warn")))
            repl.draw()

    def to_panes(self) -> None:
        """Give the focus from the prompt to a pane."""
        raise NotImplementedError

    def on_prompt_left(self, event: Prompt.Left) -> None:
        self.to_panes()
        if event.key:
            self.app.call_later(self.app.simulate_key, event.key)

    # -- waiting for commands -----------------------------------------------------------------------------------------

    def run_commands(
        self, source: Source, work: Callable[..., Coroutine[Any, Any, None]], lines: Sequence[str]
    ) -> None:
        """Run typed lines in the background. If that takes long they are shown, and what they wait for there is said."""
        self._waited_for = source.monitored
        repl = self.query_one(Repl)
        repl.said.expect(lines)
        if self._told_of_waiting:
            repl.draw()
        self.ask("commands", work, lines, replace=False)
        if self._patience is None:
            self._patience = self.set_interval(PATIENCE, self._tell_what_is_waited_for)

    @property
    def _commands_run(self) -> bool:
        return any(worker.group == "commands" and not worker.is_finished for worker in self.workers)

    def _tell_what_is_waited_for(self) -> None:
        repl = self.query_one(Repl)
        if self._commands_run:
            monitored = self._waited_for
            reason = "" if monitored is None else monitored.waiting()
            held = monitored is not None and monitored.hold is not None and monitored.hold.holding
            if not self._told_of_waiting:
                self._told_of_waiting = True
                repl.draw()
            repl.tell_of_waiting(reason or "for the reply", self.GO_ON if held else "^c gives up")
            return
        repl.said.expect_nothing()
        if self._patience is not None:
            self._patience.stop()
            self._patience = None
        if self._told_of_waiting:
            self._told_of_waiting = False
            repl.tell("")

    def on_prompt_interrupted(self) -> None:
        """Give up what is waited for."""
        if not self._commands_run:
            return
        for worker in self.workers:
            if worker.group == "commands":
                worker.cancel()
        dropped = any(source.monitored.embedded for source in self.sources())
        how = "the connection is dropped; the next command opens another, on database 0" if dropped else "given up"
        repl = self.query_one(Repl)
        lines = repl.said.expect_nothing()
        for line in given_up(lines, how, AT_ONCE if len(lines) > KEPT else 0):
            repl.said.add(line)
        repl.draw()

    # -- panes --------------------------------------------------------------------------------------------------------

    @property
    def pane(self) -> str:
        """The name of the pane that has the focus."""
        raise NotImplementedError

    @property
    def help_pane(self) -> str:
        """The name under which the pane's help stands."""
        return self.pane

    def lines_of_pane(self) -> tuple[str, Sequence[Line]]:
        """(title, lines) of that pane, for copies and exports."""
        raise NotImplementedError

    def places(self) -> dict[str, tuple[str, Widget]]:
        """The panes that jump mode offers: a letter to the pane's name and its widget."""
        raise NotImplementedError

    def go_to(self, pane: str) -> None:
        """Give a pane the focus."""
        raise NotImplementedError

    def sources(self) -> Sequence[Source]:
        """Where the prompt's commands run."""
        raise NotImplementedError

    async def refresh_all(self) -> None:
        """Ask for everything that is visible."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw everything anew, in other colours."""
        raise NotImplementedError

    def takers(self) -> Sequence[DOMNode]:
        """What carries out actions: the screen, its panes and the app."""
        raise NotImplementedError

    async def keys_like(self, text: str) -> list[bytes]:
        """A few keys whose name contains a text."""
        raise NotImplementedError

    def key_runner(self, key: bytes) -> Callable[[], Awaitable[None]]:
        """What goes to a key."""
        raise NotImplementedError

    def runner(self, action: str) -> Callable[[], Awaitable[None]] | None:
        """What the command palette calls for an action; None if nothing here does it."""
        bare = action.removeprefix("screen.").removeprefix("app.")
        name = f"action_{bare.partition('(')[0]}"
        taker = next((taker for taker in self.takers() if hasattr(taker, name)), None)
        if taker is None:
            return None

        async def run() -> None:
            await self.app.run_action(bare, taker)

        return run

    def action_copy(self) -> None:
        """OSC 52: works over ssh, in terminals that allow it."""
        text = self.text_of_pane()
        self.app.copy_to_clipboard(text)
        self.notify(f"{len(text.splitlines())} lines of {self.pane} sent to the terminal's clipboard (OSC 52).")

    def action_export(self) -> None:
        from rinspect.drawing.svg import svg  # noqa: PLC0415 (here and below: not for the first paint)

        title, lines = self.lines_of_pane()
        path = free_path(f"rinspect-{self.pane}")
        try:
            path.write_text(svg(lines, title), encoding="utf-8")
        except OSError as error:
            self.notify(f"Not written: {error.strerror}: {path}", severity="error", markup=False)
        else:
            self.notify(f"Written: {path}", markup=False)

    def action_maximise_log(self) -> None:
        self.toggle_class("log")

    def action_help(self) -> None:
        from rinspect.views.help import Help  # noqa: PLC0415

        self.app.push_screen(Help(self.help_pane, self.keymap))

    def action_jump(self) -> None:
        from rinspect.views.jump import Jump  # noqa: PLC0415

        spots = {letter: (name, w.region.offset) for letter, (name, w) in self.places().items() if w.region}
        self.app.push_screen(Jump(spots), lambda name: None if name is None else self.go_to(name))

    def action_regain(self) -> None:
        self.ask("commands", self._regain, replace=False)

    async def _regain(self) -> None:
        """Let who has locked themselves out of the built-in engine in again."""
        repl, refusals = self.query_one(Repl), []
        for source in self.sources():
            try:
                repl.said.add(words((await source.regain(), "dim")))
            except Refused as reason:
                refusals.append(str(reason))
        if len(refusals) == len(self.sources()):
            self.notify(refusals[0], severity="warning", markup=False)
            return
        repl.draw()
        await self.refresh_all()

    def action_next_theme(self) -> None:
        names = sorted(self.app.available_themes)
        self.app.theme = names[(names.index(self.app.theme) + 1) % len(names)]
        self.notify(self.app.theme, timeout=1.5)
        self.redraw()

    def text_of_pane(self) -> str:
        """What the focused pane shows, as plain text."""
        return joined(self.lines_of_pane()[1])


def free_path(name: str) -> Path:
    """A file name in the current folder that is not taken: `name.svg`, `name-2.svg` …"""
    path, number = Path(f"{name}.svg"), 1
    while path.exists():
        number += 1
        path = Path(f"{name}-{number}.svg")
    return path.absolute()
