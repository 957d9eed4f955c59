"""Keys to draw: one for every encoding and for every state that looks different."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from random import Random

from rinspect.console.words import split
from rinspect.drawing.line import Ref
from rinspect.engine import Engine, Session
from rinspect.engine.layout import Layout, Trace, Window
from rinspect.engine.reasons import Rebuilt, Why, rebuilt, why
from rinspect.engine.replies import CommandError
from rinspect.engine.tracing import trace_key
from rinspect.records import Change, Look
from rinspect.sources.engine.looking import look
from rinspect.sources.engine.recorder import Recorder

MOMENT = 1_800_000_000_000_000
"""Microseconds since 1970 at which the gallery's clock stands still."""

WIDTHS = (116, 76, 58)
"""Columns of a value's pane on a wide screen, of the same alone, and of the narrowest screen."""

TAGS = "SADD k " + " ".join(f"tag:{n}" for n in range(9))
MEMBERS = "ZADD k 10 ann 25 bob 30 cid 41 dan 55 eve 60 fay 72 gus"
STREAM = """\
XADD k 1800000000000-0 t 21 where kitchen
XADD k 1800000000250-0 t 22 where kitchen
XADD k 1800000000250-1 t -4.5 where balcony
XADD k 1800000060000-0 door open
XDEL k 1800000000250-0"""
MORE = "\n".join(f"XADD k {1_800_000_060_000 + 7000 * n}-1 t {20 + n} where garden" for n in range(8))
GROUPS = """\
XGROUP CREATE k alarms 0
XGROUP CREATE k archive $
XREADGROUP GROUP alarms al COUNT 2 STREAMS k >
XREADGROUP GROUP alarms bo STREAMS k >
XACK k alarms 1800000000250-1"""
LONG = " ".join(f"post:{n:03}:{'lorem_' * (n % 4 + 1)}" for n in range(60))


@dataclass(frozen=True)
class Case:
    """A key `k` made by `commands` under `profile`, and how it is looked at."""

    name: str
    commands: str
    profile: str = "8.0"
    settings: tuple[str, ...] = ()
    """`name value` for CONFIG SET, before anything else."""
    window: Window = field(default_factory=Window)
    trace: tuple[str, str] | None = None
    """(operation, argument)"""
    under_cursor: Callable[[Layout], Ref] | None = None


def of(name: str, field_name: str = "") -> Callable[[Layout], Ref]:
    """The bytes of the last allocation of that name, or of a field of it, in a layout."""

    def find(layout: Layout) -> Ref:
        found = [a for a in layout.allocations if a.name == name][-1]
        for one in found.fields:
            if one.name == field_name:
                return Ref(found.serial, one.offset, one.size)
        assert not field_name, (field_name, found.fields)
        return Ref(found.serial, 0, max(1, found.asked))

    return find


CASES = (
    Case("int", "SET k 1815"),
    Case("embstr", "SET k hello"),
    Case("embstr-with-ttl", "SET k hello EX 3600"),
    Case("embstr-empty", 'SET k ""'),
    Case("embstr-binary", r'SET k "\x00\xff\n\xe6\xb0\xb4 tab\t"'),
    Case("raw", "SET k " + "x" * 60),
    Case("raw-with-room", "SET k begun\nAPPEND k _and_continued"),
    Case("raw-beyond-the-window", "SETRANGE k 9999 end", window=Window(start=4096, size=4096)),
    Case("hll-sparse", "PFADD k Ada Grace Alan"),
    Case("hll-sparse-counted", "PFADD k " + " ".join(map(str, range(300))) + "\nPFCOUNT k", window=Window(size=64)),
    Case("hll-dense", "PFADD k Ada Grace Alan\nPFDEBUG TODENSE k", window=Window(start=2500, size=1024)),
    Case("list-listpack", "RPUSH k job:1 job:2 17 -4096 70000 5000000000 1e3", under_cursor=of("listpack", "element")),
    Case("list-listpack-trace", "RPUSH k a b c d e", trace=("find", "3")),
    Case("hash-listpack", "HSET k name Ada born 1815 field mathematics"),
    Case("hash-listpack-trace", "HSET k name Ada born 1815 field mathematics", trace=("find", "field")),
    Case("set-listpack", "SADD k red green blue 水"),
    Case("zset-listpack", "ZADD k 3 bronze 2 silver 1.5 gold inf platinum"),
    Case("zset-listpack-trace", "ZADD k 3 bronze 2 silver 1.5 gold", trace=("rank", "silver")),
    Case("hash-listpackex", "HSET k apple 3 pear 1 plum 12\nHEXPIRE k 86400 FIELDS 1 pear"),
    Case("list-quicklist-ziplist", "RPUSH k a 17 " + "z" * 70, "6.2"),
    Case("hash-ziplist", "HSET k name Ada born 1815", "6.2"),
    Case("zset-ziplist", "ZADD k 3 bronze 1.5 gold", "6.2"),
    Case("ziplist-cascade", "HSET k " + " ".join(str(n) * 60 for n in range(1, 5)) + " x y", "6.2"),
    Case("set-intset-16", "SADD k 7 1 300 42"),
    Case("set-intset-32", "SADD k 7 1 70000"),
    Case("set-intset-64", "SADD k 7 1 5000000000"),
    Case("set-intset-beyond-the-window", "SADD k " + " ".join(map(str, range(400))), window=Window(100, 20)),
    Case("listpack-beyond-the-window", "HSET k " + " ".join(f"f{n} v{n}" for n in range(100)), window=Window(0, 12)),
    Case("quicklist", f"RPUSH k {LONG}", settings=("list-max-listpack-size 20",)),
    Case("quicklist-node", f"RPUSH k {LONG}", settings=("list-max-listpack-size 8",), under_cursor=of("listpack")),
    Case("quicklist-trace", f"RPUSH k {LONG}", settings=("list-max-listpack-size 20",), trace=("find", "45")),
    Case(
        "quicklist-compressed", f"RPUSH k {LONG}", settings=("list-max-listpack-size 10", "list-compress-depth 1"),
        under_cursor=of("quicklistLZF"),
    ),
    Case("quicklist-plain", f"RPUSH k a {'p' * 9000} b", under_cursor=of("element")),
    Case("quicklist-beyond-the-window", f"RPUSH k {LONG}", settings=("list-max-listpack-size 2",), window=Window(4, 6)),
    Case("hash-hashtable", "HSET k name Ada bio " + "compilers_" * 9),
    Case("hash-hashtable-trace", "HSET k name Ada bio " + "compilers_" * 9, trace=("find", "bio")),
    Case("hash-hashtable-ttl", f"HSET k name Ada bio {'b' * 70} seen now\nHEXPIRE k 86400 FIELDS 1 seen"),
    Case("set-hashtable", TAGS, settings=("set-max-listpack-entries 4",)),
    Case("set-hashtable-6.2", TAGS + " 17", "6.2"),
    Case("set-hashtable-missing", TAGS, settings=("set-max-listpack-entries 4",), trace=("find", "no-such-tag")),
    Case("set-hashtable-rehashing", TAGS.rsplit(" ", 1)[0] + "\nSADD k one\nSISMEMBER k tag:1",
         settings=("set-max-listpack-entries 4",)),
    Case("set-hashtable-rehashing-7.4", TAGS.rsplit(" ", 1)[0] + "\nSADD k one", "7.4",
         settings=("set-max-listpack-entries 4",)),
    Case("set-hashtable-rehashing-trace", TAGS.rsplit(" ", 1)[0] + "\nSADD k one\nSISMEMBER k tag:1",
         settings=("set-max-listpack-entries 4",), trace=("find", "tag:6")),
    Case("set-hashtable-beyond-the-window", "SADD k " + " ".join(f"m{n}" for n in range(200)), window=Window(60, 12)),
    Case("zset-skiplist", MEMBERS, settings=("zset-max-listpack-entries 4",)),
    Case("zset-skiplist-trace", MEMBERS, settings=("zset-max-listpack-entries 4",), trace=("rank", "eve")),
    Case("zset-skiplist-score", MEMBERS, settings=("zset-max-listpack-entries 4",), trace=("find", "eve")),
    Case("zset-skiplist-cursor-in-dict", MEMBERS, settings=("zset-max-listpack-entries 4",), under_cursor=of("dictEntry")),
    Case("set-intset-trace", "SADD k 7 1 300 42 15 80", trace=("find", "42")),
    Case("zset-skiplist-by-rank", MEMBERS, settings=("zset-max-listpack-entries 4",), trace=("byrank", "5")),
    Case("zset-skiplist-beyond-the-window", "ZADD k " + " ".join(f"{n} m{n:03}" for n in range(200)),
         window=Window(100, 8), trace=("rank", "m104")),
    Case("stream", STREAM),
    Case("stream-nodes", STREAM + "\n" + MORE, settings=("stream-node-max-entries 3",)),
    Case("stream-node", STREAM + "\n" + MORE, settings=("stream-node-max-entries 3",), under_cursor=of("listpack", "value")),
    Case("stream-trace", STREAM + "\n" + MORE, settings=("stream-node-max-entries 3",), trace=("find", "1800000081000-1")),
    Case("stream-missing", STREAM, trace=("find", "1800000000250-0")),
    Case("stream-groups", STREAM + "\n" + GROUPS),
    Case("stream-beyond-the-window", STREAM + "\n" + MORE, settings=("stream-node-max-entries 3",), window=Window(1, 2)),
    Case("stream-6.2", STREAM + "\n" + GROUPS, "6.2"),
    Case("stream-empty", STREAM + "\nXTRIM k MAXLEN 0"),
    Case("zset-skiplist-scores", f"ZADD k -inf low 1e300 high 0.1 tenth 3.14159265358979 pi inf {'n' * 70}"),
)  # fmt: skip


@dataclass(frozen=True)
class Exhibit:
    """A key made and looked at."""

    case: Case
    session: Session
    look: Look
    changes: tuple[Change, ...]
    trace: Trace | None
    ref: Ref | None

    @cached_property
    def why(self) -> Why:
        found = why(self.session.call.db, b"k")
        assert found is not None
        return found

    @cached_property
    def rebuilt(self) -> tuple[Rebuilt, ...]:
        return rebuilt(self.session.call.db, b"k")


@cache
def exhibit(case: Case) -> Exhibit:
    """Make a case's key in an engine of its own, and look at it. Made once: not for changing."""
    engine = Engine(case.profile, clock=lambda: MOMENT, rng=Random(7))
    session = engine.session()
    recorder = Recorder(engine, session, case.window)
    for setting in case.settings:
        assert not isinstance(session.execute([b"CONFIG", b"SET", *split(setting)]), CommandError), setting
    changes = []
    for line in case.commands.splitlines():
        reply, change = recorder.record(session.execute, split(line))
        assert not isinstance(reply, CommandError), (line, reply)
        changes += [] if change is None else [change]
    db = session.call.db
    trace = None
    if case.trace is not None:
        operation, argument = case.trace
        trace = trace_key(db, b"k", operation, argument.encode())
        assert trace is not None
    seen = look(db, b"k", case.window)
    assert seen is not None
    ref = None if case.under_cursor is None else case.under_cursor(seen.layout)
    return Exhibit(case, session, seen, tuple(changes), trace, ref)
