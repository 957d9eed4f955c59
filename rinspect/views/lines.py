"""A scrolling view of lines. Only what is visible is turned into strips."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip

from rinspect.drawing.line import Line, Ref, Segment, text_of, width_of
from rinspect.views.actions import bindings
from rinspect.views.palette import Palette, palette_of
from rinspect.views.strips import StripView


class LineView(StripView, can_focus=True):
    """Shows lines; scrolls by keys and wheel; a click on a stretch that stands for bytes says so.

    With `selectable` a row is selected and moves with the cursor keys; without, the keys scroll.
    """

    DEFAULT_CSS = """
    LineView { scrollbar-size: 0 1; background: transparent; }
    """

    BINDINGS = bindings("moving", "sideways")

    row: reactive[int] = reactive(0)

    class Pointed(Message):
        """Something that stands for bytes was clicked."""

        def __init__(self, view: LineView, ref: Ref) -> None:
            super().__init__()
            self.view = view
            self.ref = ref

        @property
        def control(self) -> LineView:
            return self.view

    class RowChosen(Message):
        """A row was selected, by key or mouse; `entered` if with enter or a click."""

        def __init__(self, view: LineView, row: int, entered: bool) -> None:
            super().__init__()
            self.view = view
            self.row = row
            self.entered = entered

        @property
        def control(self) -> LineView:
            return self.view

    def __init__(self, *, id: str | None = None, selectable: bool = False, follow: bool = False) -> None:
        super().__init__(id=id)
        self.selectable = selectable
        self.follow = follow
        """It grows at its end, which stays in view for who has not scrolled away from it."""
        self._at_end = True
        self._lines: Sequence[Line] = ()
        self._palette: Palette | None = None
        """The colours in which they were shown last."""

    @property
    def lines(self) -> Sequence[Line]:
        return self._lines

    def show(self, lines: Sequence[Line], *, width: int | None = None) -> None:
        """Show other lines, keeping the place; with `follow`, the end where that was in view."""
        before, self._lines = self._lines, lines
        widest = width if width is not None else max(map(width_of, lines), default=0)
        size = Size(widest, len(lines))
        same = size == self.virtual_size and len(before) == len(lines)
        self.virtual_size = size
        self._keep_end()
        self.row = max(0, min(self.row, len(lines) - 1))
        palette, self._palette = self._palette, palette_of(self.app)
        if not same or palette is not self._palette:
            self.refresh()
            return
        # Only what is another now: the rest of the screen need not be sent again.
        (left, top), (cells, rows) = self.scroll_offset, self.scrollable_content_region.size
        changed = [
            Region(max(0, first - left), row - top, min(last, left + cells) - max(first, left), 1)
            for row in range(top, min(top + rows, len(lines)))
            if lines[row] != before[row]
            for first, last in _stretches(before[row], lines[row])
            if first < left + cells and last > left
        ]
        if changed:
            self.refresh(*changed)

    def to_end(self) -> None:
        """Go to the end, and stay there with `follow`."""
        self._at_end = True
        # Forced, for the scrollbar that would allow it may not have come yet.
        self.scroll_end(animate=False, force=True)

    def _keep_end(self) -> None:
        if self.follow and self._at_end:
            self.to_end()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        # Not when it is asked for: there may be less room by then, though nobody has scrolled.
        self._at_end = self.scroll_offset.y >= self.max_scroll_y

    def on_resize(self) -> None:
        self._keep_end()

    def render_line(self, y: int) -> Strip:
        scroll_x, scroll_y = self.scroll_offset
        at = y + scroll_y
        width = self.scrollable_content_region.width
        if at >= len(self._lines):
            return self.blank(width)
        selected = self.selectable and at == self.row
        line = self._lines[at]
        strip = palette_of(self.app).strip(line, width, selected=selected, focused=self.has_focus, shift=scroll_x)
        return strip.apply_style(self.base)

    def watch_row(self, before: int, after: int) -> None:
        if self.selectable:
            self.scroll_to_region(Region(0, after, 1, 1), animate=False, x_axis=False)
            self.refresh()
            if before != after:
                self.post_message(self.RowChosen(self, after, False))

    def action_move(self, rows: int) -> None:
        """Move the selected row, or scroll."""
        if self.selectable:
            self.row = max(0, min(self.row + rows, len(self._lines) - 1))
        else:
            self.scroll_relative(y=rows, animate=False)

    def action_page(self, pages: int) -> None:
        self.action_move(pages * max(1, self.scrollable_content_region.height - 1))

    def action_sideways(self, cells: int) -> None:
        self.scroll_relative(x=8 * cells, animate=False)

    def action_end(self, last: bool) -> None:
        if self.selectable:
            self.row = len(self._lines) - 1 if last else 0
        elif last:
            self.scroll_end(animate=False)
        else:
            self.scroll_home(animate=False)

    def on_click(self, event: events.Click) -> None:
        at = event.y + self.scroll_offset.y
        if at >= len(self._lines):
            return
        if self.selectable:
            self.row = at
            self.post_message(self.RowChosen(self, at, True))
        cell = event.x + self.scroll_offset.x
        for segment in self._lines[at]:
            if cell < segment.width:
                if segment.ref is not None:
                    self.post_message(self.Pointed(self, segment.ref))
                return
            cell -= segment.width

    def reveal(self, wanted: Callable[[Segment], bool]) -> None:
        """Scroll to the first stretch that is wanted, such as the end of a search's way, unless it is in view."""
        (width, height), (left, top) = self.scrollable_content_region.size, self.scroll_offset
        for row, line in enumerate(self._lines):
            cell = 0
            for segment in line:
                if wanted(segment):
                    x, y = left, top
                    if cell < left or cell + segment.width > left + width:
                        # No further than needed: what leads there shall stay in view.
                        x = max(0, cell + segment.width + 2 - width)
                    if not top <= row < top + height - 1:
                        y = max(0, row - height + 2)
                    # By force: the scrollbar that would allow it may not be there yet.
                    self.scroll_to(x, y, animate=False, force=True)
                    return
                cell += segment.width

    def text(self) -> str:
        """All lines as plain text, for the clipboard."""
        return "\n".join(text_of(line).rstrip() for line in self._lines)


GAP = 10
"""Cells that are the same between two that are not, and that are rather sent again than skipped."""


def _stretches(before: Line, after: Line) -> Iterator[tuple[int, int]]:
    """From which cell to before which cell two lines differ."""
    start = end = -GAP - 1
    for cell, (one, other) in enumerate(zip_longest(_cells(before), _cells(after))):
        if one != other:
            if cell - end > GAP:
                if start >= 0:
                    yield start, end
                start = cell
            end = cell + 1
    if start >= 0:
        yield start, end


def _cells(line: Line) -> Iterator[tuple[str, str]]:
    """What stands in each cell, and of which kind it is."""
    for segment in line:
        text, kind = segment.text, segment.kind
        if segment.width == len(text):
            yield from ((character, kind) for character in text)
        else:
            for character in text:
                yield from ((character, kind) for _ in range(cell_len(character)))
