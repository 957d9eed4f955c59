"""What clients may not exceed, and what happens to who does."""

import contextlib
import re
import socket
from typing import Any

import pytest

from rinspect.engine.config import Config
from rinspect.engine.networking import memory
from rinspect.engine.networking.admission import TOO_MANY, refusal
from rinspect.engine.networking.memory import usage, usage_at_rest
from rinspect.engine.networking.requests import QueryBuffer
from rinspect.engine.profile import profile_named
from tests.engine.both import versions
from tests.engine.server.hosted import NOTHING, Hosted, User
from tests.real.connection import pack
from tests.real.servers import RealServer


def never_reads(hosted: Hosted, channel: str = "") -> User:
    """A user whose connection takes next to nothing."""
    user = hosted.another()
    for one in (user.client.socket, user.socket):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    if channel:
        user.execute("SUBSCRIBE", channel)
    return user


def test_a_slow_reader_is_closed_at_the_hard_limit() -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "client-output-buffer-limit", "normal 100000 0 0")
        hosted.engine.session().execute([b"SET", b"k", b"x" * 20_000])
        user = never_reads(hosted)
        for number in range(20):
            if not user.connected:
                break
            user.send("GET", "k")
            hosted.go_round()
            assert user.client.outgoing.list_bytes < 130_000, number
        assert not user.connected
        assert hosted.server.clients.stats.output_buffer_disconnections == 1
        assert "scheduled to be closed ASAP for overcoming of output buffer limits" in "".join(hosted.said)
        assert hosted.execute("PING") == b"PONG"


def test_nothing_runs_behind_the_reply_that_was_too_much() -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "client-output-buffer-limit", "normal 1000000 0 0")
        hosted.engine.session().execute([b"SET", b"k", b"x" * 300_000])
        user = hosted.another()
        user.socket.sendall((pack(["GET", "k"]) + pack(["INCR", "n"])) * 30)
        hosted.go_round()
        assert not user.connected
        assert hosted.execute("GET", "n") == b"3"


def test_a_long_request_is_not_added_up_anew_with_each_piece() -> None:
    buffer = QueryBuffer()
    buffer.receive(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nhe")
    assert buffer.argv_bytes == 4
    assert buffer.receive(b"llo\r\n") == [[b"SET", b"k", b"hello"]]
    assert buffer.argv_bytes == 0


@pytest.mark.parametrize("sent", [pack(["GET", "k"]), b"GET k\r\n"], ids=["multibulk", "inline"])
@pytest.mark.parametrize("size", [20_000, 10_000])
def test_one_that_pipelines_without_reading_is_closed_in_the_midst(sent: bytes, size: int) -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "client-output-buffer-limit", "normal 100000 0 0")
        hosted.engine.session().execute([b"SET", b"k", b"x" * size])
        user = hosted.another()
        user.socket.sendall(sent * 20)
        hosted.go_round()
        assert not user.connected


def test_a_subscriber_has_limits_of_its_own_and_the_soft_one_takes_time() -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 50000 3 normal 1 0 0")
        user = never_reads(hosted, "c")
        hosted.server.clients.pubsub.publish(b"c", b"x" * 400_000)
        for _ in range(3):
            hosted.clock.advance(1000)
            hosted.go_round()
            assert user.connected
        hosted.clock.advance(1000)
        hosted.go_round()
        assert not user.connected
        assert "closed for overcoming of output buffer limits" in "".join(hosted.said)
        assert hosted.server.clients.pubsub.channels == {}


def test_who_falls_below_the_soft_limit_begins_anew() -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 50000 3")
        user = never_reads(hosted, "c")
        for _ in range(3):
            hosted.server.clients.pubsub.publish(b"c", b"x" * 400_000)
            for _ in range(2):
                hosted.clock.advance(1000)
                hosted.go_round()
            assert user.client.over_soft_limit_since
            while user.client.outgoing.size:
                user.socket.recv(1 << 20)
                hosted.go_round()
            hosted.clock.advance(1000)
            hosted.go_round()
            assert not user.client.over_soft_limit_since
        assert user.connected


def test_idle_clients_are_closed_but_not_those_that_wait_or_subscribe() -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "timeout", "10")
        idle, waiting, subscribed = hosted.another(), hosted.another(), hosted.another()
        waiting.execute("BLPOP", "k", "0")
        subscribed.execute("SUBSCRIBE", "c")
        for _ in range(12):
            hosted.clock.advance(1000)
            hosted.execute("PING")
        assert [user.connected for user in (hosted.user, idle, waiting, subscribed)] == [True, False, True, True]


def test_more_bytes_than_may_wait() -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "client-query-buffer-limit", "1048576")
        user = hosted.another()
        user.execute("BLPOP", "k", "0")
        user.socket.setblocking(False)
        sent = 0
        while user.connected and sent < 3 << 20:
            sent += user.socket.send(b"x" * 16_384)
            hosted.server.loop.iterate(wait=False)
        assert 1 << 20 < sent < 1 << 21
        assert hosted.server.clients.stats.query_buffer_disconnections == 1
        assert "that reached max query buffer length" in "".join(hosted.said)


def test_the_longest_argument_may_change_while_clients_are_connected() -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "proto-max-bulk-len", "2000000")
        user = hosted.another()
        hosted.execute("CONFIG", "SET", "proto-max-bulk-len", "1048576")
        user.socket.sendall(b"*1\r\n$1048577\r\n")
        hosted.go_round()
        assert str(user.receive()) == "ERR Protocol error: invalid bulk length"
        assert not user.connected
        assert hosted.another().client.query_buffer.max_bulk == 1048576


# -- who may come -------------------------------------------------------------------------------------------------------------


def settings(version: str, **values: object) -> Config:
    config = Config(profile_named(version))
    config.__dict__.update(values)
    return config


def test_no_more_clients_than_may_be() -> None:
    with socket.socket() as connection:
        config = settings("7.2", maxclients=2)
        assert refusal(config, 1, connection, "127.0.0.1:5", nopass=True) == b""
        assert refusal(config, 2, connection, "127.0.0.1:5", nopass=True) == TOO_MANY


@pytest.mark.parametrize("version", ["6.2", "7.2"])
def test_protected_mode_keeps_other_machines_out(version: str) -> None:
    with socket.socket() as connection, socket.socket(socket.AF_UNIX) as local:
        config = settings(version, bind=())
        for address in ("127.0.0.1:5", "127.1.2.3:5", "[::1]:5"):
            assert refusal(config, 0, connection, address, nopass=True) == b""
        assert refusal(config, 0, connection, "192.0.2.1:5", nopass=True).startswith(
            b"-DENIED Redis is running in protected mode"
        )
        assert refusal(config, 0, connection, "192.0.2.1:5", nopass=True).endswith(b"\r\n")
        assert refusal(config, 0, local, "/tmp/socket:0", nopass=True) == b""
        assert (
            refusal(settings(version, bind=(), protected_mode=False), 0, connection, "192.0.2.1:5", nopass=True) == b""
        )
        assert refusal(config, 0, connection, "192.0.2.1:5", nopass=False) == b""
        bound = refusal(settings(version, bind=("192.0.2.2",)), 0, connection, "192.0.2.1:5", nopass=True)
        assert (bound == b"") == (version == "6.2")


def test_a_refused_connection_is_told_why() -> None:
    with Hosted() as hosted:
        hosted.server.listeners.open_tcp(["127.0.0.1"], 0, 5)
        (listener,) = hosted.server.listeners.tcp
        hosted.execute("CONFIG", "SET", "maxclients", "2")
        with socket.create_connection(listener.getsockname()) as welcome:
            hosted.go_round()
            with socket.create_connection(listener.getsockname()) as refused:
                hosted.go_round()
                assert refused.recv(1000) == TOO_MANY
                assert refused.recv(1000) == b""
            welcome.sendall(b"PING\r\n")
            hosted.go_round()
            assert welcome.recv(100) == b"+PONG\r\n"
        assert hosted.server.clients.stats.rejected_connections == 1


def test_more_clients_than_the_system_can_serve() -> None:
    with Hosted() as hosted:
        reply = hosted.execute("CONFIG", "SET", "maxclients", "4000000000")
        assert "The operating system is not able to handle the specified number of clients, try with " in str(reply)
        assert hosted.execute("CONFIG", "GET", "maxclients") == [b"maxclients", b"10000"]


def test_a_buffer_of_replies_is_as_large_as_the_replies_of_late() -> None:
    with Hosted("7.0") as hosted:
        user = hosted.another()
        hosted.server.cron_paused = True

        def room(size: int) -> tuple[int, int]:
            user.execute("ECHO", "x" * size)
            hosted.server.limits.cron(1)
            return user.client.reply_room.size, user.client.reply_room.peak

        # The first look begins the peak anew, as if it had been kept for long; the others do so after five seconds.
        assert room(6000) == (16384, 0)
        assert room(6000) == (6144, 6009)
        assert room(100) == (6144, 6009)
        hosted.clock.advance(5000)
        assert room(100) == (6144, 0)
        assert room(100) == (1024, 108)


# -- memory -------------------------------------------------------------------------------------------------------------------


def test_the_limit_to_all_clients_memory() -> None:
    assert memory.limit(0, 1 << 30) == 0
    assert memory.limit(5 << 20, 0) == 5 << 20
    assert memory.limit(1, 0) == memory.LEAST
    assert memory.limit(-10, 100 << 20) == 10 << 20
    assert memory.limit(-10, 0) == 0


def big(user: User, size: int) -> None:
    """Have a client keep about so many bytes: an argument that is not complete."""
    user.socket.sendall(b"*2\r\n$%d\r\n" % (size + 1) + b"x" * size)


def test_the_largest_clients_go_first() -> None:
    with Hosted() as hosted:
        users = {size: hosted.another() for size in (100_000, 400_000, 900_000, 800_000)}
        spared = hosted.another()
        spared.execute("CLIENT", "NO-EVICT", "ON")
        for user in users.values():
            user.execute("PING")
        for size, user in users.items():
            user.socket.setblocking(True)
            for part in range(0, size, 100_000):
                user.socket.sendall(b"*2\r\n$%d\r\n" % (size + 1) * (part == 0) + b"x" * 100_000)
                hosted.go_round()
        hosted.execute("CONFIG", "SET", "maxmemory-clients", "1700000")
        hosted.go_round()
        # 900,000 and 800,000 bytes are alike: whoever came first goes.
        assert [user.connected for user in users.values()] == [True, True, False, True]
        hosted.execute("CONFIG", "SET", "maxmemory-clients", "200000")
        hosted.go_round()
        assert users[800_000].connected is users[400_000].connected is False
        assert spared.connected
        assert hosted.server.clients.stats.evicted_clients >= 3
        assert "Evicting client: id=" in "".join(hosted.said)


def costs_alike(server: RealServer, ours: bytes, theirs: bytes) -> bool:
    """Whether two lines of CLIENT LIST tell of the same memory. libc adds to a chunk what is too little for another one: 16
    bytes to each of struct, query buffer and arguments."""
    (mine, own), (other, total) = (
        (re.findall(rb"multi-mem=\d+", line), int(re.findall(rb"tot-mem=(\d+)", line)[-1])) for line in (ours, theirs)
    )
    return mine == other and 0 <= total - own <= (3 * 16 if server.allocator == "libc" else 0)


@versions
def test_what_a_client_costs_while_its_command_runs(real_server: RealServer) -> None:
    with Hosted(real_server.profile, real_server.allocator) as hosted, contextlib.closing(real_server.connect()) as one:
        for words in (["CLIENT", "INFO"], ["CLIENT", "LIST", "TYPE", "normal"]):
            ours, theirs = hosted.execute(*words).splitlines()[-1], one.execute(*words).splitlines()[-1]
            assert costs_alike(real_server, ours, theirs)


INTERESTS = {
    "queued": ["MULTI", "SET a bbbb", "GET a", "PING", "PING", "PING"],
    "watched": ["WATCH a bb ccc", "WATCH d"],
    "subscribed": ["SUBSCRIBE a bb ccc dddd", "PSUBSCRIBE p*", "UNSUBSCRIBE a"],
    "shards": ["SSUBSCRIBE a bb"],
    "prefixes": [
        "CLIENT TRACKING ON BCAST PREFIX foo PREFIX bar",
        "CLIENT TRACKING ON BCAST PREFIX fa1 PREFIX fa2 PREFIX q",
    ],
    "long prefixes": [
        "CLIENT TRACKING ON BCAST PREFIX annibale PREFIX annientare PREFIX ann PREFIX anx PREFIX x12 PREFIX xy2"
    ],
    "all keys": ["CLIENT TRACKING ON BCAST"],
}


@versions
@pytest.mark.parametrize("script", INTERESTS.values(), ids=INTERESTS.keys())
def test_what_a_client_costs_by_what_is_kept_for_it(real_server: RealServer, script: list[str]) -> None:
    def told(client: Any, other: Any) -> bytes:
        for line in ("HELLO 3", "CLIENT SETNAME me", *script):
            client(*line.split())
        (line,) = [line for line in other("CLIENT", "LIST").splitlines() if b" name=me " in line]
        return bytes(line)

    with Hosted(real_server.profile, real_server.allocator) as hosted:
        ours, theirs = told(hosted.another().execute, hosted.execute), b""
        for _ in range(5):
            with contextlib.closing(real_server.connect()) as one:
                theirs = told(one.execute, real_server.execute)
            # Its cron may come in between, and shrink the query buffer.
            if b" qbuf-free=0 " not in theirs or b" qbuf-free=0 " in ours:
                break
        if real_server.profile == "6.2":
            # It keeps the array of the last command's arguments.
            kept = hosted.engine.runtime.usable(8 * len(script[-1].split()))
            ours = re.sub(rb"(?<=tot-mem=)\d+", lambda found: b"%d" % (int(found[0]) + kept), ours)
        assert costs_alike(real_server, ours, theirs)


def test_limits_are_about_what_clients_cost_between_commands() -> None:
    with Hosted() as hosted:
        one, other = hosted.another(), hosted.another()
        one.execute("CLIENT", "NO-EVICT", "ON")
        big(other, 50_000)
        hosted.execute("PING")
        together = hosted.server.clients.memory.everything
        assert together == sum(map(usage_at_rest, hosted.server.clients.by_id.values()))
        hosted.execute("CONFIG", "SET", "maxmemory-clients", str(together + 1))
        hosted.execute("ECHO", "x" * 10_000)
        assert other.connected
        hosted.execute("CONFIG", "SET", "maxmemory-clients", str(together))
        hosted.execute("PING")
        assert not other.connected


@pytest.mark.parametrize("words", [("SMEMBERS", "s"), ("GET", "text")])
def test_replies_that_were_sent_cost_nothing(words: tuple[str, str]) -> None:
    """Wherever they stood: a small one too may have been in the list."""
    with Hosted() as hosted:
        users = [hosted.another() for _ in range(5)]
        hosted.execute("SADD", "s", "member")
        hosted.execute("SET", "text", "x" * 3000)
        for user in users:
            user.execute("PING")
            user.client.outgoing.resize_buffer(1024)
        memory = hosted.server.clients.memory
        before = memory.everything
        hosted.execute("CONFIG", "SET", "maxmemory-clients", str(before + 10_000))
        for user in users:
            user.execute(*words)
        assert all(user.connected for user in users)
        assert memory.everything == sum(map(usage_at_rest, hosted.server.clients.by_id.values()))
        assert [(user.client.outgoing.blocks, user.client.outgoing.room) for user in users] == [(0, 1024)] * 5


def test_memory_is_what_each_costs_together() -> None:
    with Hosted() as hosted:
        clients = hosted.server.clients
        one, other = hosted.another(), hosted.another()
        one.execute("SUBSCRIBE", "channel")
        other.execute("MULTI")
        other.execute("SET", "k", "x" * 1000)
        big(hosted.another(), 50_000)
        hosted.go_round()
        for kind in ("normal", "pubsub"):
            expected = sum(usage(client) for client in clients.by_id.values() if client.kind == kind)
            assert clients.memory.total(kind) == expected > 0
        one.socket.close()
        hosted.go_round()
        assert clients.memory.total("pubsub") == 0
        assert clients.memory.everything == sum(map(usage, clients.by_id.values()))


# -- nothing ends the loop ----------------------------------------------------------------------------------------------------


def test_an_error_of_ours_ends_one_client_only(monkeypatch: pytest.MonkeyPatch) -> None:
    hosted = Hosted()
    try:

        def broken(*_: object) -> None:
            raise ZeroDivisionError("in a handler")

        command = hosted.engine.commands[b"GET"]
        monkeypatch.setattr(command, "handler", broken)
        other, waiting = hosted.another(), hosted.another()
        assert waiting.execute("BLPOP", "k", "0") is NOTHING
        other.socket.sendall(pack(["PING"]) + pack(["GET", "k"]) + pack(["PING"]))
        hosted.go_round()
        pong, error = other.all()
        assert pong == b"PONG"
        assert str(error) == "ERR internal error: ZeroDivisionError"
        assert not other.connected
        assert hosted.execute("RPUSH", "k", "v") == 1
        assert waiting.receive() == [b"k", b"v"]
        assert [line for line in hosted.said if "ZeroDivisionError: in a handler" in line]
        hosted.said.clear()
    finally:
        hosted.close()
