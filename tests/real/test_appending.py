"""What goes into the append-only file, here and in real servers: the same commands, in the same words."""

import re
import shlex
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rinspect.engine.persistence.appendonly import commands
from tests.engine.persistence.test_appending import MAKING
from tests.engine.server.hosted import Hosted
from tests.engine.server.test_append_only import go_on, started
from tests.real.catalog import build_for
from tests.real.servers import RealServer, ServerMissing

versions = pytest.mark.parametrize("profile", ["6.2", "7.0", "8.0"])

STRINGS = """
    set a b | set a b ex 100 | set a b px 100000 nx | SET a b exat 99999999999 | set a b pxat 99999999999999
    set a b keepttl | set a b get | set a b ex 100 get | set a b get xx | set a b pxat 99999999999999 get | set a b keepttl get
    setex a 10 v | psetex a 10000 v | setnx a v | setnx n v | expire a 100 | expire a 200 gt | expire a -1 | set a 1
    pexpire a 100000 | persist a | persist a | expireat a 99999999999 | pexpireat a 9999999999999 | getex a | getex a ex 100
    getex a persist | getex a pxat 1000 | set a 10 | getset a 11 | getdel a | incr a | incrby a 5 | decr a | incrbyfloat a 1.5
    set t 5 | expire t 100 | incrbyfloat t 1.25 | append a x | setrange a 3 abc | setrange no 0 "" | mset x 1 y 2
    msetnx x 1 z 3 | msetnx q1 1 q2 3 | getset q1 2 | setbit b 7 1 | bitfield b set u8 0 5 | bitfield b get u8 0
    bitop not b2 b | bitop not b3 nothing | lpush w 1 | set w 1 | incr w extra | lpush x 1
    config set lazyfree-lazy-expire yes | getex w pxat 1 | set w 1 | expire w 0
"""
FIELDS = """
    hset h f 1 g 2 | hincrby h f 2 | hincrbyfloat h f 1.5 | hsetnx h f 3 | hmset h f 3 | hdel h f nothing
    hexpire h 100 fields 1 g | hpexpire h 100000 fields 2 g zz | hexpireat h 9999999999 xx fields 1 g | hpersist h fields 2 g zz
    hexpire h 0 fields 1 g | hset h a 1 b 2 c 3 d 4 | hgetdel h fields 2 a zz | hgetex h ex 100 fields 2 b zz
    hgetex h persist fields 1 b | hgetex h persist fields 1 b | hgetex h pxat 1 fields 1 b | hgetex h fields 1 c
    hsetex h ex 100 fields 1 c 9 | hsetex h fnx ex 100 fields 1 z 9 | hsetex h keepttl fields 1 c 9
    hsetex h pxat 9999999999999 fields 1 c 9 | hsetex h exat 1 fields 1 c 9 | hset k a 1 b 2 | hpexpire k 1 fields 2 a b
"""
LISTS = """
    rpush l a b c d e f g h | lpushx l z | lpop l | lpop l 2 | rpop l | rpop l 2 | lset l 0 q | linsert l before q w
    lrem l 0 nothing | lrem l 0 w | lmove l l2 left right | rpoplpush l l2 | blpop l l2 0 | rpush l a b c d | brpop l 0
    blmove l l2 left right 0 | brpoplpush l l2 0 | lmpop 2 nothing l left count 5 | blmpop 0 2 nothing l2 right count 2
    rpush LEFT a b | lmpop 2 nothing LEFT right count 1 | blpop nothing LEFT 0 | ltrim l 0 0
"""
SETS = """
    sadd s a | sadd s a | spop s | sadd s a b c | srem s a zz | spop s 0 | spop s 5 | sadd s a b c | spop s 2 | del s
    sadd s a b | sadd s2 b x | smove s2 s x | smove s s2 zz | sinterstore d s s2 | sunionstore d s s2 | sdiffstore d nothing
    sdiffstore d nothing
    zadd z 1 a 2 b 3 c 4 d 5 e | zadd z nx 1 a | zadd z xx ch 3.5 a | zadd z incr 1 a | zadd z incr nx 5 a | zincrby z 1.5 a
    zrem z a nothing | zpopmin z | zpopmax z 2 | bzpopmin z 0 | zadd z 1 a 2 b 3 c 4 d 5 e | bzpopmax z 0
    zmpop 2 nothing z min count 2 | bzmpop 0 1 z max | zadd z 1 a 2 b 3 c 4 d 5 e | zremrangebyrank z 0 0
    zremrangebyscore z 2 2 | zremrangebylex z - ( | zunionstore z2 1 z | zinterstore z2 2 z z2 | zdiffstore z3 2 z z2
    zrangestore z3 z 0 -1 | geoadd geo 13.36 38.11 a 15.08 37.5 b | geoadd geo nx ch 13.36 38.11 a 15.08 37.5 c
    georadius geo 15 37 200 km store gs | georadiusbymember geo a 200 km storedist gs | geoadd geo xx ch 1 2 nope
    geosearchstore gs2 geo frommember a byradius 500 km | pfadd hll a b c | pfadd hll2 c d | pfcount hll | pfcount hll
    pfmerge hll3 hll hll2 | config set lazyfree-lazy-server-del yes | sadd all a b | spop all 9
"""
STREAMS = """
    xadd s 1-1 f v | xadd s 2-* f v | xadd s maxlen ~ 1 3-1 f v | xadd s maxlen 2 4-1 f v | xadd s nomkstream minid 1 5-1 f v
    xadd s minid ~ 5 limit 10 6-1 f v | xadd t nomkstream 1-1 f v | xtrim s maxlen ~ 2 | xtrim s maxlen 2 | xtrim s minid ~ 6
    xtrim s minid 6 | xgroup create s g 0 | xgroup create new g $ mkstream | xgroup createconsumer s g bob
    xreadgroup group g ada count 1 streams s > | xreadgroup group g ada streams s > | xreadgroup group g ada streams s 0
    xadd s 7-1 f v | xreadgroup group g eve noack streams s > | xgroup create new2 g $ mkstream | xadd new 1-1 f v
    xadd new2 1-1 f v | xreadgroup group g ada streams new new2 > > | xadd new 2-1 f v | xadd new2 2-1 f v
    xreadgroup group g ada block 10 streams new new2 > > | xclaim new g bob 0 0-1 | xautoclaim new g bob 0 0 count 1
    xautoclaim new g bob 0 0 count 10 justid | xack s g 0-1 | xack s g 6-1 | xgroup setid s g 0
    xreadgroup group g ada count 1 streams s > | xautoclaim s g bob 0 0 | xgroup delconsumer s g ada | xgroup destroy s g
    xsetid s 99-99 | xadd d 1-1 a b | xadd d 2-1 a b | xadd d 3-1 a b | xgroup create d g 0
    xreadgroup group g c1 count 2 streams d > | xdel d 1-1 | xclaim d g c2 0 1-1 2-1 | xreadgroup group g c3 count 2 streams d >
    xdel d 3-1 | xautoclaim d g c2 0 0 | xclaim d g c2 0 2-1 lastid 9-9 | xclaim d g c9 0 7-7 lastid 10-9
    xclaim d g e 0 2-1 force retrycount 5 time 1000 | xclaim d g e 0 2-1 justid lastid 5-5 | xgroup create d g2 0
    xreadgroup group g2 new1 noack count 1 streams d > | xreadgroup group g2 new2 noack streams d >
"""
KEYSPACE = """
    rpush l 3 1 2 | sort l store l2 | copy l l3 | copy l l3 replace | rename l3 l4 | renamenx l4 l5 | move l5 3 | select 3
    rpush l6 a | select 0 | swapdb 0 1 | swapdb 0 1 | select 5 | set a b | flushdb | flushdb async | select 0
    RESTORE r1 0 {payload} | RESTORE r2 100000 {payload} | RESTORE r3 99999999999999 {payload} absttl
    RESTORE r3 0 {payload} replace | RESTORE r4 1 {payload} absttl | RESTORE r3 1 {payload} absttl replace
    RESTORE r5 100000 {payload} idletime 100 | del l nothing | unlink r1 r2 | del nothing | sort nothing store r5
    flushall | flushall async | select 4 | expire nothing 10 | set x 1 | config set lazyfree-lazy-user-del yes | del x
"""
TRANSACTIONS = """
    set a 1 | multi | incr a | exec | multi | incr a | get a | set b 1 ex 100 | exec | multi | get a | exec | multi | incr a
    lpush a 1 | exec | multi | select 2 | set x y | select 0 | set x y | exec | multi | lpush q 1 | blpop q 0 | exec
    multi | spop nothing | set e 1 px 100000 | exec | sadd s a b c d | multi | spop s 2 | exec | del s
    multi | incr a | discard
    sadd t a b | multi | spop t 9 | sadd t a | spop t 1 | spop t | exec
"""
EXPIRED = """
    set e 1 px 1 | sleep | get e | set e 1 px 1 | sleep | incr e | set e 1 px 1 | set e2 1 px 1 | sleep | mget e e2
    set e 1 px 1 | set e2 1 px 1 | sleep | mset e 1 e2 1 z 3 | set e 1 px 1 | sleep | multi | get e | exec
    set e 1 px 1 | sleep | multi | incr e | exec | config set lazyfree-lazy-expire yes | set e 1 px 1 | sleep | get e
    set key:1 1 px 1 | set key:2 1 px 1 | sleep | scan 0 count 100 | set e 1 px 1 | sleep | exists e e
    set e 1 px 1 | sleep | del e | set e 1 px 1 | sleep | keys * | set e 1 px 1 | sleep | RESTORE e 0 {payload} replace
    set e 1 px 1 | sleep | RESTORE e 1 {payload} absttl replace
"""
THEMES = (STRINGS, FIELDS, LISTS, SETS, STREAMS, KEYSPACE, TRANSACTIONS, EXPIRED)

MOMENT = re.compile(rb"1[67]\d{11}")

Execute = Callable[..., Any]


def lines(theme: str) -> Iterator[list[str]]:
    for text in theme.replace("\n", "|").split("|"):
        if words := shlex.split(text):
            yield words


def play(execute: Execute, theme: str, sleep: Callable[[], object]) -> None:
    execute("DEBUG", "SET-ACTIVE-EXPIRE", "0")
    execute("RPUSH", "list", "1", "2")
    payload = execute("DUMP", "list")
    for words in lines(theme):
        if words == ["sleep"]:
            sleep()
        else:
            execute(*(payload if word == "{payload}" else word for word in words))


def normal(argv: Sequence[bytes]) -> tuple[bytes, ...]:
    """A command without what differs each time: moments, and which members or keys chance took first."""
    if argv[0] == b"SREM":
        return (*argv[:2], *(b"member" for _ in argv[2:]))
    return tuple(MOMENT.sub(b"MOMENT", b"key" if word.startswith(b"key:") else word) for word in argv)


def in_files(folder: Path) -> list[tuple[bytes, ...]]:
    (file,) = [*folder.glob("appendonlydir/*.incr.aof"), *folder.glob("appendonly.aof")]
    return [normal(argv) for argv, _ in commands(file.read_bytes())]


@pytest.fixture(scope="module")
def appending() -> Iterator[Callable[[str], RealServer]]:
    started: dict[str, RealServer] = {}

    def get(profile: str) -> RealServer:
        if profile not in started:
            try:
                started[profile] = RealServer(build_for(profile), "--appendonly", "yes", "--appendfsync", "no")
            except ServerMissing as missing:
                pytest.skip(str(missing))
        return started[profile]

    yield get
    for server in started.values():
        server.stop()


@pytest.mark.real
@versions
@pytest.mark.parametrize(
    "theme", THEMES, ids=("strings", "fields", "lists", "sets", "streams", "keyspace", "exec", "expired")
)
def test_the_same_is_appended(profile: str, theme: str, appending: Callable[[str], RealServer], tmp_path: Path) -> None:
    server = appending(profile)
    server.flush()
    before = len(in_files(server.folder))
    with closing(server.connect()) as connection:
        play(connection.execute, theme, lambda: time.sleep(0.003))
    with Hosted(profile) as hosted:
        hosted.engine.runtime.config.dir = str(tmp_path)
        hosted.server.append_only.open()
        play(hosted.execute, theme, lambda: hosted.clock.advance(3))
    theirs, ours = in_files(server.folder)[before:], in_files(tmp_path)
    # Which database a file's last command was for, is known from there on.
    assert ours[0] == (b"SELECT", b"0")
    if theirs[0] != ours[0]:
        theirs.insert(0, ours[0])
    assert ours == theirs


@pytest.mark.real
@versions
@pytest.mark.parametrize("preamble", ["yes", "no"])
def test_each_loads_what_the_other_has_written(profile: str, preamble: str, tmp_path: Path) -> None:
    with started(tmp_path, profile) as hosted:
        make(hosted.execute)
        hosted.execute("CONFIG", "SET", "aof-use-rdb-preamble", preamble)
        hosted.execute("BGREWRITEAOF")
        go_on(hosted)
        hosted.execute("RPUSH", "list", "more")
        ours = hosted.execute("DEBUG", "DIGEST")
    try:
        server = RealServer(build_for(profile), "--appendonly", "yes", "--appendfsync", "no", "--dir", str(tmp_path))
    except ServerMissing as missing:
        pytest.skip(str(missing))
    try:
        assert server.execute("DEBUG", "DIGEST") == ours
        server.execute("CONFIG", "SET", "aof-use-rdb-preamble", preamble)
        server.execute("SADD", "set", "of theirs")
        server.execute("BGREWRITEAOF")
        while "1" in (
            server.info("persistence")["aof_rewrite_in_progress"],
            server.info("persistence")["aof_rewrite_scheduled"],
        ):
            time.sleep(0.01)
        server.execute("RPUSH", "list", "and more")
        theirs = server.execute("DEBUG", "DIGEST")
    finally:
        server.stop()
    with started(tmp_path, profile) as hosted:
        assert hosted.execute("DEBUG", "DIGEST") == theirs


def make(execute: Execute) -> None:
    for line in MAKING.replace("\n", "|").split("|"):
        if line.strip():
            execute(*line.split())
    for number in range(200):
        for words in (
            ("RPUSH", "long"),
            ("SADD", "many"),
            ("ZADD", "ranked", str(-number)),
            ("HSET", "wide", str(number)),
        ):
            execute(*words, str(number) * 20)
