"""Drawings held against stored text files, exactly. ``RINSPECT_UPDATE=1`` writes the files anew: look at the difference."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from rinspect.drawing.line import Line, text_of, width_of

FOLDER = Path(__file__).parent / "expected"

_MARKS = {"cursor": "#", "path": "^", "changed": "+", "field": "-"}
"""What stands under text that is lit: where a way ended, where it passed, what changed, the field under the cursor."""


def written(lines: Sequence[Line]) -> list[str]:
    """The lines as text; under one that has something lit, a line of marks that begins with `~`."""
    found: list[str] = []
    for line in lines:
        found.append(text_of(line).rstrip())
        marks = "".join(_mark(segment.kind) * segment.width for segment in line).rstrip()
        if marks:
            found.append("~" + marks[1:])
    return found


def _mark(kind: str) -> str:
    words = kind.split(" ")
    return next((mark for word, mark in _MARKS.items() if word in words), " ")


def check(name: str, lines: Sequence[str]) -> None:
    """The text in the file of that name; the first difference is what the failure shows."""
    path, text = FOLDER / f"{name}.txt", "\n".join(lines) + "\n"
    if os.environ.get("RINSPECT_UPDATE") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{path.name} is drawn differently (RINSPECT_UPDATE=1 stores it)"


def too_wide(lines: Sequence[Line], width: int) -> list[str]:
    """The lines that do not fit."""
    return [text_of(line) for line in lines if width_of(line) > width]
