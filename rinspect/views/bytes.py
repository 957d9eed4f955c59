"""The byte map of one allocation, with a cursor."""

from __future__ import annotations

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from rinspect.drawing.bytemap import byte_row, bytes_per_row, field_at, row_count
from rinspect.drawing.line import Line, Ref
from rinspect.engine.layout import Allocation, Field, Kind
from rinspect.views.actions import bindings
from rinspect.views.palette import palette_of
from rinspect.views.strips import StripView


class ByteView(StripView, can_focus=True):
    """Rows of bytes. The cursor stands on a byte; the field around it is marked with it."""

    DEFAULT_CSS = """
    ByteView { scrollbar-size: 1 1; overflow-x: hidden; background: transparent; }
    """
    BINDINGS = bindings("bytes", "value", "moving", "sideways")

    class Moved(Message):
        """The cursor stands on another byte."""

        def __init__(self, ref: Ref, field: Field | None) -> None:
            super().__init__()
            self.ref = ref
            self.field = field

        def can_replace(self, message: Message) -> bool:
            return isinstance(message, ByteView.Moved)

    class Follow(Message):
        """Go to the allocation that the pointer under the cursor names."""

        def __init__(self, field: Field) -> None:
            super().__init__()
            self.field = field

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.allocation: Allocation | None = None
        self.at = 0
        self._changed: tuple[tuple[int, int], ...] = ()

    @property
    def per_row(self) -> int:
        return bytes_per_row(self.scrollable_content_region.width)

    def show(
        self, allocation: Allocation | None, changed: tuple[tuple[int, int], ...] = (), at: int | None = None
    ) -> None:
        """Show an allocation; the cursor stays where it is if it is the same one, or goes to `at`."""
        same = self.allocation is not None and allocation is not None and self.allocation.serial == allocation.serial
        self.allocation = allocation
        self._changed = changed
        if at is not None:
            self.at = at
        elif not same:
            self.at = changed[0][0] if changed else 0
        if allocation is not None:
            self.at = max(0, min(self.at, allocation.size_class - 1))
        self._measure()
        self._reveal()
        self.refresh()

    def _measure(self) -> None:
        rows = 0 if self.allocation is None else row_count(self.allocation, self.per_row)
        self.virtual_size = Size(self.scrollable_content_region.width, rows)

    def on_resize(self) -> None:
        self._measure()

    @property
    def field(self) -> Field | None:
        return None if self.allocation is None else field_at(self.allocation, self.at)

    @property
    def ref(self) -> Ref | None:
        """The field under the cursor, or the byte where there is none."""
        if self.allocation is None:
            return None
        at, size = (self.at, 1) if self.field is None else (self.field.offset, self.field.size)
        return Ref(self.allocation.serial, at, size)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        row = y + self.scroll_offset.y
        allocation = self.allocation
        if allocation is None or row >= row_count(allocation, self.per_row):
            return self.blank(width)
        line = byte_row(allocation, row, self.per_row, cursor=self.field, at=self.at, changed=self._changed)
        return palette_of(self.app).strip(line, width).apply_style(self.base)

    def _reveal(self) -> None:
        self.scroll_to_region(Region(0, self.at // self.per_row, 1, 1), animate=False, x_axis=False)

    def go(self, at: int) -> None:
        """Put the cursor on a byte."""
        if self.allocation is None:
            return
        self.at = max(0, min(at, self.allocation.size_class - 1))
        self._reveal()
        self.refresh()
        self.post_message(self.Moved(Ref(self.allocation.serial, self.at, 1), self.field))

    def action_move(self, rows: int) -> None:
        self.go(self.at + rows * self.per_row if self.at + rows * self.per_row >= 0 else self.at)

    def action_sideways(self, count: int) -> None:
        self.go(self.at + count)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.scrollable_content_region.height - 1))

    def action_end(self, last: bool) -> None:
        if self.allocation is not None:
            self.go(self.allocation.size_class - 1 if last else 0)

    def action_field(self, step: int) -> None:
        """To the start of the next field, or of this one or the one before."""
        if self.allocation is None:
            return
        starts = [field.offset for field in self.allocation.fields]
        if self.allocation.slack:
            starts.append(self.allocation.asked)
        if step > 0:
            self.go(next((start for start in starts if start > self.at), self.at))
        else:
            self.go(next((start for start in reversed(starts) if start < self.at), self.at))

    def action_follow_pointer(self) -> None:
        if self.field is not None and self.field.target is not None:
            self.post_message(self.Follow(self.field))
        elif self.allocation is not None:
            self.notify(_leads_nowhere(self.field), severity="warning", markup=False)

    def on_click(self, event: events.Click) -> None:
        if self.allocation is None:
            return
        row = event.y + self.scroll_offset.y
        line = byte_row(self.allocation, row, self.per_row)
        cell = event.x
        for segment in line:
            if cell < segment.width:
                if segment.ref is not None:
                    self.go(segment.ref.offset)
                return
            cell -= segment.width

    def lines(self) -> list[Line]:
        """The whole map, for an export."""
        if self.allocation is None:
            return []
        rows = range(row_count(self.allocation, self.per_row))
        return [byte_row(self.allocation, row, self.per_row, changed=self._changed) for row in rows]


def _leads_nowhere(field: Field | None) -> str:
    """Why there is nothing to follow at a field, or where there is none."""
    if field is None:
        return "No field stands here, so there is no pointer to follow: w goes on to the next field."
    if field.kind is Kind.POINTER:
        return f"{field.name} points to nothing that is shown here."
    return f"{field.name} is no pointer: those are drawn as →→."
