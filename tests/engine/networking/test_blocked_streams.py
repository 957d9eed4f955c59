"""Clients that wait for what a stream is given, alone or as part of a group, and what becomes of them when it goes."""

import pytest

from tests.engine.both import versions
from tests.engine.networking.dialogue import agree
from tests.engine.server.hosted import NOTHING, Hosted
from tests.real.servers import RealServer

SCRIPTS = {
    "everybody who waits is given the same": """
A: XREAD BLOCK 0 STREAMS k $
B: XREAD COUNT 1 BLOCK 0 STREAMS other k 0 $
C: XADD k 1-1 f v
C: XADD k 1-2 f w
A: XREAD BLOCK 0 STREAMS k $
C: XADD k 2-1 f v
""",
    "what is there already is given at once": """
C: XADD k 1-1 f v
C: XADD l 5-1 f v
A: XREAD BLOCK 0 STREAMS k l 0 5-1
A: XREAD COUNT 1 BLOCK 0 STREAMS k l 0 0
A: XREAD BLOCK 0 STREAMS k l 1-1 5-1
C: XADD l 5-2 f w
""",
    "not before its turn": """
A: XREAD BLOCK 0 STREAMS k 5-0
C: XADD k 1-1 f v
C: XADD k 6-1 f v
""",
    "a transaction adds several": """
A: XREAD BLOCK 0 STREAMS k $
B: MULTI
B: XADD k 1-1 f v
B: XADD k 1-2 f v
B: EXEC
""",
    "a key is named twice": """
A: XREAD BLOCK 0 STREAMS k k $ 7-0
B: XREAD BLOCK 0 STREAMS k k 7-0 $
C: XADD k 3-0 f v
C: XADD k 8-0 f v
""",
    "entries come and go at once": """
A: XREAD BLOCK 0 STREAMS k $
B: HELLO 3
B: XREAD BLOCK 0 STREAMS l k 0 $
C: MULTI
C: XADD k 3-0 f v
C: XDEL k 3-0
C: EXEC
C: XADD k 8-0 f v
A: XREAD BLOCK 0 STREAMS k $
C: XADD k MAXLEN 0 9-0 f v
C: XADD k 10-0 f v
C: XADD l 1-0 f v
C: XDEL l 1-0
A: XREAD BLOCK 0 STREAMS m $
C: RENAME l m
C: XADD m 2-0 f v
""",
    "entries come and go at once, for a group": """
C: XGROUP CREATE k g $ MKSTREAM
A: XREADGROUP GROUP g al BLOCK 0 STREAMS k >
B: WATCH k
C: MULTI
C: XADD k 3-0 f v
C: XDEL k 3-0
C: EXEC
C: XINFO GROUPS k
A: XREADGROUP GROUP g al BLOCK 0 STREAMS k >
C: XADD k 8-0 f v
""",
    "what is gone already is not waited for any less": """
C: XADD k 5-0 f v
C: XDEL k 5-0
A: XREAD STREAMS k 0
A: XREAD BLOCK 0 STREAMS k 0
B: XREAD BLOCK 0 STREAMS k 9-0
C: MULTI
C: XADD k 8-0 f v
C: XDEL k 8-0
C: EXEC
C: XADD k 10-0 f v
""",
    "one of a group is given it": """
C: XGROUP CREATE k g $ MKSTREAM
A: XREADGROUP GROUP g al BLOCK 0 STREAMS k >
B: XREADGROUP GROUP g bo BLOCK 0 STREAMS k >
C: XADD k 1-1 f v
C: XADD k 1-2 f v
C: XPENDING k g - + 10 nobody
C: XPENDING k g
""",
    "without a trace": """
C: XGROUP CREATE k g $ MKSTREAM
A: XREADGROUP GROUP g al NOACK BLOCK 0 STREAMS k >
C: XADD k 1-1 f v
C: XPENDING k g
""",
    "history does not wait": """
C: XGROUP CREATE k g $ MKSTREAM
A: XREADGROUP GROUP g al BLOCK 0 STREAMS k 0
A: XREADGROUP GROUP g al BLOCK 0 STREAMS k >
C: XADD k 1-1 f v
A: XREADGROUP GROUP g al BLOCK 0 STREAMS k 0
""",
    "the group goes": """
C: XGROUP CREATE k g $ MKSTREAM
A: XREADGROUP GROUP g al BLOCK 0 STREAMS k >
B: XREAD BLOCK 0 STREAMS k $
C: XGROUP DESTROY k g
C: XADD k 1-1 f v
""",
    "the key goes": """
C: XGROUP CREATE k g $ MKSTREAM
A: XREADGROUP GROUP g al BLOCK 0 STREAMS k >
B: XREAD BLOCK 0 STREAMS k $
C: DEL k
C: XGROUP CREATE k g $ MKSTREAM
C: XADD k 1-1 f v
""",
    "another type comes": """
C: XGROUP CREATE k g $ MKSTREAM
A: XREADGROUP GROUP g al BLOCK 0 STREAMS k >
B: XREAD BLOCK 0 STREAMS k $
C: SET k v
C: DEL k
C: XGROUP CREATE k g $ MKSTREAM
C: XADD k 1-1 f v
""",
    "everything goes": """
C: XGROUP CREATE k g $ MKSTREAM
A: XREADGROUP GROUP g al BLOCK 0 STREAMS k >
B: XREAD BLOCK 0 STREAMS k $
C: FLUSHDB
C: PING
C: XGROUP CREATE k g $ MKSTREAM
C: XADD k 1-1 f v
""",
    "another stream comes in its place": """
C: XGROUP CREATE k g $ MKSTREAM
C: XADD l 1-1 f v
A: XREADGROUP GROUP g al BLOCK 0 STREAMS k >
C: RENAME l k
B: XREAD BLOCK 0 STREAMS m $
C: RENAME k m
""",
    "moved and swapped": """
C: XGROUP CREATE k g $ MKSTREAM
A: XREADGROUP GROUP g al BLOCK 0 STREAMS k >
B: XREAD BLOCK 0 STREAMS m $
C: SELECT 1
C: XADD m 1-1 f v
C: SWAPDB 0 1
""",
    "what is deleted does not wake": """
C: XADD k 1-1 f v
C: XADD k 1-2 f v
A: XREAD BLOCK 0 STREAMS k $
C: XDEL k 1-1
C: XTRIM k MAXLEN 0
C: XADD k 1-3 f v
""",
    "another type does not wake": """
A: XREAD BLOCK 0 STREAMS k $
C: RPUSH k v
C: DEL k
C: XADD k 1-1 f v
""",
    "wrong from the start": """
A: XREAD BLOCK -1 STREAMS k $
A: XREAD BLOCK x STREAMS k $
A: XREAD BLOCK 0 STREAMS k
A: XREADGROUP GROUP g al BLOCK 0 STREAMS k >
A: XREADGROUP BLOCK 0 STREAMS k >
A: SET s v
A: XREAD BLOCK 0 STREAMS s $
A: XREAD BLOCK 0 STREAMS k >
""",
    "in a transaction nobody waits": """
A: MULTI
A: XREAD BLOCK 0 STREAMS k $
A: EXEC
""",
    "who watches": """
C: XADD k 1-1 f v
A: WATCH k
C: XGROUP CREATE k g 0
C: XREADGROUP GROUP g al STREAMS k >
C: XACK k g 1-1
C: XGROUP SETID k g 0
C: XGROUP DESTROY k g
C: XSETID k 2-1
A: MULTI
A: PING
A: EXEC
A: WATCH k
C: XADD k 3-1 f v
A: MULTI
A: PING
A: EXEC
A: WATCH k
C: XDEL k 3-1
A: MULTI
A: PING
A: EXEC
""",
    "events": """
C: CONFIG SET notify-keyspace-events KEA
A: PSUBSCRIBE __key*@0__:*
C: XADD k 1-1 f v
C: XADD k MAXLEN 1 1-2 f v
C: XADD k MAXLEN 5 1-3 f v
C: XGROUP CREATE k g 0
C: XREADGROUP GROUP g al STREAMS k >
C: XREADGROUP GROUP g al STREAMS k 0
C: XACK k g 1-2
C: XCLAIM k g bo 0 1-3
C: XAUTOCLAIM k g cy 0 0
C: XGROUP CREATECONSUMER k g di
C: XGROUP CREATECONSUMER k g di
C: XGROUP DELCONSUMER k g di
C: XGROUP DELCONSUMER k g di
C: XGROUP SETID k g 0
C: XGROUP DESTROY k g
C: XGROUP DESTROY k g
C: XSETID k 9-0
C: XDEL k 1-2
C: XDEL k 1-2
C: XTRIM k MAXLEN 0
C: XTRIM k MAXLEN 0
C: XGROUP CREATE l g 0 MKSTREAM
C: DEL k l
""",
    "only streams": """
C: CONFIG SET notify-keyspace-events Et
A: PSUBSCRIBE *
C: XADD k 1-1 f v
C: SET s v
C: DEL k
""",
}


@versions
@pytest.mark.parametrize("name", SCRIPTS)
def test_who_waits_is_served_as_by_the_server(real_server: RealServer, name: str) -> None:
    agree(SCRIPTS[name], real_server)


def test_waiting_does_not_begin_anew() -> None:
    with Hosted() as hosted:
        reader = hosted.another()
        assert reader.execute("XREAD", "BLOCK", "500", "STREAMS", "k", "5-0") is NOTHING
        hosted.clock.advance(400)
        hosted.execute("XADD", "k", "1-1", "f", "v")
        assert reader.receive() is NOTHING
        hosted.clock.advance(100)
        hosted.go_round()
        assert reader.receive() is None
        assert not hosted.server.clients.blocked.by_key


def test_nobody_is_told_who_does_not_wait() -> None:
    with Hosted() as hosted:
        reader = hosted.another()
        reader.execute("XREAD", "BLOCK", "0", "STREAMS", "k", "$")
        database = hosted.server.engine.keyspace[0]
        assert database.ready
        hosted.execute("XADD", "k", "1-1", "f", "v")
        assert reader.receive() == [[b"k", [[b"1-1", [b"f", b"v"]]]]]
        assert not database.ready
