"""Clients, and one client's conversation."""

from __future__ import annotations

from rinspect.console.replies import format_reply, is_report
from rinspect.console.secrets import censored, shown_line
from rinspect.console.words import quoted
from rinspect.drawing.line import Line, Segment, count_of, fit, words
from rinspect.drawing.monitor.clients import ORDERS, client_facts, clients_head, clients_lines
from rinspect.drawing.monitor.parts import Picture, time_of_day
from rinspect.drawing.monitor.times import duration
from rinspect.monitoring.clients import ClientRow, Conversation, Said
from rinspect.sources.monitored import Monitored
from rinspect.views.panels.panel import Panel

MOST_LINES = 12
"""Lines of a reply that are shown."""


class ClientsPanel(Panel):
    """A table; entered, one client's conversation."""

    name = "clients"
    title = "Clients"
    tab = "clients"

    def __init__(self, source: Monitored) -> None:
        super().__init__(source)
        self._rows: list[ClientRow] = []
        self._selected = 0
        """A client's number; 0 before there is one."""
        self._order = "id"
        self._listening = 0
        self._to_kill = 0
        """The client whose connection ends when the key is pressed again."""

    async def picture(self, width: int, height: int) -> Picture:
        if self._listening:
            return self._conversation(await self.source.conversation(), width)
        table = await self.source.clients()
        self._rows = sorted(table.rows, key=ORDERS[self._order])
        numbers = [row.id for row in self._rows]
        if self._selected not in numbers:
            self._selected = numbers[0] if numbers else 0
        if self._to_kill != self._selected:
            self._to_kill = 0
        row = self.row
        below = [] if row is None else client_facts(self._rows[row], width, 3 if height < 16 else 5)
        head = clients_head(len(self._rows), table.connected, self._order, width)
        return Picture(clients_lines(self._rows, width), head, below)

    def _conversation(self, told: Conversation, width: int) -> Picture:
        name = next((row.name for row in self._rows if row.id == told.client), f"client {told.client}")
        state = "it is gone" if told.gone else "as it flows; esc goes back"
        forgotten = f" · {told.forgotten:,} before are forgotten" if told.forgotten else ""
        head = words((f"{name} ", "title"), (f"· {state} · {count_of(len(told.said), 'line')} said{forgotten}", "dim"))
        lines = [line for said in told.said for line in said_lines(said, width)]
        nothing = [words(("nothing was said since you listen", "dim"))]
        return Picture(lines or nothing, head=[fit(head, width)], follow=True)

    @property
    def row(self) -> int | None:
        if self._listening:
            return None
        return next((row for row, one in enumerate(self._rows) if one.id == self._selected), None)

    def choose(self, row: int) -> None:
        if not self._listening and 0 <= row < len(self._rows):
            self._selected = self._rows[row].id

    async def open(self) -> bool:
        if self._listening or not self._selected:
            return False
        await self.source.listen(self._selected)
        self._listening = self._selected
        return True

    async def close(self) -> bool:
        if not self._listening:
            return False
        self._listening = 0
        await self.source.listen(None)
        return True

    def next_order(self) -> None:
        names = list(ORDERS)
        self._order = names[(names.index(self._order) + 1) % len(names)]

    async def kill(self) -> str:
        target = self._listening or self._selected
        if not target:
            return ""
        if self._to_kill != target:
            self._to_kill = target
            name = next((row.name for row in self._rows if row.id == target), f"client {target}")
            return f"Press again to end the connection of {name}."
        self._to_kill = 0
        return await self.source.kill(target)


def said_lines(said: Said, width: int) -> list[Line]:
    """A request or reply as redis-cli would show it, without what is secret."""
    argv, at = list(said.argv), Segment(time_of_day(said.at) + " ", "dim")
    if said.kind == "request":
        text = shown_line(" ".join(map(quoted_if_needed, argv)), argv)
        return [fit((at, Segment("> ", "dim"), Segment(text, "name")), width)]
    report = bool(argv) and is_report(argv)
    texts = [censored(text, argv) for text in format_reply(said.reply, MOST_LINES, report=report)]
    took = () if said.took is None else (Segment(f"  {duration(said.took)}", "dim"),)
    mark = Segment("← " if said.kind == "push" else "  ", "path")
    kind = "bad" if texts[0].startswith("(error)") else ""
    first = fit((at, mark, Segment(texts[0], kind), *took), width)
    return [first, *(fit((Segment(" " * 11), Segment(text)), width) for text in texts[1:])]


def quoted_if_needed(word: bytes) -> str:
    """A word as one would type it."""
    text = quoted(word)
    return text[1:-1] if word and text[1:-1].encode() == word and not set(word) & set(b" '\"") else text
