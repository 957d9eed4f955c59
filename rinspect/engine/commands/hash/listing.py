"""All fields, some by chance, and a few at a time. What has expired is not shown."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.draws import draws
from rinspect.engine.commands.hash.lookup import leave
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.scanning import scan_cursor, scan_options, scan_reply, walk
from rinspect.engine.numbers import INT64_MAX, parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, SYNTAX, CommandError, Reply
from rinspect.engine.values.hash import HashValue
from rinspect.engine.values.hash_fields import TableFields, value_of

OUT_OF_LONG = f"ERR value is out of range, value must between {-INT64_MAX} and {INT64_MAX}"
OUT_OF_RANGE = "ERR value is out of range"

DRAW_ONE_BY_ONE = 3
"""HRANDFIELD draws one by one while there are at least this many times the fields that are wanted."""

_WHOLE = "O(N) where N is the size of the hash."


@command(
    "HGETALL", "key",
    group="hash", since="2.0.0", tips="nondeterministic_output_order", flags="readonly", access="RO access", complexity=_WHOLE,
    summary="Returns all fields and values in a hash.",
)  # fmt: skip
def hgetall(call: Call, key: bytes) -> Reply:
    value = call.db.find(key, HashValue)
    return call.map(() if value is None else ((field, text) for field, text, _ in value.items()))


@command(
    "HKEYS", "key",
    group="hash", since="2.0.0", tips="nondeterministic_output_order", flags="readonly", access="RO access", complexity=_WHOLE,
    summary="Returns all fields in a hash.",
)  # fmt: skip
def hkeys(call: Call, key: bytes) -> Reply:
    value = call.db.find(key, HashValue)
    return [] if value is None else [field for field, _, _ in value.items()]


@command(
    "HVALS", "key",
    group="hash", since="2.0.0", tips="nondeterministic_output_order", flags="readonly", access="RO access", complexity=_WHOLE,
    summary="Returns all values in a hash.",
)  # fmt: skip
def hvals(call: Call, key: bytes) -> Reply:
    value = call.db.find(key, HashValue)
    return [] if value is None else [text for _, text, _ in value.items()]


@command(
    "HRANDFIELD", "key [options=count:int [WITHVALUES]]", raw=True,
    group="hash", since="6.2.0", tips="nondeterministic_output", flags="readonly", access="RO access",
    complexity="O(N) where N is the number of fields returned",
    summary="Returns one or more random fields from a hash.",
)  # fmt: skip
def hrandfield(call: Call, key: bytes, *words: bytes) -> Reply:
    count = _count(words)
    value = call.db.find(key, HashValue)
    if value is not None and value.fields.timed and call.db.drop_due_fields(key, value, call.now - 1, len(value)):
        leave(call, key, value)
    if value is None or not len(value):
        return None if count is None else []
    if count is None:
        return value.fields.random(call.runtime.rng)[0]
    pairs = _some(call, value, count)
    if len(words) == 1:
        return [field for field, _ in pairs]
    if call.resp > 2:
        return [[field, text] for field, text in pairs]
    return [part for pair in pairs for part in pair]


def _count(words: tuple[bytes, ...]) -> int | None:
    if not words:
        return None
    count = parse_int(words[0])
    if count is None:
        raise CommandError(NOT_AN_INTEGER)
    if count < -INT64_MAX:
        raise CommandError(OUT_OF_LONG)
    if len(words) > 2 or (len(words) == 2 and words[1].upper() != b"WITHVALUES"):
        raise CommandError(SYNTAX)
    if len(words) == 2 and not -(INT64_MAX // 2) <= count <= INT64_MAX // 2:
        raise CommandError(OUT_OF_RANGE)
    return count


def _some(call: Call, value: HashValue, count: int) -> list[tuple[bytes, bytes]]:
    """So many fields with their values; each only once, unless the count is negative."""
    fields, rng = value.fields, value.runtime.rng
    if count < 0 or count == 1:
        return draws(call, abs(count), lambda: fields.random(rng))
    whole = len(fields)
    if count >= whole or not isinstance(fields, TableFields) or count * DRAW_ONE_BY_ONE > whole:
        pairs = [(field, text) for field, text, _ in fields]
        return pairs if count >= whole else [pairs[at] for at in sorted(rng.sample(range(whole), count))]
    drawn: dict[bytes, bytes] = {}
    while len(drawn) < count:
        field, text = fields.random(rng)
        drawn[field] = text
    return list(drawn.items())


@command(
    "HSCAN", "key cursor:number [MATCH pattern] [COUNT count:int] [NOVALUES@7.4]", raw=True,
    group="hash", since="2.8.0", tips="nondeterministic_output", flags="readonly", access="RO access",
    complexity="O(1) for every call. O(N) for a complete iteration, including enough command calls for the cursor to "
    "return back to 0. N is the number of elements inside the collection.",
    summary="Iterates over fields and values of a hash.",
)  # fmt: skip
def hscan(call: Call, key: bytes, cursor: bytes, *words: bytes) -> Reply:
    at = scan_cursor(call, cursor)
    value = call.db.find(key, HashValue)
    if value is None:
        return scan_reply(0, ())
    options = scan_options(call, words, "hash")
    if isinstance(value.fields, TableFields):
        at, entries = walk(value.fields.table, at, options)
        pairs = [(entry.key, value_of(entry)) for entry in entries if not value.is_due(entry.key)]
    else:
        at, pairs = 0, [(field, text) for field, text, _ in value.items()]
    fitting = [pair for pair in pairs if options.fits(pair[0])]
    if options.novalues:
        return scan_reply(at, [field for field, _ in fitting])
    return scan_reply(at, [part for pair in fitting for part in pair])
