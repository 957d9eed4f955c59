"""Setting, reading and deleting fields."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.hash.lookup import fetch, find_or_new, leave, store
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import OK, CommandError, Reply
from rinspect.engine.values.hash import HashValue

_PER_PAIR = (
    "O(1) for each field/value pair added, so O(N) to add N field/value pairs when the command is called with "
    "multiple field/value pairs."
)


def _set_pairs(call: Call, key: bytes, words: tuple[bytes, ...]) -> int:
    """Set fields and values, given in turn; how many fields are new."""
    db = call.db
    found = db.find_write(key, HashValue)
    value = HashValue(call.runtime) if found is None else found
    value.prepare(words)
    if len(words) == 2:
        created = 1 if value.set(words[0], words[1]) else 0
    else:
        texts = iter(words)
        created = sum(value.set(field, text) for field, text in zip(texts, texts, strict=True))
    if found is None:
        db.put(key, value)
    else:
        db.changed(key)
    if len(words) > 2:
        db.dirty += len(words) // 2 - 1
    return created


@command(
    "HSET", "key data=(field value)...", raw=True,
    group="hash", since="2.0.0", flags="write denyoom fast", access="RW update", complexity=_PER_PAIR,
    summary="Creates or modifies the value of a field in a hash.",
)  # fmt: skip
def hset(call: Call, key: bytes, *words: bytes) -> Reply:
    if len(words) % 2:
        raise CommandError("ERR wrong number of arguments for 'hset' command")
    return _set_pairs(call, key, words)


@command(
    "HMSET", "key data=(field value)...", raw=True,
    group="hash", since="2.0.0", flags="write denyoom fast", access="RW update",
    complexity="O(N) where N is the number of fields being set.",
    summary="Sets the values of multiple fields.",
)  # fmt: skip
def hmset(call: Call, key: bytes, *words: bytes) -> Reply:
    if len(words) % 2:
        raise CommandError("ERR wrong number of arguments for 'hmset' command")
    _set_pairs(call, key, words)
    return OK


@command(
    "HSETNX", "key field value",
    group="hash", since="2.0.0", flags="write denyoom fast", access="RW insert",
    summary="Sets the value of a field in a hash only when the field doesn't exist.",
)  # fmt: skip
def hsetnx(call: Call, key: bytes, field: bytes, text: bytes) -> Reply:
    value = find_or_new(call, key)
    # Before 7.0 a text that is too long converts the hash even if the field is there.
    if call.runtime.profile.version < (7, 0):
        value.prepare((field, text))
    if fetch(call, key, value, field) is not None:
        return 0
    value = value if len(value) else HashValue(call.runtime)
    value.prepare((field, text))
    value.set(field, text)
    store(call, key, value)
    return 1


@command(
    "HGET", "key field",
    group="hash", since="2.0.0", flags="readonly fast", access="RO access",
    summary="Returns the value of a field in a hash.",
)  # fmt: skip
def hget(call: Call, key: bytes, field: bytes) -> Reply:
    value = call.db.find(key, HashValue)
    return None if value is None else fetch(call, key, value, field)


@command(
    "HMGET", "key field...", raw=True,
    group="hash", since="2.0.0", flags="readonly fast", access="RO access",
    complexity="O(N) where N is the number of fields being requested.",
    summary="Returns the values of all fields in a hash.",
)  # fmt: skip
def hmget(call: Call, key: bytes, *fields: bytes) -> Reply:
    value = call.db.find(key, HashValue)
    if value is None:
        return [None] * len(fields)
    return [fetch(call, key, value, field) for field in fields]


@command(
    "HDEL", "key field...", raw=True,
    group="hash", since="2.0.0", flags="write fast", access="RW delete",
    complexity="O(N) where N is the number of fields to be removed.",
    summary="Deletes one or more fields and their values from a hash. Deletes the hash if no fields remain.",
)  # fmt: skip
def hdel(call: Call, key: bytes, *fields: bytes) -> Reply:
    value = call.db.find_write(key, HashValue)
    if value is None:
        return 0
    removed = value.delete(*fields)
    if removed:
        leave(call, key, value, removed)
    return removed


@command(
    "HLEN", "key",
    group="hash", since="2.0.0", flags="readonly fast", access="RO",
    summary="Returns the number of fields in a hash.",
)  # fmt: skip
def hlen(call: Call, key: bytes) -> Reply:
    value = call.db.find(key, HashValue)
    return 0 if value is None else len(value)


@command(
    "HSTRLEN", "key field",
    group="hash", since="3.2.0", flags="readonly fast", access="RO",
    summary="Returns the length of the value of a field.",
)  # fmt: skip
def hstrlen(call: Call, key: bytes, field: bytes) -> Reply:
    value = call.db.find(key, HashValue)
    text = None if value is None else fetch(call, key, value, field)
    return 0 if text is None else len(text)


@command(
    "HEXISTS", "key field",
    group="hash", since="2.0.0", flags="readonly fast", access="RO",
    summary="Determines whether a field exists in a hash.",
)  # fmt: skip
def hexists(call: Call, key: bytes, field: bytes) -> Reply:
    value = call.db.find(key, HashValue)
    return 0 if value is None else int(fetch(call, key, value, field) is not None)
