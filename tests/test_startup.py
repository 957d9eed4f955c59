"""From options to servers: what is asked and said on the way."""

from __future__ import annotations

import pytest

from rinspect import startup
from rinspect.cli import FINE, main
from tests.real.servers import RealServer

one_server = pytest.mark.parametrize("real_server", ["8.0"], indirect=True)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions for a password, each answered with `sesame`."""
    prompts: list[str] = []

    def answer(prompt: str) -> str:
        prompts.append(prompt)
        return "sesame"

    monkeypatch.setattr("getpass.getpass", answer)
    return prompts


@one_server
def test_a_password_is_asked_for_once_and_by_its_servers_name(
    real_server: RealServer, asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    real_server.execute("SET", "k", "v")
    real_server.execute("CONFIG", "SET", "requirepass", "sesame")
    try:
        assert main(["show", "k", real_server.url, "--askpass"]) == FINE
    finally:
        real_server.execute("CONFIG", "SET", "requirepass", "")
    assert asked == [f"password for 127.0.0.1:{real_server.port}: "]
    assert "sesame" not in "".join(capsys.readouterr())


@one_server
def test_a_password_on_the_command_line_is_warned_of_once(
    real_server: RealServer, capsys: pytest.CaptureFixture[str]
) -> None:
    startup._warn_of_processes.cache_clear()
    real_server.execute("SET", "k", "v")
    real_server.execute("CONFIG", "SET", "requirepass", "sesame")
    try:
        assert main(["compare", "k", real_server.url, real_server.url, "-a", "sesame"]) == FINE
    finally:
        real_server.execute("CONFIG", "SET", "requirepass", "")
    said = capsys.readouterr()
    assert said.err.count("list of processes") == 1
    assert "sesame" not in said.out + said.err
