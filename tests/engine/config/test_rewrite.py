"""CONFIG REWRITE, against what a server makes of the same file."""

from pathlib import Path

import pytest

from rinspect.engine import Engine
from rinspect.engine.config.commandline import command_line
from rinspect.engine.config.reader import load
from rinspect.engine.config.rewrite import SIGNATURE
from rinspect.engine.replies import OK, CommandError
from tests.engine.config.starting import listening, modern, running, started

COMMENTED = r"""# A file as one finds it …


   # with blanks

HZ 20
hz 30
timeout 0
maxmemory 1024
#maxmemory 2048
save 900 1
save 300 10
save 60 10000

client-output-buffer-limit normal 0 0 0
slave-priority 5
hash-max-ziplist-entries 3
hash-max-ziplist-entries 4
list-max-ziplist-value 1
rename-command DEBUG ""
dbfilename 'a b.rdb'
masterauth "s\xffcret"
loglevel notice
bind 127.0.0.1
replicaof no one
notify-keyspace-events ""
logfile ""
include ./included.conf
unixsocketperm 700
proc-title-template "{title}x"
oom-score-adj-values 0 200 800
"""

CASES: dict[str, tuple[str, dict[str, str]]] = {
    "empty": ("", {}),
    "newline": ("\n\n\n", {"hz": "20"}),
    "no newline at the end": ("hz 20", {"hz": "10", "timeout": "3"}),
    "unchanged": (COMMENTED, {}),
    "changed": (
        COMMENTED,
        {
            "hz": "10",
            "timeout": "5",
            "maxmemory": "1048576",
            "save": "60 5",
            "client-output-buffer-limit": "pubsub 1gb 1025 7",
            "slave-priority": "100",
            "notify-keyspace-events": "KEA",
            "masterauth": "",
            "loglevel": "debug",
            "slowlog-log-slower-than": "-1",
            "repl-backlog-size": "1073741824",
            "oom-score-adj-values": "0 201 801",
            "requirepass": 'a"b',
        },
    ),
    "more of everything": (
        "save 1 1\ntimeout 1\n",
        {
            "save": "1 1 2 2 3 3",
            "client-output-buffer-limit": "normal 1mb 1mb 1 replica 2mb 2mb 2 pubsub 3mb 3mb 3",
            "appendonly": "no",
            "maxmemory-policy": "allkeys-lfu",
            "set-max-intset-entries": "5",
        },
    ),
    "no save": ("save 1 1\nsave 2 2\n\nhz 10\n", {"save": ""}),
    "signed before": (f"hz 20\n{SIGNATURE}\ntimeout 3\n", {"timeout": "4", "lfu-decay-time": "4"}),
}

MODERN = {
    "settings of 7.0": (
        "maxmemory-clients 1gb\nlua-time-limit 6\nbind 127.0.0.1\nshutdown-on-sigint now\n",
        {
            "maxmemory-clients": "5%",
            "latency-tracking-info-percentiles": "50 99.9",
            "shutdown-on-sigterm": "nosave now",
            "shutdown-on-sigint": "default",
            "busy-reply-threshold": "7",
        },
    ),
    "nothing of what can be empty": (
        "latency-tracking-info-percentiles 1 2\nbind 127.0.0.1 ::1\n",
        {"latency-tracking-info-percentiles": "", "maxmemory-clients": "1073741824", "oom-score-adj": "no"},
    ),
    "lines that mean nothing": ("hz 20\nlist-max-ziplist-value 5\nlua-replicate-commands no\n", {"hz": "10"}),
}


@started
@pytest.mark.parametrize("name", CASES)
def test_a_file_is_rewritten_so(profile: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check_rewritten(profile, *CASES[name], tmp_path)


@modern
@pytest.mark.parametrize("name", MODERN)
def test_a_file_is_rewritten_so_from_7_0_on(
    profile: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    check_rewritten(profile, *MODERN[name], tmp_path)


def check_rewritten(profile: str, text: str, changes: dict[str, str], folder: Path) -> None:
    """Have a server and an engine start from the text, change settings, and rewrite it twice."""
    (folder / "included.conf").write_text("tcp-keepalive 5\n")
    path = folder / "redis.conf"
    path.write_text(text)
    theirs = []
    with running(profile, ["redis.conf"], folder) as connection:
        for setting, value in changes.items():
            assert connection.execute("CONFIG", "SET", setting, value) == b"OK"
        for _ in range(2):
            assert connection.execute("CONFIG", "REWRITE") == b"OK"
            theirs.append(path.read_text())
    path.write_text(text)
    session = started_engine(profile, listening(folder)).session()
    for setting, value in changes.items():
        assert session.execute([b"CONFIG", b"SET", setting.encode(), value.encode()]) == OK
    for expected in theirs:
        assert session.execute([b"CONFIG", b"REWRITE"]) == OK
        assert parts(path.read_text()) == parts(expected)


def started_engine(profile: str, options: list[str]) -> Engine:
    """An engine with the settings of redis.conf and of the options."""
    engine = Engine(profile)
    line = command_line(["redis.conf", *options], engine.profile.version)
    load(engine.runtime.config, line.path, "", line.options)
    return engine


def parts(text: str) -> tuple[list[str], list[str]]:
    """The lines that were there, and those that came to them: their order is that of the server's hash table."""
    before, _, after = text.partition(SIGNATURE)
    return before.split("\n"), sorted(after.split("\n"))


def test_what_is_no_setting_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = ["rename-command DEBUG x", "loadmodule ./m.so 1", "include ./empty"]
    (tmp_path / "empty").touch()
    path = tmp_path / "redis.conf"
    path.write_text("\n".join([*lines, "user default off"]))
    started_engine("8.0", []).runtime.config.rewrite()
    text = path.read_text().split("\n")
    assert text[:3] == lines
    assert text[3] == "user default on nopass sanitize-payload ~* &* +@all"


def test_a_line_that_came_in_meanwhile_and_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "redis.conf"
    path.write_text("hz 20\n")
    for profile, second in (("6.2", "nothing 1"), ("7.2", "# ??? nothing 1")):
        config = started_engine(profile, []).runtime.config
        path.write_text('hz "20\nnothing 1\n')
        config.rewrite()
        assert path.read_text().split("\n")[:2] == ['# ??? hz "20', second]
        path.write_text("hz 20\n")


def test_the_text_keeps_its_bytes_and_the_file_its_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "redis.conf"
    path.write_bytes(b"# \xff\xc3\xa4\nsyslog-ident \xff\n")
    path.chmod(0o640)
    started_engine("8.0", []).runtime.config.rewrite()
    assert path.read_bytes().startswith(b'# \xff\xc3\xa4\nsyslog-ident "\\xff"\n')
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["redis.conf"]


def test_without_a_file() -> None:
    answer = Engine("7.0").session().execute([b"CONFIG", b"REWRITE"])
    assert answer == CommandError("ERR The server is running without a config file")


def test_a_file_that_is_gone_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "redis.conf"
    path.write_text("hz 20\n")
    config = started_engine("8.0", []).runtime.config
    path.unlink()
    config.rewrite()
    assert path.read_text().startswith(f"{SIGNATURE}\n")
    assert "hz 20\n" in path.read_text()


def test_a_file_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path / "folder")
    Path("redis.conf").write_text("hz 20\n")
    session = started_engine("8.0", []).session()
    monkeypatch.chdir(tmp_path)
    Path("folder/redis.conf").unlink()
    Path("folder").rmdir()
    answer = session.execute([b"CONFIG", b"REWRITE"])
    assert answer == CommandError("ERR Rewriting config file: No such file or directory")
