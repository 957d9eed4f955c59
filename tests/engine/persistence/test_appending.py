"""The formats of the append-only file: commands, manifest, and keys as the commands that make them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine import Engine, Session
from rinspect.engine.networking.multibulks import multibulk
from rinspect.engine.persistence.appendonly import BadFormat, CutOff, commands
from rinspect.engine.persistence.manifest import BadManifest, Manifest, parse
from rinspect.engine.persistence.rebuilding import AT_ONCE, rebuild
from rinspect.engine.profile import PROFILES
from tests.engine.both import plain

words = st.lists(st.binary(max_size=20), min_size=1, max_size=5)


@given(st.lists(words, max_size=5))
def test_what_is_written_is_read(written: list[list[bytes]]) -> None:
    data = b"".join(map(multibulk, written))
    assert [argv for argv, _ in commands(data)] == written


@given(st.lists(words, min_size=1, max_size=3), st.integers(1, 200))
def test_an_end_that_is_missing_is_seen(written: list[list[bytes]], missing: int) -> None:
    pieces = list(map(multibulk, written))
    data = b"".join(pieces)
    whole = [sum(map(len, pieces[:count])) for count in range(len(pieces) + 1)]
    cut = data[: max(0, len(data) - missing)]
    ends = []
    try:
        for _, end in commands(cut):
            ends.append(end)
    except CutOff:
        assert len(cut) not in whole
    else:
        assert len(cut) in whole
    assert ends == [end for end in whole[1:] if end <= len(cut)]


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"SET k v\r\n", "offset 0"),
        (b"*0\r\n", "offset 0"),
        (b"*1\r\n$4\r\nPING\r\n*1\r\n:4\r\nPING\r\n", "offset 18"),
        (b"*1\r\n$-1\r\n", "offset 4"),
        (b"*x\r\n", "offset 0"),
        (b"garbage", "offset 0"),
        (b"*1\r\n$4\r\nPING\r\n" + bytes(20), "offset 14"),
        (b"*1\r\ngarbage", "offset 4"),
    ],
)
def test_what_is_no_command_is_told_with_its_place(data: bytes, where: str) -> None:
    with pytest.raises(BadFormat, match=where):
        list(commands(data))


def test_annotations_are_passed_over() -> None:
    data = b"#TS:1\r\n" + multibulk([b"PING"]) + b"#TS:2\r\n"
    assert [argv for argv, _ in commands(data)] == [[b"PING"]]


def test_a_manifest_through_its_life() -> None:
    manifest = Manifest("a b.aof").with_base("rdb").with_incremental()
    grown = manifest.with_incremental()
    assert [part.name for part in grown.parts] == ["a b.aof.1.base.rdb", "a b.aof.1.incr.aof", "a b.aof.2.incr.aof"]
    rewritten = grown.with_base("aof").rewritten(kept=1)
    assert [part.name for part in rewritten.parts] == ["a b.aof.2.base.aof", "a b.aof.2.incr.aof"]
    assert [part.name for part in rewritten.history] == ["a b.aof.1.incr.aof", "a b.aof.1.base.rdb"]
    for one in (manifest, grown, rewritten):
        assert parse(one.text().encode(), "a b.aof") == one
    assert [part.name for part in rewritten.without_history().with_incremental().parts][-1] == "a b.aof.3.incr.aof"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"", "empty"),
        (b"file a seq 1\n", "format"),
        (b"file a seq x type b\n", "format"),
        (b"file a/b seq 1 type b\n", "path"),
        (b"file a seq 1 type b\nfile b seq 2 type b\n", "duplicate base.*line 2"),
        (b"file a seq 2 type i\nfile b seq 1 type i\n", "non-monotonic.*line 2"),
        (b"file a seq 1 type x\n", "Unknown AOF file type"),
        (b"file a seq 1 type b" + b" x y" * 300 + b"\n", "too long"),
    ],
)
def test_a_manifest_that_is_none_is_told_with_its_line(text: bytes, what: str) -> None:
    with pytest.raises(BadManifest, match=what):
        parse(text, "appendonly.aof")


MAKING = """
    SET string hello | SET number 12 | RPUSH list a b c | SADD set a b | SADD ints 1 2 3 | ZADD zset 1.5 a -inf b 0.1 c
    HSET hash a 1 b 2 | XADD stream 1-1 a b | XADD stream 2-1 c d e f | XDEL stream 1-1 | XGROUP CREATE stream g 0
    XREADGROUP GROUP g ada STREAMS stream > | XGROUP CREATECONSUMER stream g idle | XGROUP CREATE emptied g 0 MKSTREAM
    PEXPIREAT list 9999999999999 | SELECT 3 | SET elsewhere 1 | SELECT 0
"""


def make(session: Session) -> None:
    for line in MAKING.replace("\n", "|").split("|"):
        if line.strip():
            session.execute([word.encode() for word in line.split()])
    for number in range(300):
        text = b"%d" % number * 30
        session.execute([b"RPUSH", b"long list", text])
        session.execute([b"SADD", b"large set", text])
        session.execute([b"ZADD", b"large zset", b"%d" % -number, text])
        session.execute([b"HSET", b"large hash", text, text])
    if session.engine.profile.version >= (7, 4):
        session.execute([b"HSET", b"timed", b"a", b"1", b"b", b"2"])
        session.execute([b"HPEXPIREAT", b"timed", b"9999999999999", b"FIELDS", b"1", b"a"])


@pytest.mark.parametrize("profile", PROFILES)
def test_the_commands_make_the_keys_again(profile: str) -> None:
    session = Engine(profile, clock=lambda: 1_700_000_000_000_000).session()
    make(session)
    data = bytearray()
    told: list[None] = []
    rebuild(session.engine.keyspace, data.extend, lambda: told.append(None))
    again = Engine(profile, clock=lambda: 1_700_000_000_000_000).session()
    longest = 0
    for argv, _ in commands(bytes(data)):
        longest = max(longest, len(argv))
        again.do_again(argv)
    again.execute([b"SELECT", b"0"])
    digest = [b"DEBUG", b"DIGEST"]
    assert plain(again.execute(digest)) == plain(session.execute(digest))
    assert len(told) == sum(map(len, session.engine.keyspace.databases))
    assert longest == 2 + 2 * AT_ONCE
    for question in ([b"XINFO", b"STREAM", b"stream", b"FULL"], [b"XINFO", b"STREAM", b"emptied"], [b"PTTL", b"list"]):
        if profile != "6.2" or question[0] != b"XINFO":
            assert again.execute(question) == session.execute(question)
    if session.engine.profile.version >= (7, 4):
        question = [b"HPEXPIRETIME", b"timed", b"FIELDS", b"2", b"a", b"b"]
        assert again.execute(question) == session.execute(question) == [9999999999999, -1]
