"""Lines to stdout or into an SVG file."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rinspect.drawing.line import Line, joined
from rinspect.drawing.svg import svg
from rinspect.startup import BadUsage


def write_lines(lines: Sequence[Line], title: str, svg_file: str | None, width: int) -> None:
    """As a picture if a file is named, else as text."""
    if svg_file is not None:
        try:
            Path(svg_file).write_text(svg(lines, title, columns=width), encoding="utf-8")
        except OSError as error:
            raise BadUsage(f"not written: {error.strerror}: {svg_file}") from None
        print(f"rinspect: written: {svg_file}", file=sys.stderr)
    else:
        print(joined(lines))


def write_json(data: object) -> None:
    print(json.dumps(data, ensure_ascii=False, indent=2))
