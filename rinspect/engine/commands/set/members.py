"""Adding, removing, asking for and listing members."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.scanning import scan_cursor, scan_options, scan_reply, walk
from rinspect.engine.encodings.membertable import MemberTable
from rinspect.engine.replies import WRONGTYPE, CommandError, Reply
from rinspect.engine.values.set import SetValue


@command(
    "SADD", "key member...", raw=True,
    group="set", since="1.0.0", flags="write denyoom fast", access="RW insert",
    complexity="O(1) for each element added, so O(N) to add N elements when the command is called with multiple "
    "arguments.",
    summary="Adds one or more members to a set. Creates the key if it doesn't exist.",
)  # fmt: skip
def sadd(call: Call, key: bytes, *members: bytes) -> Reply:
    db = call.db
    value = db.find_write(key, SetValue)
    if value is None:
        value = SetValue.starting_with(call.runtime, members[0], len(members))
        added = sum(map(value.add, members))
        db.put(key, value)
        db.dirty += added - 1
        return added
    config = call.runtime.config
    # Even one argument is too many for a limit of 0.
    if len(members) > 1 or not config.set_max_listpack_entries or not config.set_max_intset_entries:
        value.expect(len(members))
        added = sum(map(value.add, members))
    else:
        added = 1 if value.add(members[0]) else 0
    if added:
        db.changed(key)
        if added > 1:
            db.dirty += added - 1
    return added


@command(
    "SREM", "key member...", raw=True,
    group="set", since="1.0.0", flags="write fast", access="RW delete",
    complexity="O(N) where N is the number of members to be removed.",
    summary="Removes one or more members from a set. Deletes the set if the last member was removed.",
)  # fmt: skip
def srem(call: Call, key: bytes, *members: bytes) -> Reply:
    value = call.find_write(key, SetValue)
    if value is None:
        return 0
    removed = 0
    for member in members:
        removed += value.remove(member)
        if not len(value):
            call.db.delete(key)
            break
    else:
        if removed:
            call.db.changed(key)
    if removed > 1:
        call.db.dirty += removed - 1
    return removed


@command(
    "SMOVE", "source:key destination:key member",
    group="set", since="1.0.0", flags="write fast", access="RW access delete;RW insert",
    summary="Moves a member from one set to another.",
)  # fmt: skip
def smove(call: Call, source: bytes, destination: bytes, member: bytes) -> Reply:
    db = call.db
    giver, taker = db.lookup_write(source), db.lookup_write(destination)
    # A source that is not there is answered even if the destination is of another type.
    if giver is None:
        return 0
    if not isinstance(giver, SetValue) or not isinstance(taker, SetValue | None):
        raise CommandError(WRONGTYPE)
    if giver is taker:
        return int(giver.has(member))
    if not giver.remove(member):
        return 0
    if len(giver):
        db.changed(source)
    else:
        db.delete(source)
    if taker is None:
        taker = SetValue.starting_with(call.runtime, member, 1)
        taker.add(member)
        db.put(destination, taker)
    elif taker.add(member):
        db.changed(destination)
    return 1


@command(
    "SISMEMBER", "key member",
    group="set", since="1.0.0", flags="readonly fast", access="RO",
    summary="Determines whether a member belongs to a set.",
)  # fmt: skip
def sismember(call: Call, key: bytes, member: bytes) -> Reply:
    value = call.db.find(key, SetValue)
    return 0 if value is None else int(value.has(member))


@command(
    "SMISMEMBER", "key member...", raw=True,
    group="set", since="6.2.0", flags="readonly fast", access="RO access",
    complexity="O(N) where N is the number of elements being checked for membership",
    summary="Determines whether multiple members belong to a set.",
)  # fmt: skip
def smismember(call: Call, key: bytes, *members: bytes) -> Reply:
    value = call.find(key, SetValue)
    return [0] * len(members) if value is None else [int(value.has(member)) for member in members]


@command(
    "SCARD", "key",
    group="set", since="1.0.0", flags="readonly fast", access="RO",
    summary="Returns the number of members in a set.",
)  # fmt: skip
def scard(call: Call, key: bytes) -> Reply:
    value = call.find(key, SetValue)
    return 0 if value is None else len(value)


@command(
    "SMEMBERS", "key",
    group="set", since="1.0.0", tips="nondeterministic_output_order", flags="readonly", access="RO access",
    complexity="O(N) where N is the set cardinality.",
    summary="Returns all members of a set.",
)  # fmt: skip
def smembers(call: Call, key: bytes) -> Reply:
    value = call.find(key, SetValue)
    if value is not None and call.runtime.profile.version < (8, 0):
        call.session.defer_length()  # as SINTER, which it was
    return call.set(value or ())


@command(
    "SSCAN", "key cursor:number [MATCH pattern] [COUNT count:int]", raw=True,
    group="set", since="2.8.0", tips="nondeterministic_output", flags="readonly", access="RO access",
    complexity="O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to "
    "return back to 0. N is the number of elements inside the collection.",
    summary="Iterates over members of a set.",
)  # fmt: skip
def sscan(call: Call, key: bytes, cursor: bytes, *words: bytes) -> Reply:
    at = scan_cursor(call, cursor)
    value = call.find(key, SetValue)
    if value is None:
        return scan_reply(0, ())
    options = scan_options(call, words, "set")
    if not isinstance(value.body, MemberTable):
        return scan_reply(0, [member for member in value if options.fits(member)])
    at, entries = walk(value.body, at, options)
    return scan_reply(at, [entry.key for entry in entries if options.fits(entry.key)])
