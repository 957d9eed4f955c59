"""Why a value has its encoding, how near the thresholds are, and what would flip it."""

from __future__ import annotations

from rinspect.drawing.changes import signed
from rinspect.drawing.line import Line, Segment, fit, width_of, words, wrap
from rinspect.engine.reasons import Flip, Threshold, Why
from rinspect.records import Look


def draw_why(look: Look, why: Why | None, width: int, *, past: bool = False) -> list[Line]:
    """The tab Why of a key. `why` is that of now; of a `past` moment none is known."""
    if past:
        return wrap("Reasons are worked out for now only: ] goes on to the next change, esc back to now.", width, "dim")
    if why is None:
        return wrap(look.notice, width, "warn") if look.notice else [words(("asking …", "dim"))]
    lines = draw_reason(why, width)
    if why.flips:
        head = words(("what would flip it ", "title"), ("(tried on a scratch copy)", "dim"))
        lines += [(), fit(head, width)]
        for flip in why.flips:
            lines += _flip_lines(flip, width)
    return lines


def draw_reason(why: Why, width: int) -> list[Line]:
    """The rule that chose the encoding, and how near each of its thresholds is."""
    lines = wrap(why.sentence, width, "label")
    if why.thresholds:
        names = max(len(threshold.what) for threshold in why.thresholds)
        settings = max(len(threshold.setting) for threshold in why.thresholds)
        for threshold in why.thresholds:
            lines += _threshold_lines(threshold, names, settings, width)
    for note in why.notes:
        lines += [(Segment("  "), *line) for line in wrap(note, width - 2, "dim")]
    return lines


def _threshold_lines(threshold: Threshold, names: int, settings: int, width: int) -> list[Line]:
    """What is now, the limit, its name in CONFIG and how near it is; where that is too wide the name goes below."""
    figures = words(
        f"  {threshold.what:<{names}} ", (f"{threshold.now:>7,}", "number"), (" of ", "dim"), f"{threshold.limit:>6,}  "
    )
    setting = Segment(f"{threshold.setting:<{settings}}  ", "dim")
    room = width - width_of((*figures, setting))
    if room >= 8:
        return [(*figures, setting, *_bar(threshold, room))]
    room = width - width_of(figures)
    first = fit((*figures, *_bar(threshold, max(0, room))), width)
    return [first, fit((Segment("    "), Segment(threshold.setting, "dim")), width)] if threshold.setting else [first]


def _bar(threshold: Threshold, room: int) -> Line:
    near = threshold.now / threshold.limit if threshold.limit else 1.0
    cells = min(24, room)
    full = max(1 if threshold.now else 0, min(cells, round(near * cells)))
    kind = "bad" if near > 1 else "warn" if near >= 0.8 else "bar"
    return Segment("▓" * full, kind), Segment("░" * (cells - full), "bar-rest")


def _flip_lines(flip: Flip, width: int) -> list[Line]:
    effect = words(
        ("→ ", "dim"), (flip.becomes, "encoding"), f"   {flip.before:,} → {flip.after:,} B  ",
        (f"({signed(flip.after - flip.before)})", "warn" if flip.after > flip.before else "good"),
    )  # fmt: skip
    head = words("  ", (flip.command, "name"))
    if sum(s.width for s in (*head, *effect)) + 2 <= width:
        return [(*head, Segment("  "), *effect)]
    return [fit(head, width), fit((Segment("    "), *effect), width)]
