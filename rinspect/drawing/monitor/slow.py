"""The slow log: a line an entry, and everything about the one that is open."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.drawing.line import Line, Segment, count_of, fit, show, show_word, words, wrap
from rinspect.drawing.monitor.parts import bar, heading, padded, time_of_day
from rinspect.drawing.monitor.times import duration
from rinspect.engine.server.extent import Extent
from rinspect.monitoring.loop import Toll
from rinspect.monitoring.slow import Slow, SlowNow


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


def slow_entry(entry: Slow, complexity: str, width: int) -> list[Line]:
    """One entry, opened. `complexity`: what is documented of its command; empty for nothing."""
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
    if complexity:
        lines += wrap(f"complexity: {complexity.rstrip('.')}", width, "warn")
    if entry.extent is not None:
        lines += _through(entry.took, entry.extent, width)
    lines += [*_around(entry, width), (), heading("arguments")]
    for number, word in enumerate(entry.argv):
        lines.append(fit((Segment(f"{number:>3} ", "dim"), Segment(show(word, 400))), width))
    return lines


def _through(took: int, extent: Extent, width: int) -> list[Line]:
    """What it went through, with the time for each; or how large its key was."""
    where = f"db{extent.db}" if extent.key is None else show(extent.key, 60)
    count = count_of(extent.count, extent.unit.removesuffix("s"))
    if not extent.passed:
        return wrap(f"when it had ended there were {count} in {where}", width, "dim")
    each = f": {took / extent.count:,.2f} µs for each" if extent.count else ""
    return wrap(f"it went through {count} in {where}{each}", width, "dim")


def _around(entry: Slow, width: int) -> list[Line]:
    """What else ran in that iteration, and who waited."""
    if entry.iteration is None:
        return wrap("Who waited for it, and what else ran then, a server does not tell.", width, "dim")
    lines = wrap(f"iteration {entry.iteration:,}, {entry.phase}", width)
    lines += wrap(f"served before it in that iteration: {', '.join(entry.before) or 'no client'}", width)
    waiting = entry.waiting or 0
    ready = (
        f"{count_of(waiting, 'client')} waited {duration(entry.took)} behind it: {_named(entry.behind, waiting)}"
        if waiting
        else "no other client was ready when it began"
    )
    return [*lines, *wrap(ready, width, "bad" if waiting else ""), *_came(entry.toll, width)]


def _came(toll: Toll | None, width: int) -> list[Line]:
    """Who sent something while it ran: the kernel tells that, if it is asked at once."""
    if toll is None:
        return wrap("who came while it ran was not looked at", width, "dim")
    late = [one for one in toll.waited if not one.exact]
    others = f"; {count_of(toll.more, 'client')} more were not looked at" if toll.more else ""
    if not toll.came:
        return wrap(f"none came while it ran{others}", width)
    most = max((one.took for one in late), default=toll.took)
    who = _named([one.name for one in late], toll.came)
    text = f"{count_of(toll.came, 'client')} came while it ran, and waited {duration(most)} at most: {who}{others}"
    return wrap(text, width, "bad")


def _named(names: Sequence[str], count: int) -> str:
    more = count - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more > 0 else "")
