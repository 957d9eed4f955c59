"""The first and the last line of a screen, and the titles of panes."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.drawing.line import Line, Segment, called, count_of, fit, justify, show, size_text, width_of, words
from rinspect.engine.layout import Allocation
from rinspect.records import Look, SourceInfo


def top_line(info: SourceInfo | None, width: int, modes: Sequence[str], mode: str, past: str = "") -> Line:
    """Program, source, modes, and how much there is. Where there is little room the program's name goes first, then the
    other modes."""
    if info is None:
        return words((" rinspect", "title"))
    line: Line = ()
    for program, tabs in ((True, True), (False, True), (False, False)):
        left, right = _source(info, width, program=program), _state(info, width, modes if tabs else (), mode, past)
        line = justify(left, right, width)
        if width_of(left) + width_of(right) <= width:
            break
    return line


def _source(info: SourceInfo, width: int, *, program: bool) -> Line:
    left: list[str | tuple[str, str]] = [(" rinspect ", "title")] if program else []
    if not info.connected:
        # Most notices begin with the server's name.
        label = "" if info.notice.startswith(info.label) else f"{info.label} · "
        return words(*left, (f" disconnected: {label}{info.notice}", "bad"))
    # What one may do stands first: the right end is what gets cut.
    if not info.embedded:
        left.append((" read-only ·", "good") if info.read_only else (" WRITES ALLOWED ·", "bad"))
    left.append(f" {info.label} · {info.server}" if width >= 76 else f" {info.server}")
    if info.estimated:
        left.append((" · estimated", "warn"))
    if width >= 100:
        left.append((f" · {info.allocator}", "dim"))
    return words(*left)


def _state(info: SourceInfo, width: int, modes: Sequence[str], mode: str, past: str) -> Line:
    right: list[str | tuple[str, str]] = []
    if past:
        right.append((f" {past} ", "changed"))
    if len(modes) > 1 and width >= (100 if past else 76):
        right += [(f"▌{name} ", "title") if name == mode else (f" {name} ", "dim") for name in modes]
    size = size_text(info.used)
    unit = len(size.rstrip("KMGTP"))
    used = f" · {size[:unit]} {size[unit:]}B" if info.used is not None else ""
    number = f"db{info.database} · " if width >= 76 else ""
    right.append(f" {number}{count_of(info.keys, 'key')}{used} ")
    return words(*right)


def show_key(key: bytes, limit: int) -> str:
    """A key's name, cut; the empty one in quotes."""
    return show(key, limit) or '""'


def key_title(look: Look, width: int) -> str:
    """`user:1 · hash · listpack · 80 B (server: 88 B)`. Where there is little room the name is cut, then the type goes."""
    figure = f" · {look.computed:,} B"
    if look.reported is not None and look.reported != look.computed:
        figure += f" (server: {look.reported:,} B)"
    whole, brief = f" · {look.kind} · {look.encoding}{figure}", f" · {look.encoding}{figure}"
    facts = whole if len(whole) + min(8, len(look.key)) <= width else brief
    return show_key(look.key, max(8, width - len(facts))) + facts


def tabs_line(names: Sequence[str], current: str, *, short: bool = False, first: int = 2) -> str:
    """The tabs with their digits from `first` on, the open one marked; `short` cuts names, and never takes a digit away."""
    parts = []
    for number, name in enumerate(names, first):
        shown = titled(name[:3] if short else name)
        parts.append(f"▌{shown}" if name == current else f"{number}{shown}" if short else f"{number} {shown}")
    return (" " if short else "  ").join(parts)


def foot_line(keys: Sequence[tuple[str, str]], always: Sequence[tuple[str, str]], width: int) -> Line:
    """Keys and what they do: as many of `keys` as fit beside those that are `always` there."""
    tail = words(*(part for pair in always for part in _named(*pair)))
    room = width - width_of(tail)
    line: list[Segment] = []
    for pair in keys:
        piece = words(*_named(*pair))
        if width_of(tuple(line)) + width_of(piece) > room:
            break
        line += piece
    return fit((*line, *tail), width)


def _named(key: str, label: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (f" {key}", "title"), (f" {label} ", "dim")


def warning_of(info: SourceInfo) -> str:
    """What must be seen on the narrowest screen too."""
    if not info.connected:
        return "disconnected"
    return "" if info.embedded or info.read_only else "WRITES"


PANES = ("keys", "structure", "memory", "why", "changes", "bytes")
"""In the order of their digits, from 1 on."""


def narrow_line(pane: str, tab: str, look: Look | None, past: str, width: int, warning: str = "") -> Line:
    """The one line over a narrow screen's one pane: which pane, and of which key."""
    left: list[str | tuple[str, str]] = [(f" {warning}", "bad")] if warning else []
    for name in ("keys", tab, "bytes"):
        number = PANES.index(name) + 1
        left.append((f" ▌{titled(name)}", "title") if name == pane else (f" {number} {titled(name)}", "dim"))
    if past:
        left.append((f"  {past}", "changed"))
    if look is None:
        return fit(words(*left), width)
    facts = f" · {look.encoding} · {look.computed:,} B "
    room = width - width_of(words(*left)) - len(facts) - 2
    return justify(words(*left), words((show_key(look.key, max(4, min(14, room))) + facts, "name")), width)


def titled(name: str) -> str:
    """A tab's word with a large first letter."""
    return name[:1].upper() + name[1:]


def panels_line(names: Sequence[str], current: str, note: str, width: int, warning: str = "") -> Line:
    """The one line over a narrow screen's one panel: which one, and the digits of the others."""
    left: list[str | tuple[str, str]] = [(f" {warning}", "bad")] if warning else []
    for number, name in enumerate(names, 1):
        left.append((f" ▌{titled(name)}", "title") if name == current else (f" {number}{titled(name[:3])}", "dim"))
    return justify(words(*left), words((f"{note} ", "changed")), width) if note else fit(words(*left), width)


def allocation_title(allocation: Allocation) -> str:
    """What the byte map shows."""
    sizes = f"{allocation.asked:,} of {allocation.size_class:,} B"
    return f"6 Bytes · {called(allocation)} · {sizes}"
