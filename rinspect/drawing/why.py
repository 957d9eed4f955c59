"""Why a value has its encoding, how near the thresholds are, and what would flip it."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.drawing.changes import signed
from rinspect.drawing.line import Line, Segment, fit, words, wrap
from rinspect.engine.reasons import Flip, Rebuilt, Threshold, Why
from rinspect.records import Look


def draw_why(look: Look, why: Why | None, rebuilt: Sequence[Rebuilt], width: int) -> list[Line]:
    """The tab Why of a key."""
    if why is None:
        return [words(("asking …", "dim"))]
    lines = wrap(why.sentence, width, "label")
    if why.thresholds:
        names = max(len(threshold.what) for threshold in why.thresholds)
        settings = max(len(threshold.setting) for threshold in why.thresholds)
        lines += [_threshold_line(threshold, names, settings, width) for threshold in why.thresholds]
    for note in why.notes:
        lines += [(Segment("  "), *line) for line in wrap(note, width - 2, "dim")]
    if why.flips:
        lines += [(), words(("what would flip it ", "title"), ("(tried on a scratch copy)", "dim"))]
        for flip in why.flips:
            lines += _flip_lines(flip, width)
    return lines


def _threshold_line(threshold: Threshold, names: int, settings: int, width: int) -> Line:
    near = threshold.now / threshold.limit if threshold.limit else 1.0
    head = words(
        f"  {threshold.what:<{names}} ", (f"{threshold.now:>7,}", "number"), (" of ", "dim"), f"{threshold.limit:>6,}  ",
        (f"{threshold.setting:<{settings}}  ", "dim"),
    )  # fmt: skip
    room = width - sum(segment.width for segment in head)
    if room < 8:
        return fit(head, width)
    cells = min(24, room)
    full = max(1 if threshold.now else 0, min(cells, round(near * cells)))
    kind = "bad" if near >= 1 else "warn" if near >= 0.8 else "bar"
    return (*head, Segment("▓" * full, kind), Segment("░" * (cells - full), "bar-rest"))


def _flip_lines(flip: Flip, width: int) -> list[Line]:
    effect = words(
        ("→ ", "dim"), (flip.becomes, "encoding"), f"   {flip.before:,} → {flip.after:,} B  ",
        (f"({signed(flip.after - flip.before)})", "warn" if flip.after > flip.before else "good"),
    )  # fmt: skip
    head = words("  ", (flip.command, "name"))
    if sum(s.width for s in (*head, *effect)) + 2 <= width:
        return [(*head, Segment("  "), *effect)]
    return [fit(head, width), fit((Segment("    "), *effect), width)]
