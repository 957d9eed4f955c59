"""The slow log, and one of its entries."""

from __future__ import annotations

from rinspect.drawing.line import words
from rinspect.drawing.monitor.parts import Picture
from rinspect.drawing.monitor.slow import slow_entry, slow_head, slow_lines
from rinspect.monitoring.slow import Slow
from rinspect.sources.monitored import Monitored
from rinspect.views.panels.panel import Panel


class SlowPanel(Panel):
    """A table, newest first; entered, everything about one entry."""

    name = "slow"
    title = "Slow log"
    tab = "slow"

    def __init__(self, source: Monitored) -> None:
        super().__init__(source)
        self._entries: tuple[Slow, ...] = ()
        self._selected: int | None = None
        self._open: tuple[Slow, str] | None = None

    async def picture(self, width: int, height: int) -> Picture:
        if self._open is not None:
            return Picture(slow_entry(*self._open, width), head=[words(("esc goes back to the list", "dim"))])
        now = await self.source.slow()
        self._entries = now.entries
        ids = [entry.id for entry in now.entries]
        if self._selected not in ids:
            self._selected = ids[0] if ids else None
        nothing = [words(("no command was that slow so far", "dim"))]
        return Picture(slow_lines(now.entries, width) or nothing, head=slow_head(now, width))

    @property
    def row(self) -> int | None:
        if self._open is not None:
            return None
        return next((row for row, entry in enumerate(self._entries) if entry.id == self._selected), None)

    def choose(self, row: int) -> None:
        if self._open is None and 0 <= row < len(self._entries):
            self._selected = self._entries[row].id

    async def open(self) -> bool:
        entry = next((entry for entry in self._entries if entry.id == self._selected), None)
        if entry is None or self._open is not None:
            return False
        self._open = (entry, await self.source.complexity(entry))
        return True

    async def close(self) -> bool:
        was_open, self._open = self._open is not None, None
        return was_open
