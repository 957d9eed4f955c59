"""Replies look as redis-cli shows them: held against the real one."""

from __future__ import annotations

import subprocess

import pytest

from rinspect.console.replies import format_message, format_reply, plain
from rinspect.console.words import split
from rinspect.engine import Engine
from rinspect.engine.replies import NULL_ARRAY, CommandError, Double, Map, Push, Reply, SetReply, Status, Verbatim
from tests.real.servers import RealServer

SCRIPT = r"""
SET greeting "hello\n\"world\" \xff \x00 \\ \t \a \b"
GET greeting
GET nothing
SET number 42
INCR number
STRLEN greeting
DEL nothing
LPUSH list a b c "" "d e"
LRANGE list 0 -1
LRANGE nothing 0 -1
RPOP nothing 3
INCR list
NO-SUCH-COMMAND
SET
TYPE list
RPUSH long 1 2 3 4 5 6 7 8 9 10 11
LRANGE long 0 -1
HSET hash name Ada born 1815
HGETALL hash
HMGET hash name nothing
HGETALL nothing
SADD set 3 1 2
SMEMBERS set
SMEMBERS nothing
ZADD zset 1.5 one 2 two
ZRANGE zset 0 -1 WITHSCORES
ZSCORE zset one
ZSCORE zset nothing
ZMSCORE zset one nothing two
ZADD zset INCR 1 one
HRANDFIELD hash 0
SCAN 0 MATCH nothing:*
LMPOP 2 nothing list LEFT COUNT 2
ZMPOP 1 zset MAX COUNT 2
LMPOP 1 nothing LEFT
OBJECT ENCODING list
ECHO ""
PING
PING "with text"
"""


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
def test_a_person_reads_what_redis_cli_shows(real_server: RealServer, protocol: int) -> None:
    program = real_server.build.find()
    assert program is not None
    client = program.parent / "redis-cli"
    session = Engine(real_server.profile, real_server.allocator).session()
    session.call.resp = protocol
    lines = SCRIPT.strip().splitlines()
    for formatted, option in ((True, "--no-raw"), (False, "--raw")):
        real_server.flush()
        session.execute([b"FLUSHALL"])
        theirs = subprocess.run(
            [client, "-p", str(real_server.port), f"-{protocol}", option],
            input=SCRIPT.strip().encode() + b"\n",
            capture_output=True,
            check=True,
        ).stdout
        ours = b""
        for line in lines:
            reply = session.execute(split(line))
            assert not isinstance(reply, Exception) or isinstance(reply, CommandError)
            found = [text.encode() for text in format_reply(reply)] if formatted else plain(reply)
            ours += b"".join(text + b"\n" for text in found)
        assert ours.splitlines() == theirs.splitlines()


@pytest.mark.parametrize(
    ("reply", "lines"),
    [
        (None, ["(nil)"]),
        (NULL_ARRAY, ["(nil)"]),
        (True, ["(true)"]),
        (7, ["(integer) 7"]),
        (b"\xff", ['"\\xff"']),
        (Status(b"OK"), ["OK"]),
        (CommandError("ERR no"), ["(error) ERR no"]),
        (Double(b"1.5"), ["(double) 1.5"]),
        (Verbatim(b"two\nlines"), ["two", "lines"]),
        (Verbatim(b""), [""]),
        ([], ["(empty array)"]),
        (SetReply(()), ["(empty set)"]),
        (Map(()), ["(empty hash)"]),
        ([[b"a", [b"b"]], 2], ['1) 1) "a"', '   2) 1) "b"', "2) (integer) 2"]),
        ([[], [[]]], ["1) (empty array)", "2) 1) (empty array)"]),
        (Map(((b"k", [b"v", b"w"]),)), ['1# "k" => 1) "v"', '          2) "w"']),
        (SetReply((b"a",)), ['1~ "a"']),
    ],
)
def test_every_kind_of_reply(reply: Reply, lines: list[str]) -> None:
    assert format_reply(reply) == lines


def test_a_long_reply_is_cut_and_counted() -> None:
    lines = format_reply([b"x"] * 1500)
    assert len(lines) == 1001
    assert lines[-1] == "… 500 more lines"
    assert lines[0] == '   1) "x"'
    assert len(format_reply([b"x"] * 1500, 10_000)) == 1500


def test_messages_as_redis_cli_shows_them() -> None:
    assert format_message(Push((b"message", b"news", b"two words"))) == ['1) "message"', '2) "news"', '3) "two words"']
    assert format_message(Push((b"invalidate", [b"a", b"it's\n"]))) == ["-> invalidate: 'a', 'it's\\n'"]
    assert format_message(Push((b"invalidate", None))) == ['1) "invalidate"', "2) (nil)"]
