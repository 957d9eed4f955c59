"""DEBUG's windows into the structures."""

from __future__ import annotations

from random import Random

from rinspect.engine import lru, payload
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.server.debugging import MANY, debug_command
from rinspect.engine.commands.server.digest import ZERO, dataset_digest, value_digest
from rinspect.engine.commands.server.table_stats import stats_text
from rinspect.engine.encodings import sds
from rinspect.engine.encodings.quicklist.quicklist import Quicklist
from rinspect.engine.glob import stringmatch
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NO_SUCH_KEY, NOT_AN_INTEGER, CommandError, Reply, Status
from rinspect.engine.values.list import ListValue
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.value import ROBJ_SIZE, Value

_DUMP_FRAME = 11
"""Type byte and footer: what DUMP has beyond the serialized length that DEBUG OBJECT names."""


def _value(call: Call, key: bytes) -> Value:
    value = call.db.peek(key)
    if value is None:
        raise CommandError(NO_SUCH_KEY)
    return value


@debug_command("OBJECT", 1, 1)
def _object(call: Call, args: list[bytes]) -> Reply:
    value = _value(call, args[0])
    refcount = value.refcount if isinstance(value, StringValue) else 1
    idle = lru.idle_time(value.used, call.now) // 1000
    text = (
        f"Value at:0x{value.own_serial():012x} refcount:{refcount} encoding:{value.encoding}"
        f" serializedlength:{len(payload.dump(value)) - _DUMP_FRAME} lru:{lru.bits_of(value.used)}"
        f" lru_seconds_idle:{idle}"
    )
    if isinstance(value, ListValue) and isinstance(value.body, Quicklist):
        text += _quicklist_facts(call, value.body)
    return Status(text.encode())


def _quicklist_facts(call: Call, quicklist: Quicklist) -> str:
    limit = "listpack" if call.runtime.profile.listpack else "ziplist"
    count = quicklist.nodes_count
    plain = sum(node.blob.nbytes for node in quicklist.nodes())
    return (
        f" ql_nodes:{count} ql_avg_node:{len(quicklist) / count:.2f}"
        f" ql_{limit}_max:{quicklist.fill.setting} ql_compressed:{int(quicklist.depth != 0)}"
        f" ql_uncompressed_size:{plain}"
    )


@debug_command("LISTPACK", 1, 1, since=(7, 0))
def _listpack(call: Call, args: list[bytes]) -> Reply:
    if _value(call, args[0]).encoding not in ("listpack", "listpackex"):
        raise CommandError("ERR Not a listpack encoded object.")
    return Status(b"Listpack structure printed on stdout")


@debug_command("ZIPLIST", 1, 1, until=(7, 0))
def _ziplist(call: Call, args: list[bytes]) -> Reply:
    if _value(call, args[0]).encoding != "ziplist":
        raise CommandError("ERR Not a ziplist encoded object.")
    return Status(b"Ziplist structure printed on stdout")


@debug_command("QUICKLIST", 1, 2, since=(7, 0))
def _quicklist(call: Call, args: list[bytes]) -> Reply:
    if _value(call, args[0]).encoding != "quicklist":
        raise CommandError("ERR Not a quicklist encoded object.")
    return Status(b"Quicklist structure printed on stdout")


def _full(args: list[bytes]) -> bool:
    return len(args) > 1 and args[1].lower() == b"full"


@debug_command("HTSTATS", 1, MANY, since=(7, 2))
@debug_command("HTSTATS", 1, 1, until=(7, 2))
def _htstats(call: Call, args: list[bytes]) -> Reply:
    number = parse_int(args[0])
    if number is None:
        raise CommandError(NOT_AN_INTEGER)
    if not 0 <= number < len(call.keyspace):
        raise CommandError("ERR Out of range database")
    db, profile, full = call.keyspace[number], call.runtime.profile, _full(args)
    text = "[Dictionary HT]\n" + stats_text(db.table, profile, full=full)
    text += "[Expires HT]\n" + stats_text(db.expires, profile, full=full)
    return call.text(text)


@debug_command("HTSTATS-KEY", 1, MANY, since=(7, 2))
@debug_command("HTSTATS-KEY", 1, 1, until=(7, 2))
def _htstats_key(call: Call, args: list[bytes]) -> Reply:
    table = _value(call, args[0]).hashtable
    if table is None:
        raise CommandError("ERR The value stored at the specified key is not represented using an hash table")
    text = stats_text(table, call.runtime.profile, full=_full(args))
    return call.text(text)


@debug_command("SDSLEN", 1, 1)
def _sdslen(call: Call, args: list[bytes]) -> Reply:
    value = _value(call, args[0])
    if not isinstance(value, StringValue) or value.encoding == "int":
        raise CommandError("ERR Not an sds encoded string.")
    key_class = call.runtime.usable(sds.sds_size(len(args[0])))
    if value.encoding == "embstr":
        # One allocation for both: what the object leaves of it. The text has three bytes before it and a NUL behind.
        available, size = 0, call.runtime.usable(ROBJ_SIZE + 3 + len(value) + 1) - ROBJ_SIZE
    else:
        buffer = value.as_buffer()
        available, size = buffer.alloc - len(buffer), call.runtime.usable(buffer.asked)
    return Status(
        f"key_sds_len:{len(args[0])}, key_sds_avail:0, key_zmalloc: {key_class}, "
        f"val_sds_len:{len(value)}, val_sds_avail:{available}, val_zmalloc: {size}".encode()
    )


@debug_command("STRUCTSIZE", 0, 0)
def _structsize(call: Call, args: list[bytes]) -> Reply:
    return b"bits:64 robj:16 dictentry:24 sdshdr5:1 sdshdr8:3 sdshdr16:5 sdshdr32:9 sdshdr64:17 "


@debug_command("DIGEST", 0, 0)
def _digest(call: Call, args: list[bytes]) -> Reply:
    return Status(dataset_digest(call.keyspace).hex().encode())


@debug_command("DIGEST-VALUE", 0, MANY)
def _digest_value(call: Call, args: list[bytes]) -> Reply:
    digests = []
    for key in args:
        value = call.db.peek(key)
        digest = ZERO if value is None else value_digest(call.db, key, value)
        digests.append(digest.hex().encode())
    return [Status(digest) for digest in digests]


@debug_command("STRINGMATCH-TEST", 0, 0)
def _stringmatch_test(call: Call, args: list[bytes]) -> Reply:
    """Patterns and texts by chance, from letters that mean something to a pattern: none may hang or crash."""
    rng = Random(0)
    for _ in range(10_000):
        pattern, text = (bytes(rng.choices(b"*?[]-^\\ab", k=rng.randrange(32))) for _ in range(2))
        stringmatch(pattern, text)
    return Status(b"Apparently Redis did not crash: test passed")
