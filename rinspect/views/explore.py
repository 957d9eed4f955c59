"""Explore: the keys, the selected key's memory, and the prompt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.dom import DOMNode
from textual.widget import Widget
from textual.widgets import Input, Static

from rinspect.console.history import History
from rinspect.drawing.bytemap import explain
from rinspect.drawing.line import Line
from rinspect.drawing.top import allocation_title, key_title, tabs_line
from rinspect.engine.layout import Window
from rinspect.records import Filter, KeyChange, Order
from rinspect.sources.source import Refused, Source
from rinspect.views import frame
from rinspect.views.actions import bindings
from rinspect.views.browser import AT_ONCE, Browser
from rinspect.views.bytes import ByteView
from rinspect.views.detail import DETAILS, SEARCHED, Detail, Shown
from rinspect.views.keys import KeyList
from rinspect.views.keys_pane import KeysPane
from rinspect.views.lines import LineView
from rinspect.views.log import Log
from rinspect.views.pulse import Pulse
from rinspect.views.repl import Prompt, Repl
from rinspect.views.titles import set_titles
from rinspect.views.tools import ToolScreen


class Explore(ToolScreen):
    """The main screen. What it shows of a key is one `Look`; everything on the right is drawn from that."""

    BINDINGS = bindings("explore", "anywhere", "always")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (76, "-medium"), (108, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]
    AUTO_FOCUS = "#prompt"

    def __init__(
        self, browser: Browser, history: History, log: Log, keymap: Mapping[str, str], modes: Sequence[str] = ()
    ) -> None:
        """`keymap` holds the keys that the user changed, by action; `modes` names the screens that there are. Browser and log
        are those of all screens on the source."""
        super().__init__(keymap)
        self._modes = modes
        self.browser = browser
        self._shown_change: KeyChange | None = None
        self._history = history
        self._said = log
        self._pulse: Pulse | None = None
        """Once everything was asked for the first time."""
        self.version = (-1, -1)
        """Database and version of the keys as they are shown."""

    # -- building -----------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Static(id="top")
        with Horizontal(id="main"):
            yield KeysPane(id="keys", classes="pane")
            with Vertical(id="value"):
                with Vertical(id="detail-pane"):
                    yield Detail(id="detail", classes="pane")
                    yield Input(id="search", placeholder=SEARCHED[""], select_on_focus=False)
                with Vertical(id="bytes", classes="pane"):
                    yield ByteView(id="map")
                    yield Static(id="explain")
        yield Repl(self._history, self._said, id="repl", classes="pane")
        yield Static(id="foot")

    def on_mount(self) -> None:
        self.keys_pane = self.query_one(KeysPane)
        self.keys_view = self.keys_pane.list
        self.detail = self.query_one(Detail)
        self.map = self.query_one(ByteView)
        self.repl = self.query_one(Repl)
        set_titles(self.repl, "REPL")
        self.add_class("show-keys")
        if self._modes and self._modes[0] != "Explore":
            # Who comes from another screen came with a key, and goes on with one.
            self.call_after_refresh(self.keys_view.focus)
        self.ask("start", self._start, replace=False)

    def on_screen_resume(self) -> None:
        """Another screen was shown meanwhile, and commands may have run there."""
        if self._pulse is not None:
            self.repl.draw()
            self.ask("start", self._come_back)

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw_frame)
        self.call_after_refresh(self._show_explanation)

    # -- asking the source --------------------------------------------------------------------------------------------

    async def _start(self) -> None:
        await self.refresh_all()
        await self.repl.know(self.browser)
        self._pulse = Pulse(self)
        self._pulse.start()

    async def _come_back(self) -> None:
        await self.refresh_all(follow=True)

    async def refresh_all(self, *, follow: bool = False) -> None:
        """Ask for everything that is visible; with `follow` the selected key is made to be."""
        await self.ask_info(self.browser)
        info = self.browser.info
        if info is not None:
            self.version = info.database, info.version
        await self.ask_keys(*self.keys_view.rows_wanted(), around=self.browser.selected if follow else None)
        await self.ask_look()
        if self.browser.look is None and self.browser.selected is not None:
            # It is gone: the one that stands in its place is next.
            self.keys_view.settle()

    async def ask_keys(self, first: int, count: int, around: bytes | None = None) -> None:
        browser = self.browser
        page = await browser.page(first, max(count, 60), around)
        self.keys_view.now = browser.source.now()
        filtered = bool(browser.filter)
        with self.app.batch_update():
            self.keys_pane.show_page(page, browser.info, browser.selected, filtered=filtered)
            self._draw_keys_titles()
        if not page.total and not filtered:
            browser.select(None)
        self.repl.prompt.key_names = [row.key for row in page.rows]

    async def ask_look(self) -> None:
        await self.browser.ask_look(reasons=self.detail.tab in ("why", "memory"))
        self._show_look()

    # -- showing ------------------------------------------------------------------------------------------------------

    def _show_look(self) -> None:
        browser = self.browser
        allocation, change = browser.allocation, browser.change
        changed = () if change is None or allocation is None else change.diff.changed_bytes(allocation.serial)
        # A change that was not shown yet draws the cursor to the longest stretch it wrote.
        new, self._shown_change = change is not self._shown_change, change
        at = max(changed, key=lambda stretch: stretch[1] - stretch[0])[0] if changed and new else None
        with self.app.batch_update():
            self.map.show(allocation, changed, at)
            self._show_detail()
            self._show_explanation()
            self.draw_frame()

    def _show_detail(self) -> None:
        browser = self.browser
        self.detail.show(
            Shown(
                browser.shown,
                self.map.ref,
                browser.trace,
                browser.why,
                browser.rebuilt,
                browser.change,
                tuple(browser.changes.changes),
                browser.changes.past,
            )
        )

    def _show_explanation(self) -> None:
        allocation = self.map.allocation
        # A pane that is not shown yet has no width: on a narrow screen it will have all of it.
        width = max(20, self.query_one("#explain").size.width or self.size.width - 2)
        room = self.query_one("#explain").size.height or 2
        self.put("explain", [] if allocation is None else explain(allocation, self.map.at, width, room))

    @property
    def pane(self) -> str:
        """The pane that has the focus."""
        focused = self.focused
        if focused is None or isinstance(focused, Prompt):
            return "repl"
        if focused is self.map:
            return "bytes"
        if focused is self.keys_view or focused.id == "filter":
            return "keys"
        if focused.id == "search":
            return "structure"
        return focused.id if focused.id in DETAILS else "repl"

    def draw_frame(self) -> None:
        """First and last line, and the titles of the panes."""
        browser, width = self.browser, self.size.width
        if not self.is_mounted or browser.info is None:
            return
        narrow = self.has_class("-narrow")
        self.put(
            "top", [frame.top(browser, browser.info, self.pane, self.detail.tab, self._modes, width, narrow=narrow)]
        )
        self._draw_keys_titles()
        self.keys_pane.draw_head()
        look, allocation = browser.shown, self.map.allocation
        title = "Value" if look is None else key_title(look, self.detail.size.width - 6)
        set_titles(self.detail, title, tabs_line(DETAILS, self.detail.tab, short=self.detail.size.width < 46))
        set_titles(self.query_one("#bytes"), "6 Bytes" if allocation is None else allocation_title(allocation))
        box = self.focused.id if self.focused is not None and self.focused.id in ("filter", "search") else self.pane
        self.put("foot", [frame.foot(browser, box, self._modes, self.keymap, width)])

    def _draw_keys_titles(self) -> None:
        browser = self.browser
        embedded = browser.info is None or browser.info.embedded
        self.keys_pane.draw_titles(
            browser.order, browser.filter, browser.listed, following=browser.following, embedded=embedded
        )

    # -- commands -----------------------------------------------------------------------------------------------------

    async def on_prompt_entered(self, event: Prompt.Entered) -> None:
        self._history.add(*event.lines)
        self.run_commands(self.browser.source, self._run_lines, event.lines)

    async def _run_lines(self, lines: list[str]) -> None:
        before = self.browser.selected
        async with self.browser.turn:
            async for done, log in self.browser.run_lines(lines):
                for left, right in log:
                    self.repl.said.add(left, right)
                if len(lines) > AT_ONCE:
                    self.repl.tell(f"{done:,} of {len(lines):,} lines run" if done < len(lines) else "")
        self.repl.draw()
        await self.refresh_all(follow=self.browser.selected != before)
        if self.has_class("-narrow") and self.browser.change is not None and self.pane == "repl":
            self._bring_up("bytes")

    # -- what panes report --------------------------------------------------------------------------------------------

    def on_key_list_wanted(self, event: KeyList.Wanted) -> None:
        self.ask("keys", self.ask_keys, event.first, event.count)

    def on_key_list_selected(self, event: KeyList.Selected) -> None:
        if event.key != self.browser.selected:
            self.browser.select(event.key)
            self.ask("look", self.ask_look)
        if event.entered:
            self.action_open()

    def on_byte_view_moved(self, event: ByteView.Moved) -> None:
        self._show_detail()
        self._show_explanation()
        allocation = self.map.allocation
        if allocation is None or self.browser.changes.past is not None or event.ref.offset >= allocation.asked:
            return
        if not 0 <= event.ref.offset - allocation.data_offset < len(allocation.data):
            window = self.browser.window
            start = max(0, event.ref.offset - window.size // 2)
            self.browser.window = Window(window.first, window.count, start, window.size)
            self.ask("look", self.ask_look)

    def on_byte_view_follow(self, event: ByteView.Follow) -> None:
        look = self.browser.shown
        target = None if look is None or event.field.target is None else look.layout.find(event.field.target)
        if target is None:
            self.notify("That allocation is outside the window; move on in the structure to fetch it.")
        else:
            self.browser.serial = target.serial
            self._show_look()

    def on_line_view_pointed(self, event: LineView.Pointed) -> None:
        self.browser.serial = event.ref.serial
        self._show_look()
        self.map.go(event.ref.offset)

    def on_line_view_row_chosen(self, event: LineView.RowChosen) -> None:
        if event.view.id == "changes" and event.entered and event.row < len(self.browser.changes.changes):
            self.browser.changes.go(len(self.browser.changes.changes) - 1 - event.row)
            self.browser.serial = None
            self._show_look()

    def to_panes(self) -> None:
        self.action_show_pane("keys")

    def on_descendant_focus(self) -> None:
        self.draw_frame()

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        event.input.remove_class("open")
        self.action_show_pane("structure")
        await self._search(event.value.strip())

    def on_keys_pane_filtered(self, event: KeysPane.Filtered) -> None:
        self.browser.filter = event.wanted
        self.ask("keys", self._ask_filtered)

    async def _ask_filtered(self) -> None:
        """Show the keys that fit from the first on, or those around the selected one if it is among them."""
        selected = self.browser.selected
        await self.ask_keys(0, 60, around=selected)
        if selected is not None and not self.keys_view.find(selected):
            self.keys_view.row = 0
            self.keys_view.settle()

    # -- actions ------------------------------------------------------------------------------------------------------

    def action_focus_repl(self) -> None:
        self.repl.prompt.focus()

    def _bring_up(self, name: str) -> None:
        """On a narrow or maximised screen, show a pane in place of the one before."""
        for pane in ("keys", "value", "detail", "bytes"):
            self.remove_class(f"show-{pane}")
        if name == "keys":
            self.add_class("show-keys")
        else:
            self.add_class("show-value", "show-bytes" if name == "bytes" else "show-detail")

    def action_show_pane(self, name: str) -> None:
        """Go to a pane."""
        self.remove_class("log")
        self._bring_up(name)
        if name == "keys":
            self.keys_view.focus()
        elif name == "bytes":
            self.map.focus()
        else:
            self.detail.tab = name
            self.detail.view.focus()
            if name in ("why", "memory"):
                self.ask("look", self.ask_look)
        self.draw_frame()

    def action_next_pane(self, step: int) -> None:
        order = ["keys", self.detail.tab, "bytes", "repl"]
        here = order.index(self.pane) if self.pane in order else 0
        there = order[(here + step) % len(order)]
        if there == "repl":
            self.action_focus_repl()
        else:
            self.action_show_pane(there)

    def action_open(self) -> None:
        if not self.browser.deliberate:
            self.browser.deliberate = True
            self.ask("look", self.ask_look)
        self.action_show_pane(self.detail.tab)

    def action_maximise(self) -> None:
        self.toggle_class("maximised")
        self.action_show_pane(self.pane if self.pane != "repl" else "keys")

    def action_sort(self) -> None:
        self.browser.next_order()
        self.ask("keys", self.ask_keys, *self.keys_view.rows_wanted(), self.browser.selected)
        self.draw_frame()

    def action_filter(self) -> None:
        self.keys_pane.open_filter()

    def action_search(self) -> None:
        box = self.query_one("#search", Input)
        box.add_class("open")
        box.value = ""
        box.placeholder = SEARCHED.get("" if self.browser.look is None else self.browser.look.type, SEARCHED[""])
        box.focus()

    async def _search(self, text: str) -> None:
        """Light the way to a member, a field, an index or (with #) a rank; the window follows."""
        problem = await self.browser.search(text)
        if problem:
            self.notify(problem, severity="warning", markup=False)
            return
        await self.ask_look()
        self.browser.go_to_found()
        self._show_look()

    def action_ask_all(self) -> None:
        """Ask a server about every key; what that does there is said first."""
        warning = self.browser.before_asking_all()
        if warning:
            self.notify(warning, markup=False)
        else:
            self.ask("start", self._ask_all, replace=False)

    async def _ask_all(self) -> None:
        await self.browser.source.ask_all()
        await self.ask_keys(*self.keys_view.rows_wanted())

    def action_follow(self) -> None:
        self.browser.following = not self.browser.following
        self.draw_frame()

    def action_step_change(self, by: int) -> None:
        """Look at the change before or after, with the bytes as they were then."""
        if not self.browser.changes.changes:
            self.notify("No change yet: run a command that writes.")
            return
        self.browser.changes.step(by)
        self.browser.serial = None
        self._show_look()

    def action_now(self) -> None:
        search = self.query_one("#search", Input)
        if search.has_class("open"):
            search.remove_class("open")
            self.action_show_pane("structure")
            return
        if self.keys_pane.close_filter():
            return
        if self.has_class("maximised"):
            self.action_maximise()
        elif self.browser.changes.past is not None:
            self.browser.changes.past = None
            self._show_look()
        elif self.browser.trace is not None:
            self.browser.trace = None
            self._show_detail()

    def action_measure(self) -> None:
        if self.browser.selected is not None:
            self.ask("look", self._measure, self.browser.selected, replace=False)

    async def _measure(self, key: bytes) -> None:
        """Bucket order and tower heights of a server's key, found out by reading."""
        problem = await self.browser.source.measure(key)
        if problem:
            self.notify(problem, severity="warning", markup=False)
        self.browser.trace = None
        await self.ask_look()

    def action_allocation(self, step: int) -> None:
        self.browser.step_allocation(step)
        self._show_look()

    def action_refresh_view(self) -> None:
        self.ask("start", self._ask_anew)

    async def _ask_anew(self) -> None:
        await self.browser.source.refresh()
        await self.refresh_all()

    def sources(self) -> Sequence[Source]:
        return (self.browser.source,)

    def redraw(self) -> None:
        self._show_look()

    def places(self) -> dict[str, tuple[str, Widget]]:
        return {
            "k": ("keys", self.query_one("#keys")),
            "s": (self.detail.tab, self.detail),
            "b": ("bytes", self.query_one("#bytes")),
            "r": ("repl", self.repl),
        }

    def go_to(self, pane: str) -> None:
        if pane == "repl":
            self.action_focus_repl()
        else:
            self.action_show_pane(pane)

    def action_demo(self) -> None:
        self.ask("commands", self._load_demo, replace=False)

    async def _load_demo(self) -> None:
        try:
            said = await self.browser.load_demo()
        except Refused as reason:
            self.notify(str(reason), severity="warning", markup=False)
            return
        self.repl.said.add(said)
        self.repl.draw()
        await self.refresh_all()

    def takers(self) -> Sequence[DOMNode]:
        return self, self.map, self.detail.view, self.keys_view, self.app

    async def keys_like(self, text: str) -> list[bytes]:
        """A few keys whose name contains a text."""
        page = await self.browser.source.keys(Order.RECENT, Filter(f"*{text}*".encode()), 0, 20)
        return [row.key for row in page.rows]

    def key_runner(self, key: bytes) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            self.browser.select(key)
            await self.refresh_all(follow=True)
            self.action_show_pane(self.detail.tab)

        return run

    def lines_of_pane(self) -> tuple[str, Sequence[Line]]:
        """(title, lines) of the focused pane, for an export."""
        look = self.browser.shown
        title = "rinspect" if look is None else key_title(look, 100)
        if self.pane == "bytes" and self.map.allocation is not None:
            return f"{title} · {self.map.allocation.name}", self.map.lines()
        if self.pane == "keys":
            return "rinspect · keys", self.keys_view.lines()
        view = self.repl.log_view if self.pane == "repl" else self.detail.view
        return title, view.lines
