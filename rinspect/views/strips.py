"""What all scrolling views of strips have in common."""

from __future__ import annotations

from rich.style import Style
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip


class StripView(ScrollView):
    """A ScrollView whose lines begin from one style.

    `base` is the widget's own style, worked out once for each time it is drawn: asking for it on every line would cost
    more than the lines do.
    """

    base = Style()

    def render_lines(self, crop: Region) -> list[Strip]:
        self.base = self.rich_style
        return super().render_lines(crop)

    def blank(self, width: int) -> Strip:
        return Strip.blank(width, self.base)
