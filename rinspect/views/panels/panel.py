"""What Monitor needs of a panel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rinspect.drawing.line import Line
from rinspect.sources.engine import EngineSource


class Panel(Protocol):
    """Asked for its lines a few times a second while it is visible, and never else."""

    name: str
    title: str

    async def lines(self, source: EngineSource, width: int, height: int) -> Sequence[Line]:
        """What it shows now, in so many cells and rows; more rows can be scrolled to."""
        ...
