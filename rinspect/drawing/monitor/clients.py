"""Clients: a row for each, and all of CLIENT LIST for the one that is selected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rinspect.drawing.line import Line, Segment, count_of, fit, show, size_text, words, wrap
from rinspect.drawing.monitor.parts import bar, padded
from rinspect.monitoring.clients import ClientRow

Key = Callable[[ClientRow], tuple[int | str, ...]]


def _largest_first(*names: str) -> Key:
    return lambda row: (-sum(map(row.number, names)), row.id)


ORDERS: dict[str, Key] = {
    "id": lambda row: (row.id,),
    "name": lambda row: (not row.facts.get("name"), row.facts.get("name", ""), row.id),
    "idle": lambda row: (row.number("idle"), row.id),
    "age": _largest_first("age"),
    "query": _largest_first("qbuf", "argv-mem"),
    "reply": _largest_first("obl", "omem"),
    "memory": _largest_first("tot-mem"),
    "command": lambda row: (row.facts.get("cmd", ""), row.id),
}
"""How clients can be sorted."""


@dataclass(frozen=True, slots=True)
class _Column:
    head: str
    cells: int
    least: int
    """Columns of the panel from which on it is shown."""
    text: Callable[[ClientRow], str]


def _fact(name: str) -> Callable[[ClientRow], str]:
    return lambda row: row.facts.get(name, "")


_COLUMNS = (
    _Column("id", 5, 0, lambda row: str(row.id)),
    _Column("name", 12, 0, lambda row: row.facts.get("name", "") or "·"),
    _Column("address", 15, 104, _fact("addr")),
    _Column("age", 6, 90, lambda row: _seconds(row.number("age"))),
    _Column("idle", 6, 0, lambda row: _seconds(row.number("idle"))),
    _Column("flags", 5, 70, _fact("flags")),
    _Column("db", 3, 104, _fact("db")),
    _Column("sub", 4, 110, lambda row: str(sum(map(row.number, ("sub", "psub", "ssub"))))),
    _Column("multi", 5, 116, lambda row: "·" if row.number("multi") < 0 else row.facts.get("multi", "")),
)


def _seconds(seconds: int) -> str:
    if seconds < 600:
        return f"{seconds} s"
    return f"{seconds // 60} m" if seconds < 36_000 else f"{seconds // 3600} h"


def clients_head(shown: int, connected: int, order: str, width: int) -> list[Line]:
    """How many there are, and the columns' names."""
    more = f", the first {shown:,} listed" if connected > shown else ""
    note = fit(words((f"{count_of(connected, 'client')}{more} · sorted by {order}", "dim")), width)
    names = [padded(column.head, column.cells, "dim") for column in _COLUMNS if width >= column.least]
    cells = _bar_cells(width)
    columns = (padded("query", cells + 6, "dim"), padded("reply", cells + 6, "dim"), padded("memory", 6, "dim"))
    return [note, fit((*names, *columns, Segment("last command", "dim")), width)]


def _bar_cells(width: int) -> int:
    return 6 if width >= 124 else 4 if width >= 70 else 0


def clients_lines(rows: Sequence[ClientRow], width: int) -> list[Line]:
    """A line a client. A buffer's bar is its share of the largest one on the list."""
    cells = _bar_cells(width)
    query = max((_query(row) for row in rows), default=0)
    reply = max((_reply(row) for row in rows), default=0)
    return [fit(_line(row, query, reply, cells, width), width) for row in rows]


def _query(row: ClientRow) -> int:
    return row.number("qbuf") + row.number("argv-mem")


def _reply(row: ClientRow) -> int:
    return row.number("obl") + row.number("omem")


def _line(row: ClientRow, query: int, reply: int, cells: int, width: int) -> Line:
    facts = [
        padded(column.text(row), column.cells, "name" if column.head == "name" else "")
        for column in _COLUMNS
        if width >= column.least
    ]
    buffers: list[Segment] = []
    for value, most in ((_query(row), query), (_reply(row), reply)):
        buffers += (*bar(value, most, cells), padded(f"{size_text(value):>5}", 5 + (cells > 0)))
        if not cells:
            buffers.append(Segment(" "))
    last = show(b" ".join(row.blocked), 60) if row.blocked else row.facts.get("cmd", "")
    return (*facts, *buffers, padded(size_text(row.number("tot-mem")), 6), Segment(last, "dim"))


def client_facts(row: ClientRow, width: int, most: int) -> list[Line]:
    """With what a client is blocked, and all that CLIENT LIST says of it, on at most so many lines."""
    text = " ".join(f"{name}={value}" for name, value in row.facts.items())
    blocked = [fit(words(("blocked with ", "dim"), show(b" ".join(row.blocked), 400)), width)] if row.blocked else []
    return [*blocked, *wrap(text, width, "dim")][:most]
