"""The slow log: a line an entry, and everything about the one that is open."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.drawing.line import Line, Segment, count_of, fit, show, show_word, words, wrap
from rinspect.drawing.monitor.parts import bar, heading, padded, time_of_day
from rinspect.drawing.monitor.times import duration
from rinspect.monitoring.slow import Slow, SlowDetail, SlowNow


def slow_head(now: SlowNow, width: int) -> list[Line]:
    """From which duration on commands are kept, and the columns' names."""
    limit = now.slower_than
    if limit is None:
        text = "slowlog-log-slower-than cannot be asked for here"
    elif limit < 0:
        text = "the slow log is off: CONFIG SET slowlog-log-slower-than 10000"
    else:
        own = f" · without {now.own:,} of rinspect's" if now.own else ""
        text = f"{count_of(len(now.entries), 'command')} that took {duration(limit)} or more · enter opens one{own}"
    columns = (padded("id", 5, "dim"), padded("at", 8, "dim"), padded("took", 8, "dim"))
    cells = _cells(width)
    who = (padded("client", 14, "dim"),) if width >= 70 else ()
    return [
        fit(words((text, "dim")), width),
        fit((*columns, *((Segment(" " * (cells + 1)),) if cells else ()), *who, Segment("command", "dim")), width),
    ]


def _cells(width: int) -> int:
    return 12 if width >= 90 else 0


def slow_lines(entries: Sequence[Slow], width: int) -> list[Line]:
    """A line an entry, with a bar for its share of the longest."""
    most, cells = max((entry.took for entry in entries), default=0), _cells(width)
    return [fit(_line(entry, most, cells, width), width) for entry in entries]


def _line(entry: Slow, most: int, cells: int, width: int) -> Line:
    measured = (*bar(entry.took, most, cells), Segment(" ")) if cells else ()
    who = (padded(_who(entry), 14, "name"),) if width >= 70 else ()
    return (
        padded(str(entry.id), 5, "dim"),
        padded(time_of_day(entry.at), 8),
        padded(duration(entry.took), 8, "number"),
        *measured,
        *who,
        Segment(_shown(entry.argv)),
    )


def _shown(argv: Sequence[bytes]) -> str:
    return " ".join(show_word(word, 40) for word in argv)


def _who(entry: Slow) -> str:
    return entry.name or (f"client {entry.client}" if entry.client else entry.address) or "·"


def slow_entry(entry: Slow, detail: SlowDetail | None, width: int) -> list[Line]:
    """One entry, opened."""
    lines = [
        fit(
            words(
                (f"entry {entry.id} · ", "dim"),
                (duration(entry.took), "number"),
                (f" at {time_of_day(entry.at)}", "dim"),
            ),
            width,
        )
    ]
    lines += wrap(f"client: {_who(entry)}{', ' + entry.address if entry.address else ''}", width)
    if detail is not None and detail.complexity:
        known = (
            f"; {detail.size:,} {detail.size_of}"
            if detail.size is not None
            else f"; {detail.size_of}"
            if detail.size_of
            else ""
        )
        lines += wrap(f"complexity: {detail.complexity.rstrip('.')}{known}", width, "warn")
        if detail.size and entry.took > detail.size and detail.complexity.startswith("O(N)"):
            lines += wrap(f"that is {entry.took / detail.size:,.2f} µs for each", width, "dim")
    lines += [*_around(entry, width), (), heading("arguments")]
    for number, word in enumerate(entry.argv):
        lines.append(fit((Segment(f"{number:>3} ", "dim"), Segment(show(word, 400))), width))
    return lines


def _around(entry: Slow, width: int) -> list[Line]:
    """What else ran in that iteration."""
    if entry.iteration is None:
        return wrap("Who waited for it, and what else ran then, a server does not tell.", width, "dim")
    lines = wrap(f"iteration {entry.iteration:,}, {entry.phase}", width)
    before = ", ".join(entry.before) or "nobody"
    lines += wrap(f"served before it in that iteration: {before}", width)
    waiting = entry.waiting or 0
    behind = ", ".join(entry.behind)
    cost = (
        f"{count_of(waiting, 'client')} waited {duration(entry.took)} behind it: {behind}"
        if waiting
        else "nobody was ready behind it"
    )
    return [*lines, *wrap(cost, width, "bad" if waiting else "")]
