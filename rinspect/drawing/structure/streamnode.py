"""A stream's node: the master entry, each entry on a line, and one of them as it lies there.

node 0 · listpack #12 · 3 entries, 1 deleted in 48 bytes
the master entry's fields: t
  1000-5  t 21
  1007-1  t 22  deleted
  1009-0  door open  fields of its own
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rinspect.drawing.line import Line, Ref, Segment, called, fit, show, singular, words, wrap
from rinspect.drawing.structure.entries import draw_entries
from rinspect.engine.layout import Allocation, Field, Kind


@dataclass
class _Entry:
    """An entry as it stands in a node: where its bytes are, and what they say."""

    fields: list[Field]
    flags: int = 0
    ms: int = 0
    seq: int = 0
    words: list[bytes] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.fields[0].offset

    @property
    def size(self) -> int:
        return self.fields[-1].end - self.start


def _split(node: Allocation) -> tuple[list[Field], list[_Entry]]:
    """The fields up to the first entry's, and the entries that are whole."""
    master: list[Field] = []
    entries: list[_Entry] = []
    for one in node.fields:
        if one.entry is None and entries:
            break
        if one.name in ("flags", "flags encoding") and (not entries or _ends(entries[-1])):
            entries.append(_Entry([]))
        (entries[-1].fields if entries else master).append(one)
    for entry in entries:
        _read(entry)
    return master, [entry for entry in entries if _ends(entry)]


def _ends(entry: _Entry) -> bool:
    return (
        bool(entry.fields) and entry.fields[-1].kind is Kind.BACKLEN and any(f.name == "lp-count" for f in entry.fields)
    )


def _read(entry: _Entry) -> None:
    for one in entry.fields:
        if one.name in ("flags", "ms", "seq") and isinstance(one.value, int):
            setattr(entry, one.name, one.value)
        elif one.name in ("field", "value"):
            entry.words.append(one.value if isinstance(one.value, bytes) else b"%d" % int(str(one.value)))
        elif one.name in ("field encoding", "value encoding") and one.value == 0:
            entry.words.append(b"")


def draw_node(
    node: Allocation,
    first: tuple[int, int] | None,
    width: int,
    lit: Ref | None,
    changed: Sequence[tuple[int, int]],
    sought: int | None,
) -> list[Line]:
    """A node opened: its master entry, and its entries each on a line; the one that was `sought`, or else that under the
    cursor, or the first, as it lies there."""
    master, entries = _split(node)
    fields = [one.value if isinstance(one.value, bytes) else b"%d" % int(str(one.value)) for one in master
              if one.name == "field"]  # fmt: skip
    lines: list[Line] = [
        fit(words((f"node {node.element} · {called(node)} · {singular(node.summary)}", "title")), width)
    ]
    if fields:
        told = f"the master entry's fields: {', '.join(show(one, 24) for one in fields)}"
        lines += wrap(told, width, "dim")
    shown = None
    for place, entry in enumerate(entries):
        ref = Ref(node.serial, entry.start, entry.size)
        touched = any(low < entry.start + entry.size and entry.start < high for low, high in changed)
        marked = place == sought or (sought is None and ref.touches(lit))
        if shown is None and marked:
            shown = entry
        line = _entry_line(entry, fields, first, ref, lit=marked, touched=touched)
        if place == sought:
            line = (replace(line[0], kind="path cursor"), *line[1:])
        lines.append(fit(line, width))
    picked = (*master, *(shown.fields if shown is not None else entries[0].fields if entries else ()))
    part = [one for one in node.fields if one.entry is None or one in picked]
    lines += [(), *_boxes(node, part, width, lit, changed)]
    return lines


def _entry_line(
    entry: _Entry, fields: list[bytes], first: tuple[int, int] | None, ref: Ref, *, lit: bool, touched: bool
) -> Line:
    deleted, same = entry.flags & 1, entry.flags & 2
    identity = f"+{entry.ms} +{entry.seq}" if first is None else f"{first[0] + entry.ms}-{first[1] + entry.seq}"
    names, values = (fields, entry.words) if same else (entry.words[::2], entry.words[1::2])
    kind = "path" if lit else "changed" if touched else "dim" if deleted else ""
    text = [Segment(f"  {identity}", kind or "number", ref)]
    for name, value in zip(names, values, strict=False):
        text += [Segment(f"  {show(name, 20)} ", kind or "name", ref), Segment(show(value, 40), kind or "payload", ref)]
    notes = " · ".join(filter(None, ("deleted" if deleted else "", "" if same else "fields of its own")))
    return words(*text, (f"  {notes}" if notes else "", "dim"))


def _boxes(
    node: Allocation, fields: list[Field], width: int, lit: Ref | None, changed: Sequence[tuple[int, int]]
) -> list[Line]:
    """Some of a node's elements, as they lie there."""
    return draw_entries(node._replace(fields=tuple(fields)), width, lit, changed, count=None)
