"""Real servers, started for the tests and gone with them."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import hiredis
import pytest

from tests.real.catalog import BUILDS, Build, build_for
from tests.real.connection import Argument, Connection

START_WITHIN = 15.0  # seconds; a server under a loaded machine's full test run takes up to one

# Everything a test may want to look into. Redis 6.2 allows it all and knows none of these settings.
OPEN_DOORS = ("--enable-debug-command", "yes", "--enable-protected-configs", "yes", "--enable-module-command", "yes")


class ServerMissing(Exception):
    """No program of this build is on the machine; the text says what to do about it."""

    def __init__(self, build: Build) -> None:
        super().__init__(f"real server {build.name} is not on this machine: {build.advice}")


class RealServer:
    """A running server: loopback only, no persistence, every DEBUG command allowed, a folder of its own.

    ``execute`` talks over one connection; ``connect`` gives a test more of them. Between tests ``flush`` makes the
    server as good as new, over a connection that no test can get into an odd state.
    """

    def __init__(self, build: Build, *options: str) -> None:
        """Starts the server and returns once it answers. ``options`` come last on its command line, so they win."""
        program = build.find()
        if program is None:
            raise ServerMissing(build)
        self.build = build
        self.profile = build.profile
        self.allocator = build.allocator
        self._folder = tempfile.TemporaryDirectory(prefix="rinspect-", ignore_cleanup_errors=True)
        self.folder = Path(self._folder.name)
        self.port = _free_port()
        self._process = self._start(program, options)
        self._connection: Connection | None = None
        try:
            self._control = self._wait()
            facts = self.info("server")
            self.version = tuple(map(int, facts.get(f"{build.brand}_version", facts["redis_version"]).split(".")))
            self.name = f"{build.brand}-{'.'.join(map(str, self.version))}-{self.allocator}"
            self._settings = self._read_settings()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def execute(self, *args: Argument) -> Any:
        """One command's reply as the server gave it; an error is returned as an object (see ``Connection``)."""
        return self._own().execute(*args)

    def pipeline(self, commands: Iterable[Sequence[Argument]]) -> list[Any]:
        return self._own().pipeline(commands)

    def connect(self) -> Connection:
        """A further connection, for the test to close."""
        return Connection(self.folder / "socket")

    def info(self, section: str = "default") -> dict[str, str]:
        text: bytes = self._control.execute("INFO", section)
        return dict(line.split(":", 1) for line in text.decode().splitlines() if ":" in line)

    def flush(self) -> None:
        """No keys, functions, scripts, users or logs; every setting as at the start; ``execute`` on database 0 of a
        fresh connection. What DEBUG changed inside (SET-ACTIVE-EXPIRE …) is the test's own to put back."""
        for name, value in self._read_settings().items():
            if value != self._settings[name]:
                self._must("CONFIG", "SET", name, self._settings[name])
        self._must("FLUSHALL")
        self._must("SCRIPT", "FLUSH")
        if self.version >= (7,):
            self._must("FUNCTION", "FLUSH")
        for user in self._must("ACL", "USERS"):
            if user != b"default":
                self._must("ACL", "DELUSER", user)
        for log in ("ACL LOG RESET", "SLOWLOG RESET", "LATENCY RESET", "CONFIG RESETSTAT"):
            self._must(*log.split())
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def stop(self) -> None:
        """Ends the server at once: there is nothing it could save."""
        for connection in (self._connection, getattr(self, "_control", None)):
            if connection is not None:
                connection.close()
        self._process.kill()
        self._process.wait()
        self._folder.cleanup()

    def _start(self, program: Path, options: Sequence[str]) -> subprocess.Popen[bytes]:
        doors = () if self.profile == "6.2" else OPEN_DOORS
        command: list[str | Path] = [
            program,
            "--bind",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--unixsocket",
            self.folder / "socket",
        ]
        command += ["--dir", self.folder, "--save", "", "--appendonly", "no", *doors, *options]
        with (self.folder / "log").open("wb") as log:
            # preexec_fn is unsafe beside threads that hold locks; ours makes one system call and takes none.
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509
            )

    def _wait(self) -> Connection:
        """The Unix socket is asked, not the port: nobody else can be listening there, and it opens last."""
        deadline = time.monotonic() + START_WITHIN
        while self.alive and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                connection = self.connect()
                if connection.execute("PING") == b"PONG":
                    return connection
                connection.close()
            time.sleep(0.01)
        log = (self.folder / "log").read_text(errors="replace")
        raise RuntimeError(f"{self.build.name} did not start:\n{log[-2000:]}")

    def _own(self) -> Connection:
        if self._connection is None:
            self._connection = self.connect()
        return self._connection

    def _must(self, *args: Argument) -> Any:
        reply = self._control.execute(*args)
        if isinstance(reply, hiredis.ReplyError):
            raise RuntimeError(f"{args} was refused by {self.name}: {reply}")
        return reply

    def _read_settings(self) -> dict[bytes, bytes]:
        flat = self._must("CONFIG", "GET", "*")
        return dict(zip(flat[::2], flat[1::2], strict=True))


class Servers:
    """The servers of one test process, each started when first asked for. One that is missing skips the test; in CI,
    where a comparison that silently did not happen would look like one that agreed, it fails the test."""

    def __init__(self) -> None:
        self._running: dict[str, RealServer] = {}

    def get(self, profile: str) -> RealServer:
        """The server of that profile, as good as new. One that a test has ended or made unreachable is replaced."""
        server = self._running.pop(profile, None)
        if server is not None:
            try:
                server.flush()
            except (OSError, RuntimeError):
                server.stop()
                server = None
        if server is None:
            try:
                server = RealServer(build_for(profile))
            except ServerMissing as missing:
                if os.environ.get("CI") == "true":
                    pytest.fail(str(missing), pytrace=False)
                pytest.skip(str(missing))
        self._running[profile] = server
        return server

    def stop(self) -> None:
        for server in self._running.values():
            server.stop()
        self._running.clear()


def missing_builds() -> list[Build]:
    return [build for build in BUILDS if build.find() is None]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _die_with_parent() -> Callable[[], None] | None:
    """What the new process does first: asks Linux to end it with us, so that a killed test run leaves no server."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)  # looked up here: between fork and exec as little as possible may happen
    pr_set_pdeathsig = 1
    return lambda: libc.prctl(pr_set_pdeathsig, signal.SIGKILL)
