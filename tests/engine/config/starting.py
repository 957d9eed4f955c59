"""Real servers started with a configuration of the test's, and what they make of it."""

import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.real.catalog import build_for
from tests.real.connection import Connection

started = pytest.mark.parametrize("profile", ["6.2", "7.0", "8.0"])
"""Runs a test once for each version of which there is a server to start."""

modern = pytest.mark.parametrize("profile", ["7.0", "8.0"])
"""For what 6.2 does not know."""


def program(profile: str) -> Path:
    found = build_for(profile).find()
    if found is None:
        pytest.skip(build_for(profile).advice)
    return found


def refusal(profile: str, arguments: Sequence[str], folder: Path, stdin: str = "") -> str:
    """Why a server does not start, without its version and what a log line begins with."""
    done = subprocess.run(
        [program(profile), *arguments], input=stdin, capture_output=True, text=True, check=False, cwd=folder, timeout=10
    )
    assert done.returncode
    found = re.search(
        r"(\*\*\* FATAL|Fatal error|Unresolved|Module Configuration).*", done.stderr or done.stdout, re.DOTALL
    )
    assert found is not None, done
    return without_version(found[0])


def without_version(text: str) -> str:
    """A refusal to start as every release words it, and without what a log's lines begin with."""
    return re.sub(r"\n[0-9]+:. .*? # ", "\n", re.sub(r"\(Redis [0-9.]+\)", "(Redis)", text)).strip()


def listening(folder: Path) -> list[str]:
    """The arguments that `running` adds."""
    return ["--port", "0", "--unixsocket", str(folder / "socket")]


@contextmanager
def running(profile: str, arguments: Sequence[str], folder: Path, stdin: str = "") -> Iterator[Connection]:
    """A connection to a server with these arguments, which is ended afterwards."""
    command: list[str | Path] = [program(profile), *arguments, *listening(folder)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=folder)
    try:
        assert process.stdin is not None
        process.stdin.write(stdin.encode())
        process.stdin.close()
        connection = _connection(process, folder / "socket")
        yield connection
        connection.close()
    finally:
        process.kill()
        process.wait()


def _connection(process: subprocess.Popen[bytes], socket: Path) -> Connection:
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return Connection(socket)
        except OSError:
            time.sleep(0.01)
    raise AssertionError((socket.parent / "log").read_text())
