"""Latency: everything that took time along one axis, latency events as graphs, and how long commands take."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from rinspect.drawing.line import Line, Segment, fit, words, wrap
from rinspect.drawing.monitor.parts import Picture, graph, heading, level, padded, time_of_day
from rinspect.drawing.monitor.times import duration
from rinspect.monitoring.slow import Durations, Mark, Series, SlowNow

_NAME = 11
_WIDE = 70
"""Columns of the panel from which on each class of durations has one."""
_KINDS = {"slow": "slow", "expiry": "expire", "eviction": "evict", "rehashing": "rehash", "blocked": "blocked"}
_COLOURS = {"slow": "bad", "expiry": "warn", "eviction": "bad", "rehashing": "path", "blocked": "dim"}
_CLASSES = [1 << power for power in range(21)]
"""Microseconds, up to about a second."""
_ROWS = 3
"""Of a latency event's graph."""


def draw_latency(now: SlowNow, width: int) -> Picture:
    """Three parts, one below the other: they share no column, but the first two share their axis."""
    cells = max(20, width - _NAME - 12)
    lines: list[Line] = [heading("one axis", f"a column a second, the last {cells} s")]
    lines += _axis(now, cells)
    lines += wrap(now.limits, width, "dim") if now.limits else []
    lines += [(), *_events(now, cells, width), (), *_histograms(now.durations, width)]
    return Picture([fit(line, width) for line in lines])


def _axis(now: SlowNow, cells: int) -> list[Line]:
    """A row for each kind of thing that takes time; the height of a cell is the logarithm of the worst in that second."""
    lines: list[Line] = []
    for kind, name in _KINDS.items():
        worst = [0] * cells
        for mark in now.marks:
            if mark.kind == kind:
                _enter(mark, now.now, worst)
        timed = kind not in ("rehashing", "blocked")
        most = max(worst)
        text = "".join(level(log2(value + 1), 20.0 if timed else log2(most + 1)) for value in worst)
        note = "" if not most else f" ≤ {duration(most)}" if timed else f" ≤ {most:,}"
        lines.append((padded(name, _NAME - 1, "dim"), Segment(text, _COLOURS[kind]), Segment(note, "dim")))
    start = now.now - cells * 1_000_000
    scale = f"{time_of_day(start)}{'now':>{max(3, cells - 8)}}"
    return [*lines, (Segment(" " * _NAME), Segment(scale, "dim"))]


def _enter(mark: Mark, now: int, worst: list[int]) -> None:
    """A mark in the seconds through which it lasted."""
    last = len(worst) - 1
    end = mark.at + (mark.weight if mark.kind in ("slow", "expiry", "eviction") else 0)
    first_cell, last_cell = (last - (now - at) // 1_000_000 for at in (mark.at, end))
    for cell in range(max(0, first_cell), min(last, last_cell) + 1):
        worst[cell] = max(worst[cell], mark.weight)


def _events(now: SlowNow, cells: int, width: int) -> list[Line]:
    """The latency monitor's series."""
    head = heading("latency events", "the worst of each second, in ms")
    if now.threshold is None:
        return [head, *wrap("latency-monitor-threshold cannot be asked for here.", width, "dim")]
    if not now.threshold:
        text = "Off: CONFIG SET latency-monitor-threshold 100 has events of 100 ms and more kept, by the second."
        return [head, *wrap(text, width, "warn")]
    lines: list[Line] = [head]
    for series in now.series:
        lines += _series(series, now.now // 1_000_000, cells)
    return lines if now.series else [*lines, words((f"none of {now.threshold} ms or more so far", "dim"))]


def _series(series: Series, now: int, cells: int) -> list[Line]:
    values = [0] * cells
    for at, milliseconds in series.samples:
        cell = cells - 1 - (now - at)
        if 0 <= cell < cells:
            values[cell] = max(values[cell], milliseconds)
    last = series.samples[-1][1] if series.samples else 0
    title = words((series.event, "name"), (f"  last {last:,} ms · worst of all {series.worst:,} ms", "dim"))
    if not any(values):
        return [(*title, Segment(" · none in this stretch", "dim"))]
    rows = graph(values, _ROWS)
    scale = [f"{max(values):,} ms", *[""] * (_ROWS - 1)]
    return [
        title,
        *((padded(text, _NAME - 1, "dim"), Segment(row, "bar")) for text, row in zip(scale, rows, strict=True)),
    ]


def _histograms(durations: Sequence[Durations], width: int) -> list[Line]:
    """A line a command: how its calls are spread over durations that double, or take fourfold where there is less room."""
    wide = width >= _WIDE
    steps = "1, 2, 4 µs … 1 s" if wide else "2, 8, 32 µs … 1 s"
    lines: list[Line] = [heading("how long commands take", f"columns: up to {steps}")]
    if not durations:
        return [*lines, words(("nothing is known", "dim"))]
    scale = "1µs  32µs 1ms       1s" if wide else "2µs  2ms  1s"
    lines.append(words((f"{'':<18}{scale}{'calls':>10}{'half ≤':>9}{'99 % ≤':>9}", "dim")))
    for one in durations:
        counts = _counts(one)
        if not wide:
            counts = [sum(counts[at : at + 2]) for at in range(0, len(counts), 2)]
        most = log2(max(counts) + 1)
        text = "".join(level(log2(count + 1), most) for count in counts)
        figures = f" {one.calls:>10,}{_up_to(one, 0.5):>9}{_up_to(one, 0.99):>9}"
        name = padded(one.command.lower().replace("|", " "), 17, "name")
        lines.append((name, Segment(text, "bar"), Segment(figures, "dim")))
    return lines


def _counts(one: Durations) -> list[int]:
    """Calls by class."""
    counts = [0] * len(_CLASSES)
    for limit, calls in one.classes:
        counts[min(len(_CLASSES) - 1, max(0, (limit - 1).bit_length()))] += calls
    return counts


def _up_to(one: Durations, share: float) -> str:
    """The end of the class within which so many of the calls stayed."""
    seen, wanted = 0, share * one.calls
    for limit, calls in one.classes:
        seen += calls
        if seen >= wanted:
            return duration(limit)
    return duration(one.classes[-1][0]) if one.classes else "–"
