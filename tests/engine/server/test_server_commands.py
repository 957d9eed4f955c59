"""SHUTDOWN, ROLE, WAIT and what else clients ask a server."""

import socket
from pathlib import Path

import pytest

from tests.engine.both import plain, versions
from tests.engine.server.hosted import NOTHING, Hosted
from tests.real.servers import RealServer


@versions
def test_answers_are_the_servers(real_server: RealServer) -> None:
    script = """
        ROLE
        REPLICAOF NO ONE
        SLAVEOF no one
        REPLICAOF a b
        WAIT 0 0
        WAIT -1 0
        WAIT x 10
        WAIT 1 x
        WAIT 1 -1
        WAIT 0 9223372036854775807
        WAITAOF 0 0 0
        WAITAOF 1 0 0
        WAITAOF 2 0 0
        WAITAOF 0 -1 0
        WAITAOF 0 0 x
        MULTI
        WAIT 3 0
        EXEC
        LOLWUT VERSION x
        ACL WHOAMI
        ACL USERS
        ACL LIST
        ACL FOO
        SHUTDOWN FOO
        SHUTDOWN SAVE NOSAVE
        SHUTDOWN ABORT
        SHUTDOWN ABORT NOW
        SHUTDOWN ABORT ABORT
    """
    with Hosted(real_server.profile) as hosted:
        for line in script.strip().splitlines():
            words = line.split()
            assert plain(hosted.execute(*words)) == plain(real_server.execute(*words)), line
        assert hosted.execute("LASTSAVE") == 1_700_000_000
        assert hosted.execute("LOLWUT").split(b".")[:2] == real_server.execute("LOLWUT", "VERSION", 3).split(b".")[:2]


def test_waiting_for_replicas_ends_with_the_timeout() -> None:
    with Hosted() as hosted:
        assert hosted.execute("WAIT", 1, 100) is NOTHING
        hosted.clock.advance(99)
        hosted.go_round()
        assert hosted.user.receive() is NOTHING
        hosted.clock.advance(1)
        hosted.go_round()
        assert hosted.user.receive() == 0
        assert hosted.execute("WAITAOF", 0, 1, 100) is NOTHING
        other = hosted.another()
        assert other.execute("CLIENT", "UNBLOCK", hosted.user.client.id) == 1
        assert hosted.user.receive() == [0, 0]


@pytest.mark.parametrize(
    ("words", "ends"),
    [
        ((), True),
        (("NOSAVE",), True),
        (("NOSAVE", "NOW", "FORCE"), True),
        (("SAVE",), False),
        (("SAVE", "FORCE"), True),
    ],
)
def test_shutdown_ends_a_server_that_is_a_process(words: tuple[str, ...], ends: bool, tmp_path: Path) -> None:
    """This one cannot save: its folder is gone."""
    with Hosted() as hosted:
        hosted.engine.runtime.config.dir = str(tmp_path / "gone")
        hosted.server.stands_alone = True
        stopped: list[bool] = []
        hosted.server.loop.stop = lambda: stopped.append(True)  # type: ignore[method-assign]
        reply = hosted.execute("SHUTDOWN", *words)
        assert bool(stopped) is ends
        if ends:
            assert reply is NOTHING
        else:
            assert str(reply) == "ERR Errors trying to SHUTDOWN. Check logs."
            assert "Error trying to save the DB, can't exit." in hosted.said[-1]


def test_shutdown_leaves_a_server_within_a_program_alone() -> None:
    with Hosted() as hosted:
        assert str(hosted.execute("SHUTDOWN")).startswith("ERR this server is part of a program")
        assert hosted.execute("PING") == b"PONG"


def test_a_port_that_is_taken_changes_nothing() -> None:
    with Hosted() as hosted, Hosted() as other:
        other.execute("CONFIG", "SET", "bind", "127.0.0.1", "port", "0")
        hosted.engine.runtime.config.set([("bind", "127.0.0.1"), ("port", "0")])
        assert hosted.server.listeners.tcp == []
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            said = str(hosted.execute("CONFIG", "SET", "maxclients", "99", "port", port))
            assert "'port') - Unable to listen on this port" in said
        assert hosted.execute("CONFIG", "GET", "port") == [b"port", b"0"]
        assert hosted.execute("CONFIG", "GET", "maxclients") == [b"maxclients", b"10000"]
        assert hosted.execute("CONFIG", "SET", "port", port) == b"OK"
        socket.create_connection(("127.0.0.1", port)).close()


@pytest.mark.parametrize("profile", ["6.2", "7.0"])
def test_where_it_listens_may_be_less_more_or_nowhere(profile: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    def answers() -> bool:
        with socket.socket() as connection:
            return not connection.connect_ex(("127.0.0.1", port))

    with Hosted(profile) as hosted:
        hosted.execute("CONFIG", "SET", "bind", "127.0.0.1")
        assert hosted.execute("CONFIG", "SET", "port", port) == b"OK"
        assert hosted.execute("CONFIG", "SET", "bind", "*") == b"OK"
        assert answers()
        assert "Failed to bind" in str(hosted.execute("CONFIG", "SET", "bind", "999.999.999.999"))
        assert answers()
        nowhere = hosted.execute("CONFIG", "SET", "bind", "")
        assert answers() == (profile == "6.2")
        if nowhere == b"OK":
            assert hosted.execute("CONFIG", "SET", "bind", "127.0.0.1") == b"OK"
            assert answers()


def test_no_touch_leaves_a_keys_last_use_alone() -> None:
    with Hosted() as hosted:
        hosted.execute("SET", "k", "v")
        hosted.clock.advance(5000)
        hosted.execute("CLIENT", "NO-TOUCH", "on")
        hosted.execute("GET", "k")
        assert hosted.execute("OBJECT", "IDLETIME", "k") == 5
        hosted.execute("TOUCH", "k")
        assert hosted.execute("OBJECT", "IDLETIME", "k") == 0
        hosted.clock.advance(5000)
        hosted.execute("CLIENT", "NO-TOUCH", "off")
        hosted.execute("GET", "k")
        assert hosted.execute("OBJECT", "IDLETIME", "k") == 0
