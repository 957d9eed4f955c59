"""Servers that are not there, go away, want a password, a certificate, or tell less than others."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from rinspect.engine.layout import Window
from rinspect.engine.replies import Status
from rinspect.records import Filter, Order
from rinspect.sources.server import connection
from rinspect.sources.server import source as server_source
from rinspect.sources.server.address import Address
from rinspect.sources.server.source import ServerSource
from rinspect.sources.source import CannotConnect, Refused
from tests.real.catalog import Build, build_for
from tests.real.connection import Connection
from tests.real.servers import RealServer, ServerMissing
from tests.sources.connecting import connected, eventually, own_server

ANY = Filter()
PASSWORD = "hunter2-is-secret"
one_server = pytest.mark.parametrize("real_server", ["8.0"], indirect=True)


async def refused(address: Address) -> str:
    """Why there is no connection."""
    with pytest.raises(CannotConnect) as error:
        await ServerSource.connect(address)
    assert PASSWORD not in str(error.value)
    assert address.label in str(error.value)
    return str(error.value)


# -- not there --------------------------------------------------------------------------------------------------------


async def test_nobody_listens(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "is the server running" in await refused(Address(port=port))
    assert "there is no such socket" in await refused(Address(unix=str(tmp_path / "none.sock")))
    assert "no host of that name" in await refused(Address("no-such-host.invalid"))


async def test_something_else_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    async def talk(answer: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(answer)
        if not answer:
            await reader.read()
        writer.close()
        await writer.wait_closed()
        gone.set()

    monkeypatch.setattr(connection, "CONNECT_TIMEOUT", 0.2)
    monkeypatch.setattr(connection, "ANSWER_TIMEOUT", 0.2)
    for answer, says in (
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", 'another service\'s port? (Protocol error, got "H"'),
        (b"", "does not answer"),
    ):
        gone = asyncio.Event()
        server = await asyncio.start_server(partial(talk, answer), "127.0.0.1", 0)
        address = Address(port=server.sockets[0].getsockname()[1], password=PASSWORD)
        try:
            assert says in await refused(address)
        finally:
            server.close()
            await server.wait_closed()
            await asyncio.wait_for(gone.wait(), 5)


async def test_everybody_who_asks_is_told_the_cause() -> None:
    """A screen asks several things at once, and the first of them finds out."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    source = ServerSource(Address(port=server.sockets[0].getsockname()[1]))
    try:
        asked = [source.info(), source.keys(Order.NAME, ANY, 0, 10), source.look(b"k", Window()), source.info()]
        await asyncio.gather(*asked)
        info = await source.info()
        assert not info.connected
        assert "another service's port" in info.notice
    finally:
        await source.close()
        server.close()
        await server.wait_closed()


# -- going away -------------------------------------------------------------------------------------------------------


async def test_a_server_that_ends_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_source, "FIRST_WAIT", 0.05)
    first = own_server("7.0")
    try:
        first.execute("SET", "k", "v")
        async with connected(first) as source:
            assert (await source.info()).keys == 1
            await source.look(b"k", Window(), deliberate=True)
            first._process.kill()
            first._process.wait()
            info = await source.info()
            assert not info.connected
            assert info.label in info.notice
            assert "TLS" not in info.notice
            assert "it has ended" in info.notice or "is the server running" in info.notice
            assert info.server == "redis 7.0.15"
            # Nothing of what a screen asks meanwhile may fail.
            assert (await source.keys(Order.NAME, ANY, 0, 10)).rows == ()
            assert await source.look(b"k", Window()) is None
            assert await source.trace(b"k", "rank", b"x") is None
            await source.why(b"k")
            assert "not connected" in await source.refusal([b"GET", b"k"])
            with pytest.raises(Refused, match="not connected"):
                await source.execute([b"GET", b"k"])
            again = own_server("7.0", "--port", str(first.port))
            try:
                again.execute("SET", "other", "v")

                async def back() -> bool:
                    return (await source.info()).connected

                await eventually(back)
                assert (await source.info()).notice == ""
                assert [row.key for row in (await source.keys(Order.NAME, ANY, 0, 10)).rows] == [b"other"]
                assert (await source.execute([b"PING"])).reply == Status(b"PONG")
            finally:
                again.stop()
    finally:
        first.stop()


async def test_who_is_to_be_at_a_server_that_is_not_there() -> None:
    for name, user in (("", b"default"), ("ada", b"ada")):
        source = ServerSource(Address(port=1, username=name))
        assert (await source.info()).user == user
        await source.close()


async def test_a_source_may_begin_without_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_source, "FIRST_WAIT", 0.05)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    source = ServerSource(Address(port=port))
    try:
        info = await source.info()
        assert not info.connected
        assert "is the server running" in info.notice
        assert (await source.keys(Order.NAME, ANY, 0, 10)).rows == ()
        assert await source.commands() == {}
        server = own_server("7.0", "--port", str(port))
        try:

            async def there() -> bool:
                return (await source.info()).connected

            await eventually(there)
            assert b"GET" in await source.commands()
        finally:
            server.stop()
    finally:
        await source.close()


@one_server
async def test_it_waits_longer_from_try_to_try(real_server: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    tries: list[float] = []
    source = ServerSource(Address(port=real_server.port))

    async def fail() -> None:
        tries.append(now[0])
        raise CannotConnect("no")

    monkeypatch.setattr("rinspect.sources.server.source.time.monotonic", lambda: now[0])
    monkeypatch.setattr(source, "_open", fail)
    for _ in range(1200):
        await source.info()
        now[0] += 0.1
    await source.close()
    waits = [later - sooner for sooner, later in pairwise(tries)]
    assert 0.7 <= waits[0] <= 1.3
    assert waits[1] > waits[0]
    assert all(wait <= 30 * 1.2 + 0.2 for wait in waits)
    assert len(tries) < 12


@one_server
async def test_a_killed_connection_is_made_anew(real_server: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_source, "FIRST_WAIT", 0.02)
    real_server.execute("SET", "k", "v")
    async with connected(real_server, database=1) as source:
        await source.info()
        real_server.execute("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        with pytest.raises(Refused, match="connection broke"):
            await source.execute([b"PING"])

        async def back() -> bool:
            return (await source.info()).connected

        await eventually(back)
        assert (await source.info()).database == 1
        assert (await source.execute([b"CLIENT", b"GETNAME"])).reply == b"rinspect"


@one_server
async def test_a_cancelled_question_leaves_no_answer_behind(real_server: RealServer) -> None:
    """Whoever asks next gets the own answer, not the one that was still under way."""
    real_server.pipeline([["SET", "one", "1"], ["SET", "two", "2"]])
    async with connected(real_server) as source:
        task = asyncio.create_task(source.execute([b"GET", b"one"]))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        async def back() -> bool:
            return (await source.info()).connected

        await eventually(back)
        assert (await source.execute([b"GET", b"two"])).reply == b"2"


# -- logging in -------------------------------------------------------------------------------------------------------


async def test_passwords(real_server: RealServer) -> None:
    here = Address(port=real_server.port)
    text = await refused(replace(here, password=PASSWORD, username="nobody"))
    assert "does not accept this user and password" in text
    real_server.execute("CONFIG", "SET", "requirepass", PASSWORD)
    assert "asks for a password" in await refused(here)
    assert "does not accept" in await refused(replace(here, password="wrong"))
    async with connected(real_server, password=PASSWORD) as source:
        info = await source.info()
        assert info.connected
        assert PASSWORD not in repr(info)


async def test_a_password_that_nobody_asked_for(real_server: RealServer) -> None:
    """redis-cli goes on with a warning; a screen that reads secrets from the environment must work, too."""
    text = await refused(Address(port=real_server.port, password=PASSWORD))
    assert "wants no password" in text


async def test_a_user_who_may_only_read(real_server: RealServer) -> None:
    """Without CONFIG and COMMAND: defaults are assumed and the screen says so."""
    real_server.execute("SET", "k", "v")
    real_server.execute("HSET", "h", "a", "b")
    rules = ["+@read", "+@connection", "+info", "+memory|usage", "-config", "-command"]
    real_server.execute("ACL", "SETUSER", "ada", "on", f">{PASSWORD}", "~*", "+@read", *rules)
    async with connected(real_server, username="ada", password=PASSWORD) as source:
        info = await source.info()
        assert info.connected
        assert "CONFIG GET is refused (NOPERM): default thresholds are assumed" in info.notice
        assert {row.key for row in (await source.keys(Order.NAME, ANY, 0, 10)).rows} == {b"k", b"h"}
        look = await source.look(b"h", Window(), deliberate=True)
        assert look is not None
        assert look.notice == ""
        assert look.computed == look.reported
        assert await source.refusal([b"SET", b"k", b"x"])
        assert await source.refusal([b"GET", b"k"]) == ""


async def test_a_user_who_may_do_next_to_nothing(real_server: RealServer) -> None:
    real_server.execute("SET", "k", "x" * 300_000)
    real_server.execute("HSET", "h", "a", "b")
    real_server.execute(
        "ACL", "SETUSER", "eve", "on", f">{PASSWORD}", "~*", "+scan", "+type", "+strlen", "+dump", "+hlen"
    )
    async with connected(real_server, username="eve", password=PASSWORD) as source:
        info = await source.info()
        assert info.connected
        assert info.notice
        assert {row.key for row in (await source.keys(Order.NAME, ANY, 0, 10)).rows} == {b"k", b"h"}
        for key in (b"k", b"h"):
            in_passing = await source.look(key, Window())
            assert in_passing is not None
            assert "enter" in in_passing.notice
            look = await source.look(key, Window(), deliberate=True)
            assert look is not None
            assert (look.notice, look.reported, look.difference) == ("", None, "")
            assert look.computed > 0
        assert "SELECT" not in info.notice


async def test_a_user_without_dump(real_server: RealServer) -> None:
    real_server.execute("HSET", "h", "a", "b")
    real_server.execute("ACL", "SETUSER", "bob", "on", f">{PASSWORD}", "~*", "+@all", "-dump")
    async with connected(real_server, username="bob", password=PASSWORD) as source:
        look = await source.look(b"h", Window(), deliberate=True)
        assert look is not None
        assert look.notice.startswith("not fetched: NOPERM")
        assert look.computed == look.reported == real_server.execute("MEMORY", "USAGE", "h")


async def test_a_database_that_is_not_there(real_server: RealServer) -> None:
    assert "out of range" in await refused(Address(port=real_server.port, database=99))


# -- servers that hide commands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hidden", ["CONFIG", "COMMAND", "DUMP", "MEMORY", "OBJECT", "INFO", "CLIENT", "SCAN", "SELECT"]
)
async def test_a_server_without_a_command(hidden: str) -> None:
    """Hosted servers take commands away: what is left works, and what is missing is named."""
    try:
        server = Hiding(build_for("7.0"), hidden)
    except ServerMissing as missing:
        pytest.skip(str(missing))
    try:
        server.connection.execute("HSET", "h", "a", "b")
        async with connected(server.port) as source:
            info = await source.info()
            assert info.connected
            rows = (await source.keys(Order.NAME, ANY, 0, 10)).rows
            look = await source.look(b"h", Window(), deliberate=True)
            assert look is not None
            assert [row.key for row in rows] == ([] if hidden == "SCAN" else [b"h"])
            if hidden == "CONFIG":
                assert "CONFIG GET is refused" in info.notice
            if hidden == "DUMP":
                assert "not fetched: ERR unknown command" in look.notice
            elif hidden != "SCAN":
                assert look.notice == ""
                assert look.computed > 0
            if hidden == "MEMORY":
                assert look.reported is None
            if hidden == "SCAN":
                assert "unknown command" in (await source.info()).notice
            if hidden == "INFO":
                assert info.estimated
                assert "INFO is refused" in info.notice
            if hidden == "COMMAND":
                assert "not known what it does" in await source.refusal([b"JSON.GET", b"h"])
                assert "COMMAND is refused" in info.notice
            assert await source.refusal([b"HGETALL", b"h"]) == ""
            assert "read-only" in await source.refusal([b"HSET", b"h", b"a", b"c"])
    finally:
        server.stop()


class Hiding:
    """A server without one of its commands. The fixture's own needs them all."""

    def __init__(self, build: Build, hidden: str) -> None:
        program = build.find()
        if program is None:
            raise ServerMissing(build)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [str(program), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--rename-command", hidden, ""]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.connection = self._wait()

    def _wait(self) -> Connection:
        for _ in range(500):
            try:
                found = Connection(self.port)
            except OSError:
                time.sleep(0.01)
                continue
            if found.execute("PING") == b"PONG":
                return found
            found.close()
        raise TimeoutError

    def stop(self) -> None:
        self.connection.close()
        self._process.kill()
        self._process.wait()


# -- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(certificate, key) for 127.0.0.1, signed by itself."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", folder / "key", "-out", folder / "cert"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert", folder / "key"


@pytest.fixture(scope="module")
def tls_port(certificate: tuple[Path, Path]) -> Iterator[int]:
    """The port on which a server speaks TLS and nothing else."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cert, key = map(str, certificate)
    server = own_server(
        "7.0", "--tls-port", str(port), "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert,
        "--tls-auth-clients", "no", "--bind", "127.0.0.1", "127.0.0.2",
    )  # fmt: skip
    server.execute("SET", "k", "v")
    yield port
    server.stop()


async def test_tls(tls_port: int, certificate: tuple[Path, Path]) -> None:
    here = Address(port=tls_port, tls=True)
    for address in (replace(here, cacert=str(certificate[0])), replace(here, insecure=True)):
        source = await ServerSource.connect(address)
        assert (await source.info()).keys == 1
        await source.close()
    assert "certificate is not trusted" in await refused(here)
    # A certificate for another name than the host's, which --sni asks for.
    other = replace(here, cacert=str(certificate[0]), host="127.0.0.2")
    assert "certificate" in await refused(other)
    source = await ServerSource.connect(replace(other, sni="localhost"))
    assert (await source.info()).connected
    await source.close()


@one_server
async def test_tls_mistakes(
    tls_port: int, real_server: RealServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT", 0.5)
    plain_on_tls = await refused(Address(port=tls_port, password=PASSWORD))
    assert "rediss://" in plain_on_tls
    tls_on_plain = await refused(Address(port=real_server.port, tls=True, insecure=True, password=PASSWORD))
    assert "redis://" in tls_on_plain
    no_file = await refused(Address(port=tls_port, tls=True, cacert=str(tmp_path / "none.pem")))
    assert "none.pem" in no_file
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("no certificate")
    assert "rubbish.pem" in await refused(Address(port=tls_port, tls=True, cacert=str(rubbish)))
    assert "rubbish.pem" in await refused(Address(port=tls_port, tls=True, insecure=True, cert=str(rubbish)))


# -- what a user may not ask -----------------------------------------------------------------------------------------


async def test_a_user_who_may_not_ask_is_told_so(real_server: RealServer) -> None:
    real_server.pipeline([["SET", "a", 1], ["ACL", "SETUSER", "bob", "on", ">pw", "~*", "+get", "+scan", "+ping"]])
    async with connected(real_server, username="bob", password="pw") as source:
        notice = (await source.info()).notice
        assert "INFO is refused" in notice
        assert "COMMAND is refused" in notice
        assert [row.key for row in (await source.keys(Order.NAME, ANY, 0, 10)).rows] == [b"a"]
        look = await source.look(b"a", Window(), deliberate=True)
        assert look is not None
        assert "no permission" in look.notice.lower()
        assert "--user" in look.notice
        # It is there all the same.
        assert [row.key for row in (await source.keys(Order.NAME, ANY, 0, 10)).rows] == [b"a"]
        assert (await source.execute([b"GET", b"a"])).reply == b"1"


async def test_who_one_is_is_known(real_server: RealServer) -> None:
    real_server.execute("ACL", "SETUSER", "bob", "on", ">pw", "~*", "+@all")
    async with connected(real_server) as source:
        assert (await source.info()).user == b"default"
        for password, user in ((b"wrong", b"default"), (b"pw", b"bob")):
            await source.execute([b"AUTH", b"bob", password])
            assert (await source.info()).user == user == (await source.execute([b"ACL", b"WHOAMI"])).reply
    async with connected(real_server, username="bob", password="pw") as source:
        assert (await source.info()).user == b"bob"
