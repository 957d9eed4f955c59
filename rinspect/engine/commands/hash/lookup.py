"""How a command finds a field's value: one that has expired is deleted when it is come across."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.values.hash import HashValue


def fetch(call: Call, key: bytes, value: HashValue, field: bytes) -> bytes | None:
    """A field's value; None if it is not there. An expired field is deleted, and the key with it if it was the last:
    then `value` is left without fields."""
    text = value.fields.find(field)
    if text is None or not value.fields.timed or not value.is_due(field):
        return text
    value.fields.delete(field)
    call.runtime.stats.expired_subkeys += 1
    leave(call, key, value)
    return None


def leave(call: Call, key: bytes, value: HashValue, count: int = 1) -> None:
    """End a command that changed so many fields of a hash: a hash without fields goes, one with expiries is registered for
    the next."""
    if len(value.fields):
        if value.registered:
            call.db.field_expiry.register(key, value.registered)
        call.db.changed(key)
    else:
        call.db.delete(key)
    if count != 1:
        call.db.dirty += count - 1


def find_or_new(call: Call, key: bytes) -> HashValue:
    """The hash under `key`, or a new one that is not stored yet; CommandError if the key holds something else."""
    value = call.db.find_write(key, HashValue)
    return HashValue(call.runtime) if value is None else value


def store(call: Call, key: bytes, value: HashValue, count: int = 1) -> None:
    """End a command that set so many fields: put a new hash (or one whose last field had expired) under its key."""
    if call.db.peek(key) is value:
        leave(call, key, value, count)
    else:
        call.db.put(key, value)
        call.db.dirty += count - 1
