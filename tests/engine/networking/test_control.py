"""What clients may do to each other and to themselves: CLIENT KILL, PAUSE, REPLY, NO-EVICT, NO-TOUCH; AUTH, HELLO, RESET."""

import contextlib

import pytest

from tests.engine.both import versions
from tests.engine.networking.dialogue import agree
from tests.engine.server.hosted import NOTHING, Hosted
from tests.real.connection import pack
from tests.real.servers import RealServer

SCRIPTS = {
    "no replies wanted": """
A: CLIENT REPLY OFF
A: SET k v
A: NOSUCH
A: CLIENT REPLY ON
A: GET k
A: CLIENT REPLY SKIP
A: GET k
A: GET k
A: CLIENT REPLY MAYBE
A: CLIENT REPLY OFF
A: MULTI
A: GET k
A: EXEC
A: CLIENT REPLY ON
A: CLIENT REPLY SKIP
A: CLIENT REPLY ON
A: PING
A: CLIENT REPLY SKIP
A: PSUBSCRIBE c*
A: PING
A: CLIENT REPLY OFF
A: SUBSCRIBE c
A: PING
B: PUBLISH c m
A: UNSUBSCRIBE
A: PUNSUBSCRIBE
A: PING
A: CLIENT REPLY ON
A: PING
""",
    "no reply wanted to what waits": """
A: CLIENT REPLY SKIP
A: BLPOP q 0
B: RPUSH q x
A: PING
A: CLIENT REPLY SKIP
A: BLPOP q 0.1
A: PING
A: CLIENT REPLY SKIP
A: BLPOP q 0
B: CLIENT UNBLOCK 0
B: RPUSH q y
A: PING
A: CLIENT REPLY OFF
A: BLPOP q 0.1
A: CLIENT REPLY ON
A: PING
""",
    "names": """
A: CLIENT GETNAME
A: CLIENT SETNAME me
A: CLIENT GETNAME
A: CLIENT SETNAME a\\x20b
A: CLIENT SETNAME ""
A: CLIENT GETNAME
A: HELLO 3 SETNAME you
A: CLIENT GETNAME
A: RESET
A: CLIENT GETNAME
""",
    "paused": """
A: CLIENT PAUSE 100000 WRITE
B: GET k
C: SET k v
B: GET k
B: MULTI
B: GET k
B: EXEC
D: MULTI
D: SET k v
D: EXEC
E: PUBLISH c x
A: CLIENT UNPAUSE
B: GET k
""",
    "pauses that are none": """
A: CLIENT PAUSE -1
A: CLIENT PAUSE x
A: CLIENT PAUSE 1 MAYBE
A: CLIENT PAUSE 0
A: PING
""",
    "killed": """
A: PING
B: CLIENT KILL ID 99999999
B: CLIENT KILL ID x
B: CLIENT KILL 1.2.3.4:5
B: CLIENT KILL TYPE nosuch
B: CLIENT KILL USER nosuch
B: CLIENT KILL USER
B: CLIENT KILL TYPE pubsub
A: SUBSCRIBE c
B: CLIENT KILL TYPE pubsub
B: CLIENT KILL SKIPME maybe
B: CLIENT KILL TYPE pubsub SKIPME no
""",
    "who is there": """
A: CLIENT LIST TYPE nosuch
A: CLIENT LIST TYPE
A: CLIENT LIST ID
A: CLIENT LIST ID x
A: CLIENT LIST ID 99999999
A: CLIENT NOSUCH
A: CLIENT UNBLOCK x
A: CLIENT UNBLOCK 1 MAYBE
""",
    "handshakes": """
A: HELLO 4
A: HELLO x
A: HELLO 3 AUTH default
A: HELLO 3 AUTH default wrong
A: HELLO 3 NOSUCH
A: HELLO 3 SETNAME a\\x20b
A: HELLO
A: AUTH secret
A: AUTH default secret
A: AUTH nosuch secret
A: AUTH a b c
""",
    "a password": """
B: PING
A: CONFIG SET requirepass secret
B: PING
C: PING
C: HELLO 3
C: AUTH wrong
C: GET k
C: AUTH secret
C: PING
D: HELLO 3 AUTH default secret
D: RESET
D: PING
A: CONFIG SET requirepass ""
E: PING
""",
}

SINCE_72 = {
    "what a library says of itself": """
A: CLIENT SETINFO LIB-NAME lib
A: CLIENT SETINFO lib-ver 1.2
A: CLIENT SETINFO LIB-VER a\\x20b
A: CLIENT SETINFO NOSUCH x
A: CLIENT NO-TOUCH maybe
A: CLIENT NO-EVICT maybe
A: CLIENT NO-TOUCH ON
""",
    "filters": """
A: CLIENT KILL MAXAGE x
A: CLIENT KILL MAXAGE 0
A: CLIENT KILL MAXAGE -1
A: CLIENT KILL MAXAGE 1000000
A: CLIENT KILL ID 99999998 ID 99999999
A: CLIENT KILL ADDR 1.2.3.4:5 LADDR 1.2.3.4:5 USER default TYPE normal
""",
}


@versions
@pytest.mark.parametrize("name", SCRIPTS)
def test_control(real_server: RealServer, name: str) -> None:
    agree(SCRIPTS[name], real_server)


@pytest.mark.parametrize("real_server", ["8.0"], indirect=True)
@pytest.mark.parametrize("name", SINCE_72)
def test_what_came_later(real_server: RealServer, name: str) -> None:
    agree(SINCE_72[name], real_server)


def test_who_kills_itself_gets_its_reply() -> None:
    with Hosted() as hosted:
        user = hosted.another()
        user.socket.sendall(pack(["CLIENT", "KILL", "ID", user.client.id, "SKIPME", "no"]) + pack(["SET", "k", "v"]))
        hosted.go_round()
        assert user.receive() == 1
        assert not user.connected
        assert hosted.execute("EXISTS", "k") == 0


def test_who_is_killed_while_it_waits() -> None:
    with Hosted() as hosted:
        waiting = hosted.another()
        waiting.execute("BLPOP", "k", "0")
        assert hosted.execute("CLIENT", "KILL", "ID", waiting.client.id) == 1
        assert not waiting.connected
        assert hosted.execute("RPUSH", "k", "v") == 1
        assert not hosted.server.clients.blocked.waiting


def test_a_pause_ends_by_itself() -> None:
    with Hosted() as hosted:
        hosted.execute("CLIENT", "PAUSE", "100")
        other = hosted.another()
        assert other.execute("SET", "k", "v") is NOTHING
        hosted.clock.advance(99)
        hosted.go_round()
        assert other.receive() is NOTHING
        hosted.clock.advance(1)
        hosted.go_round()
        assert other.receive() == b"OK"
        assert not hosted.engine.runtime.guarded


def test_looking_without_touching() -> None:
    with Hosted() as hosted:
        hosted.execute("SET", "k", "v")
        hosted.clock.advance(10_000)
        looker = hosted.another()
        looker.execute("CLIENT", "NO-TOUCH", "ON")
        looker.execute("GET", "k")
        assert hosted.execute("OBJECT", "IDLETIME", "k") == 10
        looker.execute("TOUCH", "k")
        assert hosted.execute("OBJECT", "IDLETIME", "k") == 0
        hosted.clock.advance(5_000)
        looker.execute("CLIENT", "NO-TOUCH", "OFF")
        looker.execute("GET", "k")
        assert hosted.execute("OBJECT", "IDLETIME", "k") == 0


def test_only_old_enough_clients_are_killed() -> None:
    with Hosted("7.4") as hosted:
        hosted.clock.advance(10_000)
        young = hosted.another()
        hosted.clock.advance(5_000)
        assert hosted.execute("CLIENT", "KILL", "MAXAGE", "20") == 0
        assert hosted.execute("CLIENT", "KILL", "MAXAGE", "10", "SKIPME", "no") == 1
        assert young.connected


def test_each_client_gets_its_turn() -> None:
    """One that sends much is read from 16 KB at a time."""
    with Hosted() as hosted:
        flooding, other = hosted.another(), hosted.another()
        flooding.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            flooding.socket.send(pack(["INCR", "n"]) * 4000)
        other.send("GET", "n")
        hosted.server.loop.iterate(wait=False)
        hosted.server.loop.iterate(wait=False)
        seen = int(other.receive())
        assert 0 < seen < 4000
