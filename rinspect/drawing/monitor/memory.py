"""used_memory: from its total down to kinds of allocations."""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.drawing.line import Line, Segment, fit, show, size_text, words, wrap
from rinspect.drawing.monitor.parts import Picture, bar, heading
from rinspect.drawing.monitor.times import whole_seconds
from rinspect.engine.events import FreedLazily
from rinspect.monitoring.keyspace import MemoryNow, Share

_LEAST = 54
"""Columns below which notes are left out."""


def draw_memory_of_all(now: MemoryNow, width: int) -> Picture:
    """A line a part; parts of parts are indented."""
    age = "" if now.age is None or now.age < 1 else f" · keys walked {whole_seconds(int(now.age))} ago"
    peak = f" · peak {now.peak:,} B" if now.peak else ""
    used = sum(share.size for share in now.shares) if now.used is None else now.used
    total = f"used_memory {used:,} B" if now.used is not None else f"{used:,} B"
    walking = " · all keys are being walked" if now.age is None else ""
    head = [fit(words((total, "title"), (f"{age}{walking}{peak}", "dim")), width)]
    lines = [fit(line, width) for share in now.shares for line in _lines(share, used, 0, width)]
    if now.used is None:
        lines += wrap(f"residual: {now.residual_note}", width, "dim")
    else:
        residual = Share("residual", now.residual, now.residual_note if now.residual else "nothing is left over")
        lines += [fit(line, width) for line in _lines(residual, used, 0, width)]
    if now.facts:
        lines += [(), heading("the allocator and the system")]
        lines += wrap(" · ".join(f"{name}\N{NO-BREAK SPACE}{value}" for name, value in now.facts.items()), width)
    return Picture([*lines, (), *_freed(now, width)], head=head)


def _lines(share: Share, whole: int, depth: int, width: int) -> Iterator[Line]:
    cells = 16 if width >= 90 else 8
    name = max(16, min(34, width - cells - 24))
    title = fit((Segment("  " * depth), Segment(share.name, "name" if depth == 0 else "")), name, pad=True)
    percent = 100 * share.size / whole if whole else 0.0
    note = f"  {share.note}" if share.note and width >= _LEAST + 20 else ""
    yield (
        *title,
        *bar(share.size, whole, cells),
        Segment(f" {share.size:>11,} B {percent:>5.1f}%"),
        Segment(note, "dim"),
    )
    for part in share.parts:
        yield from _lines(part, whole, depth + 1, width)


def _freed(now: MemoryNow, width: int) -> list[Line]:
    if now.freed is None:
        return []
    lines: list[Line] = [heading("freed lazily, newest first")]
    note = "Left to a thread where freeing takes more than 64 steps: nodes of a list, elements of a table; and FLUSHALL ASYNC."
    if not now.freed:
        return [*lines, *wrap("none since this panel is open. " + note, width, "dim")]
    return [*lines, *wrap(note, width, "dim"), *(fit(_job(one), width) for one in now.freed[:20])]


def _job(job: FreedLazily) -> Line:
    what = f"all of db{job.db}, {job.objects:,} keys" if job.key is None else show(job.key, 30)
    size = "" if job.size is None else f" · {size_text(job.size)}"
    return words((what, "name"), f"{size} · effort {job.effort:,}")
