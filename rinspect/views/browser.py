"""What is looked at: which source, which keys, which key, which of its allocations, now or after which change.

No widget is known here: the screen asks, waits and draws.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from rinspect.console.transactions import Transactions
from rinspect.console.words import Unbalanced, split
from rinspect.demo import demo_commands
from rinspect.drawing.line import Line
from rinspect.engine.layout import Allocation, Serial, Shape, Trace, Window
from rinspect.engine.layout_diff import LayoutDiff
from rinspect.records import Change, Filter, KeyChange, KeyPage, Look, Order, SourceInfo
from rinspect.sources.source import Refused, Source
from rinspect.views.change_list import KEPT, ChangeList
from rinspect.views.runner import LogLine, demo_loaded, run_line, run_quickly

if TYPE_CHECKING:
    from rinspect.engine.reasons import Rebuilt, Why

AT_ONCE = 500
"""Lines of a long script between two words on how far it is."""


class Browser:
    """What a source's screens look at."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.turn = asyncio.Lock()
        """Of those who run typed lines: a batch is not mixed with another."""
        self.info: SourceInfo | None = None
        self.order = Order.RECENT
        self.filter = Filter()
        self.listed: KeyPage | None = None
        """The page of keys that was asked for last."""
        self._told_of_hits = False
        self.following = True
        """Whether the selection follows the key that was written last."""
        self.selected: bytes | None = None
        self.look: Look | None = None
        """The selected key as it is now."""
        self.why: Why | None = None
        self.rebuilt: tuple[Rebuilt, ...] = ()
        self.trace: Trace | None = None
        self.window = Window()
        self.deliberate = False
        """Whether the user asked for the selected key, and did not just pass by."""
        self.serial: Serial | None = None
        """The allocation that the byte map shows."""
        self.changes = ChangeList()
        self._found: int | None = None
        """The rank at which the last search ended."""

    def select(self, key: bytes | None) -> None:
        """Look at another key, from its beginning and as it is now."""
        self.selected = key
        self.serial = None
        self.trace = None
        self.why = None
        self.rebuilt = ()
        self.window = Window()
        self.deliberate = False
        self.changes.past = None

    def next_order(self) -> None:
        orders = list(Order)
        self.order = orders[(orders.index(self.order) + 1) % len(orders)]

    async def ask_info(self) -> str:
        """Ask what there is; what was not said before of what does not go as it should there. (That there is no connection is
        seen elsewhere.)"""
        info = await self.source.info()
        before, self.info = self.info, info  # only now: another question may have been answered meanwhile
        new = self.info.connected and (before is None or before.notice != self.info.notice)
        return self.info.notice if new else ""

    async def page(self, first: int, count: int, around: bytes | None = None) -> KeyPage:
        self.listed = await self.source.keys(self.order, self.filter, first, count, around)
        return self.listed

    def before_asking_all(self) -> str:
        """What to say before every key is asked about: that it is of no use, or once what it does; then nothing."""
        if self.info is None or self.info.embedded:
            return "Nothing to ask: the built-in engine knows all of its keys."
        if self._told_of_hits:
            return ""
        self._told_of_hits = True
        return (
            f"This asks TYPE, OBJECT, PTTL and MEMORY USAGE of {self.info.keys:,} keys, which {self.info.label} counts as"
            " keyspace hits. Press again to begin."
        )

    async def keys_beginning(self, text: bytes) -> list[bytes]:
        """A few keys that begin with a text."""
        wanted = Filter(b"".join(b"\\" + bytes([byte]) if byte in b"*?[]\\" else bytes([byte]) for byte in text) + b"*")
        return [row.key for row in (await self.source.keys(Order.RECENT, wanted, 0, 20)).rows]

    async def ask_look(self, *, reasons: bool) -> None:
        """Look at the selected key; with `reasons` also ask why it is so, which costs more."""
        key = self.selected
        look = None if key is None else await self.source.look(key, self.window, deliberate=self.deliberate)
        if key != self.selected:
            return
        self.look = look
        if reasons and key is not None and look is not None:
            self.why = await self.source.why(key)
            self.rebuilt = await self.source.rebuilt(key)

    async def run_lines(self, lines: Sequence[str]) -> AsyncIterator[tuple[int, list[LogLine]]]:
        """Run typed or pasted lines one after the other and look at the key that was changed last: how many are done so far,
        and what the log says of those that were done since. Of a long script only the changes that are kept are found out."""
        script, plain = Transactions(), max(0, len(lines) - KEPT)
        for start in range(0, plain, AT_ONCE):
            batch = lines[start : min(start + AT_ONCE, plain)]
            yield (
                start + len(batch),
                [said for ran in await run_quickly(self.source, batch, script) for said in ran.log],
            )
        for number, line in enumerate(lines[plain:], plain + 1):
            ran = await run_line(self.source, line, script)
            if ran.outcome is not None and ran.outcome.change is not None:
                change = ran.outcome.change
                self.note(change)
                left = next((one.key for one in change.keys if one.after is not None), None)
                if self.following and left is not None:
                    self._follow(change, left)
            yield number, list(ran.log)

    def _follow(self, change: Change, key: bytes) -> None:
        """Look at the key that a command wrote to; of the one that is looked at already, at what has changed."""
        if key != self.selected:
            self.select(key)
            return
        touched = _touched(next(one.diff for one in change.keys if one.key == key))
        if touched:
            mapped = next((allocation for allocation in touched if allocation.serial == self.serial), None)
            if mapped is None or mapped.shape is min(touched, key=_interest).shape:
                self.serial = None

    def note(self, change: Change) -> None:
        """A change. The way that a search took through the key before it is no longer its way."""
        self.changes.add(change)
        if any(one.key == self.selected for one in change.keys):
            self.trace = None

    @property
    def change(self) -> KeyChange | None:
        """The change to light up: the one looked at, or what the last command did to the selected key."""
        past = self.changes.current
        if past is not None:
            return past.keys[0]
        return None if self.selected is None else self.changes.last_of(self.selected)

    @property
    def shown(self) -> Look | None:
        """The key as it is drawn: now, or after the change that is looked at (before it, where the key went)."""
        past = self.changes.current
        if past is None:
            return self.look
        return past.keys[0].after or past.keys[0].before

    @property
    def allocation(self) -> Allocation | None:
        """The allocation to map: the one it was, else one that changed, else the one that tells most of the value."""
        look = self.shown
        if look is None:
            return None
        held = None if self.serial is None else look.layout.find(self.serial)
        if held is None and self.change is not None:
            found = (look.layout.find(allocation.serial) for allocation in _touched(self.change.diff))
            held = min((allocation for allocation in found if allocation is not None), key=_interest, default=None)
        if held is None:
            held = min(look.layout.allocations, key=_interest, default=None)
        self.serial = None if held is None else held.serial
        return held

    async def search(self, text: str) -> str:
        """Ask for the way to a member, a field, an index or (with #) a rank, and move the window to where it ends; empty,
        or why there is no such way."""
        if self.selected is None or not text:
            return "Nothing to search in, or for."
        operation, word = ("byrank", text[1:].encode()) if text.startswith("#") else ("rank", text.encode())
        if text[0] in "\"'":
            # In quotes: any bytes, also a member that begins with a hash sign.
            try:
                word = b" ".join(split(text))
            except Unbalanced as error:
                return str(error)
        trace = await self.source.trace(self.selected, operation, word)
        if trace is None:
            return f"No way to {text}: it is not there, or this structure has no such way."
        self.trace = trace
        levels = any(step.level is not None for step in trace.steps)
        from rinspect.drawing.structure.way import window_place  # noqa: PLC0415 (the first paint needs no drawing)

        place = window_place(trace, 0 if self.look is None else self.look.layout.facts.get("size0", 0))
        self._found = place if levels else None
        if place is not None and (levels or not self.window.first <= place < self.window.stop):
            # The place that was reached shall be on the screen without scrolling, some nodes before it too.
            self.window = Window(max(0, place - 3), self.window.count)
        return ""

    def go_to_found(self) -> None:
        """Map the node at which the last search ended."""
        reached = None if self._found is None else self.node_at(self._found)
        if reached is not None:
            self.serial = reached.serial

    async def load_demo(self) -> Line:
        """Fill an empty database, and only an empty one: nothing of the user's is written over. What the log says of it;
        Refused where nothing is to be filled."""
        info = await self.source.info()
        if not info.embedded:
            raise Refused("No demo data: that is for the built-in engine.")
        if info.keys:
            raise Refused(f"No demo data: db{info.database} has keys; FLUSHDB first.")
        outcomes = []
        for argv in demo_commands(info.profile):
            outcome = await self.source.execute(argv)
            outcomes.append(outcome)
            if outcome.change is not None:
                self.changes.add(outcome.change)
        return demo_loaded(outcomes)

    def node_at(self, rank: int) -> Allocation | None:
        """The skiplist node of a rank, if it is in the window."""
        look = self.shown
        allocations = () if look is None else look.layout.allocations
        return next((a for a in allocations if a.shape is Shape.LEVELS and a.element == rank), None)

    def step_allocation(self, step: int) -> None:
        """Map the next allocation of the window, in the order of the layout."""
        look = self.shown
        if look is not None:
            serials = [allocation.serial for allocation in look.layout.allocations]
            here = serials.index(self.serial) if self.serial in serials else 0
            self.serial = serials[(here + step) % len(serials)]


def _touched(change: LayoutDiff) -> list[Allocation]:
    """What came or has other bytes, but for structs: the last first, for what is added is mostly added behind."""
    came = [*(grown.after for grown in change.grown), *change.made]
    return [allocation for allocation in reversed(came) if allocation.shape is not Shape.STRUCT]


_TELLING = (Shape.ENTRIES, Shape.LEVELS, Shape.BLOB, Shape.CHAIN, Shape.STRUCT, Shape.TABLE, Shape.TREE)


def _interest(allocation: Allocation) -> tuple[bool, int, bool]:
    """What to show first: of the value rather than its key, entries rather than structs, a node rather than the header."""
    of_element = allocation.element is not None or allocation.shape is not Shape.LEVELS
    return not allocation.role.startswith("value"), _TELLING.index(allocation.shape), not of_element
