"""MONITOR: who did what, in which order, and what is kept from it."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from rinspect.engine.replies import CommandError
from tests.engine.both import plain, versions
from tests.engine.server.hosted import Hosted, User
from tests.real.servers import RealServer


def shown(user: User) -> Iterator[bytes]:
    """What a monitor has been shown, without when and from where."""
    for line in user.all():
        _, db, _, words = bytes(line).split(b" ", 3)
        yield db.removeprefix(b"[") + b" " + words


SCRIPT = """
SET k v
select 3
SET k "a\\x00\\xff\\r\\n"
GET nothing
NOSUCH
GET
LPUSH k v
AUTH wrong
AUTH default wrong
HELLO 2 AUTH a b
CONFIG GET port
CONFIG SET masterauth secret
SLOWLOG LEN
DEBUG JMAP
CLIENT GETNAME
CLIENT LIST
MULTI
SET k v
INCR n
EXEC
MULTI
SET
EXEC
MULTI
PING
DISCARD
BLPOP nothing 0.01
SELECT 0
PING
"""


@versions
def test_commands_are_shown_as_the_server_shows_them(real_server: RealServer) -> None:
    lines = SCRIPT.strip().splitlines()
    with Hosted(real_server.profile) as hosted, closing(real_server.connect()) as watching:
        assert watching.execute("MONITOR") == b"OK"
        monitor = hosted.another()
        assert monitor.execute("MONITOR") == b"OK"
        theirs: list[bytes] = []
        for line in lines:
            words = [word.encode().decode("unicode_escape").encode("latin-1").strip(b'"') for word in line.split(" ")]
            hosted.execute(*words)
            hosted.clock.advance(20)  # for BLPOP to give up
            hosted.go_round()
            real_server.execute(*words)
        while not theirs or not theirs[-1].endswith(b'"PING"') or len(theirs) < 2 or b"[0 " not in theirs[-1]:
            theirs.append(watching.receive())
        ours = list(shown(monitor))
        assert ours == [_without_sender(line) for line in theirs]


def _without_sender(line: bytes) -> bytes:
    _, db, _, words = line.split(b" ", 3)
    return db.removeprefix(b"[") + b" " + words


def test_a_line_tells_when_and_from_where() -> None:
    with Hosted() as hosted:
        monitor = hosted.another()
        monitor.execute("MONITOR")
        hosted.execute("GET", "a b")
        address = hosted.user.client.address
        assert monitor.receive() == b'1700000000.000000 [0 %b] "GET" "a b"' % address.encode()


@versions
def test_a_monitor_may_not_touch_keys(real_server: RealServer) -> None:
    with Hosted(real_server.profile) as hosted, closing(real_server.connect()) as watching:
        watching.execute("MONITOR")
        monitor = hosted.another()
        monitor.execute("MONITOR")
        for line in ("GET k", "SET k v", "CONFIG GET maxclients"):
            assert plain(monitor.execute(*line.split())) == plain(watching.execute(*line.split()))
        monitor.send("MONITOR")
        assert monitor.execute("RESET") == b"RESET" == watching.execute("RESET")
        assert plain(monitor.execute("GET", "k")) == plain(watching.execute("GET", "k"))


@pytest.mark.parametrize("leave", ["RESET", "QUIT", "gone"])
def test_nobody_is_told_who_has_left(leave: str) -> None:
    with Hosted() as hosted:
        monitor = hosted.another()
        monitor.execute("MONITOR")
        watched = hosted.engine.runtime.guarded
        assert watched
        if leave == "gone":
            monitor.socket.close()
            hosted.go_round()
        else:
            monitor.execute(leave)
        assert hosted.execute("PING") == b"PONG"
        assert not hosted.engine.runtime.guarded
        if leave == "RESET":
            assert list(monitor.all()) == []


def test_two_monitors_and_one_that_leaves() -> None:
    with Hosted() as hosted:
        first, second = hosted.another(), hosted.another()
        first.execute("MONITOR")
        second.execute("MONITOR")
        first.execute("RESET")
        hosted.execute("PING")
        assert [line.split(b"] ")[1] for line in second.all()] == [b'"RESET"', b'"PING"']


def test_a_transaction_cannot_begin_to_watch() -> None:
    with Hosted() as hosted:
        hosted.execute("MULTI")
        hosted.execute("MONITOR")
        (reply,) = hosted.execute("EXEC")
        assert str(reply) == "ERR MONITOR isn't allowed for DENY BLOCKING client"
        assert isinstance(hosted.engine.session().execute([b"MONITOR"]), CommandError)
