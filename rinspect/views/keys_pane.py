"""The left pane: the list of keys under its titles, a filter above it, a sentence where there are none."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from rinspect.console.filters import FILTER_HELP
from rinspect.records import SourceInfo
from rinspect.views.keys import KeyList

_NO_KEYS = "No keys yet.\n\nType SET greeting hello\nat the prompt, or press\nesc, then d for demo data."


class KeysPane(Vertical):
    """Filter, titles and list."""

    def compose(self) -> ComposeResult:
        yield Input(id="filter", placeholder=FILTER_HELP, select_on_focus=False)
        yield Static(id="keys-head", markup=False)
        yield Static(id="empty", markup=False)
        yield KeyList(id="list")

    def show_emptiness(self, total: int, info: SourceInfo | None, *, filtered: bool) -> None:
        """Say why the list is empty, if it is."""
        empty = self.query_one("#empty", Static)
        empty.display = not total
        if info is not None and not info.connected:
            empty.update(f"{info.notice}\n\nTried again from time to time.")
        elif filtered:
            empty.update("No key fits the filter.\n\nesc takes it away.")
        elif info is not None and not info.embedded:
            empty.update(f"No keys in db{info.database}.")
        else:
            empty.update(_NO_KEYS)
