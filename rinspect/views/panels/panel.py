"""What Monitor needs of a panel."""

from __future__ import annotations

from rinspect.drawing.monitor.parts import Picture
from rinspect.sources.monitored import Monitored


class Panel:
    """Asked for its picture a few times a second while it is visible, and never else.

    One whose lines can be chosen among keeps which one it is, by what it stands for rather than by its row.
    """

    name = ""
    title = ""
    tab = ""
    """Its word among the others."""

    def __init__(self, source: Monitored) -> None:
        self.source = source

    async def picture(self, width: int, height: int) -> Picture:
        """What it shows now, in so many cells and rows; more rows can be scrolled to. NotKnown says why there is nothing."""
        raise NotImplementedError

    @property
    def row(self) -> int | None:
        """The row of what is selected, as of the last picture; None where nothing can be."""
        return None

    def choose(self, row: int) -> None:
        """A row was selected."""

    async def open(self) -> bool:
        """Open what is selected; whether there was anything to open. NotKnown says why not."""
        return False

    async def close(self) -> bool:
        """Close what is open; whether anything was."""
        return False

    async def leave(self) -> None:
        """It is not visible any more."""
        await self.close()

    def refresh(self) -> None:
        """The next picture is to be of what is asked for anew."""

    def next_order(self) -> None:
        """Sort in another way."""

    async def kill(self) -> str:
        """End the connection of the client that is selected; what became of it, or that the key is to be pressed again."""
        return ""
