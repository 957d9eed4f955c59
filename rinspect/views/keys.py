"""The list of keys: a window on a listing that may be a million long."""

from __future__ import annotations

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from rinspect.drawing.keyrow import key_header, key_line, ttl_text
from rinspect.drawing.line import Line
from rinspect.records import KeyPage, KeyRow
from rinspect.views.actions import bindings
from rinspect.views.palette import palette_of
from rinspect.views.strips import StripView


class KeyList(StripView, can_focus=True):
    """Rows of keys. Asks for the page it shows (`Wanted`) and is given it (`give`); holds no other."""

    DEFAULT_CSS = """
    KeyList { scrollbar-size: 1 1; overflow-x: hidden; background: transparent; }
    """

    BINDINGS = bindings("keys", "moving")

    row: reactive[int] = reactive(0)

    class Wanted(Message):
        """Rows `first` … are visible and not here."""

        def __init__(self, first: int, count: int) -> None:
            super().__init__()
            self.first = first
            self.count = count

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, KeyList.Wanted)

    class Selected(Message):
        """Another key is under the cursor. `entered`: chosen with enter or a click."""

        def __init__(self, key: bytes, entered: bool = False) -> None:
            super().__init__()
            self.key = key
            self.entered = entered

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, KeyList.Selected) and not message.entered

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rows: dict[int, KeyRow] = {}
        self._total = 0
        self._wanted: bytes | None = None
        """The key that the cursor is on, or would be on if it were among the rows."""
        self._still = False
        """The cursor follows its key, and the list does not follow the cursor."""
        self._moving = False
        """The cursor was moved to a row that is still to come."""
        self.now = 0
        """Milliseconds since 1970: TTLs are counted from here."""

    @property
    def total(self) -> int:
        return self._total

    @property
    def rows(self) -> list[KeyRow]:
        """The rows held, in order."""
        return [self._rows[at] for at in sorted(self._rows)]

    @property
    def selected(self) -> KeyRow | None:
        return self._rows.get(self.row)

    def rows_wanted(self) -> tuple[int, int]:
        """(first, count) of the rows to have: a page more than is visible, on either side."""
        height = max(1, self.scrollable_content_region.height)
        first = max(0, self.scroll_offset.y - height)
        return first, 3 * height

    def give(self, page: KeyPage, wanted: bytes | None) -> None:
        """Take the rows of a page in place of those held. The cursor goes to the wanted key; where that is none of them, it is
        nowhere until it is moved or `settle` is called. Where none is wanted, the key under it is selected."""
        self._rows = {page.first + at: row for at, row in enumerate(page.rows)}
        if page.total != self._total:
            self._total = page.total
            self.virtual_size = Size(self.scrollable_content_region.width, page.total)
        # A cursor that is out of sight is not brought back by what happens to its key's place.
        self._still = wanted == self._wanted and not self._in_sight(self.row)
        self._wanted = wanted
        if wanted is None or (self._moving and self.row in self._rows):
            self.settle()
        else:
            self.find(wanted)
        self._still = False
        self.refresh()

    def _in_sight(self, row: int) -> bool:
        return 0 <= row - self.scroll_offset.y < self.scrollable_content_region.height

    def settle(self) -> None:
        """Select the key that stands where the cursor was."""
        self.row = max(0, min(self.row, self._total - 1))
        row = self.selected
        if row is not None:
            self._moving = False
            self._wanted = row.key
            self.post_message(self.Selected(row.key))

    def lines(self) -> list[Line]:
        """The rows held, for an export."""
        return [key_line(row, self.size.width, self.now) for row in self.rows]

    def show_time(self, now: int) -> bool:
        """Count the TTLs from another moment, in milliseconds; draws only where a text changes. Whether a key's time is
        over."""
        before, self.now = self.now, now
        if any(ttl_text(row.expires_at, before) != ttl_text(row.expires_at, now) for row in self._rows.values()):
            self.refresh()
        return any(row.expires_at is not None and row.expires_at <= now for row in self._rows.values())

    def find(self, key: bytes) -> bool:
        """Put the cursor on a key if it is among the rows held."""
        for at, row in self._rows.items():
            if row.key == key:
                self.row = at
                return True
        return False

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        at = y + self.scroll_offset.y
        row = self._rows.get(at)
        if row is None:
            if at < self._total:
                self.post_message(self.Wanted(*self.rows_wanted()))
            return self.blank(width)
        selected = row.key == self._wanted
        line = key_line(row, width, self.now, selected=selected)
        strip = palette_of(self.app).strip(line, width, selected=selected, focused=self.has_focus)
        return strip.apply_style(self.base)

    def header(self, width: int) -> str:
        return key_header(width)

    def watch_row(self, before: int, after: int) -> None:
        if not self._still:
            self.scroll_to_region(Region(0, after, 1, 1), animate=False, x_axis=False)
        self.refresh()
        row = self._rows.get(after)
        self._moving = row is None
        if row is not None and row.key != self._wanted:
            self._wanted = row.key
            self.post_message(self.Selected(row.key))

    def watch_scroll_y(self, old: float, new: float) -> None:
        super().watch_scroll_y(old, new)
        first = self.scroll_offset.y
        height = self.scrollable_content_region.height
        if any(at not in self._rows for at in (first, min(first + height, self._total) - 1) if 0 <= at < self._total):
            self.post_message(self.Wanted(*self.rows_wanted()))

    def action_move(self, rows: int) -> None:
        self.row = max(0, min(self.row + rows, self._total - 1))

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.scrollable_content_region.height - 1))

    def action_end(self, last: bool) -> None:
        self.row = max(0, self._total - 1) if last else 0

    def on_click(self, event: events.Click) -> None:
        at = event.y + self.scroll_offset.y
        if at in self._rows:
            self.row = at
            self._wanted = self._rows[at].key
            self.refresh()
            self.post_message(self.Selected(self._rows[at].key, entered=True))
