"""Lines as an SVG picture, in a terminal's frame."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rinspect.drawing.line import Line, Segment, width_of

CELL = 8.4
"""Width of a cell in pixels, at the font size below."""
ROW = 18
SIZE = 14
MARGIN = 14
TITLE = 30

BACKGROUND = "#14171c"
FOREGROUND = "#d5d8de"
_COLOURS = {
    "dim": "#7b838f", "title": "#6fb7ff", "border": "#4b525d", "number": "#ffffff", "name": "#ffffff",
    "good": "#7fd88f", "warn": "#f5c26b", "bad": "#ff7b72", "path": "#ffb454", "changed": "#7fd88f",
    "bar": "#6fb7ff", "bar-rest": "#3a414c",
    "header": "#8fa7d9", "length": "#6fb7ff", "count": "#6fb7ff", "flags": "#8391ad", "encoding": "#d6a2ff",
    "payload": "#8fdc9b", "integer": "#f5c26b", "backlen": "#7b838f", "pointer": "#5f9fd6", "score": "#f5c26b",
    "span": "#8fa7d9", "expiry": "#ff7b72", "terminator": "#7b838f", "slack": "#4b525d",
}  # fmt: skip
_BOLD = {"title", "number", "name", "path", "bad", "changed"}
_MARKS = {"field": "#24405f", "changed": "#1f4d2b", "cursor": "#d5d8de"}


def svg(lines: Sequence[Line], title: str = "", *, columns: int = 0) -> str:
    """The picture of lines; at least `columns` cells wide."""
    cells = max([columns, len(title) + 4, *(width_of(line) for line in lines)])
    width = round(cells * CELL + 2 * MARGIN)
    height = TITLE + len(lines) * ROW + MARGIN
    parts = [
        head(width, height, title),
        f'<rect width="{width}" height="{height}" rx="8" fill="{BACKGROUND}"/>',
        f'<text x="{MARGIN}" y="20" fill="{_COLOURS["dim"]}">{escape(title)}</text>',
    ]
    for number, line in enumerate(lines):
        parts += _line(line, TITLE + number * ROW)
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def head(width: int, height: int, title: str = "") -> str:
    """How a picture begins: its size in pixels, and the font."""
    label = f' aria-label="{escape(title)}"' if title else ""
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    fonts = "'JetBrains Mono','DejaVu Sans Mono','Fira Code',Menlo,Consolas,monospace"
    style = f"<style>text{{font-family:{fonts};font-size:{SIZE}px;white-space:pre}}</style>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"{label}>\n{style}'


def _line(line: Line, top: int) -> list[str]:
    """Backgrounds of marked stretches, then the text, each stretch placed by its cell so that fonts cannot drift."""
    backgrounds, texts = [], []
    cell = 0
    for segment in line:
        x = MARGIN + cell * CELL
        base, *marks = segment.kind.split(" ")
        fill = _COLOURS.get(base, FOREGROUND)
        for mark in marks:
            colour = _MARKS.get(mark)
            if colour is not None:
                backgrounds.append(
                    f'<rect x="{x:.1f}" y="{top}" width="{segment.width * CELL:.1f}" height="{ROW}" fill="{colour}"/>'
                )
                fill = BACKGROUND if mark == "cursor" else fill
        if segment.text.strip():
            texts.append(_text(segment, x, top, fill, bold=base in _BOLD))
        cell += segment.width
    return backgrounds + texts


def _text(segment: Segment, x: float, top: int, fill: str, *, bold: bool) -> str:
    weight = ' font-weight="bold"' if bold else ""
    length = segment.width * CELL
    return (
        f'<text x="{x:.1f}" y="{top + 13}" fill="{fill}"{weight} textLength="{length:.1f}" '
        f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">{escape(segment.text)}</text>'
    )
