"""LATENCY GRAPH's picture: a column for each sample, four rows high, with its age written below from top to bottom.

#      a row has three steps, `_`, `o` and `#`; below the highest step a column is filled with `|`, so that the lowest
|  o   sample is a `_` in the last row, and the highest ends with `#` in the first
|_ |
"""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.server.latency import Series

COLUMNS = 80
ROWS = 4
STEPS = "_o#"
_UNITS = ((60, "s", 1), (3600, "m", 60), (86400, "h", 3600))


def graph(event: str, series: Series, now: int) -> str:
    """The graph of a series; `now` in seconds since 1970."""
    values = [sample.milliseconds for sample in series.samples]
    ages = [age(now - sample.at) for sample in series.samples]
    title = f"{event} - high {max(values)} ms, low {min(values)} ms (all time high {series.worst} ms)\n"
    parts = (
        _rows(values[at : at + COLUMNS], ages[at : at + COLUMNS], min(values), max(values))
        for at in range(0, len(values), COLUMNS)
    )
    return f"{title}{'-' * COLUMNS}\n" + "\n".join(parts)


def age(seconds: int) -> str:
    """How long ago something was: `59s`, `5m`, `3h`, `2d`."""
    for limit, unit, size in _UNITS:
        if seconds < limit:
            return f"{seconds // size}{unit}"
    return f"{seconds // 86400}d"


def _rows(values: Sequence[int], labels: Sequence[str], low: int, high: int) -> str:
    steps = len(STEPS) * ROWS
    heights = [min(steps - 1, (value - low) * steps // (high - low or 1)) for value in values]
    rows = ["".join(_cell(height - base) for height in heights) for base in range(steps - len(STEPS), -1, -len(STEPS))]
    rows.append(" " * len(values))
    rows += ["".join(column) for column in zip(*(label.ljust(max(map(len, labels))) for label in labels), strict=True)]
    return "".join(row + "\n" for row in rows)


def _cell(height: int) -> str:
    """What stands in a row for a column that is so many steps higher than the row's foot."""
    if height < 0:
        return " "
    return STEPS[height] if height < len(STEPS) else "|"
