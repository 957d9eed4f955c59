"""What commands did: a summary for the prompt, the list of changes, and one change in full."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.drawing.line import Line, called, count_of, fit, justify, show_word, words, wrap
from rinspect.records import Change, KeyChange

MOST_LISTED = 12
"""Allocations that are named one by one; of more the runs below tell."""


def signed(amount: int) -> str:
    """A difference in bytes: `+80 B`, `−8 B`, `±0 B`."""
    if not amount:
        return "±0 B"
    return f"{'+' if amount > 0 else '−'}{abs(amount):,} B"


def summary(change: Change | None) -> Line:
    """A change in a few words, for the line of the reply."""
    if change is None or not change.keys:
        return ()
    first = change.keys[0]
    parts: list[str | tuple[str, str]] = [*_headline(first)]
    others = len(change.keys) - 1 + change.more
    if others:
        parts.append((f" · and {count_of(others, 'more key')}", "dim"))
    return words(*parts)


def _headline(change: KeyChange) -> list[str | tuple[str, str]]:
    before, after = change.before, change.after
    amount = (signed(change.diff.charged), "good" if change.diff.charged <= 0 else "warn")
    if before is None and after is not None:
        return [("new key ", "dim"), amount, (f" · {after.encoding}", "encoding")]
    if after is None:
        return [("key gone ", "dim"), amount]
    assert before is not None
    if before.encoding != after.encoding:
        return [amount, (f" · {before.encoding} → {after.encoding}", "changed")]
    if before.sketch and after.sketch and before.sketch != after.sketch:
        return [amount, (f" · HLL {before.sketch} → {after.sketch}", "changed")]
    lit = sum(high - low for grown in change.diff.grown for low, high in grown.changed)
    resized = any(grown.resized for grown in change.diff.grown)
    if change.diff.charged == 0 and not change.diff.made and not change.diff.freed and not resized:
        if not change.diff.grown and before.expires_at != after.expires_at:
            return [("no longer expires" if after.expires_at is None else "expires at another time", "dim")]
        moved = "pointers changed" if change.diff.grown else "no byte changed"
        return [(f"{count_of(lit, 'byte')} changed in place" if lit else moved, "dim")]
    return [amount, (f" · {after.encoding}", "encoding")]


def draw_changes(changes: Sequence[Change], past: int | None, width: int) -> list[Line]:
    """The list of changes, newest first; the one looked at is marked."""
    if not changes:
        return wrap("No change yet. Run a command that writes; [ and ] step through what it changed.", width, "dim")
    return [
        _change_line(change, at == past, width) for at, change in sorted(enumerate(changes), key=lambda pair: -pair[0])
    ]


def _change_line(change: Change, marked: bool, width: int) -> Line:
    if change.argv is not None:
        # Every word takes a cell and a blank at least: more of them than this cannot be seen.
        text = " ".join(show_word(word, 40) for word in change.argv[: width // 2 + 1])
    else:
        text = f"{count_of(change.commands, 'command') if change.commands else 'commands'} of other clients"
    head = words(("▸" if marked else " ", "path"), (f"{change.number:>4} ", "dim"), (text, "name"))
    return justify(head, summary(change), width)


def change_details(change: KeyChange, width: int) -> list[Line]:
    """One change of one key in full: flips with their reasons, then allocations made, freed and grown."""
    lines: list[Line] = []
    for reason in change.reasons:
        lines += wrap(reason, width, "changed")
    sketches = [look.sketch for look in (change.before, change.after) if look is not None and look.sketch]
    if len(set(sketches)) == 2:
        lines.append(words((f"the HyperLogLog: {sketches[0]} → {sketches[1]}", "changed")))
    before = change.before.computed if change.before is not None else 0
    after = change.after.computed if change.after is not None else 0
    lines.append(words(f"MEMORY USAGE {before:,} → {after:,}  ", (f"({signed(after - before)})", "number")))
    for title, kind, found in (("made ", "good", change.diff.made), ("freed", "bad", change.diff.freed)):
        for allocation in found[:MOST_LISTED]:
            text = f" {called(allocation)}  {allocation.asked:,} of {allocation.size_class:,} B"
            lines.append(fit(words((title, kind), text), width))
        if len(found) > MOST_LISTED:
            lines.append(fit(words((title, kind), (f" … {len(found) - MOST_LISTED:,} more of them", "dim")), width))
    for grown in change.diff.grown:
        lit = sum(high - low for low, high in grown.changed)
        differs = f"{count_of(lit, 'byte')} changed" if lit else "pointers changed"
        sizes = f"  {grown.before.asked:,} → {grown.after.asked:,} B" if grown.resized else ""
        classes = ""
        if grown.before.size_class != grown.after.size_class:
            classes = f", class {grown.before.size_class:,} → {grown.after.size_class:,}"
        text = f" {called(grown.after)}{sizes}{classes}, {differs}"
        lines.append(fit(words(("grew " if grown.resized else "wrote", "warn"), text), width))
    for run in change.diff.runs:
        if abs(run.count) > 1:
            lines.append(fit(words((f"{run.count:+,} ", "number"), f"{run.name}: {signed(run.charged)}"), width))
    return lines
