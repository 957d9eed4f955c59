"""XDEL, and XSETID: what a stream was, told anew."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.stream.ids import parse_id
from rinspect.engine.commands.stream.replies import integer, tell
from rinspect.engine.replies import NO_SUCH_KEY, OK, SYNTAX, CommandError, Reply
from rinspect.engine.values.stream import StreamValue

NEGATIVE_ADDED = "ERR entries_added must be positive"
BEFORE_GIVEN = "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id"
BEFORE_DELETED = "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id"
BEFORE_TOP = "ERR The ID specified in XSETID is smaller than the target stream top item"
BELOW_LENGTH = "ERR The entries_added specified in XSETID is smaller than the target stream length"


@command(
    "XDEL", "key id...",
    group="stream", since="5.0.0", flags="write fast", access="RW delete", raw=True,
    complexity="O(1) for each single item to delete in the stream, regardless of the stream size.",
    summary="Returns the number of messages after removing them from a stream.",
)  # fmt: skip
def xdel(call: Call, key: bytes, *words: bytes) -> Reply:
    stream = call.find_write(key, StreamValue)
    if stream is None:
        return 0
    deleted = sum([stream.delete(identity) for identity in [parse_id(word) for word in words]])
    if deleted:
        call.db.changed(key)
        call.db.dirty += deleted - 1
        tell(call, key, "xdel")
    return deleted


@command(
    "XSETID", "key last-id [ENTRIESADDED entries-added:int]@7.0 [MAXDELETEDID max-deleted-id]@7.0",
    group="stream", since="5.0.0", flags="write denyoom fast", access="RW update", raw=True,
    summary="An internal command for replicating stream values.",
)  # fmt: skip
def xsetid(call: Call, key: bytes, last: bytes, *words: bytes) -> Reply:
    if call.runtime.profile.version < (7, 0):
        # There was nothing more to say, and the key was looked at first.
        stream, identity = _found(call, key), parse_id(last)
        added, deleted = None, 0
    else:
        identity = parse_id(last)
        added, deleted = _counters(identity, words)
        stream = _found(call, key)
    if call.runtime.profile.version >= (7, 2) and identity < stream.max_deleted_id:
        raise CommandError(BEFORE_DELETED)
    if stream.length:
        if identity < stream.last_entry_id():
            raise CommandError(BEFORE_TOP)
        if added is not None and added < stream.length:
            raise CommandError(BELOW_LENGTH)
    stream.last_id = identity
    if added is not None:
        stream.entries_added = added
    if deleted:
        stream.max_deleted_id = deleted
    call.db.changed_within(key)
    tell(call, key, "xsetid")
    return OK


def _found(call: Call, key: bytes) -> StreamValue:
    stream = call.find_write(key, StreamValue)
    if stream is None:
        raise CommandError(NO_SUCH_KEY)
    return stream


def _counters(identity: int, words: tuple[bytes, ...]) -> tuple[int | None, int]:
    """ENTRIESADDED, and MAXDELETEDID or 0."""
    added: int | None = None
    deleted = 0
    for at in range(0, len(words), 2):
        word = words[at].upper()
        if at + 1 == len(words) or word not in (b"ENTRIESADDED", b"MAXDELETEDID"):
            raise CommandError(SYNTAX)
        if word == b"ENTRIESADDED":
            added = integer(words[at + 1])
            if added < 0:
                raise CommandError(NEGATIVE_ADDED)
        else:
            deleted = parse_id(words[at + 1])
            if identity < deleted:
                raise CommandError(BEFORE_GIVEN)
    return added, deleted
