"""A line of a drawing: stretches of text with the kind of thing they show, and what in memory they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rich.cells import cell_len, set_cell_size

from rinspect.engine.layout import Allocation, Serial


@dataclass(frozen=True, slots=True)
class Ref:
    """Bytes that a stretch of text stands for: whoever points at the text points at them."""

    serial: Serial
    offset: int
    size: int

    def touches(self, other: Ref | None) -> bool:
        """Whether the two have a byte in common."""
        return (
            other is not None
            and self.serial == other.serial
            and self.offset < other.offset + other.size
            and other.offset < self.offset + self.size
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text. `kind` decides its colour: a layout Kind, or one of the words in KINDS."""

    text: str
    kind: str = ""
    ref: Ref | None = None

    @property
    def width(self) -> int:
        return cell_len(self.text)


KINDS = (
    "", "dim", "label", "title", "border", "number", "name",
    "good", "warn", "bad", "path", "changed", "cursor", "bar", "bar-rest",
)  # fmt: skip
"""Kinds of text beside those of fields (`rinspect.engine.layout.Kind`)."""

Line = tuple[Segment, ...]


def text_of(line: Line) -> str:
    return "".join(segment.text for segment in line)


def width_of(line: Line) -> int:
    return sum(segment.width for segment in line)


def words(*parts: str | Segment | tuple[str, str]) -> Line:
    """A line from texts, `(text, kind)` pairs and segments."""
    made = []
    for part in parts:
        if isinstance(part, Segment):
            made.append(part)
        elif isinstance(part, tuple):
            made.append(Segment(*part))
        else:
            made.append(Segment(part))
    return tuple(segment for segment in made if segment.text)


def fit(line: Line, width: int, *, pad: bool = False) -> Line:
    """The line cut to `width` cells, with an ellipsis where something is missing; padded with blanks if asked."""
    total = width_of(line)
    if total <= width:
        return (*line, Segment(" " * (width - total))) if pad and total < width else line
    if width <= 0:
        return ()
    kept: list[Segment] = []
    left = width - 1
    for segment in line:
        if segment.width > left:
            kept.append(replace(segment, text=set_cell_size(segment.text, left) + "…"))
            break
        kept.append(segment)
        left -= segment.width
    return tuple(kept)


def justify(left: Line, right: Line, width: int) -> Line:
    """`left` and `right` at the two ends of `width` cells; the left one gives way."""
    room = width - width_of(right)
    if room < 4:
        return fit(left, width)
    return (*fit(left, room - 1, pad=True), Segment(" "), *right)


def wrap(text: str, width: int, kind: str = "") -> list[Line]:
    """A sentence on as many lines as it takes, broken at blanks but not at no-break spaces."""
    lines: list[str] = []
    current = ""
    for word in text.split(" "):
        longer = f"{current} {word}" if current else word
        if cell_len(longer) <= width or not current:
            current = longer
        else:
            lines.append(current)
            current = word
    lines.append(current)
    return [fit((Segment(line.replace("\N{NO-BREAK SPACE}", " "), kind),), width) for line in lines]


def show(data: bytes, limit: int = 0) -> str:
    """Bytes as readable text: UTF-8 where it is, `\\x00` where it is not; cut to `limit` cells if given."""
    text = "".join(
        _visible(character) for character in data[: 4 * limit if limit else None].decode("utf-8", "backslashreplace")
    )
    if limit and (cell_len(text) > limit or len(data) > 4 * limit):
        return set_cell_size(text, limit - 1).rstrip() + "…"
    return text


def show_ends(data: bytes, limit: int) -> str:
    """As `show`, but what does not fit is left out in the middle: of names it is often the end that tells them apart."""
    most = 4 * limit
    long = len(data) > 2 * most
    text = show(data[:most]) + "…" + show(data[-most:]) if long else show(data)
    if cell_len(text) <= limit:
        return text
    tail = text[-((limit - 1) // 2) :] if limit > 2 else ""
    while cell_len(tail) > (limit - 1) // 2:
        tail = tail[1:]
    return set_cell_size(text, limit - 1 - cell_len(tail)) + "…" + tail


def show_word(word: bytes, limit: int = 0) -> str:
    """A word of a command, in quotes where without them it would read as something else."""
    text = show(word, limit)
    if word and not set(text) & set(" \"'\\"):
        return text
    return '"' + text.replace('"', '\\"') + '"'


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\x{ord(character):02x}")


def name_of(serial: Serial) -> str:
    """An allocation's name in texts: `#12` of a live one, its role `value/listpack` of one read from a payload; of a long
    role the end, `…/entry[0]/key`."""
    if isinstance(serial, int):
        return f"#{serial}"
    parts = serial.split("/")
    return serial if len(parts) <= 2 else "…/" + "/".join(parts[-2:])


def moment(milliseconds: object) -> str:
    """A moment as stored, for people: `2027-01-16 08:00:00 UTC`; one far beyond the calendar as its number."""
    assert isinstance(milliseconds, int)
    try:
        return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"at {milliseconds} ms"


def called(allocation: Allocation) -> str:
    """What titles call an allocation: `listpack #12`, or `…/node[3]/listpack` of a payload's."""
    own = name_of(allocation.serial)
    return f"{allocation.name} {own}" if isinstance(allocation.serial, int) else own


def count_of(count: int, what: str, many: str = "") -> str:
    """`1 node`, `2 nodes`, `3 entries`."""
    return f"{count:,} {what if count == 1 else many or what + 's'}"


def singular(text: str) -> str:
    """A text whose counts of one say so: `1 entry in 48 bytes` for `1 entries in 48 bytes`."""
    return _ONE.sub(lambda found: "1 entry" if found[1] == "entries" else f"1 {found[1][:-1]}", text)


_ONE = re.compile(r"(?<![\w.,-])1 (bytes|entries|elements|values|nodes|members|fields)\b")


def size_text(count: int | None) -> str:
    """A number of bytes in at most five cells: `80`, `1.7K`, `25K`, `3.2M`."""
    if count is None:
        return "…"
    if abs(count) < 1000:
        return str(count)
    amount = float(count)
    for unit in "KMGTP":
        amount /= 1024
        if abs(amount) < 9.95:
            return f"{amount:.1f}{unit}"
        if abs(amount) < 999.5:
            return f"{amount:.0f}{unit}"
    return f"{amount:.0f}P"


def joined(lines: Iterable[Line]) -> str:
    """The lines as plain text."""
    return "\n".join(text_of(line).rstrip() for line in lines)
