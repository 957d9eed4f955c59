"""Clients that wait: who is served, in which order, with what, and when they give up."""

import pytest

from tests.engine.both import versions
from tests.engine.networking.dialogue import agree
from tests.engine.server.hosted import NOTHING, Hosted
from tests.real.connection import pack
from tests.real.servers import RealServer

SCRIPTS = {
    "in order of arrival": """
A: BLPOP k 0
B: BRPOP k 0
C: BLPOP other k 0
D: RPUSH k 1 2 3 4
D: LRANGE k 0 -1
A: BLPOP k 0
A: BLPOP k 0
B: BLPOP x k 0
D: LPUSH x 1
D: RPUSH k 1
D: EXISTS k x
""",
    "who comes first in the list of keys, not of arrivals": """
A: BLPOP a b 0
B: MULTI
B: RPUSH b 1
B: RPUSH a 2
B: EXEC
B: LRANGE a 0 -1
B: LRANGE b 0 -1
""",
    "one for each that is pushed": """
A: BLPOP k 0
B: BLPOP k 0
C: RPUSH k one
C: EXISTS k
C: RPUSH k two three
C: LRANGE k 0 -1
""",
    "what waits goes on with what it sent meanwhile": """
A: BLPOP k 0
A: PING
A: INCR n
B: GET n
B: RPUSH k v
B: GET n
""",
    "a chain of moves": """
A: BLMOVE a b LEFT RIGHT 0
B: BLMOVE b c LEFT RIGHT 0
C: BLPOP c 0
D: RPUSH a v
D: EXISTS a b c
""",
    "a ring": """
A: BRPOPLPUSH k k 0
B: BRPOPLPUSH k l 0
C: RPUSH k 1
C: LRANGE k 0 -1
C: LRANGE l 0 -1
""",
    "where it moves to is of another type": """
C: SET b x
A: BLMOVE a b LEFT LEFT 0
C: RPUSH a v
C: LRANGE a 0 -1
""",
    "another type does not wake": """
A: BLPOP k 0
B: SET k v
B: DEL k
B: SADD k v
B: DEL k
B: RPUSH k v
A: BZPOPMIN k 0
B: RPUSH k v
B: DEL k
B: ZADD k 1 m
""",
    "sorted sets": """
A: BZPOPMIN z 0
B: BZPOPMAX y z 0
C: ZADD z 1 a 2 b 3 c
C: ZRANGE z 0 -1
A: BZPOPMAX z 0
A: BZPOPMAX nothing z 0
C: ZADD nothing 1 a
""",
    "a transaction is over first": """
A: BLPOP k 0
B: MULTI
B: RPUSH k v
B: DEL k
B: EXEC
B: MULTI
B: RPUSH k 1
B: LPUSH k 2
B: EXEC
B: LRANGE k 0 -1
""",
    "keys that come by other ways": """
A: BLPOP k 0
B: RPUSH l v
B: RENAME l k
A: BLPOP k 0
B: RPUSH l v
B: COPY l k
A: BLPOP k 0
B: SORT l STORE k
A: BLPOP k 0
B: SELECT 1
B: RPUSH k v
B: MOVE k 0
A: BLPOP k 0
B: RPUSH k v
B: SWAPDB 0 1
""",
    "let go by others": """
A: CLIENT SETNAME waiting
A: BLPOP k 0
B: CLIENT UNBLOCK 999999
B: RESET
A: PING
B: RPUSH k v
""",
    "wrong from the start": """
A: BLPOP k -1
A: BLPOP k x
A: BLPOP k
A: SET s v
A: BLPOP s 0
A: BLPOP nothing s 0
A: BLMOVE s k LEFT SIDE 0
A: BZPOPMIN s 0
""",
    "a push that serves two kinds of waiting": """
A: BLPOP k 0
B: BLMOVE k k RIGHT LEFT 0
C: RPUSH k 1 2
C: LRANGE k 0 -1
""",
}

SINCE_7 = {
    "several at once": """
A: BLMPOP 0 2 a b LEFT COUNT 2
B: RPUSH b 1 2 3
B: LRANGE b 0 -1
A: BZMPOP 0 1 z MAX COUNT 2
B: ZADD z 1 a 2 b 3 c
B: ZRANGE z 0 -1
A: BLMPOP 0 1 k LEFT COUNT 0
A: BLMPOP 0 0 k LEFT
""",
}


@versions
@pytest.mark.parametrize("name", SCRIPTS)
def test_who_waits_is_served_as_by_the_server(real_server: RealServer, name: str) -> None:
    agree(SCRIPTS[name], real_server)


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
@pytest.mark.parametrize("name", SINCE_7)
def test_what_came_later(real_server: RealServer, name: str) -> None:
    agree(SINCE_7[name], real_server)


def test_who_has_waited_long_enough_is_told_that_there_is_nothing() -> None:
    with Hosted() as hosted:
        first, second = hosted.another(), hosted.another()
        assert first.execute("BLPOP", "k", "0.5") is NOTHING
        assert second.execute("BLMOVE", "k", "l", "LEFT", "LEFT", "1") is NOTHING
        hosted.clock.advance(499)
        hosted.go_round()
        assert first.receive() is NOTHING
        hosted.clock.advance(1)
        hosted.go_round()
        assert first.receive() is None
        assert second.receive() is NOTHING
        hosted.clock.advance(500)
        hosted.go_round()
        assert second.receive() is None
        assert not hosted.server.clients.blocked.waiting
        assert not hosted.server.clients.blocked.by_key
        hosted.execute("RPUSH", "k", "v")
        assert first.execute("BLPOP", "k", "0.5") == [b"k", b"v"]


def test_whoever_tries_in_vain_waits_no_longer_for_it() -> None:
    with Hosted() as hosted:
        first, second = hosted.another(), hosted.another()
        first.execute("BLPOP", "k", "1")
        second.execute("BLPOP", "k", "1")
        hosted.clock.advance(900)
        hosted.execute("RPUSH", "k", "v")
        assert first.receive() == [b"k", b"v"]
        hosted.clock.advance(100)
        hosted.go_round()
        assert second.receive() is None


@pytest.mark.parametrize(
    ("how", "answer"), [("TIMEOUT", None), ("ERROR", "UNBLOCKED client unblocked via CLIENT UNBLOCK")]
)
def test_client_unblock(how: str, answer: str | None) -> None:
    with Hosted() as hosted:
        waiting = hosted.another()
        waiting.execute("BLPOP", "k", "0")
        waiting.send("PING")
        assert hosted.execute("CLIENT", "UNBLOCK", waiting.client.id, how) == 1
        reply, pong = waiting.all()
        assert (None if reply is None else str(reply)) == answer
        assert pong == b"PONG"
        assert hosted.execute("CLIENT", "UNBLOCK", waiting.client.id) == 0


def test_who_waits_and_goes_leaves_nothing_behind() -> None:
    with Hosted() as hosted:
        waiting, other = hosted.another(), hosted.another()
        waiting.execute("BLPOP", "a", "b", "a", "0")
        other.execute("BLPOP", "b", "0")
        waiting.socket.close()
        hosted.go_round()
        assert not waiting.connected
        assert list(hosted.server.clients.blocked.by_key) == [(0, b"b")]
        hosted.execute("RPUSH", "b", "v")
        assert other.receive() == [b"b", b"v"]
        assert hosted.execute("EXISTS", "b") == 0


def test_what_stands_behind_a_command_that_waited_runs_for_its_client() -> None:
    with Hosted("8.0") as hosted:
        bob = hosted.another()
        hosted.execute("ACL", "SETUSER", "bob", "on", "nopass", "allkeys", "allcommands")
        bob.execute("AUTH", "bob", "x")
        bob.socket.sendall(pack(["BLPOP", "l", "0"]) + pack(["ACL", "DELUSER", "bob"]) + pack(["PING"]))
        hosted.go_round()
        hosted.execute("RPUSH", "l", "v")
        assert list(bob.all()) == [[b"l", b"v"], 1]
        assert not bob.connected


def test_a_postponed_command_may_end_its_client() -> None:
    with Hosted() as hosted:
        user = hosted.another()
        hosted.execute("CLIENT", "PAUSE", "100000", "ALL")
        user.send("CLIENT", "KILL", "ID", str(user.client.id), "SKIPME", "no")
        hosted.go_round()
        hosted.server.clients.pause.end()
        hosted.go_round()
        assert list(user.all()) == [1]
        assert not user.connected
