"""Configuration files and command lines, against what a server makes of them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from rinspect.engine.config import Config, ConfigFileError
from rinspect.engine.config.commandline import command_line
from rinspect.engine.config.kinds import decoded
from rinspect.engine.config.reader import Directive, load
from rinspect.engine.profile import PROFILES
from tests.engine.config.starting import listening, modern, refusal, running, started, without_version


def loaded(profile: str, arguments: Sequence[str], stdin: str = "") -> tuple[Config, list[Directive]]:
    """The settings of an engine that is started with these arguments, and what else was said."""
    config = Config(PROFILES[profile])
    line = command_line(arguments, config.profile.version)
    return config, load(config, line.path, stdin if line.stdin else "", line.options).others


WRONG = [
    "hz",
    "hz 1 2",
    "hz x",
    "nothing 1",
    "NoThing",
    'hz "10',
    "hz '10'x",
    "# fine\n\n\tport 70000  ",
    "maxmemory 1x",
    "maxmemory-policy none",
    "appendonly maybe",
    "databases 0",
    "appendfilename a/b",
    "save 0 1",
    "save 1 -1",
    "notify-keyspace-events !",
    "client-output-buffer-limit x 1 2 3",
    "client-output-buffer-limit master 1 2 3",
    "client-output-buffer-limit normal 1 2",
    "client-output-buffer-limit normal 1 2 -3",
    "oom-score-adj-values 1 2",
    "oom-score-adj-values 1 2 3000",
    "replicaof localhost",
    "slaveof localhost 70000",
    "bind " + "127.0.0.1 " * 17,
    "rename-command GET",
    "user",
    "loadmodule",
    "include",
    "include a b",
    "include /no/such/file",
    "sentinel monitor a",
    "cluster-enabled yes\nreplicaof localhost 1",
    "list-max-ziplist-entries 1 2",
    "set-max-listpack-entries x",
    "latency-tracking-info-percentiles 101",
    "shutdown-on-sigint save nosave",
    "module.setting",
    "module.setting a  b",
    "replica-priority -1",
    "slave-priority -1",
    "hz 10\nhz 20\r\n  HZ   y",
    "include wrong.conf\nhz 10",
    "hz 1\ninclude w*.conf",
]


@started
@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_a_server_does_not_start_with(
    profile: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wrong.conf").write_text("hz 10\nhz wrong\n")
    (tmp_path / "redis.conf").write_text(text)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigFileError) as raised:
        loaded(profile, ["redis.conf"])
    assert without_version(str(raised.value)) == refusal(profile, ["redis.conf"], tmp_path)


@started
@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "6380", "--loglevel"],
        ["--port", "6379", "6380"],
        ["--port", "--loglevel", "verbose"],
        ["--port", "--bla", "--loglevel", "verbose"],
        ["--proc-title-template", "--my--title", "--loglevel", "--bla"],
        ["--replicaof", "127.0.0.1", "abc"],
        ["--replicaof", "--127.0.0.1", "abc"],
        ["--replicaof", "--127.0.0.1", "--abc"],
        ["--save", "--port", "x"],
        ["--port", "x", "--save"],
        ["--sentinel-x", "--port", "x"],
        ["--maxmemory 1x"],
        ["--maxmemory", "a b"],
        ["--hz", "1\n2"],
        ["/no/such/file", "--hz", "x"],
        ["redis.conf", "--hz", "x"],
        ["-", "--hz", "x"],
        ["--hz", "x", "-"],
        ["--hz", "x", "-", "--hz", "1"],
        ["redis.conf", "hz", "x"],
        ["--", "hz", "x"],
    ],
    ids=" ".join,
)
def test_command_lines_that_a_server_does_not_start_with(
    profile: str, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "redis.conf").write_text("# one\nhz 11\n# three")
    monkeypatch.chdir(tmp_path)
    stdin = "timeout 3\nhz 12\n"
    with pytest.raises(ConfigFileError) as raised:
        loaded(profile, arguments, stdin)
    assert without_version(str(raised.value)) == refusal(profile, arguments, tmp_path, stdin)


def check_same_settings(profile: str, arguments: list[str], folder: Path, stdin: str = "") -> list[Directive]:
    """Starts a server and an engine with the same arguments and compares all their settings; the engine's other lines."""
    with running(profile, arguments, folder, stdin) as connection:
        flat = connection.execute("CONFIG", "GET", "*")
    theirs = {decoded(name): decoded(value) for name, value in zip(flat[::2], flat[1::2], strict=True)}
    ours, others = loaded(profile, [*arguments, *listening(folder)], stdin)
    assert ours.matching(["*"]) == theirs
    return others


REDIS_CONF = r"""
# A file as one finds it …
  TIMEOUT	 7
hz 1000
databases 4
maxmemory 2Gb
maxmemory-policy Volatile-TTL
hash-max-ziplist-entries 3
slave-priority 5
min-slaves-to-write 1
rdbcompression "no"
proc-title-template '{title} \'x\''
dbfilename "a\x62.rdb"
masteruser "m\xc3\xa4\xff"
masterauth "a b\n\x00c"
dir ./folder
include included.conf
include ./../folder
save 900 1
save 300 10
save 60 10000
client-output-buffer-limit normal 1mb 2kb 3
client-output-buffer-limit replica 256mb 64mb 60
client-output-buffer-limit slave 1gb 64mb 60
oom-score-adj-values 1 2 3
notify-keyspace-events KEA
bind 127.0.0.1 -::1
slowlog-log-slower-than -1
unixsocketperm 750
list-max-ziplist-value 1
rename-command DEBUG ""
user alice on +@read
lfu-decay-time 3
"""


@started
def test_a_whole_file(profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "included.conf").write_text("lfu-log-factor 3\nlfu-decay-time 2\ntcp-keepalive 1\nsave 5 5")
    (tmp_path / "redis.conf").write_text(REDIS_CONF.replace("\n", "\r\n"))
    monkeypatch.chdir(tmp_path)
    others = check_same_settings(profile, ["redis.conf", "--timeout", "8", "--maxmemory-samples", "9"], tmp_path)
    assert [other.words for other in others] == [("rename-command", "DEBUG", ""), ("user", "alice", "on", "+@read")]
    assert [other.line for other in others] == ['rename-command DEBUG ""', "user alice on +@read"]
    assert [other.number for other in others] == [31, 32]


@started
@pytest.mark.parametrize(
    "text",
    [
        "save 900 1\nsave 300 10",
        'save 900 1\nsave ""\nsave 300 10',
        'save ""',
        "save 900 1\ninclude included.conf\nsave 300 10\nsave 60 20",
        "include included.conf\nsave 300 10",
        "save '900 1'",
        'save "900 1"',
        "save",
        "save 900 1\nsave",
        'bind ""',
        "port 7\nport 8",
        "repl-diskless-sync no\nlua-replicate-commands no",
        "io-threads-do-reads yes",
        "cluster-config-file x.conf",
        "cluster-enabled yes",
        "slaveof no one",
        "replicaof localhost 1\nslaveof No One",
        "client-output-buffer-limit pubsub 1kb 2mb 3",
        "appendfilename x.aof",
        "sentinel",
        "hz 0",
        " ",
        "'hz' \"20\"",
    ],
    ids=repr,
)
def test_files_with_one_thing(profile: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "included.conf").write_text("save 1 1\nsave 2 2\n")
    (tmp_path / "redis.conf").write_text(text)
    monkeypatch.chdir(tmp_path)
    check_same_settings(profile, ["redis.conf"], tmp_path)


@modern
@pytest.mark.parametrize(
    "text",
    [
        "include i*.conf\ninclude nothing-?.conf",
        "save 900 1 300 10",
        'save "900 1 300 10"',
        "bind",
        "bind '127.0.0.1 ::1'",
    ],
    ids=repr,
)
def test_files_from_7_0_on(profile: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "included.conf").write_text("save 1 1\nsave 2 2\n")
    (tmp_path / "redis.conf").write_text(text)
    monkeypatch.chdir(tmp_path)
    check_same_settings(profile, ["redis.conf"], tmp_path)


@started
@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--maxmemory 700mb", "--maxmemory-policy volatile-lru"],
        ["redis.conf", "loglevel", "verbose", "--maxmemory '700mb'"],
        ["--proc-title-template --my--title", "--loglevel verbose"],
        ["--save", "--loglevel", "verbose"],
        ["--save", "", "--loglevel", "verbose"],
        ["--loglevel", "verbose", "--save"],
        ["--save", "900", "1"],
        ["--masterauth", "a b\n\"c'"],
        ["--masterauth", "ä\x01"],
        ["-", "--timeout", "5"],
        ["redis.conf", "--hz", "20"],
        ["--HZ", "20", "--hz", "30"],
    ],
    ids=" ".join,
)
def test_command_lines(profile: str, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "redis.conf").write_text("hz 11\ntimeout 9")
    monkeypatch.chdir(tmp_path)
    check_same_settings(profile, arguments, tmp_path, "hz 12\ntimeout 3")


@modern
@pytest.mark.parametrize(
    "arguments",
    [
        ["--proc-title-template", "--my--title", "--loglevel", "verbose"],
        ["--proc-title-template", "--save", "--save", "", "--loglevel", "verbose"],
        ["--shutdown-on-sigint", "nosave", "force", "now", "--shutdown-on-sigterm", "nosave force"],
        ["--save", "900 1 300 10"],
        ["--save", "900", "1", "300", "10"],
        ["--bind", "127.0.0.1 ::1"],
        ["--client-output-buffer-limit", "normal 1 2 3 replica 4 5 6"],
    ],
    ids=" ".join,
)
def test_command_lines_from_7_0_on(
    profile: str, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    check_same_settings(profile, arguments, tmp_path)


def test_standard_input_is_asked_for_by_the_first_or_last_argument() -> None:
    for arguments, asked in (
        (["-"], True),
        (["x", "-"], True),
        (["--hz", "1", "-"], True),
        (["x", "-", "--hz", "1"], False),
    ):
        assert command_line(arguments, (7, 2)).stdin is asked


def test_files_that_include_each_other(tmp_path: Path) -> None:
    path = tmp_path / "redis.conf"
    path.write_text(f"include {path}")
    with pytest.raises(ConfigFileError, match="include each other"):
        loaded("8.0", [str(path)])


def test_the_file_is_known_by_its_absolute_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "redis.conf").write_text("hz 20")
    monkeypatch.chdir(tmp_path)
    config, _ = loaded("8.0", ["redis.conf"])
    assert config.path == tmp_path / "redis.conf"
    assert loaded("8.0", ["--hz", "20"])[0].path is None
