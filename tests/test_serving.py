"""`rinspect serve`: what ends it before it has begun, and what is left when it ends."""

import signal
from pathlib import Path

import pytest

from rinspect.serving import serve
from tests.served import served


def test_a_server_that_nobody_could_reach_does_not_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert serve(["--port", "0"]) == 1
    assert "Configured to not listen anywhere, exiting." in "".join(capsys.readouterr())


def test_users_that_cannot_be_had_end_the_start(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    missing = tmp_path / "users.acl"
    assert serve(["--port", "0", "--aclfile", str(missing)]) == 1
    assert f"Aborting Redis startup because of ACL errors: Error loading ACLs, opening file '{missing}'" in "".join(
        capsys.readouterr()
    )
    assert serve(["--port", "0", "--user", "ada", "on", "foo"]) == 1
    assert "Error in user declaration 'ada': Syntax error" in "".join(capsys.readouterr())


def test_a_file_that_cannot_be_loaded_ends_the_start(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dump.rdb").write_bytes(b"REDIS9999")
    assert serve(["--port", "0", "--dir", str(tmp_path)]) == 1
    said = "".join(capsys.readouterr())
    assert (
        f"Fatal error loading the DB, exiting: {tmp_path}/dump.rdb cannot be loaded: its format has version 9999"
        in said
    )
    assert (tmp_path / "dump.rdb").read_bytes() == b"REDIS9999"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_written_is_there_after_a_restart(tmp_path: Path, number: signal.Signals) -> None:
    for reply in (None, b"Ada"):
        with served(tmp_path) as server:
            assert server.execute("GET", "name") == reply
            assert server.execute("SET", "name", "Ada") == b"OK"
            assert b"ready to exit" in server.end(number)
            assert server.process.wait() == 0


def test_a_terminal_that_goes_away_ends_nothing_and_a_second_sigint_does(tmp_path: Path) -> None:
    with served(tmp_path, "--rdb-key-save-delay", "60000000") as server:
        server.process.send_signal(signal.SIGHUP)
        assert server.execute("SET", "name", "Ada") == b"OK"
        server.process.send_signal(signal.SIGINT)
        server.wait_for(b"Saving the final RDB snapshot")
        assert b"You insist... exiting now." in server.end(signal.SIGINT)
        assert server.process.wait() == 1
    assert not list(tmp_path.glob("*.rdb"))
