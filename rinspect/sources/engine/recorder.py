"""What each command of the REPL did: the keys it touched before and after, byte by byte."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import count, islice

from rinspect.engine import Engine, Session
from rinspect.engine.commands.server.command import keys_of
from rinspect.engine.events import EncodingChanged, Event, Flushed, KeyChanged, KeyExpired
from rinspect.engine.layout import Window
from rinspect.engine.layout_diff import diff
from rinspect.engine.replies import Reply
from rinspect.records import Change, KeyChange, Look
from rinspect.sources.engine.looking import look

MOST_KEYS = 8
"""Keys of one command that are compared byte by byte; of the others only the keyspace tells."""
EMPTYING = (b"FLUSHALL", b"FLUSHDB")


class Recorder:
    """Records what the commands of a session change."""

    def __init__(
        self, engine: Engine, session: Session, window: Window | None = None, numbers: Iterator[int] | None = None
    ) -> None:
        """`numbers` are the changes', where others number theirs with them."""
        self._engine = engine
        self._session = session
        self._window = window or Window()
        self._numbers = numbers or count(1)

    def record(self, run: Callable[[Sequence[bytes]], Reply], argv: Sequence[bytes]) -> tuple[Reply, Change | None]:
        """Have `run` run a command: its reply, and its change if it made one."""
        db = self._session.call.db
        # What empties the database names no key: some of those that will go stand for all.
        there, empties = len(db), argv[0].upper() in EMPTYING
        named = list(islice(db.table.index, MOST_KEYS)) if empties else self._keys(argv)[:MOST_KEYS]
        before = {key: self._look(key) for key in named}
        written: dict[bytes, None] = {}
        flips: list[EncodingChanged] = []

        def observe(event: Event) -> None:
            if isinstance(event, KeyChanged | KeyExpired) and event.db == db.number:
                written[event.key] = None
            elif isinstance(event, Flushed) and event.db == db.number:
                written.update(dict.fromkeys(named))
            elif isinstance(event, EncodingChanged):
                flips.append(event)

        self._engine.observe(observe)
        try:
            reply = run(argv)
        finally:
            self._engine.unobserve(observe)
        if not written or self._session.call.db is not db:
            return reply, None
        changes = []
        for key in [key for key in before if key in written]:
            after = self._look(key)
            changes.append(_key_change(key, before[key], after, flips))
        if not changes:
            return reply, None
        at = self._engine.runtime.clock()
        more = (there if empties else len(written)) - len(changes)
        return reply, Change(next(self._numbers), tuple(argv), 1, at, tuple(changes), max(0, more))

    def _look(self, key: bytes) -> Look | None:
        return look(self._session.call.db, key, self._window)

    def _keys(self, argv: Sequence[bytes]) -> list[bytes]:
        """The keys that a command names; EXEC's are those of the commands it runs."""
        transaction = self._session.transaction
        if transaction is not None and argv[0].upper() == b"EXEC":
            commands = [queued for _, queued in transaction.queued]
        else:
            commands = [argv]
        return list(dict.fromkeys(key for words in commands for key in keys_of(self._session.call, words)))


def _key_change(key: bytes, before: Look | None, after: Look | None, flips: list[EncodingChanged]) -> KeyChange:
    serials = {
        allocation.serial
        for look in (before, after)
        if look is not None
        for allocation in look.layout.allocations
        if allocation.role == "value"
    }
    reasons = tuple(f"{flip.before} → {flip.after}: {flip.reason}" for flip in flips if flip.serial in serials)
    difference = diff(None if before is None else before.layout, None if after is None else after.layout)
    return KeyChange(key, before, after, difference, reasons)
