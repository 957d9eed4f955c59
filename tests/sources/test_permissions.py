"""A read-only server stays as it is, whatever is typed."""

from __future__ import annotations

from typing import Any

import pytest

from rinspect.engine.replies import CommandError
from rinspect.sources.server.permissions import CommandFacts, refusal
from rinspect.sources.source import Refused
from tests.real.servers import RealServer
from tests.sources.connecting import connected, fill

REFUSED = """
SET k v
DEL hits
UNLINK hits
FLUSHALL
FLUSHDB ASYNC
SWAPDB 0 1
RENAME hits other
COPY hits other
MOVE hits 1
EXPIRE hits 10
PERSIST session:9
GETDEL hits
GETEX hits PERSIST
GETSET hits 1
APPEND essay x
SETRANGE essay 0 x
INCR hits
HSET user:1 a b
HINCRBY user:1 born 1
LPUSH queue x
LPOP queue
RPOPLPUSH queue other
LMOVE queue other LEFT LEFT
SADD colours x
SPOP colours
SINTERSTORE other colours tags
ZADD board 1 x
ZPOPMIN board
ZRANGESTORE other board 0 -1
ZUNIONSTORE other 1 board
BITOP NOT other essay
BITFIELD essay SET u8 0 1
SETBIT essay 0 1
SORT colours ALPHA STORE other
SORT colours ALPHA
SORT_RO colours ALPHA
GEOADD geo 1 1 x
GEORADIUS geo 0 0 1 m STORE other
PFADD hll a
PFCOUNT hll
PFMERGE other hll
XADD s * a b
XREADGROUP GROUP g c STREAMS s >
XGROUP CREATE s g $ MKSTREAM
XTRIM s MAXLEN 0
TOUCH hits
RESTORE other 0 x
MIGRATE 127.0.0.1 1 hits 0 10
KEYS *
EVAL "return redis.call('SET','x','y')" 0
EVALSHA abc 0
SCRIPT FLUSH
SCRIPT LOAD "return 1"
SCRIPT KILL
FCALL f 0
FUNCTION FLUSH
FUNCTION LOAD x
PUBLISH channel message
SPUBLISH channel message
CONFIG SET maxmemory 1
CONFIG RESETSTAT
CONFIG REWRITE
DEBUG SLEEP 0
DEBUG OBJECT hits
DEBUG SET-ACTIVE-EXPIRE 0
SHUTDOWN
SHUTDOWN NOSAVE
SAVE
BGSAVE
BGREWRITEAOF
REPLICAOF NO ONE
SLAVEOF NO ONE
FAILOVER
CLIENT KILL TYPE normal
CLIENT PAUSE 1
CLIENT UNPAUSE
CLIENT NO-EVICT ON
CLIENT REPLY OFF
CLIENT TRACKING ON
CLUSTER RESET
CLUSTER FORGET x
ACL SETUSER x
ACL DELUSER x
ACL LOG RESET
SLOWLOG RESET
LATENCY RESET
MEMORY PURGE
MEMORY MALLOC-STATS
MODULE LOAD x
MODULE LIST
LOLWUT-NOT-A-COMMAND
nosuchcommand a b
BLPOP queue 0
BRPOPLPUSH queue other 0
BZPOPMIN board 0
XREAD BLOCK 0 STREAMS s $
WAIT 1 0
MONITOR
SUBSCRIBE channel
PSUBSCRIBE *
SSUBSCRIBE channel
SYNC
PSYNC ? -1
MULTI
HELLO 3
RESET
QUIT
""".strip().splitlines()

ALLOWED = """
GET greeting
STRLEN greeting
GETRANGE greeting 0 1
TYPE hits
TTL session:9
EXISTS hits
OBJECT ENCODING hits
OBJECT IDLETIME hits
OBJECT HELP
MEMORY USAGE hits
MEMORY DOCTOR
HGETALL user:1
HSCAN user:1 0
LRANGE queue 0 -1
SMEMBERS colours
SSCAN colours 0
ZRANGE podium 0 -1 WITHSCORES
ZSCORE podium gold
SCAN 0
RANDOMKEY
DBSIZE
DUMP hits
INFO
TIME
CONFIG GET maxmemory
COMMAND COUNT
COMMAND INFO get
SLOWLOG GET
SLOWLOG LEN
LATENCY LATEST
CLIENT LIST
CLIENT GETNAME
ACL WHOAMI
PUBSUB CHANNELS
PING
ECHO hello
LASTSAVE
ROLE
""".strip().splitlines()


def words(line: str) -> list[bytes]:
    head, quote, tail = line.partition('"')
    if not quote:
        return line.encode().split()
    text, _, rest = tail.partition('"')
    return [*head.encode().split(), text.encode(), *rest.encode().split()]


def state(server: RealServer) -> list[Any]:
    """All that a command could change: data of all databases, settings, users, scripts, logs."""
    settings = server.execute("CONFIG", "GET", "*")
    return [
        server.execute("DEBUG", "DIGEST"),
        server.execute("OBJECT", "IDLETIME", "session:9") >= 5000,
        settings,
        server.execute("ACL", "LIST"),
        server.execute("CLIENT", "LIST").count(b"\n"),
        server.info("memory").get("number_of_cached_scripts"),
        server.execute("SLOWLOG", "LEN"),
        # (The mean TTL follows the server's own samples.)
        {db: about.partition(",avg_ttl")[0] for db, about in server.info("keyspace").items()},
    ]


async def test_read_only_is_read_only(real_server: RealServer) -> None:
    fill(real_server)
    real_server.pipeline(
        [
            ["PFADD", "hll", "a", "b"], ["XADD", "s", "1-1", "a", "b"], ["XGROUP", "CREATE", "s", "g", "0"],
            ["GEOADD", "geo", 1, 1, "x"], ["CONFIG", "SET", "slowlog-log-slower-than", -1],
            ["RESTORE", "session:9", 0, real_server.execute("DUMP", "session:9"), "REPLACE", "IDLETIME", 5000],
        ]
    )  # fmt: skip
    before = state(real_server)
    async with connected(real_server) as source:
        clients = before[4] + 1
        for line in REFUSED:
            reason = await source.refusal(words(line))
            assert reason, line
            assert line.split()[0].upper() in reason.upper()
            with pytest.raises(Refused):
                await source.execute(words(line))
        after = state(real_server)
        assert after[4] == clients
    assert [*after[:4], *after[5:]] == [*before[:4], *before[5:]]
    assert real_server.alive


async def test_reading_is_allowed(real_server: RealServer) -> None:
    fill(real_server)
    before = state(real_server)
    async with connected(real_server) as source:
        for line in ALLOWED:
            assert await source.refusal(words(line)) == "", line
            reply = (await source.execute(words(line))).reply
            assert not isinstance(reply, CommandError), (line, reply)
    after = state(real_server)
    assert after[0] == before[0]
    assert after[2:4] == before[2:4]


NOT_HERE_EITHER = (
    "MONITOR", "SUBSCRIBE c", "PSUBSCRIBE c", "SYNC", "PSYNC ? -1", "MULTI", "HELLO 3", "RESET", "QUIT", "CLIENT REPLY OFF",
    "CLIENT TRACKING ON", "BLPOP queue 0", "XREAD BLOCK 0 STREAMS s $",
)  # fmt: skip


async def test_write_lifts_it_but_for_what_would_break_the_connection(real_server: RealServer) -> None:
    fill(real_server)
    async with connected(real_server, write=True) as source:
        assert not (await source.info()).read_only
        for line in NOT_HERE_EITHER:
            assert "is not run here" in await source.refusal(words(line)), line
        for line in REFUSED:
            if not any(line.startswith(other.split()[0]) for other in NOT_HERE_EITHER):
                reason = await source.refusal(words(line))
                assert "read-only" not in reason, line
        for line, reply in (("SET new value", b"value"), ("INCR hits", b"1816"), ("EVAL \"return 'x'\" 0", None)):
            outcome = await source.execute(words(line))
            assert not isinstance(outcome.reply, CommandError)
            if reply is not None:
                assert real_server.execute("GET", words(line)[1]) == reply
        assert isinstance((await source.execute([b"NOSUCHCOMMAND"])).reply, CommandError)


def facts(flags: str, categories: str = "") -> CommandFacts:
    return CommandFacts(frozenset(flags.split()), frozenset(categories.split()))


def test_what_is_not_known_is_refused() -> None:
    assert "not known what it does" in refusal([b"JSON.GET", b"k"], {}, write=False)
    assert refusal([b"JSON.GET", b"k"], {}, write=True) == ""
    known = {
        "JSON.GET": facts("readonly", "@read"),
        "JSON.DEBUG": facts("readonly", "@dangerous"),
        "JSON.SET": facts("write"),
    }
    assert refusal([b"json.get", b"k"], known, write=False) == ""
    assert "--write" in refusal([b"JSON.DEBUG"], known, write=False)
    assert "may change the server" in refusal([b"JSON.SET", b"k"], known, write=False)


@pytest.mark.parametrize("sub", [b"PURGE", b"MALLOC-STATS", b"NEW-AND-UNKNOWN"])
def test_a_containers_flags_do_not_speak_for_its_subcommands(sub: bytes) -> None:
    """6.2 reports MEMORY as readonly, all of it."""
    assert refusal([b"MEMORY", sub], {"MEMORY": facts("readonly random")}, write=False)


def test_case_and_odd_bytes_do_not_slip_through() -> None:
    known = {"GET": facts("readonly"), "SET": facts("write"), "DEBUG": facts("admin")}
    for name in (b"set", b"SeT", b"debug", b"\xff", b"GET ", b" GET", b"GET\x00", b""):
        assert refusal([name, b"x"], known, write=False), name
    assert refusal([b"gEt", b"x"], known, write=False) == ""
