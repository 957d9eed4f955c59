"""Pub/Sub, in both versions of the protocol."""

import pytest

from tests.engine.both import versions
from tests.engine.networking.dialogue import agree
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer

SCRIPTS = {
    "channels and patterns": """
A: SUBSCRIBE a b a
B: PSUBSCRIBE a* x*
C: PUBLISH a hello
C: PUBLISH b hello
C: PUBLISH c hello
A: PUBLISH a mine
A: UNSUBSCRIBE a nothing
C: PUBLISH a hello
A: UNSUBSCRIBE
A: UNSUBSCRIBE
A: PUNSUBSCRIBE
A: PUBLISH a mine
C: PUBSUB NUMPAT
C: PUBSUB NUMSUB a b
B: PUNSUBSCRIBE a* x*
C: PUBLISH a hello
""",
    "asked about": """
A: SUBSCRIBE a x y
B: SUBSCRIBE b
B: PSUBSCRIBE p*
A: PSUBSCRIBE p*
C: PUBSUB CHANNELS [ac]
C: PUBSUB NUMPAT
C: PUBSUB NUMSUB
C: PUBSUB NUMSUB a b c
C: PUBSUB NOSUCH
C: PUBSUB CHANNELS a b
""",
    "what a subscriber may do": """
A: SUBSCRIBE a
A: GET k
A: PING
A: PING hello
A: MULTI
A: CLIENT GETNAME
A: RESET
A: GET k
B: PUBLISH a x
A: SUBSCRIBE a
A: QUIT
""",
    "the third protocol": """
A: HELLO 3 SETNAME x
A: SUBSCRIBE a
A: GET k
A: PING
A: PUBLISH a mine
A: PSUBSCRIBE a*
A: PUBLISH a mine
B: PUBLISH a theirs
A: UNSUBSCRIBE
A: PUNSUBSCRIBE
A: UNSUBSCRIBE
""",
    "in a transaction": """
A: MULTI
A: PUBLISH a x
A: EXEC
B: SUBSCRIBE a
A: MULTI
A: PUBLISH a 1
A: PUBLISH a 2
A: EXEC
""",
}

SHARDS = """
A: SSUBSCRIBE a b
B: SUBSCRIBE a
C: SPUBLISH a x
C: PUBLISH a y
C: PUBSUB SHARDCHANNELS a*
C: PUBSUB SHARDNUMSUB a b c
C: PUBSUB CHANNELS
A: SUNSUBSCRIBE a
A: SUNSUBSCRIBE
A: SUNSUBSCRIBE
C: SPUBLISH b x
"""


IN_ITS_OWN_TRANSACTION = """
C: HELLO 3
C: SUBSCRIBE a
C: MULTI
C: PUBLISH a 3
C: PING
C: EXEC
"""


@pytest.mark.parametrize("real_server", ["8.0"], indirect=True)
def test_own_messages_come_behind_the_reply(real_server: RealServer) -> None:
    agree(IN_ITS_OWN_TRANSACTION, real_server)


@versions
@pytest.mark.parametrize("name", SCRIPTS)
def test_messages(real_server: RealServer, name: str) -> None:
    agree(SCRIPTS[name], real_server)


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
def test_shard_channels(real_server: RealServer) -> None:
    agree(SHARDS, real_server)


def test_who_goes_leaves_no_subscriptions() -> None:
    with Hosted() as hosted:
        one, other = hosted.another(), hosted.another()
        for user in (one, other):
            user.send("SUBSCRIBE", "a")
            user.send("PSUBSCRIBE", "a*")
            user.execute("SSUBSCRIBE", "s")
        one.socket.close()
        hosted.go_round()
        assert hosted.execute("PUBLISH", "a", "x") == 2
        other.socket.close()
        hosted.go_round()
        pubsub = hosted.server.clients.pubsub
        assert [*pubsub.channels, *pubsub.patterns, *pubsub.shard_channels] == []
