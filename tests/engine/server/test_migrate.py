"""MIGRATE: keys that go to another server, ours or a real one, and what is said where they do not get there."""

import contextlib
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import hiredis
import pytest

from rinspect.engine import Engine
from rinspect.engine.server import Server
from rinspect.engine.server.targets import KEPT, MOST
from tests.engine.both import plain, versions
from tests.engine.samples import SAMPLES, SINCE
from tests.engine.server.hosted import NOTHING, Hosted
from tests.real.connection import Argument, Connection
from tests.real.servers import RealServer


class Side(Protocol):
    def execute(self, *words: Argument) -> Any: ...


class Patient:
    """A hosted server's user who waits until a long command has arrived."""

    def __init__(self, hosted: Hosted) -> None:
        self._hosted = hosted

    def execute(self, *words: Argument) -> Any:
        reply = self._hosted.execute(*words)
        while reply is NOTHING:
            self._hosted.go_round()
            reply = self._hosted.user.receive()
        return reply


@contextlib.contextmanager
def running(profile: str, allocator: str = "jemalloc", password: str = "") -> Iterator[int]:
    """A server of ours in a thread of its own; its port."""
    engine = Engine(profile, allocator)
    engine.runtime.config.enable_debug_command = "yes"
    server = Server(engine)
    engine.session().execute([b"CONFIG", b"SET", b"requirepass", password.encode()])
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    server.listeners.open_tcp(["127.0.0.1"], port, 16)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield port
    finally:
        server.loop.submit(server.loop.stop)
        thread.join()


Script = Sequence[Sequence[bytes | None]]
"""For each connection in turn what is answered, whenever something has come; None closes it."""


@contextlib.contextmanager
def scripted(script: Script) -> Iterator[tuple[int, list[bytes]]]:
    """Somebody who answers by heart; the port, and what was sent by each connection."""
    heard: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def play() -> None:
        with contextlib.ExitStack() as open_ones:
            for answers in script:
                try:
                    connection = open_ones.enter_context(listener.accept()[0])
                except OSError:
                    return
                said = connection.recv(1 << 16)
                heard.append(said)
                for answer in answers:
                    if answer is None:
                        connection.close()
                    else:
                        connection.sendall(answer)
            done.wait(20)

    done = threading.Event()
    thread = threading.Thread(target=play)
    thread.start()
    try:
        yield listener.getsockname()[1], heard
    finally:
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def load(side: Side, profile: str) -> list[Argument]:
    """The samples, each under its own name; the names."""
    version = Engine(profile).profile.version
    names: list[Argument] = [name for name in SAMPLES if version >= SINCE.get(name, (0, 0))]
    for name in names:
        for words in SAMPLES[str(name)]:
            side.execute(*(name if word == b"k" else word for word in words))
    return names


def digests(side: Side, names: Sequence[Argument]) -> list[object]:
    return [side.execute("DEBUG", "DIGEST-VALUE", name) for name in names]


@pytest.mark.parametrize("profile", ["6.2", "7.4", "8.0"])
def test_from_one_of_ours_to_another(profile: str) -> None:
    with running(profile) as port, Hosted(profile) as hosted:
        user = Patient(hosted)
        names = load(user, profile)
        user.execute("PEXPIRE", names[0], 100_000_000)
        before = digests(user, names)
        assert user.execute("MIGRATE", "127.0.0.1", port, "", 3, 5000, "KEYS", *names, "missing") == b"OK"
        assert user.execute("DBSIZE") == 0
        with contextlib.closing(Connection(port)) as there:
            there.execute("SELECT", 3)
            assert digests(there, names) == before
            assert 99_000_000 < there.execute("PTTL", names[0]) <= 100_000_000
            assert there.execute("PTTL", names[1]) == -1


@versions
def test_to_a_real_server_and_back(real_server: RealServer) -> None:
    profile = real_server.profile
    with Hosted(profile, real_server.allocator) as hosted:
        user = Patient(hosted)
        names = load(user, profile)
        before = digests(user, names)
        words: list[Argument] = ["127.0.0.1", real_server.port, "", 0, 5000]
        assert user.execute("MIGRATE", *words, "COPY", "KEYS", *names) == b"OK"
        assert digests(real_server, names) == before
    with running(profile, real_server.allocator, "secret") as port:
        words = ["127.0.0.1", port, "", 0, 5000]
        refused = real_server.execute("MIGRATE", *words, "COPY", "KEYS", *names)
        assert isinstance(refused, hiredis.ReplyError)
        assert "NOAUTH" in str(refused)
        assert real_server.execute("MIGRATE", *words, "AUTH", "secret", "KEYS", *names) == b"OK"
        assert real_server.execute("DBSIZE") == 0
        with contextlib.closing(Connection(port)) as there:
            there.execute("AUTH", "secret")
            assert digests(there, names) == before


WRONG = """
MIGRATE 127.0.0.1 {port} nothing 0 100
MIGRATE 127.0.0.1 {port} nothing 0 100 KEYS a
MIGRATE 127.0.0.1 {port} "" 0 100 KEYS
MIGRATE 127.0.0.1 {port} a 0 100 NONSENSE
MIGRATE 127.0.0.1 {port} a 0 100 AUTH
MIGRATE 127.0.0.1 {port} a 0 100 AUTH2 x
MIGRATE 127.0.0.1 {port} a x 100
MIGRATE 127.0.0.1 {port} a 0 x
MIGRATE 127.0.0.1 {port} a x x
MIGRATE nobody.invalid {port} a 0 100
MIGRATE 127.0.0.1 1 a 0 100
MIGRATE 127.0.0.1 x a 0 100
MIGRATE 127.0.0.1 99999999999 a 0 100
MIGRATE "" {port} a 99 100
MIGRATE 127.0.0.1 {port} a 99 100
MIGRATE 127.0.0.1 {port} a 0 100 AUTH wrong
MIGRATE 127.0.0.1 {port} a 0 100 AUTH wrong AUTH2 someone wrong COPY REPLACE
MIGRATE 127.0.0.1 {port} a 0 100 COPY
MIGRATE 127.0.0.1 {port} a 0 100
MIGRATE 127.0.0.1 {port} a 0 100 REPLACE
MIGRATE 127.0.0.1 {port} a 0 100
MIGRATE 127.0.0.1 {port} "" 0 0 KEYS b nothing c
DBSIZE
SET a again
SET d new
MIGRATE 127.0.0.1 {port} "" 0 -5 KEYS d a
KEYS *
MIGRATE 127.0.0.1 {port} "" 0 100 replace copy keys a
MIGRATE 127.0.0.1 {port} "" 1 100 KEYS a
INFO nothing
"""


@versions
def test_a_server_says_the_same(real_server: RealServer) -> None:
    """To a target of ours, which both find in the same state."""
    with Hosted(real_server.profile) as hosted:
        answers = []
        sides: tuple[Side, ...] = (hosted, real_server)
        for side in sides:
            with running(real_server.profile) as port:
                side.execute("MSET", "a", "1", "b", "2", "c", "3")
                lines = [line.replace("{port}", str(port)).split() for line in WRONG.strip().splitlines()]
                words = [["" if word == '""' else word for word in line] for line in lines]
                answers.append([plain(side.execute(*one)) for one in words])
        assert answers[0] == answers[1]


FAULTS: dict[str, tuple[Script, str]] = {
    "nobody answers": (([],), "KEYS a b"),
    "closed at once": (([None],), "KEYS a b"),
    "closed, then well": (([None], [b"+OK\r\n+OK\r\n+OK\r\n"]), "KEYS a b"),
    "closed twice": (([None], [None]), "KEYS a b"),
    "closed after SELECT": (([b"+OK\r\n", None], [b"+OK\r\n+OK\r\n+OK\r\n"]), "KEYS a b"),
    "closed after one key": (([b"+OK\r\n+OK\r\n", None], [b"+OK\r\n" * 3]), "KEYS a b"),
    "closed after a refused key": (([b"+OK\r\n-ERR not this\r\n", None], [b"+OK\r\n" * 3]), "KEYS a b"),
    "silent after one key": (([b"+OK\r\n+OK\r\n"],), "KEYS a b"),
    "one key refused": (([b"+OK\r\n-ERR not\0this\r\n+OK\r\n"],), "KEYS a b"),
    "no such database": (([b"-ERR no such db\r\n+OK\r\n+OK\r\n"],), "KEYS a b"),
    "wrong password": (([b"-WRONGPASS\r\n-ERR db\r\n-ERR key\r\n-ERR key\r\n"],), "AUTH x KEYS a b"),
    "an empty line": (([b"+OK\r\n\n", None], [b"+OK\r\n" * 3]), "KEYS a b"),
    "a long refusal": (([b"+OK\r\n-" + b"x" * 2000 + b"\r\n+OK\r\n"],), "KEYS a b"),
    "no carriage return": (([b"+OK\n+OK\n-x\n"],), "KEYS a b"),
    "copies": (([b"+OK\r\n" * 3],), "COPY REPLACE KEYS a b"),
    "two passwords": (([b"+OK\r\n" * 4],), "AUTH x AUTH2 y z AUTH t KEYS a b"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("real_server", ["7.0"], indirect=True)
def test_faults_are_told_alike(real_server: RealServer, fault: str) -> None:
    script, words = FAULTS[fault]
    found = []
    with Hosted("7.0", real_server.allocator) as hosted:
        sides: tuple[Side, ...] = (hosted, real_server)
        for side in sides:
            with scripted(script) as (port, heard):
                side.execute("MSET", "a", "1", "b", "2")
                said = plain(side.execute("MIGRATE", "127.0.0.1", port, "", 0, 150, *words.split()))
                left = [side.execute("EXISTS", key) for key in ("a", "b")]
            found.append((said, left, heard))
    assert found[0] == found[1]


def test_connections_are_kept_for_a_while() -> None:
    with running("7.2") as port, Hosted() as hosted:
        targets = hosted.server.targets
        there = Connection(port)
        for number in range(3):
            hosted.execute("SET", "k", number)
            assert hosted.execute("MIGRATE", "127.0.0.1", port, "k", number, 5000) == b"OK"
        assert len(targets) == 1
        assert len(there.execute("CLIENT", "LIST").splitlines()) == 2
        hosted.clock.advance(KEPT * 1000)
        hosted.go_round()
        assert len(targets) == 1
        hosted.clock.advance(1000)
        hosted.go_round()
        assert len(targets) == 0
        there.close()


def test_no_more_than_some_connections_are_kept() -> None:
    with running("7.2") as port, Hosted() as hosted:
        for number in range(MOST + 5):
            hosted.execute("SET", "k", number)
            assert hosted.execute("MIGRATE", "127.0.0.1", f"{port:0{6 + number}}", "k", 0, 5000, "REPLACE") == b"OK"
        assert len(hosted.server.targets) == MOST


def test_what_is_migrated_is_told_as_deleted() -> None:
    with running("7.2") as port, Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "notify-keyspace-events", "KEA")
        ear = hosted.another()
        ear.execute("PSUBSCRIBE", "__keyevent*")
        hosted.execute("MSET", "a", 1, "b", 2)
        list(ear.all())
        dirty = hosted.engine.keyspace[0].dirty
        hosted.execute("MIGRATE", "127.0.0.1", port, "", 0, 5000, "KEYS", "a", "b", "c")
        assert [message[2:] for message in ear.all()] == [[b"__keyevent@0__:del", key] for key in (b"a", b"b")]
        assert hosted.engine.keyspace[0].dirty == dirty + 2


def test_a_session_alone_reaches_nobody() -> None:
    session = Engine("7.2").session()
    session.execute([b"SET", b"k", b"v"])
    answer = session.execute([b"MIGRATE", b"127.0.0.1", b"1", b"k", b"0", b"10"])
    assert "no server" in str(answer)
