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
    if look.notice and not look.layout.runs:
        return wrap(look.notice, width, "warn")
    layout = look.layout
    column = 10 if width >= 64 else max(8, len(f"{layout.size_class:,}") + 2)
    name = max(14, width - 4 * column)
    heads = ((f"{head:>{column}}", "dim") for head in _HEADS)
    lines: list[Line] = [fit(words((f"{'allocation':<{name}}", "dim"), *heads), width)]
    for run in layout.runs:
        lines.append(fit(_run_line(run, name, column), width))
        if run.rule:
            lines += [(Segment("  "), *line) for line in wrap(run.rule, width - 2, "dim")]
    if layout.rounding:
        lines.append(_sum_line("rounding of the average (doubles)", None, None, layout.rounding, name, column))
    lines.append((Segment("─" * min(width, name + 4 * column), "border"),))
    lines.append(fit(_sum_line("sum", layout.asked, layout.size_class, layout.charged, name, column), width))
    lines += _verdict(look, width)
    if look.uncounted:
        lines += [(), fit(words(("paid, but not counted by MEMORY USAGE", "title")), width)]
        for item in look.uncounted:
            first, *others = wrap(f"{item.name}: {item.why}", width - 9)
            lines += [(Segment(f"{item.size:>5} B  "), *first), *((Segment(" " * 9), *other) for other in others)]
    if rebuilt:
        lines += [(), *_copies(look, rebuilt, width)]
    return lines


def _run_line(run: Run, name: int, column: int) -> Line:
    many = f" × {run.count:,}" if run.count > 1 else ""
    slack = run.size_class - run.asked
    title = (*fit(words((run.name, "name")), name - len(many)), Segment(many, "name"))
    return (*fit(title, name, pad=True), *_figures(run.asked, run.size_class, run.charged, slack or "·", column))


def _sum_line(title: str, asked: int | None, size_class: int | None, charged: int, name: int, column: int) -> Line:
    slack = None if asked is None or size_class is None else size_class - asked
    return (
        *fit(words((title, "label")), name, pad=True),
        *_figures(asked, size_class, charged, slack, column),
    )


def _figures(asked: int | None, size_class: int | None, charged: int, slack: int | str | None, column: int) -> Line:
    texts = ["" if figure is None else f"{figure:,}" if isinstance(figure, int) else figure
             for figure in (asked, size_class, charged, slack)]  # fmt: skip
    kinds = ("", "", "number", "slack")
    return tuple(Segment(f"{text:>{column}}", kind) for text, kind in zip(texts, kinds, strict=True))


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
    lines: list[Line] = [fit(words(("a fresh copy elsewhere ", "title"), ("(rebuilt)", "dim")), width)]
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
