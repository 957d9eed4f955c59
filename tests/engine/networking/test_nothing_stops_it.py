"""Whatever is sent, the loop goes on, and whoever goes leaves nothing behind."""

import contextlib
import resource
import socket
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rinspect.engine.networking.admission import room_for
from tests.engine.server.hosted import Hosted, User
from tests.real.connection import pack

WORDS = [
    b"a",
    b"b",
    b"1",
    b"-1",
    b"0",
    b"",
    b"LEFT",
    b"RIGHT",
    b"COUNT",
    b"MATCH",
    b"*",
    b"\xff\x00",
    b"1e3",
    b"EX",
    b"x" * 200,
]
COMMANDS = """
GET SET INCR APPEND DEL LPUSH RPOP LRANGE LINSERT SADD SPOP SRANDMEMBER SINTER ZADD ZRANGE ZPOPMIN HSET HGETALL HRANDFIELD
EXPIRE TTL RENAME COPY SORT SCAN OBJECT BLPOP BLMOVE BZPOPMIN BLMPOP MULTI EXEC DISCARD WATCH UNWATCH SUBSCRIBE PSUBSCRIBE
UNSUBSCRIBE PUBLISH HELLO CLIENT RESET QUIT SELECT MOVE SWAPDB FLUSHALL INFO COMMAND CONFIG MONITOR DUMP RESTORE BITFIELD
GETRANGE SETRANGE TYPE WAIT AUTH ECHO PING MEMORY SLOWLOG LATENCY
"""
SUBCOMMANDS = (
    "LIST INFO KILL PAUSE REPLY TRACKING CACHING NO-TOUCH NO-EVICT UNBLOCK ID GETNAME SETNAME GET SET ENCODING"
)


def is_harmless(argv: list[bytes]) -> bool:
    """Not one that pauses everybody for long, or makes of one word half a gigabyte, as it would in any server."""
    words = [word.upper() for word in argv]
    return not (words[0] in (b"SETRANGE", b"BITFIELD", b"SETBIT") or b"PAUSE" in words)


word = st.sampled_from(WORDS) | st.sampled_from(SUBCOMMANDS.split()).map(str.encode) | st.binary(max_size=12)
request = st.builds(
    lambda name, words: [name.encode(), *words], st.sampled_from(COMMANDS.split()), st.lists(word, max_size=5)
).filter(is_harmless)
well_formed = request.map(pack)


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    """Requests with some bytes changed, left out, or come twice."""
    data = bytearray(b"".join(draw(st.lists(well_formed, min_size=1, max_size=3))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.integers(0, 2)):
            case 0:
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=2))
            case 1:
                del data[at : at + draw(st.integers(1, 8))]
            case _:
                data[at:at] = data[at : at + draw(st.integers(1, 40))]
    return bytes(data)


huge = st.sampled_from(
    [
        b"*2147483647\r\n",
        b"*1000000\r\n$1\r\n",
        b"*1\r\n$536870912\r\nabc",
        b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$99999999\r\n",
        b"*-1\r\n",
    ]
)
message = st.one_of(
    well_formed, spoiled(), st.binary(max_size=60), huge, st.lists(well_formed, max_size=30).map(b"".join)
)
action = st.tuples(st.integers(0, 3), st.one_of(message, message, message, st.just(None)))
"""Which client; what it sends, or None: it goes."""


class Crowd:
    """Four clients, each replaced by another when it is gone."""

    def __init__(self, hosted: Hosted) -> None:
        self.hosted = hosted
        self.users: list[User] = [hosted.another() for _ in range(4)]

    def act(self, number: int, data: bytes | None) -> None:
        user = self.users[number]
        if data is None or not user.connected:
            user.socket.close()
            self.users[number] = self.hosted.another()
            return
        with contextlib.suppress(BlockingIOError, ConnectionError):
            user.socket.send(data)
        self.hosted.go_round()
        with contextlib.suppress(BlockingIOError, ConnectionError):
            user.socket.recv(1 << 20)


def nothing_is_left(hosted: Hosted) -> None:
    """All clients but one have gone: nothing is known of them any more."""
    hosted.clock.advance(10_000)
    for _ in range(4):
        hosted.go_round()
    clients, engine = hosted.server.clients, hosted.engine
    assert not clients.by_id
    assert len(hosted.server.loop.files) == 1, "that of other threads"
    left = [
        clients.blocked.waiting, clients.blocked.by_key, clients.blocked.unblocked, clients.pending_writes, clients.to_close,
        clients.pubsub.channels, clients.pubsub.patterns, clients.pubsub.shard_channels, clients.tracking.modes,
        clients.tracking.prefixes, clients.tracking.readers, clients.monitors.watching, clients.memory.moved,
        engine.watched_keys.by_key, engine.runtime.deferred,
    ]  # fmt: skip
    assert not any(left), left
    assert clients.memory.everything == 0
    assert not [line for line in hosted.said if "Internal error" in line]


def play(actions: list[tuple[int, bytes | None]]) -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "client-output-buffer-limit", "normal 10000000 0 0")
        crowd = Crowd(hosted)
        for number, data in actions:
            crowd.act(number, data)
        last = hosted.another()
        last.execute("CLIENT", "UNPAUSE")
        last.execute("CONFIG", "SET", "requirepass", "")
        assert last.execute("PING") == b"PONG"
        for user in [*crowd.users, hosted.user, last]:
            user.socket.close()
        nothing_is_left(hosted)


@given(st.lists(action, max_size=25))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_whatever_is_sent(actions: list[tuple[int, bytes | None]]) -> None:
    play(actions)


@pytest.mark.fuzz
@given(st.lists(action, max_size=120))
@settings(max_examples=3000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_whatever_is_sent_for_long(actions: list[tuple[int, bytes | None]]) -> None:
    play(actions)


def soak(rounds: int, seed: int) -> None:
    """Clients that come, work, wait, subscribe, read slowly, and die in the midst of it."""
    rng = Random(seed)
    doings: list[Callable[[User], bytes]] = [
        lambda user: pack(["BLPOP", f"k{rng.randrange(5)}", "0"]),
        lambda user: pack(["RPUSH", f"k{rng.randrange(5)}", "v"]),
        lambda user: pack(["SUBSCRIBE", f"c{rng.randrange(3)}"]) + pack(["PSUBSCRIBE", "c*"]),
        lambda user: pack(["PUBLISH", f"c{rng.randrange(3)}", "x" * rng.randrange(5000)]),
        lambda user: pack(["HELLO", "3"]) + pack(["CLIENT", "TRACKING", "ON"]) + pack(["GET", "t"]),
        lambda user: pack(["HELLO", "3"]) + pack(["CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "t"]),
        lambda user: pack(["SET", "t", "v"]) * 50,
        lambda user: (
            pack(["WATCH", "t"]) + pack(["MULTI"]) + pack(["SET", "t", "w"]) + pack(["EXEC"])[: rng.randrange(12)]
        ),
        lambda user: pack(["SET", "big", "x" * 60_000])[: rng.randrange(60_000)],
        lambda user: pack(["GET", "big"]) * 20,
        lambda user: pack(["MONITOR"]),
        lambda user: pack(["CLIENT", "KILL", "ID", user.client.id - 1]),
        lambda user: b"*3\r\n$3\r\nSET\r\n$",
        lambda user: b"*1\r\n$9999999999\r\n",
    ]
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "client-output-buffer-limit", "normal 500000 0 0 pubsub 500000 0 0")
        hosted.execute("SET", "big", "x" * 10_000)
        users = [hosted.another() for _ in range(30)]
        for _ in range(rounds):
            number = rng.randrange(len(users))
            user = users[number]
            if not user.connected or rng.random() < 0.15:
                user.socket.close()
                users[number] = hosted.another()
                continue
            with contextlib.suppress(BlockingIOError, ConnectionError):
                user.socket.send(rng.choice(doings)(user))
            if rng.random() < 0.7:
                with contextlib.suppress(BlockingIOError, ConnectionError):
                    user.socket.recv(1 << 20)
            hosted.server.loop.iterate(wait=False)
        for user in [*users, hosted.user]:
            user.socket.close()
        nothing_is_left(hosted)


def test_clients_that_die_leave_nothing_behind() -> None:
    soak(2000, seed=1)


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(20))
def test_clients_that_die_for_long(seed: int) -> None:
    soak(50_000, seed)


@pytest.mark.fuzz
def test_many_idle_clients() -> None:
    """As many as the system allows, up to ten thousand, each with two descriptors here."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(10_000, (room_for(25_000) - 200) // 2)
    try:
        with Hosted() as hosted, contextlib.ExitStack() as open_sockets:
            hosted.execute("CONFIG", "SET", "maxclients", "10100")
            hosted.server.listeners.open_tcp(["127.0.0.1"], 0, 511)
            (listener,) = hosted.server.listeners.tcp
            for number in range(count):
                open_sockets.enter_context(socket.create_connection(listener.getsockname()))
                if number % 200 == 0:
                    hosted.go_round()
            hosted.go_round()
            assert len(hosted.server.clients.by_id) == count + 1
            assert hosted.execute("PING") == b"PONG"
            for _ in range(100):
                hosted.clock.advance(100)
                hosted.go_round()
            assert hosted.execute("PING") == b"PONG"
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
