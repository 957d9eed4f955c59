"""DEBUG's words about the server, its switches, and who may use it."""

import time
from contextlib import closing
from pathlib import Path

import pytest

from rinspect.demo import demo_commands
from rinspect.engine import Engine
from rinspect.engine.networking.client import BUILT_IN, Client
from rinspect.engine.networking.replies import ReplyReader
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import Attributed, Push
from tests.engine.both import plain, versions
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer


def as_bytes(word: str | bytes) -> bytes:
    return word.encode() if isinstance(word, str) else word


KINDS = (
    "string", "integer", "double", "bignum", "null", "array", "set", "map", "attrib", "verbatim", "true", "false", "foo",
)  # fmt: skip


@versions
@pytest.mark.parametrize("version", [2, 3])
def test_every_kind_of_reply_is_the_servers_to_the_byte(real_server: RealServer, version: int) -> None:
    with Hosted(real_server.profile) as hosted, closing(real_server.connect()) as connection:
        hosted.execute("HELLO", version)
        connection.execute("HELLO", version)
        for kind in (*KINDS, "push"):
            asked = b"DEBUG PROTOCOL %b\r\nPING\r\n" % kind.encode()
            hosted.user.socket.sendall(asked)
            hosted.go_round()
            connection.send(asked)
            theirs = b""
            while not theirs.endswith(b"+PONG\r\n"):
                theirs += connection.socket.recv(4096)
            assert hosted.user.socket.recv(4096) == theirs, kind


@versions
def test_answers_are_the_servers(real_server: RealServer) -> None:
    script = """
        DEBUG ERROR abc
        DEBUG ERROR -abc
        DEBUG SLEEP 0
        DEBUG SLEEP
        DEBUG LOG something
        DEBUG PAUSE-CRON 0
        DEBUG SET-ACTIVE-EXPIRE 1
        DEBUG SET-SKIP-CHECKSUM-VALIDATION 0
        DEBUG CHANGE-REPL-ID
        DEBUG CHANGE-REPL-ID x
        DEBUG POPULATE 3
        DEBUG POPULATE 3 k 8
        DEBUG POPULATE 2 j 3
        DEBUG POPULATE x
        DEBUG POPULATE -1
        KEYS nothing
        GET key:2
        STRLEN k:0
        GET j:1
        DBSIZE
        DEBUG FOO
        DEBUG QUICKLIST-PACKED-THRESHOLD 5g
        DEBUG QUICKLIST-PACKED-THRESHOLD x
        DEBUG QUICKLIST-PACKED-THRESHOLD 0
    """
    with Hosted(real_server.profile) as hosted:
        for line in script.strip().splitlines():
            words = line.split()
            assert plain(hosted.execute(*words)) == plain(real_server.execute(*words)), line


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
def test_large_elements_get_nodes_of_their_own_from_a_threshold(real_server: RealServer) -> None:
    session = Engine(real_server.profile, real_server.allocator).session()
    script = """
        CONFIG SET list-max-listpack-size 4
        RPUSH k aaaaaaaaaaaaaaaaaaaaaaaaa b c d e f g
        DEBUG QUICKLIST-PACKED-THRESHOLD 10b
        RPUSH k bbbbbbbbbbbbbbbbbbbb c ddddddddddddddddddd
        LSET k 1 eeeeeeeeeeeeeeeeeeeee
        LINSERT k BEFORE c ffffffffffffffffffffff
        LRANGE k 0 -1
        DUMP k
        DEBUG QUICKLIST-PACKED-THRESHOLD 0
        RPUSH k ggggggggggggggggggggg
        DUMP k
    """
    for line in script.strip().splitlines():
        words = line.split()
        assert plain(session.execute([word.encode() for word in words])) == plain(real_server.execute(*words)), line


def test_a_payload_with_a_wrong_checksum_is_taken_when_nobody_looks() -> None:
    session = Engine("7.2").session()
    session.execute([b"SET", b"k", b"v"])
    dump = session.execute([b"DUMP", b"k"])
    assert isinstance(dump, bytes)
    spoiled = dump[:-1] + bytes([dump[-1] ^ 1])
    restore = [b"RESTORE", b"j", b"0", spoiled]
    assert plain(session.execute(restore)) == "ERR DUMP payload version or checksum are wrong"
    session.execute([b"DEBUG", b"SET-SKIP-CHECKSUM-VALIDATION", b"1"])
    assert plain(session.execute(restore)) == b"OK"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("allowed", ["no", "local", "yes"])
def test_who_may_debug(profile: str, allowed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By default nobody; `local` are those on this machine. 6.2 lets everybody."""
    # A socket pair is a Unix socket, which is always local: here the address is to decide.
    monkeypatch.setattr(Client, "is_unix", False)
    with Hosted(profile) as hosted:
        hosted.engine.runtime.config.enable_debug_command = allowed
        for address, local in (("127.0.0.1:1", True), ("[::1]:1", True), ("10.0.0.1:1", False), (BUILT_IN, True)):
            hosted.user.client.address = address
            reply = str(hosted.execute("DEBUG", "SLEEP", "0"))
            may = profile == "6.2" or address == BUILT_IN or allowed == "yes" or (allowed == "local" and local)
            assert reply.startswith("ERR DEBUG command not allowed.") is not may, address


def test_the_cron_pauses() -> None:
    with Hosted() as hosted:
        hosted.execute("SET", "k", "v", "PX", 1)
        hosted.execute("DEBUG", "PAUSE-CRON", 1)
        for _ in range(3):
            hosted.clock.advance(200)
            hosted.go_round()
        assert hosted.execute("DBSIZE") == 1
        hosted.execute("DEBUG", "PAUSE-CRON", 0)
        hosted.clock.advance(200)
        hosted.go_round()
        assert hosted.execute("DBSIZE") == 0


@versions
def test_a_reload_leaves_what_the_servers_leaves(real_server: RealServer) -> None:
    with Hosted(real_server.profile, real_server.allocator) as hosted:
        session = hosted.engine.session()
        both = (lambda *words: session.execute([*map(as_bytes, words)]), real_server.execute)
        script = [
            list(argv) for argv in demo_commands(real_server.profile) if b"EX" not in argv and argv[0] != b"HEXPIRE"
        ]
        # What has grown beyond its limits and shrunk again, with slack, and with limits that have changed since.
        script += [
            [b"RPUSH", b"long", *(b"element:%d" % n for n in range(3000))], [b"LTRIM", b"long", b"0", b"3"],
            [b"SADD", b"ints", *(b"%d" % n for n in range(700))], [b"SPOP", b"ints", b"0"],
            [b"SADD", b"mixed", b"1", b"2", b"x"], [b"SREM", b"mixed", b"x"],
            [b"APPEND", b"text", b"x" * 100], [b"APPEND", b"text", b"y"], [b"INCRBYFLOAT", b"number", b"10"],
            [b"HSET", b"wide", b"f", b"x" * 100], [b"HDEL", b"wide", b"g"], [b"HSET", b"wide", b"f", b"x"],
            [b"ZADD", b"tall", *(word for n in range(200) for word in (b"%d" % n, b"m%d" % n))],
            [b"ZREMRANGEBYRANK", b"tall", b"5", b"-1"], [b"SET", b"mortal", b"v", b"PX", b"100000000"],
            [b"CONFIG", b"SET", b"set-max-intset-entries", b"5000", b"list-max-ziplist-size", b"3"],
        ]  # fmt: skip
        if real_server.profile == "6.2":
            script[-1:] = [script[-1][:4], [b"CONFIG", b"SET", *script[-1][4:]]]
        for argv in script:
            ours, theirs = (plain(execute(*argv)) for execute in both)
            assert ours == theirs or argv[0] in (b"SPOP", b"SRANDMEMBER"), argv
        for execute in both:
            assert plain(execute("DEBUG", "RELOAD")) in (b"OK", "OK")
        keys = sorted(plain(hosted.execute("KEYS", "*")))
        assert keys == sorted(plain(real_server.execute("KEYS", "*")))
        for key in keys:
            for question in (("OBJECT", "ENCODING", key), ("MEMORY", "USAGE", key, "SAMPLES", "0")):
                ours, theirs = (plain(execute(*question)) for execute in both)
                # (How tall a skiplist's nodes are is chance, and what libc adds to a chunk is too.)
                chance = real_server.allocator == "libc" or hosted.execute("OBJECT", "ENCODING", key) == b"skiplist"
                if question[0] == "OBJECT" or not chance:
                    assert ours == theirs, question
        for execute in both:
            execute("CONFIG", "SET", "set-max-intset-entries", "512")
            execute("CONFIG", "SET", "list-max-ziplist-size", "-2")
        assert hosted.execute("PTTL", "mortal") > 0


def test_what_a_reload_leaves_out() -> None:
    with Hosted() as hosted:
        hosted.execute("SET", "gone", "v", "PX", 1)
        hosted.execute("SET", "there", "v")
        before = hosted.server.engine.keyspace.dirty
        hosted.clock.advance(10)
        other = hosted.another()
        other.execute("WATCH", "there")
        other.execute("MULTI")
        assert hosted.execute("DEBUG", "RELOAD", "merge") == b"OK"
        assert hosted.execute("KEYS", "*") == [b"there"]
        assert hosted.server.engine.keyspace.dirty <= before + 1, (
            "but for the key that expired nothing counts as changed"
        )
        assert other.execute("EXEC") is None


def test_a_reload_from_the_file(tmp_path: Path) -> None:
    no_use = "ERR Error trying to load the RDB dump, check server logs."
    with Hosted() as hosted:
        hosted.engine.runtime.config.dir = str(tmp_path)
        hosted.execute("SET", "saved", "v")
        hosted.execute("SAVE")
        hosted.execute("SET", "saved", "another")
        hosted.execute("SET", "since", "v")
        assert str(hosted.execute("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH")) == no_use
        assert "key saved is there twice in database 0" in hosted.said[-1]
        assert hosted.execute("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH", "MERGE") == b"OK"
        assert hosted.execute("MGET", "saved", "since") == [b"v", b"v"]
        assert hosted.execute("DEBUG", "RELOAD", "NOSAVE") == b"OK"
        assert hosted.execute("MGET", "saved", "since") == [b"v", None]
        assert str(hosted.execute("DEBUG", "RELOAD", "NOFLUSH")) == no_use
        assert hosted.execute("DEBUG", "RELOAD", "NOFLUSH", "merge") == b"OK"
        assert hosted.execute("DBSIZE") == 1
        (tmp_path / "dump.rdb").unlink()
        assert str(hosted.execute("DEBUG", "RELOAD", "NOSAVE")) == no_use
        assert "there is no file" in hosted.said[-1]


def test_a_reload_of_a_process_saves(tmp_path: Path) -> None:
    with Hosted() as hosted:
        hosted.server.stands_alone = True
        hosted.engine.runtime.config.dir = str(tmp_path)
        hosted.execute("SET", "k", "v")
        assert hosted.execute("DEBUG", "RELOAD") == b"OK"
        assert (tmp_path / "dump.rdb").exists()
        about = hosted.execute("INFO", "persistence")
        assert b"rdb_changes_since_last_save:0\r\n" in about
        assert b"rdb_last_load_keys_loaded:1\r\n" in about
        hosted.execute("SET", "k", "another")
        hosted.engine.runtime.config.dir = str(tmp_path / "gone")
        assert str(hosted.execute("DEBUG", "RELOAD")) == "ERR"
        assert hosted.execute("GET", "k") == b"another", "what cannot be saved is not given up"


def test_what_is_refused_says_why() -> None:
    with Hosted() as hosted:
        for word in ("SEGFAULT", "PANIC", "OOM", "MALLCTL", "REPLICATE"):
            assert f"ERR DEBUG {word} is not supported: this server" in str(hosted.execute("DEBUG", word, "x"))
        assert hosted.user.connected


def test_sleep_sleeps_as_long_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    with Hosted() as hosted:
        for word in ("0.02", " 1.5e1x", "-1", "x", "1e99", "inf"):
            assert hosted.execute("DEBUG", "SLEEP", word) == b"OK"
    assert slept == [0.02, 15.0, 0.0, 0.0, 1e9, 0.0]


def test_the_log_is_written_to() -> None:
    with Hosted() as hosted:
        hosted.execute("DEBUG", "LOG", "hello\nthere")
        assert hosted.said[-1].endswith(" # DEBUG LOG: hello there\n")


def test_attributes_and_pushes_reach_the_reader_of_replies() -> None:
    with Hosted("7.2") as hosted:
        hosted.execute("HELLO", 3)
        reader = ReplyReader()
        for kind in ("attrib", "push"):
            hosted.user.send("DEBUG", "PROTOCOL", kind)
            hosted.go_round()
            reader.feed(hosted.user.socket.recv(4096))
        attributed, reply, push = reader.replies()
        assert attributed == Attributed(
            ((b"key-popularity", [b"key:123", 90]),), b"Some real reply following the attribute"
        )
        assert push == Push((b"server-cpu-usage", 42))
        assert reply == b"Some real reply following the push reply"
