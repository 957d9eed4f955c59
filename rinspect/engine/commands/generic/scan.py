"""SCAN: the keys of a database, a bucket at a time."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.scanning import scan_cursor, scan_options, scan_reply, walk
from rinspect.engine.replies import Reply


@command(
    "SCAN",
    "cursor:number [MATCH pattern] [COUNT count:int] [TYPE type]",
    group="generic",
    since="2.8.0",
    tips="nondeterministic_output request_policy:special response_policy:special",
    flags="readonly",
    acl="keyspace",
    complexity="O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to return"
    " back to 0. N is the number of elements inside the collection.",
    summary="Iterates over the key names in the database.",
    raw=True,
)
def scan(call: Call, cursor_word: bytes, *words: bytes) -> Reply:
    db = call.db
    cursor = scan_cursor(call, cursor_word)
    options = scan_options(call, words)
    cursor, entries = walk(db.table, cursor, options)
    found: list[Reply] = []
    for entry in entries:
        if options.fits(entry.key):
            value = db.peek(entry.key) if options.type is None else db.lookup_notouch(entry.key, notify=False)
            if value is not None and (options.type is None or value.type.encode() == options.type):
                found.append(entry.key)
    return scan_reply(cursor, found)
