"""What was appended to the append-only file, a line a command."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from rinspect.drawing.line import Line, Segment, count_of, fit, size_text, width_of, words
from rinspect.drawing.monitor.parts import padded, time_of_day
from rinspect.drawing.monitor.shortening import command_text, command_within
from rinspect.monitoring.appendonly import Unseen, Written

_UNIT = {"first": "┌ ", "inside": "│ ", "last": "└ "}
_FRAME = frozenset((b"MULTI", b"EXEC", b"SELECT"))
"""What is in the file for its reader's sake."""
_DELETING = frozenset((b"DEL", b"UNLINK"))
"""Commands that are there for a key that went, one for each."""
_ROOMY = 90
"""Columns of the panel from which on it is said when this is collected."""


def appended_head(width: int) -> Line:
    """The columns' names."""
    columns = (padded("at", 8, "dim"), padded("db", 4, "dim"), padded("bytes", 5, "dim"))
    what = words(("what is appended, newest last", "dim"), (" · collected only while this panel is open", "warn"))
    return fit((*columns, Segment("  "), *what[: None if width >= _ROOMY else 1]), width)


def appended_lines(tail: Sequence[Written | Unseen], width: int) -> list[Line]:
    """In the file's order, units with a line along them."""
    if not tail:
        return [words(("nothing since this panel is open", "dim"))]
    return [fit(_line(one, width) if isinstance(one, Written) else _gap(one), width) for one in tail]


def _gap(one: Unseen) -> Line:
    size = f"{size_text(one.size):>5} "
    return (*_when(one.at, ""), *words((f"{size}  nobody looked on meanwhile", "dim")))


def _when(at: int, db: str) -> Line:
    return padded(time_of_day(at), 8, "dim"), padded(db, 4, "dim")


def _line(one: Written, width: int) -> Line:
    db = "" if one.db is None else f"db{one.db}"
    size = Segment(f"{size_text(one.size):>5} ", "number")
    before = (*_when(one.at, db), size, Segment(_UNIT.get(one.place, "  "), "path"))
    kind = "dim" if one.argv[0].upper() in _FRAME else ""
    many = _many(one)
    room = width - width_of(before) - width_of(many)
    if one.asked is None and not one.gone:
        return (*before, Segment(command_within(one.argv, room), kind))
    # Of a long one there is to be seen what became of it: what was asked gives way first.
    room -= 3
    cause = _cause(one, max(room // 3, room - cell_len(command_text(one.argv))))
    command = Segment(command_within(one.argv, room - width_of(cause)), kind)
    return (*before, *cause, Segment(" ▸ ", "path"), command, *many)


def _many(one: Written) -> Line:
    """How many rows this one stands for, if it is not just its own."""
    if one.count == 1:
        return ()
    return words((f" … {count_of(one.count, 'key' if one.argv[0] in _DELETING else 'command')}", "dim"))


def _cause(one: Written, room: int) -> Line:
    """What was asked, or what became of the key."""
    gone = (one.gone, "bad" if one.gone == "evicted" else "warn")
    if one.asked is None:
        return words(gone)
    before = words(gone, (" at " if one.gone else "", "dim"))
    return (*before, Segment(command_within(one.asked, room - width_of(before)), "dim"))
