"""One line of the list of keys."""

from __future__ import annotations

from rinspect.drawing.line import Line, Segment, fit, show_ends, size_text
from rinspect.engine.layout import Certainty
from rinspect.records import KeyRow

_TYPES = {"string": "str", "stream": "strm"}
_SHORT = {"hashtable": "hashtab.", "quicklist": "quickl.", "listpackex": "lpackex"}


def ttl_text(expires_at: int | None, now: int) -> str:
    """Time left in at most four cells: `12s`, `5m`, `3h`, `9d`; empty without an expiry."""
    if expires_at is None:
        return ""
    seconds = max(0, expires_at - now) // 1000
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{min(seconds // size, 999)}{unit}"
    return f"{seconds}s"


def columns(width: int) -> tuple[int, int, int, int, int]:
    """Cells for key, type, encoding, bytes, TTL: the narrower the list, the fewer are shown."""
    if width >= 44:
        return width - 4 - 1 - 10 - 1 - 5 - 1 - 4 - 2, 4, 10, 5, 4
    if width >= 36:
        return width - 4 - 1 - 8 - 1 - 5 - 1 - 4 - 2, 4, 8, 5, 4
    if width >= 30:
        return width - 4 - 1 - 8 - 1 - 5 - 2, 4, 8, 5, 0
    if width >= 22:
        return width - 8 - 1 - 5 - 2, 0, 8, 5, 0
    return width - 5 - 2, 0, 0, 5, 0


def key_line(row: KeyRow, width: int, now: int, *, selected: bool = False) -> Line:
    """The line of a key; `now` in milliseconds since 1970."""
    name, kind, encoding, size, ttl = columns(width)
    parts = [
        Segment(("▸" if selected else " "), "path"),
        *fit((Segment(show_ends(row.key, name) or '""', "name"),), name, pad=True),
    ]
    if kind:
        parts.append(Segment(" " + _TYPES.get(row.type or "…", row.type or "…")[:kind].ljust(kind), "dim"))
    if encoding:
        text = row.encoding or "…"
        text = _SHORT.get(text, text) if len(text) > encoding else text
        text += " HLL" if row.sketch else ""
        parts.append(Segment(" " + text[:encoding].ljust(encoding), "encoding"))
    mark = "" if row.certainty is Certainty.EXACT else "~"
    parts.append(Segment(f" {mark + size_text(row.charged):>{size}}", "number"))
    if ttl:
        parts.append(Segment(f" {ttl_text(row.expires_at, now):>{ttl}}", "expiry"))
    return tuple(parts)


def key_header(width: int) -> str:
    """The titles over the columns."""
    name, kind, encoding, size, ttl = columns(width)
    text = " " + "key".ljust(name)
    text += f" {'type':<{kind}}" if kind else ""
    text += f" {'enc':<{encoding}}" if encoding else ""
    text += f" {'B':>{size}}"
    return text + (f" {'ttl':>{ttl}}" if ttl else "")
