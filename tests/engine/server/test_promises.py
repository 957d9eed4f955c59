"""Settings that promise what the server does not do: refused, or told of."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from rinspect.engine import Engine
from rinspect.engine.config import ConfigFileError
from rinspect.engine.config.commandline import command_line
from rinspect.engine.config.reader import load
from rinspect.engine.profile import PROFILES
from rinspect.engine.server.log import check_log_file
from rinspect.engine.server.promises import check
from tests.engine.both import plain, versions
from tests.engine.config.starting import refusal, without_version
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer

every_profile = pytest.mark.parametrize("profile", PROFILES)

PROMISES = [
    "cluster-enabled yes",
    "replicaof 127.0.0.1 6379",
    "slaveof 127.0.0.1 6379",
]
SILENT = [
    "appendonly no",
    'save ""',
    "replicaof no one",
    "cluster-enabled no",
    "appendfsync always",
    "save 3600 1 300 100 60 10000",
    "save 900 1",
]


def started(profile: str, arguments: Sequence[str]) -> list[str]:
    """What the log is told after a start with these arguments."""
    config = Engine(profile).runtime.config
    line = command_line(arguments, config.profile.version)
    return check(config, load(config, line.path, "", line.options).lines)


@every_profile
@pytest.mark.parametrize("line", PROMISES)
def test_a_promise_ends_the_start(profile: str, line: str, tmp_path: Path) -> None:
    file = tmp_path / "redis.conf"
    file.write_text(f"hz 20\n{line}\n")
    name, _, value = line.partition(" ")
    for arguments in ([str(file)], [f"--{name}", *value.split()]):
        with pytest.raises(ConfigFileError) as error:
            started(profile, arguments)
        text = str(error.value)
        assert text.startswith("*** FATAL CONFIG FILE ERROR (Redis ")
        assert f"\n>>> '{name} " in text
        assert "here" in text.splitlines()[-1] or "cannot be" in text.splitlines()[-1]


@every_profile
@pytest.mark.parametrize("line", SILENT)
def test_what_promises_nothing_is_as_ever(profile: str, line: str, tmp_path: Path) -> None:
    file = tmp_path / "redis.conf"
    file.write_text(f"{line}\n")
    name, _, value = line.partition(" ")
    assert started(profile, [str(file)]) == []
    words = [value] if name == "save" and value != '""' else [value.strip('"')] if name == "save" else value.split()
    assert started(profile, [f"--{name}", *words]) == []


@every_profile
def test_how_the_process_runs_is_told_of(profile: str) -> None:
    assert started(profile, ["--daemonize", "yes"]) == ["'daemonize' has no effect: the server stays in the foreground"]


def test_encryption_is_refused() -> None:
    with pytest.raises(ConfigFileError, match="no encrypted connections"):
        started("7.0", ["--tls-port", "6380", "--port", "0"])


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
def test_a_distributions_file_can_be_read(real_server: RealServer) -> None:
    file = next(real_server.build.folder.glob("root/etc/redis/redis.conf"), Path("/etc/redis/redis.conf"))
    if not file.exists():
        pytest.skip("Debian's redis.conf is not on this machine")
    said = started(real_server.profile, [str(file)])
    assert [line.split()[0] for line in said] == ["'daemonize'", "'pidfile'"]


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
def test_config_set_refuses_them_in_the_servers_form(real_server: RealServer) -> None:
    """A server that cannot do what a setting asks says so in this form; ours never can."""
    with Hosted(real_server.profile) as hosted:
        before = hosted.execute("CONFIG", "GET", "tls-port")
        reply = plain(hosted.execute("CONFIG", "SET", "tls-port", "6390"))
        form = plain(real_server.execute("CONFIG", "SET", "maxclients", "100000000"))
        assert reply.partition(" - ")[0] == form.partition(" - ")[0].replace("maxclients", "tls-port")
        assert "no encrypted connections" in reply
        assert hosted.execute("CONFIG", "GET", "tls-port") == before
        assert hosted.execute("CONFIG", "SET", "tls-port", "0") == b"OK"


@versions
def test_a_log_that_cannot_be_written_ends_the_start(real_server: RealServer, tmp_path: Path) -> None:
    arguments = ["--logfile", str(tmp_path / "nowhere" / "log")]
    config = Engine(real_server.profile).runtime.config
    with pytest.raises(ConfigFileError) as error:
        check_log_file(config, load(config, None, "", command_line(arguments, config.profile.version).options).lines)
    assert without_version(str(error.value)) == refusal(real_server.profile, arguments, tmp_path)
