"""MULTI, EXEC and WATCH: commands that are queued and run together, unless a watched key was touched meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rinspect.engine.commands.registry import Command
from rinspect.engine.keyspace import Database, Keyspace
from rinspect.engine.replies import NULL_ARRAY, OK, CommandError, Reply, Status

if TYPE_CHECKING:
    from rinspect.engine.session import Session

QUEUED = Status(b"QUEUED")
ABORTED = "EXECABORT Transaction discarded because of previous errors."
IMMEDIATE = frozenset({"MULTI", "EXEC", "DISCARD", "WATCH", "QUIT", "RESET"})
"""What is not queued inside a transaction but runs at once."""


@dataclass(slots=True)
class Watched:
    """A key that a session watches. `expired`: it was due already when the watch began, and so is as good as missing."""

    session: Session
    db: Database
    key: bytes
    expired: bool


@dataclass(slots=True)
class Transaction:
    """The commands that a session has queued since MULTI."""

    queued: list[tuple[Command, Sequence[bytes]]] = field(default_factory=list)
    spoiled: bool = False
    """One of them was refused: EXEC will run none."""
    argv_bytes: int = 0
    """Of all arguments that are queued, and of the pointers to them."""

    def has_flag(self, flag: str) -> bool:
        return any(flag in command.declaration.flags for command, _ in self.queued)


class WatchedKeys:
    """Who watches which keys, and whose transaction a change to them spoils."""

    def __init__(self, keyspace: Keyspace) -> None:
        self._keyspace = keyspace
        self.by_key: dict[tuple[int, bytes], list[Watched]] = {}
        """By database's number and key, in the order in which they came."""
        keyspace.before_replacing(self.replaced)

    def watch(self, session: Session, key: bytes) -> None:
        """Have `session` told when `key` of its database is touched."""
        db = session.call.db
        if any(one.db is db and one.key == key for one in session.watched):
            return
        if not self.by_key:
            self._keyspace.listen(self._touched)
        watched = Watched(session, db, key, _is_due(db, key))
        self.by_key.setdefault((db.number, key), []).append(watched)
        session.watched.append(watched)

    def forget(self, session: Session) -> None:
        """`session` watches nothing any more."""
        for watched in session.watched:
            place = (watched.db.number, watched.key)
            watchers = self.by_key[place]
            watchers.remove(watched)
            if not watchers:
                del self.by_key[place]
        if session.watched and not self.by_key:
            self._keyspace.unlisten(self._touched)
        session.watched.clear()

    def _touched(self, db: Database, key: bytes) -> None:
        for watched in tuple(self.by_key.get((db.number, key), ())):
            if watched.expired:
                # What was due then was no key; that it is deleted now changes nothing.
                if key in db.table.index:
                    self._spoil(watched.session)
                else:
                    watched.expired = False
            else:
                self._spoil(watched.session)

    def _spoil(self, session: Session) -> None:
        session.spoiled_by_watch = True
        self.forget(session)

    def replaced(self, db: Database, other: Database | None = None) -> None:
        """All keys of `db` are about to go, perhaps to be replaced by those of `other`."""
        for (number, key), watchers in list(self.by_key.items()):
            if number != db.number:
                continue
            here, there = key in db.table.index, other is not None and key in other.table.index
            due_there = other is not None and there and _is_due(other, key)
            for watched in tuple(watchers):
                if watched.expired:
                    if not there:
                        watched.expired = False
                    elif not due_there:
                        self._spoil(watched.session)
                elif not here and due_there:
                    watched.expired = True
                elif here or there:
                    self._spoil(watched.session)


def _is_due(db: Database, key: bytes) -> bool:
    when = db.expiry(key)
    return when is not None and db.runtime.now > when


def queue(session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
    """Put a command into the session's transaction, for EXEC to run."""
    transaction = session.transaction
    assert transaction is not None
    if not (transaction.spoiled or session.spoiled_by_watch):
        transaction.queued.append((command, argv))
        transaction.argv_bytes += sum(map(len, argv)) + 8 * len(argv)
    return QUEUED


def begin(session: Session) -> Reply:
    """MULTI."""
    if session.transaction is not None:
        raise CommandError("ERR MULTI calls can not be nested")
    session.transaction = Transaction()
    session.guard("transaction", on=True)
    return OK


def discard(session: Session) -> None:
    """End the session's transaction and its watches."""
    session.transaction = None
    session.spoiled_by_watch = False
    session.engine.watched_keys.forget(session)
    session.guard("transaction", on=False)


def execute(session: Session) -> Reply:
    """EXEC: run what is queued, unless a queued command was refused or a watched key touched."""
    transaction = session.transaction
    if transaction is None:
        raise CommandError("ERR EXEC without MULTI")
    if any(not one.expired and _is_due(one.db, one.key) for one in session.watched):
        session.spoiled_by_watch = True
    if transaction.spoiled or session.spoiled_by_watch:
        error = CommandError(ABORTED) if transaction.spoiled else None
        discard(session)
        if error is not None:
            raise error
        return NULL_ARRAY
    session.engine.watched_keys.forget(session)
    runtime = session.engine.runtime
    began, own_words, inside = runtime.now, runtime.running, runtime.executing
    runtime.executing = True
    replies: list[Reply] = []
    try:
        for command, argv in transaction.queued:
            replies.append(_refusal(session, command, argv) or session.perform(command, argv))
            # They all see the same moment, however long they take.
            runtime.now, runtime.running = began, own_words
    finally:
        runtime.executing = inside
        discard(session)
    return replies


def _refusal(session: Session, command: Command, argv: Sequence[bytes]) -> CommandError | None:
    """Why a queued command may not be run any more; None if it may."""
    try:
        for recheck in session.engine.rechecks:
            recheck(session, command, argv)
    except CommandError as error:
        session.engine.failed(error)
        return error
    return None
