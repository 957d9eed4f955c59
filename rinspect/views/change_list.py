"""The changes so far, and which of them is looked at."""

from __future__ import annotations

from rinspect.records import Change, KeyChange

KEPT = 200


class ChangeList:
    """The last changes, oldest first. `past` is the index of the one looked at, None while it is now."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.past: int | None = None

    def add(self, change: Change) -> None:
        """A new change; whoever looked at a past one comes back to now."""
        self.changes.append(change)
        del self.changes[:-KEPT]
        self.past = None

    def step(self, by: int) -> Change | None:
        """One change back (-1) or on (+1); None when that leads to now."""
        if not self.changes:
            return None
        at = len(self.changes) if self.past is None else self.past
        at += by
        self.past = None if at >= len(self.changes) else max(0, at)
        return self.current

    def go(self, at: int) -> Change | None:
        """To the change at an index."""
        self.past = at if 0 <= at < len(self.changes) else None
        return self.current

    @property
    def current(self) -> Change | None:
        return None if self.past is None else self.changes[self.past]

    def last_of(self, key: bytes) -> KeyChange | None:
        """What the very last change did to a key; None if it did nothing to it."""
        if not self.changes:
            return None
        return next((one for one in self.changes[-1].keys if one.key == key), None)
