"""What a key costs: allocation by allocation, summed, and what is not counted."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.drawing.line import Line, Segment, fit, words, wrap
from rinspect.engine.layout import Certainty, Run
from rinspect.engine.reasons import Rebuilt
from rinspect.records import Look

_HEADS = ("asked", "class", "charged", "slack")


def draw_memory(look: Look, rebuilt: Sequence[Rebuilt], width: int) -> list[Line]:
    """The memory breakdown of a key."""
    layout = look.layout
    name = max(14, width - 4 * 10)
    lines: list[Line] = [fit(words((f"{'allocation':<{name}}", "dim"), *((f"{h:>10}", "dim") for h in _HEADS)), width)]
    for run in layout.runs:
        lines.append(fit(_run_line(run, name), width))
        if run.rule:
            lines += [(Segment("  "), *line) for line in wrap(run.rule, width - 2, "dim")]
    if layout.rounding:
        lines.append(_sum_line("rounding of the average (doubles)", None, None, layout.rounding, name))
    lines.append((Segment("─" * min(width, name + 40), "border"),))
    lines.append(_sum_line("sum", layout.asked, layout.size_class, layout.charged, name))
    lines += _verdict(look, width)
    if look.uncounted:
        lines += [(), words(("paid, but not counted by MEMORY USAGE", "title"))]
        for item in look.uncounted:
            lines += wrap(f"{item.size:>5} B  {item.name}: {item.why}", width)
    if rebuilt:
        lines += [(), *_copies(look, rebuilt, width)]
    return lines


def _run_line(run: Run, name: int) -> Line:
    many = f" × {run.count:,}" if run.count > 1 else ""
    slack = run.size_class - run.asked
    return words(
        (f"{(run.name + many)[:name]:<{name}}", "name"),
        f"{run.asked:>10,}{run.size_class:>10,}",
        (f"{run.charged:>10,}", "number"),
        (f"{slack or '·':>10}", "slack"),
    )


def _sum_line(title: str, asked: int | None, size_class: int | None, charged: int, name: int) -> Line:
    return words(
        (f"{title[:name]:<{name}}", "label"),
        f"{'' if asked is None else f'{asked:,}':>10}{'' if size_class is None else f'{size_class:,}':>10}",
        (f"{charged:>10,}", "number"),
        (f"{'' if asked is None or size_class is None else f'{size_class - asked:,}':>10}", "slack"),
    )


def _verdict(look: Look, width: int) -> list[Line]:
    """The two sums in words, and how our figure compares with the server's."""
    certainty = "" if look.layout.certainty is Certainty.EXACT else f" ({look.layout.certainty})"
    text = f"MEMORY USAGE … SAMPLES 0 = {look.computed:,}{certainty}; the allocator gave {look.layout.size_class:,}"
    lines = wrap(text, width)
    if look.reported is None:
        return lines
    how = "" if look.reported_certainty is Certainty.EXACT else f" ({look.reported_certainty})"
    if look.reported == look.computed:
        return [*lines, *wrap(f"the server says {look.reported:,}{how}: the same", width, "good")]
    cause = look.difference or "unexplained"
    return [*lines, *wrap(f"the server says {look.reported:,}{how}: {cause}", width, "warn")]


def _copies(look: Look, rebuilt: Sequence[Rebuilt], width: int) -> list[Line]:
    """A fresh copy under each profile, in a row."""
    lines: list[Line] = [words(("a fresh copy elsewhere ", "title"), ("(rebuilt)", "dim"))]
    row: list[Segment] = []
    for copy in rebuilt:
        same = copy.charged == look.computed and copy.encoding == look.encoding
        piece = words(
            (f"{copy.profile} ", "dim"), (copy.encoding, "encoding"), (f" {copy.charged:,}   ", "" if same else "warn")
        )
        if row and sum(s.width for s in (*row, *piece)) > width:
            lines.append(tuple(row))
            row = []
        row += piece
    return [*lines, fit(tuple(row), width)]
