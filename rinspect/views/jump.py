"""Jump mode: every pane shows a letter; pressing it goes there."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.geometry import Offset
from textual.screen import ModalScreen
from textual.widgets import Static


class Jump(ModalScreen[str | None]):
    """Letters over the panes; dismissed with the chosen pane's name."""

    DEFAULT_CSS = """
    Jump { background: $background 50%; layers: base letters; }
    Jump .letter { layer: letters; width: auto; height: 1; padding: 0 1; }
    Jump .letter { background: $warning; color: $background; text-style: bold; }
    Jump #how { dock: bottom; height: 1; width: 1fr; background: $panel; }
    """
    BINDINGS: ClassVar = [Binding("escape,ctrl+o", "dismiss(None)", "leave", show=False)]

    def __init__(self, places: dict[str, tuple[str, Offset]]) -> None:
        """`places` maps a letter to a pane's name and where its letter is drawn."""
        super().__init__()
        self._places = places

    def compose(self) -> ComposeResult:
        for letter, (name, offset) in self._places.items():
            label = Static(f"{letter} {name}", classes="letter", markup=False)
            label.styles.offset = (offset.x, offset.y)
            label.styles.position = "absolute"
            yield label
        yield Static(" Press a pane's letter; esc leaves.", id="how", markup=False)

    def on_key(self, event: events.Key) -> None:
        place = self._places.get(event.character or "")
        if place is not None:
            event.stop()
            self.dismiss(place[0])
