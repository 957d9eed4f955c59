"""Listings of an engine's keys: by last write at once, in any other order as a sorted copy.

The engine reports each write; reports are only noted, and worked in when somebody asks for a listing: a thousand writes to
one key cost one look at it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from rinspect.engine import Engine
from rinspect.engine.glob import matcher
from rinspect.engine.key_layout import key_charge
from rinspect.engine.keyspace import Database
from rinspect.engine.values.value import Value
from rinspect.records import Filter, Order
from rinspect.sources.engine.key_index import Recency

PIECE = 5000
"""Keys looked at before other jobs get their turn."""
BATCH = 200
"""Noted keys worked in before that: each costs a few microseconds."""
MOST_NOTED = 100_000
"""Notes from which on those go that later ones of the same key make idle."""


class _Shelf:
    """What is kept of one database."""

    def __init__(self) -> None:
        self.recent = Recency()
        self.noted: list[bytes] = []
        """Keys in the order in which they were written to; one that was so several times may stand here several times."""
        self.room = MOST_NOTED
        """How many notes there may be before they are looked through."""
        self.behind: list[bytes] = []
        """Keys noted before those, the first one last: they are being worked in."""
        self.charges: dict[bytes, int] = {}
        self.used = 0
        self.version = 0
        """Writes so far."""
        self.reached = 0
        """How many of them are worked in."""
        self.stale = True
        """The database was filled, emptied or swapped as a whole: take its keys anew."""
        self.sorted: dict[tuple[Order, Filter], tuple[int, list[bytes]]] = {}

    def newest_first(self) -> list[bytes]:
        """The keys that are noted, each once."""
        return [*dict.fromkeys(reversed(self.noted))]

    def take_noted(self) -> None:
        """Begin to work in what is noted."""
        self.behind = self.newest_first()
        self.noted.clear()
        self.room = MOST_NOTED
        self.reached = self.version

    def clear_out(self, db: Database) -> None:
        """Keep of several notes of one key the last, and none of a key that came and went."""
        keys, listed = db.table.index, self.charges
        self.noted = [key for key in reversed(self.newest_first()) if key in keys or key in listed]
        self.room = max(MOST_NOTED, 2 * len(self.noted))


class Listings:
    """The keys of all databases of an engine, for pages of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._shelves = [_Shelf() for _ in engine.keyspace.databases]
        engine.keyspace.listen(self._note)
        engine.keyspace.listen_within(self._note)
        engine.keyspace.before_replacing(self._about_to_replace)

    def _note(self, db: Database, key: bytes) -> None:
        shelf = self._shelves[db.number]
        shelf.noted.append(key)
        shelf.version += 1
        if len(shelf.noted) > shelf.room:
            shelf.clear_out(db)

    def _about_to_replace(self, db: Database, other: Database | None) -> None:
        shelf = self._shelves[db.number]
        shelf.stale = True
        shelf.version += 1

    def catch_up(self, db: Database) -> Generator[None, None, None]:
        """Work in what has been noted by now, in pieces. What is written meanwhile waits for the next time: with clients that
        write faster than this, there would be no end."""
        shelf = self._shelves[db.number]
        if shelf.stale:
            shelf.stale = False
            shelf.recent.clear()
            shelf.charges.clear()
            shelf.used = 0
            shelf.behind.clear()
            shelf.noted = [*db.table.index]
            shelf.reached = shelf.version
        # What somebody else began to work in comes first.
        for _ in range(bool(shelf.behind) + bool(shelf.noted)):
            if not shelf.behind:
                shelf.take_noted()
            while shelf.behind:
                for _ in range(min(BATCH, len(shelf.behind))):
                    self._work_in(shelf, db, shelf.behind.pop())
                yield

    def _work_in(self, shelf: _Shelf, db: Database, key: bytes) -> None:
        entry = db.table.index.get(key)
        before = shelf.charges.pop(key, 0)
        if entry is None:
            shelf.recent.discard(key)
            shelf.used -= before
            return
        value = entry.value
        assert isinstance(value, Value)
        charge = key_charge(self._engine.runtime, key) + value.charged()
        shelf.charges[key] = charge
        shelf.used += charge - before
        shelf.recent.touch(key)

    # All of these are as of the last `catch_up`.

    def recent(self, db: Database) -> Recency:
        return self._shelves[db.number].recent

    def used(self, db: Database) -> int:
        """The sum of MEMORY USAGE of all keys of a database."""
        return self._shelves[db.number].used

    def reached(self, db: Database) -> int:
        """Up to which version listings go."""
        return self._shelves[db.number].reached

    def version(self, db: Database) -> int:
        """Another one whenever something was written; this of now."""
        return self._shelves[db.number].version

    def sorted(self, db: Database, order: Order, wanted: Filter) -> Generator[None, None, list[bytes]]:
        """All keys that fit, in order; made in pieces. The last listing of its kind is reused while nothing changed."""
        yield from self.catch_up(db)
        shelf = self._shelves[db.number]
        held = shelf.sorted.get((order, wanted))
        version = shelf.reached
        if held is not None and held[0] == version:
            return held[1]
        fits = _predicate(wanted)
        rank = _rank(db, shelf, order)
        found: list[tuple[Any, bytes]] = []
        for at, key in enumerate(list(shelf.recent.newest())):
            if at % PIECE == PIECE - 1:
                yield
            entry = db.table.index.get(key)
            if entry is None:
                continue
            value = entry.value
            assert isinstance(value, Value)
            if fits(key, value):
                found.append((rank(key, value), key))
        if order is not Order.RECENT:
            found.sort()
        listing = [key for _, key in found]
        if len(shelf.sorted) > 4:
            shelf.sorted.clear()
        shelf.sorted[order, wanted] = (version, listing)
        return listing


def _predicate(wanted: Filter) -> Callable[[bytes, Value], bool]:
    pattern = matcher(wanted.glob) if wanted.glob else None

    def fits(key: bytes, value: Value) -> bool:
        return (
            (not wanted.type or value.type == wanted.type)
            and (not wanted.encoding or value.encoding == wanted.encoding)
            and (pattern is None or pattern.match(key) is not None)
        )

    return fits


def _rank(db: Database, shelf: _Shelf, order: Order) -> Callable[[bytes, Value], Any]:
    if order is Order.TYPE:
        return lambda key, value: value.type
    if order is Order.ENCODING:
        return lambda key, value: value.encoding
    if order is Order.BYTES:
        return lambda key, value: -shelf.charges.get(key, 0)
    if order is Order.TTL:
        return lambda key, value: (db.expiry(key) is None, db.expiry(key) or 0)
    return lambda key, value: 0
