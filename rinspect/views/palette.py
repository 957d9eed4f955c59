"""Colours: the kinds of a drawing's text as styles of the current theme."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from weakref import WeakKeyDictionary

from rich.color import Color as RichColor
from rich.segment import Segment as RichSegment
from rich.style import Style
from rich.text import Text
from textual.app import App
from textual.color import Color, ColorParseError
from textual.strip import Strip

from rinspect.drawing.line import Line, Segment

_ROLES: dict[str, tuple[str, str]] = {
    # kind: (theme colour, attributes)
    "": ("foreground", ""),
    "dim": ("foreground", "dim"),
    "label": ("foreground", ""),
    "title": ("primary", "bold"),
    "border": ("foreground", "dim"),
    "number": ("foreground", "bold"),
    "name": ("foreground", "bold"),
    "good": ("success", ""),
    "warn": ("warning", ""),
    "bad": ("error", "bold"),
    "path": ("warning", "bold"),
    "changed": ("success", "bold"),
    "cursor": ("foreground", "reverse"),
    "bar": ("primary", ""),
    "bar-rest": ("foreground", "dim"),
    "header": ("secondary", ""),
    "length": ("primary", ""),
    "count": ("primary", ""),
    "flags": ("secondary", "dim"),
    "encoding": ("accent", ""),
    "payload": ("success", ""),
    "integer": ("warning", ""),
    "backlen": ("foreground", "dim"),
    "pointer": ("primary", "dim"),
    "score": ("warning", ""),
    "span": ("secondary", ""),
    "expiry": ("error", ""),
    "terminator": ("foreground", "dim"),
    "slack": ("foreground", "dim"),
}


class Palette:
    """The styles of one theme."""

    def __init__(self, app: App[object]) -> None:
        variables = app.theme_variables
        self._styles: dict[str, Style] = {}
        for kind, (role, attributes) in _ROLES.items():
            self._styles[kind] = _style(variables.get(role, "#d0d0d0"), attributes)
        if app.native_ansi_color:
            # The terminal's own colours have no shades of which one could be sure, so marks do without.
            self._field, self._changed = Style(underline=True), Style(bold=True, underline=True)
            self._row, self._row_text, self._blurred = Style(reverse=True), Style(bold=True), Style()
        else:
            self._field = Style(bgcolor=_background(variables, "primary-muted", "panel"))
            self._changed = Style(bgcolor=_background(variables, "success-muted", "panel"), bold=True)
            self._row = Style(bgcolor=_background(variables, "block-cursor-background", "primary"))
            self._row_text = _style(variables.get("block-cursor-foreground", ""), "bold")
            self._blurred = Style(bgcolor=_background(variables, "panel", "surface"))
        self.style = lru_cache(maxsize=512)(self._make)

    def _make(self, kind: str) -> Style:
        base, *marks = kind.split(" ")
        style = self._styles.get(base, self._styles[""])
        for mark in marks:
            if mark == "cursor":
                style += Style(reverse=True, bold=True, dim=False)
            elif mark == "field":
                style += self._field
            elif mark == "changed":
                style += self._changed
        return style

    def text(self, lines: Sequence[Line]) -> Text:
        """Lines as a Rich text, for a Static."""
        text = Text(no_wrap=True, end="")
        for number, line in enumerate(lines):
            if number:
                text.append("\n")
            for segment in line:
                text.append(segment.text, self.style(segment.kind))
        return text

    def strip(self, line: Line, width: int, *, selected: bool = False, focused: bool = True, shift: int = 0) -> Strip:
        """A line as a strip of `width` cells, from cell `shift` of the line on."""
        segments = [self._segment(segment, selected and focused) for segment in line]
        strip = Strip(segments)
        strip = strip.crop(shift, shift + width).extend_cell_length(width)
        if selected:
            strip = strip.apply_style(self._row if focused else self._blurred)
        return strip

    def _segment(self, segment: Segment, selected: bool) -> RichSegment:
        style = self._row_text if selected else self.style(segment.kind)
        return RichSegment(segment.text, style)


_held: WeakKeyDictionary[App[object], tuple[str, Palette]] = WeakKeyDictionary()


def palette_of(app: App[object]) -> Palette:
    """The palette of an application's present theme."""
    held = _held.get(app)
    if held is None or held[0] != app.theme:
        held = _held[app] = (app.theme, Palette(app))
    return held[1]


def _style(colour: str, attributes: str) -> Style:
    return Style.parse(attributes or "none") + Style(color=_parse(colour))


def _background(variables: dict[str, str], first: str, second: str) -> RichColor | None:
    return _parse(variables.get(first) or variables.get(second) or "")


def _parse(text: str) -> RichColor | None:
    """A theme's colour; None, the terminal's own, for one that is worked out from what lies under it ("auto 87%")."""
    try:
        return Color.parse(text).rich_color
    except ColorParseError:
        return None
