"""Why a value has its encoding: a sentence, the thresholds, and commands that would flip it, tried."""

from __future__ import annotations

from dataclasses import dataclass

from rinspect.engine.config import Config
from rinspect.engine.encodings.hyperloglog.header import HEADER, is_dense, is_sketch
from rinspect.engine.encodings.hyperloglog.sparse import HIGHEST, opcodes
from rinspect.engine.encodings.quicklist import Quicklist
from rinspect.engine.encodings.quicklist.fill import fill_of
from rinspect.engine.key_layout import key_charge
from rinspect.engine.keyspace import Database
from rinspect.engine.profile import Profile
from rinspect.engine.reasons.records import Flip, Threshold, Why
from rinspect.engine.reasons.scratch import is_small, scratch_copy, usage
from rinspect.engine.replies import CommandError
from rinspect.engine.values.hash import HashValue
from rinspect.engine.values.list import ListValue
from rinspect.engine.values.set import SetValue
from rinspect.engine.values.stream import MAX_NODE, StreamValue
from rinspect.engine.values.string import EMBSTR_LIMIT, StringValue
from rinspect.engine.values.value import Value
from rinspect.engine.values.zset import ZsetValue

MOST_TRIED = 600
"""Arguments of a command that is tried; beyond, the try would cost more than it tells."""


_SMALL = ("intset", "listpack", "listpackex", "ziplist")
"""Encodings that values leave when they outgrow a limit, which is looked at only when they are written to."""


@dataclass(frozen=True)
class Try:
    """A command to try on the scratch copy, and how to write it shortly."""

    argv: list[bytes]
    shown: str


@dataclass(frozen=True)
class Case:
    """What is known of a value before anything is tried."""

    sentence: str
    thresholds: tuple[Threshold, ...] = ()
    tries: tuple[Try, ...] = ()
    notes: tuple[str, ...] = ()


def why(db: Database, key: bytes) -> Why | None:
    """Why the value under `key` has its encoding; None if there is no such key."""
    value = db.peek(key)
    if value is None:
        return None
    found = _case(key, value, db.runtime.profile, db.runtime.config)
    notes = found.notes
    flips: list[Flip] = []
    if is_small(value):
        flips = [flip for attempt in found.tries if (flip := _flip(db, key, value, attempt)) is not None]
    elif found.tries:
        notes = (*notes, "too large to copy in passing: nothing was tried on it")
    sentence = found.sentence
    if value.encoding in _SMALL and any(threshold.now > threshold.limit for threshold in found.thresholds):
        article = "an" if value.encoding == "intset" else "a"
        sentence = (
            f"{article} {value.encoding}, although it is over a limit now: that was higher when it was written to last:"
        )
    return Why(sentence, found.thresholds, tuple(flips), notes)


def _flip(db: Database, key: bytes, value: Value, attempt: Try) -> Flip | None:
    """What a command makes of a scratch copy; None if the encoding stays."""
    session = scratch_copy(db, key, value)
    # What the value itself costs: a copy has no room to grow left over.
    before = key_charge(db.runtime, key) + value.charged()
    if isinstance(session.execute(attempt.argv), CommandError):
        return None
    copy = session.call.db.peek(key)
    if copy is None or _form(copy) == _form(value):
        return None
    return Flip(attempt.shown, _form(copy), before, usage(session, key))


def _form(value: Value) -> str:
    """The encoding; of a HyperLogLog its own, for to the server it is a string."""
    if isinstance(value, StringValue) and is_sketch(value.bytes()):
        return "dense" if is_dense(value.bytes()) else "sparse"
    return value.encoding


def _case(key: bytes, value: Value, profile: Profile, config: Config) -> Case:
    if isinstance(value, StringValue):
        return _sketch(key, value, config) if is_sketch(value.bytes()) else _string(key, value)
    if isinstance(value, ListValue):
        return _list(key, value, profile, config)
    if isinstance(value, SetValue):
        return _set(key, value, profile, config)
    if isinstance(value, HashValue):
        return _hash(key, value, profile, config)
    if isinstance(value, StreamValue):
        return _stream(value, config)
    assert isinstance(value, ZsetValue)
    return _zset(key, value, profile, config)


def _name(key: bytes) -> str:
    text = key.decode("utf-8", "backslashreplace")
    return text if len(text) <= 24 else text[:23] + "…"


def _string(key: bytes, value: StringValue) -> Case:
    name = _name(key)
    append = Try([b"APPEND", key, b"x"], f"APPEND {name} x")
    length = Threshold("length", len(value), EMBSTR_LIMIT, "")
    if value.encoding == "int":
        sentence = "an int, because the text is the canonical decimal form of a signed 64-bit integer:"
        note = (
            "0 … 9999 are shared by the whole server"
            if value.refcount > 1
            else "too large (or negative) to be a shared one"
        )
        word = Try([b"SET", key, value.bytes() + b"."], f"SET {name} {value.bytes().decode()}.")
        return Case(f"{sentence} the pointer's eight bytes hold the number itself.", (), (append, word), (note,))
    if value.encoding == "embstr":
        longer = Try([b"SET", key, b"x" * (EMBSTR_LIMIT + 1)], f"SET {name} <{EMBSTR_LIMIT + 1} bytes>")
        sentence = f"an embstr: stored whole, at most {EMBSTR_LIMIT} bytes, so object and text share one block."
        return Case(sentence, (length,), (longer, append))
    short = len(value) <= EMBSTR_LIMIT
    again = Try([b"SET", key, value.bytes()], f"SET {name} <the same {len(value)} bytes>")
    if short:
        sentence = "raw although it is short: it was changed in place, and only raw strings can be."
        return Case(sentence, (length,), (again,), ("a SET of the same text would choose anew",))
    return Case(f"raw, because it has more than {EMBSTR_LIMIT} bytes.", (length,))


def _sketch(key: bytes, value: StringValue, config: Config) -> Case:
    data = value.bytes()
    length = Threshold("bytes", len(data), config.hll_sparse_max_bytes, "hll-sparse-max-bytes")
    if is_dense(data):
        sentence = (
            f"{value.encoding}, and a dense HyperLogLog: 6 bits for each of 16,384 registers, whatever they hold."
        )
        note = "as opcodes it was too long, or a register went above 32; it never turns back"
        return Case(sentence, (length,), (), (note,))
    highest = max((opcode.value for opcode in opcodes(data, HEADER)), default=0)
    sentence = f"{value.encoding}, and a sparse HyperLogLog: opcodes for runs of registers, because both hold:"
    dense = Try([b"PFDEBUG", b"TODENSE", key], f"PFDEBUG TODENSE {_name(key)}")
    return Case(sentence, (length, Threshold("highest register", highest, HIGHEST, "")), (dense,))


def _list(key: bytes, value: ListValue, profile: Profile, config: Config) -> Case:
    name = _name(key)
    setting = "list-max-listpack-size" if profile.listpack else "list-max-ziplist-size"
    fill = fill_of(config.list_max_listpack_size, profile)
    by_count = config.list_max_listpack_size >= 0
    if value.encoding == "quicklist":
        sentence = f"a quicklist: nodes of at most {_fill_text(config.list_max_listpack_size, fill.size)} each."
        if not profile.small_list_is_listpack:
            return Case(sentence, (), (), (f"before 7.2 every list is one, however small ({setting})",))
        note = "it becomes a listpack again when one node is left that is at most half full"
        return Case(sentence, (), (), (note,))
    size = 0 if isinstance(value.body, Quicklist) else value.body.nbytes
    thresholds = [Threshold("bytes", size, fill.size, setting)]
    if by_count:
        thresholds.append(Threshold("elements", len(value), max(fill.count, 1), setting))
    room = fill.size - size + 1
    element = Try([b"RPUSH", key, b"x" * room], f"RPUSH {name} <{room:,} bytes>")
    tries = [element] if room <= 1 << 16 else []
    more = max(fill.count, 1) - len(value) + 1 if by_count else 0
    if 0 < more <= MOST_TRIED:
        tries.append(Try([b"RPUSH", key, *[b"x"] * more], f"RPUSH {name} <{more} elements>"))
    sentence = (
        f"a single listpack, because all of it fits the limit for one node ({setting} {config.list_max_listpack_size}):"
    )
    return Case(sentence, tuple(thresholds), tuple(tries))


def _fill_text(setting: int, size: int) -> str:
    return f"{max(setting, 1)} elements and 8,192 bytes" if setting >= 0 else f"{size:,} bytes"


def _grown(command: bytes, key: bytes, count: int, what: str) -> list[Try]:
    """A try that adds `count` more elements, if that is not too many."""
    if not 0 < count <= MOST_TRIED:
        return []
    words = [word for n in range(count) for word in _element(command, n)]
    return [Try([command, key, *words], f"{command.decode()} {_name(key)} <{count} more {what}>")]


def _element(command: bytes, number: int) -> list[bytes]:
    text = b"new:%d" % number
    return {b"SADD": [text], b"HSET": [text, b"1"], b"ZADD": [b"%d" % number, text]}[command]


def _set(key: bytes, value: SetValue, profile: Profile, config: Config) -> Case:
    name = _name(key)
    ints = Threshold("members", len(value), config.set_max_intset_entries, "set-max-intset-entries")
    word = Try([b"SADD", key, b"a-word"], f"SADD {name} a-word")
    if value.encoding == "intset":
        more = config.set_max_intset_entries - len(value) + 1
        tries = [word]
        if 0 < more <= MOST_TRIED:
            numbers = [b"%d" % (1_000_000 + n) for n in range(more)]
            tries.append(Try([b"SADD", key, *numbers], f"SADD {name} <{more} more integers>"))
        return Case("an intset, because every member is an integer and there are few enough:", (ints,), tuple(tries))
    longest = max((len(member) for member in value), default=0) if is_small(value) else 0
    if value.encoding == "listpack":
        entries = Threshold("members", len(value), config.set_max_listpack_entries, "set-max-listpack-entries")
        length = Threshold("longest member", longest, config.set_max_listpack_value, "set-max-listpack-value")
        size = config.set_max_listpack_value + 1
        long = Try([b"SADD", key, b"x" * size], f"SADD {name} <{size} bytes>")
        many = _grown(b"SADD", key, config.set_max_listpack_entries - len(value) + 1, "members")
        return Case(
            "a listpack, because not all members are integers, and both hold:", (entries, length), (long, *many)
        )
    if not profile.small_set_is_listpack:
        return Case(
            "a hashtable: before 7.2 a set is one as soon as a member is not an integer, or there are too many.",
            (ints,),
        )
    entries = Threshold("members", len(value), config.set_max_listpack_entries, "set-max-listpack-entries")
    length = Threshold("longest member", longest, config.set_max_listpack_value, "set-max-listpack-value")
    return Case(*_table_case(value, (entries, length)))


def _table_case(value: Value, thresholds: tuple[Threshold, ...]) -> tuple[str, tuple[Threshold, ...]]:
    """The sentence for a hashtable or skiplist: which limit it is over now, or that it once was."""
    name = "skiplist with a dict beside it" if value.encoding == "skiplist" else value.encoding
    over = [f"{t.what} {t.now:,} > {t.setting} {t.limit:,}" for t in thresholds if t.now > t.limit]
    if over:
        return f"a {name}, because " + " and ".join(over) + ". It never turns back.", thresholds
    converted = "something was when it was converted"
    if value.encoding == "skiplist":
        converted += ", or SORT was used on it"
    sentence = f"a {name}, although nothing is over a limit now: {converted}, and it never turns back."
    return sentence, thresholds


def _hash(key: bytes, value: HashValue, profile: Profile, config: Config) -> Case:
    name = _name(key)
    kind = "listpack" if profile.listpack else "ziplist"
    longest = max((max(len(f), len(v)) for f, v, _ in value.items()), default=0) if is_small(value) else 0
    entries = Threshold("fields", len(value), config.hash_max_listpack_entries, f"hash-max-{kind}-entries")
    length = Threshold("longest text", longest, config.hash_max_listpack_value, f"hash-max-{kind}-value")
    if value.encoding == "hashtable":
        return Case(*_table_case(value, (entries, length)))
    size = config.hash_max_listpack_value + 1
    tries = [Try([b"HSET", key, b"bio", b"x" * size], f"HSET {name} bio <{size} bytes>")]
    tries += _grown(b"HSET", key, config.hash_max_listpack_entries - len(value) + 1, "fields")
    notes: tuple[str, ...] = ()
    if value.encoding == "listpackex":
        notes = ("a field has, or had, a TTL: each field carries an expiry, and those with one come first",)
    elif profile.hash_field_ttl:
        first = next(iter(value.items()))[0]
        ttl = [b"HEXPIRE", key, b"60", b"FIELDS", b"1", first]
        tries.append(Try(ttl, f"HEXPIRE {name} 60 FIELDS 1 {_name(first)}"))
    return Case(f"a {value.encoding}, because both hold:", (entries, length), tuple(tries), notes)


def _zset(key: bytes, value: ZsetValue, profile: Profile, config: Config) -> Case:
    name = _name(key)
    kind = "listpack" if profile.listpack else "ziplist"
    longest = max((len(member) for member in value), default=0) if is_small(value) else 0
    entries = Threshold("members", len(value), config.zset_max_listpack_entries, f"zset-max-{kind}-entries")
    length = Threshold("longest member", longest, config.zset_max_listpack_value, f"zset-max-{kind}-value")
    if value.encoding == "skiplist":
        return Case(*_table_case(value, (entries, length)))
    size = config.zset_max_listpack_value + 1
    tries = [Try([b"ZADD", key, b"1", b"x" * size], f"ZADD {name} 1 <{size} bytes>")]
    tries += _grown(b"ZADD", key, config.zset_max_listpack_entries - len(value) + 1, "members")
    return Case(f"a {value.encoding}, because both hold:", (entries, length), tuple(tries))


def _stream(value: StreamValue, config: Config) -> Case:
    """There is nothing to choose but when the last node is full."""
    sentence = "a stream: the only encoding that streams have. Its entries lie in listpacks, under a radix tree of ids."
    node = value.nodes.last()
    if node is None:
        return Case(sentence, (), (), ("it has no entries: the next one begins a node",))
    size = config.stream_node_max_bytes if 0 < config.stream_node_max_bytes <= MAX_NODE else MAX_NODE
    count, most = node.count + node.deleted, config.stream_node_max_entries
    thresholds = [Threshold("last node's bytes", node.nbytes, size, "stream-node-max-bytes")]
    if most:
        thresholds.append(Threshold("last node's entries", count, most, "stream-node-max-entries"))
    room, left = size - node.nbytes, most - count
    if room <= 0 or (most and left <= 0):
        return Case(sentence, tuple(thresholds), (), ("the last node is full: the next entry begins a new one",))
    note = f"an entry begins a new node if its fields and values have {room:,} bytes or more"
    if most:
        note += f"; after {left:,} more entr{'y' if left == 1 else 'ies'} any does"
    return Case(sentence, tuple(thresholds), (), (note,))
