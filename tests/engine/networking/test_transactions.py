"""MULTI, EXEC and WATCH between several clients, as each server has them."""

import pytest

from tests.engine.both import versions
from tests.engine.networking.dialogue import agree
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer

SCRIPTS = {
    "queued and run": """
A: MULTI
A: SET k v
B: GET k
A: INCR n
A: GET k
A: EXEC
B: GET k
A: EXEC
A: DISCARD
A: MULTI
A: MULTI
A: DISCARD
A: GET k
""",
    "too few replicas": """
A: MULTI
A: SET k v
B: CONFIG SET min-replicas-to-write 2
A: EXEC
A: GET k
A: SET k v
A: PUBLISH c m
A: MULTI
A: GET k
A: EXEC
A: MULTI
A: SET k v
A: EXEC
A: CONFIG SET min-replicas-max-lag 0
A: SET k v
A: CONFIG SET min-replicas-max-lag 10
A: DEL k
A: CONFIG SET min-replicas-to-write 0
A: DEL k
""",
    "no memory for a queue": """
A: SET k v
A: MULTI
B: CONFIG SET maxmemory 1
A: GET k
A: PING
A: DISCARD
A: MULTI
A: EXEC
A: MULTI
A: WATCH k
A: MULTI
A: RESET
A: GET k
B: CONFIG SET maxmemory 0
""",
    "no part of a transaction": """
A: MULTI
A: SHUTDOWN ABORT
A: EXEC
A: PING
""",
    "words that no subcommand takes": """
A: CONFIG FOO
A: CONFIG GET
A: COMMAND FOO
A: MULTI
A: CONFIG FOO
A: CONFIG GET
A: OBJECT ENCODING
A: SLOWLOG GET 1 2 3
A: COMMAND FOO
A: COMMAND COUNT x
A: SET k v
A: EXEC
A: GET k
A: MULTI
A: CONFIG
A: EXEC
B: ACL SETUSER ada on nopass +@all -config ~k
A: AUTH ada x
A: XGROUP FOO
A: XGROUP CREATE
A: XGROUP CREATE k
A: XGROUP CREATE l
A: XINFO FOO l
A: OBJECT FOO l
A: OBJECT FOO k
A: MEMORY FOO l
A: CONFIG FOO
A: MULTI
A: CONFIG GET
A: EXEC
""",
    "refused while queued": """
A: MULTI
A: SET k
A: SET k v
A: EXEC
A: GET k
A: MULTI
A: NOSUCH
A: EXEC
A: MULTI
A: LPUSH k v
A: SET k v
A: LPUSH k v
A: EXEC
A: MULTI
A: WATCH k
A: EXEC
A: MULTI
A: SELECT 3
A: SET k there
A: EXEC
A: GET k
A: MULTI
A: EXEC x
A: EXEC
""",
    "watched": """
A: WATCH k
B: SET k v
A: MULTI
A: SET k mine
A: EXEC
A: GET k
A: WATCH k
A: MULTI
A: SET k mine
A: EXEC
A: GET k
A: WATCH k
A: UNWATCH
B: SET k v
A: MULTI
A: PING
A: EXEC
A: WATCH k other
B: LPUSH other x
A: MULTI
A: PING
A: EXEC
""",
    "watched keys of other databases, and flushed ones": """
A: WATCH k
B: SELECT 1
B: SET k v
A: MULTI
A: PING
A: EXEC
A: WATCH k
B: FLUSHALL
A: MULTI
A: PING
A: EXEC
B: SELECT 0
B: SET k v
A: WATCH k
B: FLUSHALL
A: MULTI
A: PING
A: EXEC
B: SET k v
A: WATCH k
B: SWAPDB 0 1
A: MULTI
A: PING
A: EXEC
A: WATCH k
B: DEL nothing
A: MULTI
A: PING
A: EXEC
B: SET k v
A: WATCH k
B: DEL k
A: MULTI
A: PING
A: EXEC
B: SET k v
A: WATCH k
B: EXPIRE k 100
A: MULTI
A: PING
A: EXEC
A: WATCH k
B: GET k
B: SADD other x
A: MULTI
A: PING
A: EXEC
""",
    "left in the midst": """
A: WATCH k
A: MULTI
A: SET k v
A: RESET
A: GET k
A: EXEC
A: WATCH k
A: MULTI
A: DISCARD
B: SET k v
A: MULTI
A: PING
A: EXEC
A: MULTI
A: QUIT
B: GET k
""",
    "what waits elsewhere does not wait in it": """
A: MULTI
A: BLPOP k 0
A: BLMOVE k l LEFT LEFT 0
A: BZPOPMIN z 0
A: WAIT 1 0
A: PING
A: EXEC
A: MULTI
A: SUBSCRIBE c
A: EXEC
""",
}


@versions
@pytest.mark.parametrize("name", SCRIPTS)
def test_transactions(real_server: RealServer, name: str) -> None:
    agree(SCRIPTS[name], real_server)


def test_a_command_without_reply_in_a_transaction() -> None:
    with Hosted() as hosted:
        user = hosted.another()
        for words in (["MULTI"], ["ECHO", "6"], ["CLIENT", "REPLY", "SKIP"]):
            user.execute(*words)
        user.send("EXEC")
        hosted.go_round()
        assert user.socket.recv(100) == b"*2\r\n$1\r\n6\r\n"
