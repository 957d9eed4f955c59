"""Keys as such: whether they are there, what they hold, their names."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.glob import stringmatch
from rinspect.engine.keyspace import Database
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NO_SUCH_KEY, NOT_AN_INTEGER, OK, SYNTAX, CommandError, Reply, Status
from rinspect.engine.values.value import Value

_NOT_32_BITS = f"ERR value is out of range, value must between {-(1 << 31)} and {(1 << 31) - 1}"
_SAME_OBJECT = "ERR source and destination objects are the same"


@command(
    "DEL",
    "key...",
    group="generic",
    since="1.0.0",
    tips="request_policy:multi_shard response_policy:agg_sum",
    flags="write",
    access="RM delete",
    complexity="O(N) where N is the number of keys that will be removed. When a key to remove holds a value other than a"
    " string, the individual complexity for this key is O(M) where M is the number of elements in the list, set, sorted set"
    " or hash. Removing a single key that holds a string value is O(1).",
    summary="Deletes one or more keys.",
)
def delete(call: Call, keys: list[bytes]) -> Reply:
    return _delete(call, keys, lazily=call.runtime.config.lazyfree_lazy_user_del)


def _delete(call: Call, keys: list[bytes], *, lazily: bool) -> Reply:
    db, count = call.db, 0
    for key in keys:
        if db.peek(key) is not None:
            count += db.delete(key, lazily=lazily)
    return count


@command(
    "UNLINK",
    "key...",
    group="generic",
    since="4.0.0",
    tips="request_policy:multi_shard response_policy:agg_sum",
    flags="write fast",
    access="RM delete",
    complexity="O(1) for each key removed regardless of its size. Then the command does O(N) work in a different thread in"
    " order to reclaim memory, where N is the number of allocations the deleted objects where composed of.",
    summary="Asynchronously deletes one or more keys.",
)
def unlink(call: Call, keys: list[bytes]) -> Reply:
    return _delete(call, keys, lazily=True)


@command(
    "EXISTS",
    "key...",
    group="generic",
    since="1.0.0",
    tips="request_policy:multi_shard response_policy:agg_sum",
    flags="readonly fast",
    access="RO",
    complexity="O(N) where N is the number of keys to check.",
    summary="Determines whether one or more keys exist.",
)
def exists(call: Call, keys: list[bytes]) -> Reply:
    return sum(call.db.lookup_notouch(key) is not None for key in keys)


@command(
    "TOUCH",
    "key...",
    group="generic",
    since="3.2.1",
    tips="request_policy:multi_shard response_policy:agg_sum",
    flags="readonly fast",
    access="RO",
    complexity="O(N) where N is the number of keys that will be touched.",
    summary="Returns the number of existing keys out of those specified after updating the time they were last accessed.",
)
def touch(call: Call, keys: list[bytes]) -> Reply:
    return sum(call.db.lookup(key) is not None for key in keys)


@command(
    "TYPE",
    "key",
    group="generic",
    since="1.0.0",
    flags="readonly fast",
    access="RO",
    summary="Determines the type of value stored at a key.",
)
def type_(call: Call, key: bytes) -> Reply:
    value = call.db.lookup_notouch(key)
    return Status(b"none" if value is None else value.type.encode())


@command(
    "KEYS",
    "pattern",
    group="generic",
    since="1.0.0",
    tips="nondeterministic_output_order request_policy:all_shards",
    flags="readonly",
    acl="keyspace dangerous",
    complexity="O(N) with N being the number of keys in the database, under the assumption that the key names in the"
    " database and the given pattern have limited length.",
    summary="Returns all key names that match a pattern.",
)
def keys(call: Call, pattern: bytes) -> Reply:
    named = [entry.key for entry in call.db.table if pattern == b"*" or stringmatch(pattern, entry.key)]
    found: list[Reply] = [key for key in named if not call.db.is_due(key)]
    if found:
        call.session.defer_length()
    return found


@command(
    "RANDOMKEY",
    group="generic",
    since="1.0.0",
    tips="nondeterministic_output request_policy:all_shards response_policy:special",
    flags="readonly",
    acl="keyspace",
    summary="Returns a random key name from the database.",
)
def randomkey(call: Call) -> Reply:
    entry = call.db.random_key()
    return None if entry is None else entry.key


@command(
    "DBSIZE",
    group="server",
    since="1.0.0",
    tips="request_policy:all_shards response_policy:agg_sum",
    flags="readonly fast",
    acl="keyspace",
    summary="Returns the number of keys in the database.",
)
def dbsize(call: Call) -> Reply:
    return len(call.db)


@command(
    "RENAME",
    "key newkey:key",
    group="generic",
    since="1.0.0",
    flags="write",
    access="RW access delete;OW update",
    summary="Renames a key and overwrites the destination.",
)
def rename(call: Call, key: bytes, newkey: bytes) -> Reply:
    value = call.db.lookup_write(key)
    if value is None:
        raise CommandError(NO_SUCH_KEY)
    if key != newkey:
        call.db.peek(newkey)
        _rename(call.db, key, newkey, value)
    return OK


def _rename(db: Database, key: bytes, newkey: bytes, value: Value) -> None:
    expiry, dirty = db.expiry(key), db.dirty
    # The destination goes first: the new entry holds its own copy of the new name.
    db.delete(newkey)
    db.delete(key)
    db.put(newkey, value)
    if expiry is not None:
        db.expire_at(newkey, expiry)
    # To the server this is one change, and so are moving and copying.
    db.dirty = dirty + 1


@command(
    "RENAMENX",
    "key newkey:key",
    group="generic",
    since="1.0.0",
    flags="write fast",
    access="RW access delete;OW insert",
    summary="Renames a key only when the target key name doesn't exist.",
)
def renamenx(call: Call, key: bytes, newkey: bytes) -> Reply:
    value = call.db.lookup_write(key)
    if value is None:
        raise CommandError(NO_SUCH_KEY)
    if key == newkey or call.db.lookup_write(newkey) is not None:
        return 0
    _rename(call.db, key, newkey, value)
    return 1


def _index(word: bytes, *, wrong: str = "") -> int:
    """A database's number as it is written, whether there is such a database or not; `wrong` is the error if it is none."""
    number = parse_int(word)
    if number is None:
        raise CommandError(wrong or NOT_AN_INTEGER)
    if not -(1 << 31) <= number < 1 << 31:
        raise CommandError(wrong or _NOT_32_BITS)
    return number


def _database(call: Call, number: int) -> int:
    if not 0 <= number < len(call.keyspace):
        raise CommandError("ERR DB index is out of range")
    return number


@command(
    "MOVE",
    "key db:number",
    group="generic",
    since="1.0.0",
    flags="write fast",
    access="RW access update",
    summary="Moves a key to another database.",
)
def move(call: Call, key: bytes, db: bytes) -> Reply:
    target = call.keyspace[_database(call, _index(db))]
    if target is call.db:
        raise CommandError(_SAME_OBJECT)
    value = call.db.lookup_write(key)
    if value is None or target.lookup_write(key) is not None:
        return 0
    expiry, dirty = call.db.expiry(key), target.dirty
    call.db.delete(key)
    target.put(key, value)
    if expiry is not None:
        target.expire_at(key, expiry)
    target.dirty = dirty
    return 1


@command(
    "COPY",
    "source:key destination:key [DB destination-db:number] [REPLACE]",
    group="generic",
    since="6.2.0",
    flags="write denyoom",
    access="RO access;OW update",
    complexity="O(N) worst case for collections, where N is the number of nested items. O(1) for string values.",
    summary="Copies the value of a key to a new key.",
    raw=True,
)
def copy(call: Call, source: bytes, destination: bytes, *words: bytes) -> Reply:
    target, replace = call.db, False
    rest = iter(words)
    for word in rest:
        option = word.upper()
        number = next(rest, None) if option == b"DB" else None
        if number is not None:
            target = call.keyspace[_database(call, _index(number))]
        elif option == b"REPLACE":
            replace = True
        else:
            raise CommandError(SYNTAX)
    if target is call.db and source == destination:
        raise CommandError(_SAME_OBJECT)
    value = call.db.lookup_source(source)
    if value is None:
        return 0
    there, dirty = target.lookup_write(destination) is not None, target.dirty
    if there:
        if not replace:
            return 0
        target.delete(destination)
    target.put(destination, value.copy())
    expiry = call.db.expiry(source)
    if expiry is not None:
        target.expire_at(destination, expiry)
    target.dirty = dirty + 1
    return 1


@command(
    "SELECT",
    "index:number",
    group="connection",
    since="1.0.0",
    flags="loading stale fast",
    acl="connection",
    summary="Changes the selected database.",
)
def select(call: Call, index: bytes) -> Reply:
    call.db = call.keyspace[_database(call, _index(index))]
    return OK


@command(
    "SWAPDB",
    "index1:number index2:number",
    group="server",
    since="4.0.0",
    flags="write fast",
    acl="keyspace dangerous",
    complexity="O(N) where N is the count of clients watching or blocking on keys from both databases.",
    summary="Swaps two Redis databases.",
)
def swapdb(call: Call, index1: bytes, index2: bytes) -> Reply:
    first = _index(index1, wrong="ERR invalid first DB index")
    second = _index(index2, wrong="ERR invalid second DB index")
    call.keyspace.swap(_database(call, first), _database(call, second))
    return OK


@command(
    "FLUSHDB",
    "[flush-type=ASYNC|SYNC]",
    group="server",
    since="1.0.0",
    tips="request_policy:all_shards response_policy:all_succeeded",
    flags="write",
    acl="keyspace dangerous",
    complexity="O(N) where N is the number of keys in the selected database",
    summary="Remove all keys from the current database.",
    raw=True,
)
def flushdb(call: Call, *how: bytes) -> Reply:
    call.db.clear(lazily=_flushes_lazily(call, how))
    return OK


@command(
    "FLUSHALL",
    "[flush-type=ASYNC|SYNC]",
    group="server",
    since="1.0.0",
    tips="request_policy:all_shards response_policy:all_succeeded",
    flags="write",
    acl="keyspace dangerous",
    complexity="O(N) where N is the total number of keys in all databases",
    summary="Removes all keys from all databases.",
    raw=True,
)
def flushall(call: Call, *how: bytes) -> Reply:
    call.keyspace.clear(lazily=_flushes_lazily(call, how))
    if call.runtime.profile.version < (7, 0):
        call.db.dirty += 1
    return OK


def _flushes_lazily(call: Call, how: tuple[bytes, ...]) -> bool:
    """Whether the thread frees what a flush removes, whoever waits for it. One word may say so, and no more."""
    if len(how) > 1 or (how and how[0].upper() not in (b"ASYNC", b"SYNC")):
        raise CommandError(SYNTAX)
    if call.runtime.profile.flush_is_lazy or not how:
        return call.runtime.profile.flush_is_lazy or call.runtime.config.lazyfree_lazy_user_flush
    return how[0].upper() == b"ASYNC"
