"""The left pane: the list of keys under its titles, a filter above it, a sentence where there are none."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, Static

from rinspect.console.filters import FILTER_HELP, BadFilter, parse_filter
from rinspect.records import Filter, KeyPage, Order, SourceInfo
from rinspect.views.keys import KeyList
from rinspect.views.titles import set_titles

_NO_KEYS = "No keys yet.\n\nType SET greeting hello\nat the prompt, or press\nesc, then d for demo data."


class KeysPane(Vertical):
    """Filter, titles and list."""

    class Filtered(Message):
        """Other keys are wanted."""

        def __init__(self, wanted: Filter) -> None:
            super().__init__()
            self.wanted = wanted

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._complaint = self._head = ""

    def compose(self) -> ComposeResult:
        yield Input(id="filter", placeholder=FILTER_HELP, select_on_focus=False)
        yield Static(id="keys-head", markup=False)
        yield Static(id="empty", markup=False)
        yield KeyList(id="list")

    def on_mount(self) -> None:
        # A scrollbar that comes or goes takes the columns' titles with it.
        self.watch(self.list, "show_vertical_scrollbar", self.draw_head_anew, init=False)

    def draw_head_anew(self) -> None:
        """Once the list has its new width."""
        self.call_after_refresh(self.draw_head)

    @property
    def list(self) -> KeyList:
        return self.query_one(KeyList)

    @property
    def box(self) -> Input:
        return self.query_one("#filter", Input)

    def open_filter(self) -> None:
        self.box.add_class("open")
        self.box.focus()
        # What is typed takes the place of the filter that there is.
        self.box.action_select_all()

    def close_filter(self) -> bool:
        """Show all keys again; whether there was a filter."""
        was_open = self.box.has_class("open")
        if was_open:
            self.box.value = ""
            self.box.remove_class("open")
            self.list.focus()
        return was_open

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.list.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        try:
            wanted = parse_filter(event.value)
        except BadFilter as error:
            self._complaint = str(error)
        else:
            self._complaint = ""
            self.post_message(self.Filtered(wanted))
        self.draw_head()

    def draw_head(self) -> None:
        """The titles of the columns, or what is wrong with the filter: on a narrow screen there is no border to say it."""
        text = self._complaint or self.list.header(self.list.scrollable_content_region.width or 34)
        if text == self._head:
            return
        self._head = text
        head = self.query_one("#keys-head", Static)
        head.set_class(bool(self._complaint), "complains")
        head.update(text, layout=bool(self._complaint))

    def show_page(self, page: KeyPage, info: SourceInfo | None, selected: bytes | None, *, filtered: bool) -> None:
        """Take the rows of a page, and say why there are none, if there are none."""
        self.list.give(page, selected)
        empty = self.query_one("#empty", Static)
        empty.display = not page.total
        if info is not None and not info.connected:
            empty.update(f"{info.notice}\n\nTried again from time to time.")
        elif filtered and not page.all_described:
            empty.update(
                f"None of {page.described:,} keys asked about fits.\n\na asks about all.\nesc takes the filter away."
            )
        elif filtered:
            empty.update("No key fits the filter.\n\nesc takes it away.")
        elif info is not None and not info.embedded:
            empty.update(f"No keys in db{info.database}.")
        else:
            empty.update(_NO_KEYS)

    def draw_titles(
        self, order: Order, wanted: Filter, page: KeyPage | None, *, following: bool, embedded: bool
    ) -> None:
        """In the border: the order, and how much of a server's keys is known."""
        parts = ["as found" if order is Order.RECENT and not embedded else f"by {order}"]
        if page is not None and not page.complete:
            parts.append(f"{page.known:,} so far")
        if (order.needs_details or wanted.needs_details) and page is not None and not page.all_described:
            parts.append(f"{page.described:,} asked, a: all")
        if following and len(parts) == 1:
            parts.append("following")
        set_titles(self, "Keys", " · ".join(parts))
