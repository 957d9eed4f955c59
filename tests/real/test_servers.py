"""The real servers are the ones they claim to be, and each test finds them as good as new."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import hiredis
import pytest

from tests.real.catalog import BUILDS
from tests.real.connection import Connection
from tests.real.servers import RealServer, Servers


def test_it_is_the_version_it_claims_to_be(real_server: RealServer) -> None:
    assert real_server.execute("PING") == b"PONG"
    assert real_server.build.matches(".".join(map(str, real_server.version)))
    assert real_server.info("memory")["mem_allocator"].startswith(real_server.allocator.removeprefix("system-"))


def test_errors_are_replies(real_server: RealServer) -> None:
    reply = real_server.execute("NO-SUCH-COMMAND")
    assert isinstance(reply, hiredis.ReplyError)
    assert "unknown command" in str(reply)
    assert real_server.pipeline([["SET", "k", 1], ["LPUSH", "k", "x"], ["GET", "k"]])[::2] == [b"OK", b"1"]


def test_debug_is_allowed(real_server: RealServer) -> None:
    real_server.execute("SET", "k", "v")
    assert b"encoding:embstr" in real_server.execute("DEBUG", "OBJECT", "k")


def test_the_port_reaches_the_same_server(real_server: RealServer) -> None:
    real_server.execute("SET", "k", "over the socket")
    connection = Connection(real_server.port)
    assert connection.execute("GET", "k") == b"over the socket"
    connection.close()


def test_resp3_false_is_a_reply(real_server: RealServer) -> None:
    real_server.execute("HELLO", 3)
    assert real_server.execute("DEBUG", "PROTOCOL", "false") is False


def test_flush_undoes_what_a_test_did(real_server: RealServer) -> None:
    real_server.execute("HELLO", 3)
    real_server.execute("SELECT", 3)
    real_server.execute("SET", "k", "v")
    real_server.execute("CONFIG", "SET", "maxmemory", "100mb")
    real_server.execute("ACL", "SETUSER", "alice", "on")
    real_server.execute("CONFIG", "SET", "requirepass", "secret")
    real_server.flush()
    assert real_server.execute("INFO", "keyspace").strip() == b"# Keyspace"
    assert real_server.execute("CONFIG", "GET", "maxmemory") == [b"maxmemory", b"0"]
    assert real_server.execute("ACL", "USERS") == [b"default"]
    assert real_server.execute("CLIENT", "LIST").count(b"db=0") == 2


def test_a_server_that_ended_is_replaced(real_servers: Servers, real_server: RealServer) -> None:
    with pytest.raises(ConnectionError):
        real_server.execute("SHUTDOWN", "NOSAVE")
    successor = real_servers.get(real_server.profile)
    assert successor is not real_server
    assert successor.execute("PING") == b"PONG"


def test_a_missing_server_skips_here_and_fails_in_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINSPECT_SERVERS", str(tmp_path))
    for ci, outcome in (("false", pytest.skip.Exception), ("true", pytest.fail.Exception)):
        monkeypatch.setenv("CI", ci)
        with pytest.raises(outcome, match=r"redis-8\.0-system-jemalloc is not on this machine: run `make servers`"):
            Servers().get("8.0")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such signal")
# One that is started directly and one that a launcher starts.
@pytest.mark.parametrize("real_server", ["6.2", "8.0"], indirect=True)
def test_a_killed_test_run_leaves_no_server(real_server: RealServer) -> None:
    program = """
import os, signal, sys
from tests.real.servers import Servers
print(Servers().get(sys.argv[1])._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # the killed run cannot tidy up
        done = subprocess.run(
            [sys.executable, "-c", program, real_server.profile],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"TMPDIR": folder},
        )
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_running(pid)


def is_running(pid: int) -> bool:
    """Not so for a zombie, which has ended and only waits for its new parent to take note."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    return "State:\tZ" not in status


def test_profiles_are_unique() -> None:
    assert len({build.profile for build in BUILDS}) == len({build.folder for build in BUILDS}) == len(BUILDS)
    assert os.environ.get("RINSPECT_SERVERS", "") in str(BUILDS[-1].folder)
