"""Compare: a key on two sources, line by line, and a prompt whose commands run on both."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import zip_longest
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.widget import Widget
from textual.widgets import Static

from rinspect.comparing import compare_key, copy_key, run_allowed, run_both
from rinspect.console.history import History
from rinspect.console.replies import format_reply, is_report
from rinspect.console.transactions import LEFT_OUT, Transactions
from rinspect.console.words import Unbalanced, split
from rinspect.drawing.bytemap import byte_row, row_count
from rinspect.drawing.compare import column_name, compare_line, draw_comparison, draw_replies
from rinspect.drawing.line import Line, Segment, fit, words
from rinspect.drawing.sheet import mapped
from rinspect.drawing.top import foot_line, show_key
from rinspect.engine.commands.keyspecs import key_uses
from rinspect.engine.commands.registry import named
from rinspect.engine.layout_diff import changed_stretches
from rinspect.engine.replies import CommandError
from rinspect.records import Both, Comparison, Filter, Look, Order, SourceInfo
from rinspect.sources.source import Source
from rinspect.views.actions import always_offered, bindings, footer
from rinspect.views.keys import KeyList
from rinspect.views.lines import LineView
from rinspect.views.log import Log
from rinspect.views.repl import READS, Prompt, Repl
from rinspect.views.runner import echo
from rinspect.views.titles import set_titles
from rinspect.views.tools import ToolScreen


class Compare(ToolScreen):
    """Two sources side by side."""

    BINDINGS = bindings("compare", "anywhere", "always")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-medium"), (108, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]
    AUTO_FOCUS: ClassVar[str | None] = "#prompt"

    def __init__(
        self, left: Source, right: Source, history: History, log: Log, keymap: Mapping[str, str], modes: Sequence[str]
    ) -> None:
        super().__init__(keymap)
        self._modes = modes
        self.sides = (left, right)
        self._listed = 1
        """The side whose keys are listed."""
        self._history = history
        self._said = log
        self._infos: tuple[SourceInfo | None, SourceInfo | None] = (None, None)
        self._comparison: Comparison | None = None
        self._key: bytes | None = None
        self._turn = asyncio.Lock()
        """Of those who run typed lines: a batch is not mixed with another."""
        self._pending: tuple[bytes, ...] = ()
        """A command that one side refused: entered again it runs on the other."""

    def compose(self) -> ComposeResult:
        yield Static(id="top")
        with Horizontal(id="main"):
            with Vertical(id="keys", classes="pane"):
                yield Static(id="keys-head", markup=False)
                yield Static(id="empty", markup=False)
                yield KeyList(id="list")
            with Vertical(id="comparison", classes="pane"):
                yield LineView(id="facts")
        yield Repl(self._history, self._said, id="repl", classes="pane")
        yield Static(id="foot")

    def on_mount(self) -> None:
        self.keys_view = self.query_one(KeyList)
        self.facts = self.query_one("#facts", LineView)
        self.repl = self.query_one(Repl)
        set_titles(self.repl, "REPL: runs on both")
        self.add_class("show-comparison")
        self.watch(self.keys_view, "show_vertical_scrollbar", self.on_resize, init=False)
        self.ask("start", self._start, replace=False)

    async def _start(self) -> None:
        await self.refresh_all()
        self.repl.prompt.table = await self.sides[0].commands()
        if any(info is not None and info.read_only for info in self._infos):
            self.repl.prompt.placeholder = READS

    async def refresh_all(self) -> None:
        left, right = await self.sides[0].info(), await self.sides[1].info()
        before, self._infos = self._infos, (left, right)
        self.repl.sign_as(left.user, right.user)
        for old, info in zip(before, self._infos, strict=True):
            if info.connected and info.notice and (old is None or old.notice != info.notice):
                self.repl.said.add(words((f"{info.label}: {info.notice}", "warn")))
                self.repl.draw()
        await self._ask_keys(*self.keys_view.rows_wanted())
        await self._compare()

    async def _ask_keys(self, first: int, count: int) -> None:
        page = await self.sides[self._listed].keys(Order.RECENT, Filter(), first, max(count, 60))
        self.keys_view.now = self.sides[self._listed].now()
        self.keys_view.give(page, self._key)
        self.repl.prompt.key_names = [row.key for row in page.rows]
        empty = self.query_one("#empty", Static)
        empty.display = not page.total
        info = self._infos[self._listed]
        empty.update(
            info.notice if info is not None and not info.connected else "No keys on this side.\n\no lists the other's."
        )

    async def _compare(self) -> None:
        if self._key is not None:
            self._comparison = await compare_key(*self.sides, self._key)
        self._draw()

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        width = self.size.width
        self.put("top", [compare_line(self._infos, self._modes, width)])
        self._draw_foot()
        set_titles(self.query_one("#keys"), f"Keys of {('left', 'right')[self._listed]}")
        self.query_one("#keys-head", Static).update(
            self.keys_view.header(self.keys_view.scrollable_content_region.width or 34), layout=False
        )
        pane = self.query_one("#comparison")
        room = max(30, self.facts.size.width - 1)
        if self._comparison is None:
            set_titles(pane, "Compare")
            self.facts.show([words(("Choose a key, or type a command: it runs on both sides.", "dim"))])
            return
        set_titles(pane, show_key(self._comparison.key, 40))
        columns = (column_name(self._infos[0]), column_name(self._infos[1]))
        lines = [*draw_comparison(self._comparison, columns, room), *_maps(self._comparison, room)]
        self.facts.show(lines, width=room)

    def _draw_foot(self) -> None:
        pane = self.help_pane
        self.put("foot", [foot_line(footer(pane, self.keymap), always_offered(pane, self.keymap), self.size.width)])

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    # -- the prompt ---------------------------------------------------------------------------------------------------

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        self._history.add(*event.lines)
        self.run_commands(self.sides[0], self._run_lines, event.lines)

    async def _run_lines(self, lines: Sequence[str]) -> None:
        script = Transactions()
        async with self._turn:
            for line in lines:
                await self._run_line(line.strip(), script)
        self.repl.draw()
        await self.refresh_all()

    async def _run_line(self, text: str, script: Transactions) -> None:
        try:
            argv = split(text)
        except Unbalanced as error:
            self.repl.said.add(echo(text))
            self.repl.said.add(words((f"(error) {error}: not run", "bad")))
            return
        if not argv:
            return
        self.repl.said.add(echo(text))
        if script.leaves_out(argv):
            self.repl.said.add(words((LEFT_OUT, "warn")))
            return
        again = self._pending == tuple(argv)
        both = await (run_allowed if again else run_both)(*self.sides, argv)
        ran = [outcome for outcome in (both.left, both.right) if outcome is not None]
        script.note(argv, failed=not ran or any(isinstance(outcome.reply, CommandError) for outcome in ran))
        self._pending = tuple(argv) if not ran and both.refused else ()
        if not ran:
            self.repl.said.add(words((both.refused, "warn")))
            self.repl.said.add(
                words(("It ran on neither side. ↑ and enter run it on the side that allows it.", "warn"))
            )
            return
        self._add_replies(both, is_report(argv))
        change = next((outcome.change for outcome in ran if outcome.change is not None), None)
        self._key = change.keys[0].key if change is not None else self._named(argv) or self._key

    def _named(self, argv: list[bytes]) -> bytes | None:
        """The first key that a command names: what one reads is to be compared, too."""
        command = named(self.repl.prompt.table, argv)
        uses = None if command is None or not command.fits(len(argv)) else key_uses(command, argv, (8, 0))
        return argv[uses[0][0]] if uses else None

    def _add_replies(self, both: Both, report: bool) -> None:
        texts = [
            ["(not run here)"] if outcome is None else format_reply(outcome.reply, 200, report=report)
            for outcome in (both.left, both.right)
        ]
        width = max(40, self.repl.size.width - 3)
        if both.same and both.left is not None:
            self.repl.said.add(words(texts[0][0]), words(("same on both", "good")))
            for text in texts[0][1:]:
                self.repl.said.add(words(text))
            return
        for line in draw_replies(list(zip_longest(texts[0], texts[1], fillvalue="")), both.same, width):
            self.repl.said.add(line)

    # -- panes --------------------------------------------------------------------------------------------------------

    def on_key_list_wanted(self, event: KeyList.Wanted) -> None:
        self.ask("keys", self._ask_keys, event.first, event.count)

    def on_key_list_selected(self, event: KeyList.Selected) -> None:
        if event.key != self._key:
            self._key = event.key
            self.ask("look", self._compare)

    def to_panes(self) -> None:
        self.remove_class("log")
        self.keys_view.focus()

    @property
    def pane(self) -> str:
        return {self.keys_view: "keys", self.facts: "compare"}.get(self.focused, "repl")  # type: ignore[call-overload, no-any-return]

    @property
    def help_pane(self) -> str:
        return "side" if self.pane == "keys" else self.pane

    def lines_of_pane(self) -> tuple[str, Sequence[Line]]:
        if self.pane == "keys":
            return "rinspect · keys", self.keys_view.lines()
        if self.pane == "repl":
            return "rinspect · both sides", self.repl.log_view.lines
        return f"rinspect compare {show_key(self._key or b'', 60)}", self.facts.lines

    def places(self) -> dict[str, tuple[str, Widget]]:
        keys, facts = self.query_one("#keys"), self.query_one("#comparison")
        return {"k": ("keys", keys), "c": ("compare", facts), "r": ("repl", self.repl)}

    def go_to(self, pane: str) -> None:
        {"keys": self.keys_view, "compare": self.facts, "repl": self.repl.prompt}[pane].focus()

    def sources(self) -> Sequence[Source]:
        return self.sides

    def redraw(self) -> None:
        self._draw()

    def takers(self) -> Sequence[DOMNode]:
        return self, self.keys_view, self.app

    async def keys_like(self, text: str) -> list[bytes]:
        page = await self.sides[self._listed].keys(Order.RECENT, Filter(f"*{text}*".encode()), 0, 20)
        return [row.key for row in page.rows]

    def key_runner(self, key: bytes) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            self._key = key
            await self._compare()
            self.facts.focus()

        return run

    def on_descendant_focus(self) -> None:
        # On a narrow screen the keys take the comparison's place while one chooses among them.
        if self.pane != "repl":
            self.set_class(self.pane == "keys", "listing")
        self._draw_foot()

    def action_focus_repl(self) -> None:
        self.repl.prompt.focus()

    def action_next_pane(self, step: int) -> None:
        order = [self.keys_view, self.facts, self.repl.prompt]
        here = order.index(self.focused) if self.focused in order else -step
        order[(here + step) % len(order)].focus()

    def action_other_side(self) -> None:
        self._listed = 1 - self._listed
        self.ask("start", self.refresh_all)

    def action_refresh_view(self) -> None:
        self.ask("start", self._ask_anew)

    async def _ask_anew(self) -> None:
        for side in self.sides:
            await side.refresh()
        await self.refresh_all()

    def action_copy_key(self) -> None:
        if self._key is not None:
            self.ask("commands", self._copy, self._key, replace=False)

    async def _copy(self, key: bytes) -> None:
        """Copy the key from the server into the built-in engine, so that its figures can be checked there."""
        problem = await copy_key(self.sides[1], self.sides[0], key)
        self.notify(
            problem or f"{show_key(key, 30)} copied to the left side.",
            severity="warning" if problem else "information",
            markup=False,
        )
        await self.refresh_all()


def _maps(comparison: Comparison, width: int) -> list[Line]:
    """The bytes of both sides beside each other, where both have a blob; those that differ are lit."""
    sides: list[Look | None] = [comparison.left, comparison.right]
    blobs = [mapped(look)[0] if look is not None and mapped(look) else None for look in sides]
    left, right = blobs
    if left is None or right is None or width < 84:
        return []
    lit = (changed_stretches(right, left), changed_stretches(left, right))
    rows = min(64, max(row_count(left, 8), row_count(right, 8)))
    lines: list[Line] = [(), words(("bytes: what differs is lit", "title"))]
    for row in range(rows):
        one = byte_row(left, row, 8, changed=lit[0])
        other = byte_row(right, row, 8, changed=lit[1])
        lines.append((*fit(one, 44, pad=True), Segment(" "), *other))
    return lines
