"""The append-only file: how it stands, its files, and below what is appended, in the file's order."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rinspect.drawing.line import Line, Segment, count_of, fit, show_ends, size_text, width_of, words, wrap
from rinspect.drawing.monitor.appended import appended_head, appended_lines
from rinspect.drawing.monitor.boxes import beside, box
from rinspect.drawing.monitor.parts import Picture, bar, left_out, padded
from rinspect.drawing.monitor.times import whole_seconds
from rinspect.monitoring.appendonly import AppendOnlyNow, File, Flow, Snapshot
from rinspect.monitoring.loop import Saving

_WIDE = 100
_ROOMY = 70
"""Columns of the panel from which on it is told of rewrites that are past."""
_MOST_FILES, _FEW_FILES = 6, 3
"""Shown beside how it stands, and below that. (While one rewrites, there are three.)"""
_STATES = {
    "off": ("○ off", "dim"),
    "waiting for a rewrite": ("◐ waiting for its first rewrite", "warn"),
    "on": ("● on", "good"),
}
_PROMISES = {
    "always": "a reply means the disk has it",
    "everysec": "up to a second may be lost",
    "no": "what the kernel has not written yet may be lost, often up to 30 s",
}


def draw_append_only(now: AppendOnlyNow, width: int) -> Picture:
    """What stands still stays above what is appended: in boxes side by side, one below the other where it is narrow."""
    if width < _WIDE:
        roomy = width >= _ROOMY
        head = [*_standing(now, width), *(_next_start(now, width) if roomy else ())]
        head += [*_files(now, width, _FEW_FILES), *(_past(now, width) if roomy else ())]
    elif now.state == "off" and not now.files:
        head = box("how it stands", _standing(now, width - 4), width)
    else:
        left = width * 53 // 100
        right = width - left
        standing = [*_standing(now, left - 4), *_next_start(now, left - 4)]
        files = [*_files(now, right - 4, _MOST_FILES), *_past(now, right - 4)]
        rows, place = max(len(standing), len(files)) + 2, now.place.encode(errors="surrogateescape")
        title = f"files in {show_ends(place, right - 18)}" if place else "files"
        head = beside(box("how it stands", standing, left, rows), box(title, files, right, rows), left)
    if now.tail is None:
        text = "The commands themselves are in files on the server's machine. Over a connection it tells of them only this:"
        facts = " · ".join(f"{name}\N{NO-BREAK SPACE}{value}" for name, value in now.facts.items())
        return Picture([*(wrap(text, width, "dim") if now.state == "on" else ()), *wrap(facts, width)], head)
    if now.state == "off" and not now.tail:
        return Picture([], head)
    lines = appended_lines(now.tail, width)
    return Picture(lines, [*head, appended_head(width)], follow=True, first=now.forgotten)


def _standing(now: AppendOnlyNow, width: int) -> list[Line]:
    """Whether what is done is kept, and how far on its way to the disk it is."""
    state, kind = _STATES[now.state]
    if now.state == "off":
        text = "What is done after the last snapshot is lost when the process ends."
        if now.tail is not None:
            text += " CONFIG SET appendonly yes has each change written down before its reply leaves."
        return [words((state, kind)), *wrap(text, width), *_snapshot(now.snapshot, width)]
    promise = f" · appendfsync {now.fsync}" if now.fsync else ""
    if now.fsync in _PROMISES and not now.failure:
        promise += f": {_PROMISES[now.fsync]}"
    whole = words((state, kind), promise)
    lines = [whole] if width_of(whole) <= width else [whole[:1], *wrap(promise.removeprefix(" · "), width)]
    if now.failure:
        lines += wrap(f"Writing it down fails: {now.failure}. Writes are refused, with a MISCONF error.", width, "bad")
    if now.state != "on":
        text = "What was there before is still to be written; until then a restart finds what the files had before."
        lines += wrap(text, width, "dim")
    flow = now.flow
    if flow is not None:
        lines += [_sized(partial(line, now, flow), width) for line in (_chain, _lag)]
    if now.delayed:
        text = f"{count_of(now.delayed, 'write')} went on though an fsync took too long: the disk is slow"
        lines += wrap(text, width, "warn")
    return lines


def _next_start(now: AppendOnlyNow, width: int) -> list[Line]:
    """What a screen's own engine does not do, and a server would."""
    if now.state != "on" or now.tail is None or any(file.size is None for file in now.files or ()):
        return []
    return wrap("The next screen begins without it: rinspect serve --appendonly yes loads it.", width, "dim")


def _snapshot(last: Snapshot, width: int) -> list[Line]:
    when = "none since the start" if last.ago is None else f"{whole_seconds(last.ago)} ago"
    lines = wrap(f"last snapshot: {when}; {count_of(last.changes, 'change')} since then", width, "dim")
    return [*lines, words(("the last attempt at one failed", "bad"))] if last.failed else lines


def _sized(draw: Callable[[Callable[[int], str]], Line], width: int) -> Line:
    """A line with sizes in bytes, or shorter where there is less room: digits come and go, and lines below stay."""
    exact = draw(lambda size: f"{size:,} B")
    return exact if width_of(exact) <= width else fit(draw(size_text), width)


def _chain(now: AppendOnlyNow, flow: Flow, text: Callable[[int], str]) -> Line:
    """Buffer, file, disk, each with what has come so far."""
    written = now.size if flow.written is None else flow.written
    behind = flow.unsynced != 0 or now.pending > 0
    # (The size that is told is that of all of them.)
    file, disk = "files " if flow.written is None else "file ", "not told"
    if flow.unsynced is not None:
        disk = f"{'≤ ' if now.pending else ''}{text(written - flow.unsynced)}"
    return words(
        ("buffer ", "dim"), (text(flow.buffer), "number"), (" ─write→ ", "path"), (file, "dim"), (text(written), "number"),
        (" ─fsync→ ", "warn" if behind else "path"), ("disk ", "dim"), (disk, "number"),
    )  # fmt: skip


def _lag(now: AppendOnlyNow, flow: Flow, text: Callable[[int], str]) -> Line:
    """What the disk does not have yet, and what is done about that."""
    parts = []
    if flow.unsynced:
        parts.append(f"{text(flow.unsynced)} to be fsync'ed")
    elif flow.unsynced is not None and not now.failure:
        parts.append("all of it under way" if now.pending else "all of it fsync'ed")
    if flow.last_sync is not None:
        parts.append(f"last {whole_seconds(flow.last_sync)} ago")
    parts.append(f"bio_aof: {now.pending} pending" if now.pending else "bio_aof idle")
    return words((" · ".join(parts), "dim"))


def _files(now: AppendOnlyNow, width: int, most: int) -> list[Line]:
    """The last ones, each with its bytes; how much all have grown, and who writes them anew."""
    files = now.files or ()
    shown = files[-most:]
    cells = max((len(file.name) for file in shown), default=0)
    digits = max((len(_size(file)) for file in shown), default=0)
    lines = left_out(len(shown), len(files), "files")
    room = max(12, min(cells, width - digits - 11))
    lines += [fit(_file(file, room, digits, width), width) for file in shown]
    if any(file.appended_to and file.size is None for file in files):
        text = "What is written goes into a file without a name, and is lost with the process, until BGREWRITEAOF makes a new"
        lines += wrap(f"{text} one.", width, "bad")
    if now.state != "off":
        lines.append(fit(_growth(now, 10 if width >= _ROOMY else 4), width))
    if now.rewrite is not None:
        lines += _rewrite(now.rewrite, width)
    elif now.rewrites.scheduled:
        lines.append(words(("a rewrite waits until it can begin", "warn")))
    if now.rewrites.failed:
        lines.append(words(("the last rewrite failed", "bad")))
    return lines


def _rewrite(child: Saving, width: int) -> list[Line]:
    who = f"child {child.pid}" if child.pid else "a child"
    text = f"{who} rewrites it: {child.keys:,} of {count_of(child.total, 'key')}, {child.since:,} s; pages copied"
    return wrap(f"{text} {size_text(child.copied)}", width, "warn")


def _past(now: AppendOnlyNow, width: int) -> list[Line]:
    """Rewrites that have ended."""
    past = now.rewrites
    if past.took < 0 or now.state == "off":
        return []
    count = f"{count_of(past.count, 'rewrite')} so far, " if past.count else ""
    took = f"{past.took:,} s" if past.took else "less than a second"
    return wrap(f"{count}the last took {took}", width, "dim")


def _file(file: File, cells: int, digits: int, width: int) -> Line:
    """The mark behind it is shorter where the names need the room."""
    name = show_ends(file.name.encode(errors="surrogateescape"), cells)
    size = (_size(file).rjust(digits), "bad" if file.size is None else "number")
    line = words(padded(file.kind or "file", 7, "dim"), padded(name, cells, "name"), size)
    mark = " ◀ grows" if width_of(line) + 8 <= width else " ◀"
    return (*line, Segment(mark, "good")) if file.appended_to else line


def _size(file: File) -> str:
    return "gone" if file.size is None else f"{file.size:,} B"


def _growth(now: AppendOnlyNow, cells: int) -> Line:
    """How far it is to the next rewrite that begins by itself."""
    said = f"{size_text(now.size)} in all, {size_text(now.base_size)} when rewritten"
    due = rewritten_at(now)
    if due is None:
        return words(f"{said}{', not again by itself' if now.percentage == 0 else ''}")
    return words(*bar(now.size, due, cells), f" {said}, next at {size_text(due)}")


def rewritten_at(now: AppendOnlyNow) -> int | None:
    """Bytes from which on it is rewritten by itself; None where it is not, or that is not told."""
    if not now.percentage or now.min_size is None:
        return None
    return max(now.min_size + 1, -(-(now.base_size or 1) * (100 + now.percentage) // 100))
