"""Client-side caching in all its modes: who is told of which keys, and when."""

import pytest

from tests.engine.both import versions
from tests.engine.networking.dialogue import agree
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer

SCRIPTS = {
    "told once of what was read": """
A: HELLO 3
A: CLIENT TRACKING ON
A: GET k
A: MGET x y
B: SET k v
B: SET k v
B: MSET x 1 y 2 z 3
A: GET k
A: SET k mine
A: CLIENT TRACKINGINFO
A: GET k
A: CLIENT TRACKING OFF
B: SET k v
A: CLIENT TRACKINGINFO
""",
    "not of what it does itself": """
A: HELLO 3
A: CLIENT TRACKING ON NOLOOP
A: GET k
A: SET k v
A: GET k
B: SET k v
A: CLIENT TRACKINGINFO
""",
    "only of what it asks for": """
A: HELLO 3
A: CLIENT TRACKING ON OPTIN
A: GET k
B: SET k v
A: CLIENT CACHING YES
A: GET k
A: GET other
B: MSET k v other v
A: CLIENT CACHING NO
A: CLIENT CACHING YES
A: MULTI
A: GET k
A: GET x
A: EXEC
B: MSET k v x v
A: CLIENT CACHING YES
A: CLIENT TRACKINGINFO
""",
    "of all but what it asks not to be": """
A: HELLO 3
A: CLIENT TRACKING ON OPTOUT
A: GET k
A: CLIENT CACHING NO
A: GET other
B: MSET k v other v
A: CLIENT CACHING YES
A: CLIENT TRACKINGINFO
""",
    "by prefixes": """
A: HELLO 3
A: CLIENT TRACKING ON BCAST PREFIX user: PREFIX item:
B: SET user:1 x
B: SET other x
B: SET item:1 x
A: SET user:2 mine
A: CLIENT TRACKING ON BCAST PREFIX user:1
A: CLIENT TRACKING ON BCAST PREFIX more:
B: SET more:1 x
A: CLIENT TRACKING ON OPTIN
A: CLIENT TRACKING OFF
A: CLIENT TRACKING ON BCAST NOLOOP
A: SET k mine
B: SET k theirs
""",
    "what is refused": """
A: CLIENT TRACKING
A: CLIENT TRACKING MAYBE
A: CLIENT TRACKING ON PREFIX a
A: CLIENT TRACKING ON BCAST PREFIX a PREFIX ab
A: CLIENT TRACKING ON BCAST OPTIN
A: CLIENT TRACKING ON OPTIN OPTOUT
A: CLIENT TRACKING ON REDIRECT x
A: CLIENT TRACKING ON REDIRECT 99999999
A: CLIENT TRACKING ON NOSUCH
A: CLIENT CACHING YES
A: CLIENT GETREDIR
""",
    "keys that go by themselves and all at once": """
A: HELLO 3
A: CLIENT TRACKING ON
A: MGET a b c
B: SET a v EX 100
A: GET a
B: EXPIRE a 0
A: GET b
B: RENAME b x
B: SET b v
A: GET b
B: RENAME b x
A: GET b
B: FLUSHDB
A: GET b
B: FLUSHALL
B: SET b v
""",
}


@versions
@pytest.mark.parametrize("name", SCRIPTS)
def test_tracking(real_server: RealServer, name: str) -> None:
    agree(SCRIPTS[name], real_server)


def test_another_client_is_told_in_its_place() -> None:
    with Hosted() as hosted:
        reader, told = hosted.user, hosted.another()
        told.execute("SUBSCRIBE", "__redis__:invalidate")
        reader.execute("CLIENT", "TRACKING", "ON", "REDIRECT", told.client.id)
        assert reader.execute("CLIENT", "GETREDIR") == told.client.id
        reader.execute("GET", "k")
        writer = hosted.another()
        writer.execute("SET", "k", "v")
        assert list(told.all()) == [[b"message", b"__redis__:invalidate", [b"k"]]]
        writer.execute("FLUSHALL")
        assert list(told.all()) == [[b"message", b"__redis__:invalidate", None]]
        reader.execute("GET", "k")
        told.socket.close()
        hosted.go_round()
        writer.execute("SET", "k", "v")
        assert b"broken_redirect" in reader.execute("CLIENT", "TRACKINGINFO")[1]


def test_no_more_keys_are_remembered_than_may_be() -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "tracking-table-max-keys", "10")
        hosted.execute("HELLO", "3")
        hosted.execute("CLIENT", "TRACKING", "ON")
        for number in range(30):
            hosted.user.send("GET", number)
        hosted.go_round()
        tracking = hosted.server.clients.tracking
        assert len(tracking.readers) == tracking.items == 10
        forgotten = [message[1] for message in hosted.user.all() if message is not None]
        assert forgotten == [[b"%d" % number] for number in range(20)]


def test_who_goes_is_told_of_nothing_and_forgotten() -> None:
    with Hosted() as hosted:
        reader, broad = hosted.another(), hosted.another()
        for user, words in ((reader, ["ON"]), (broad, ["ON", "BCAST", "PREFIX", "a"])):
            user.execute("HELLO", "3")
            user.execute("CLIENT", "TRACKING", *words)
            user.execute("GET", "k")
            user.socket.close()
        hosted.go_round()
        tracking = hosted.server.clients.tracking
        assert [*tracking.modes, *tracking.prefixes] == []
        assert not tracking.readers
