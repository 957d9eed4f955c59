"""The append-only file of a server: what is written, what is loaded, what a rewrite leaves, what happens where it cannot be."""

import errno
import os
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rinspect.engine import Engine
from rinspect.engine.commands.blocking import WouldBlock
from rinspect.engine.commands.call import Call
from rinspect.engine.networking.multibulks import multibulk
from rinspect.engine.persistence.appendonly import commands
from rinspect.engine.profile import PROFILES
from rinspect.engine.propagation import Propagation
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.server.appendonly import appendonly
from rinspect.engine.server.appendonly.files import CannotAppend, CannotLoad
from rinspect.engine.server.appendonly.loading import load_files
from rinspect.engine.session import Session
from tests.engine.both import plain
from tests.engine.server.hosted import NOTHING, Hosted
from tests.real.sentences import Sentences

every_form = pytest.mark.parametrize("profile", ["6.2", "8.0"])
"""One file, and several."""


@pytest.fixture
def hosted(tmp_path: Path, profile: str) -> Iterator[Hosted]:
    with in_folder(tmp_path, profile) as made:
        yield made


def in_folder(folder: Path, profile: str) -> Hosted:
    made = Hosted(profile)
    made.engine.runtime.config.dir = str(folder)
    made.engine.runtime.config.appendfsync = "no"
    return made


def started(folder: Path, profile: str) -> Hosted:
    """A server as it starts with `appendonly yes`."""
    made = in_folder(folder, profile)
    made.engine.runtime.config.appendonly = True
    load_files(made.engine, made.server.append_only.files, made.server.log)
    made.server.append_only.open()
    return made


def go_on(hosted: Hosted) -> None:
    """Let the cron come round until it has seen a rewrite's end."""
    rewriting, deadline = hosted.server.append_only.rewriting, time.monotonic() + 30
    while True:
        hosted.clock.advance(100)
        hosted.go_round()
        if rewriting.child is None and not rewriting.scheduled:
            return
        assert time.monotonic() < deadline, "the child goes on and on"
        time.sleep(0.002)


def digest(hosted: Hosted) -> object:
    return plain(hosted.execute("DEBUG", "DIGEST"))


def info(hosted: Hosted) -> dict[str, str]:
    text: str = hosted.execute("INFO", "persistence").decode()
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)


def last_file(folder: Path) -> Path:
    return max([*folder.glob("appendonlydir/*.incr.aof"), *folder.glob("appendonly.aof")], key=lambda file: file.name)


def appended(folder: Path) -> list[list[bytes]]:
    return [argv for argv, _ in commands(last_file(folder).read_bytes())]


def test_what_was_done_is_there_after_the_next_start(tmp_path: Path) -> None:
    for profile in ("6.2", "8.0"):
        folder = tmp_path / profile
        folder.mkdir()
        with started(folder, profile) as hosted:
            hosted.execute("SET", "k", "v", "EX", "100")
            hosted.execute("RPUSH", "l", "a", "b")
            hosted.execute("SELECT", "5")
            hosted.execute("SADD", "s", "x")
            before = digest(hosted)
        for _ in range(2):
            with started(folder, profile) as hosted:
                assert digest(hosted) == before
                # They count: there is no snapshot of what was loaded so.
                assert info(hosted)["rdb_changes_since_last_save"] == "4"
                assert hosted.execute("DEBUG", "LOADAOF") == b"OK"
                assert info(hosted)["rdb_changes_since_last_save"] == "0"
                assert digest(hosted) == before


@every_form
def test_the_reply_comes_when_the_file_has_it(hosted: Hosted, tmp_path: Path) -> None:
    hosted.server.append_only.open()
    names = [step.name for step in hosted.server.loop.before_sleep]
    assert names.index("append-only file") == names.index("replies") - 1
    assert hosted.execute("SET", "k", "v") == b"OK"
    assert appended(tmp_path) == [[b"SELECT", b"0"], [b"SET", b"k", b"v"]]


@every_form
def test_where_always_is_promised_no_reply_leaves_with_an_earlier_one_that_was_long(hosted: Hosted) -> None:
    """What the kernel did not take of it is sent in the iteration, not before sleep."""
    hosted.engine.runtime.config.appendfsync = "always"
    file, user = hosted.server.append_only, hosted.user
    file.open()
    hosted.execute("SETRANGE", "long", 1_000_000, "x")
    user.send("GET", "long")
    sent = b""
    while not 0 < user.client.outgoing.size < 1 << 16:
        hosted.go_round()
        sent += user.socket.recv(1 << 17)
    user.send("INCR", "n")
    hosted.server.loop.iterate(wait=False)
    assert file.buffer
    while True:
        try:
            sent += user.socket.recv(1 << 20)
        except BlockingIOError:
            break
    assert not sent.endswith(b":1\r\n")
    hosted.go_round()
    assert not file.buffer
    assert user.socket.recv(1 << 20).endswith(b":1\r\n")


@every_form
def test_what_it_takes_to_append_is_nobodys_time(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(argv: list[bytes]) -> bytes:
        hosted.clock.advance(100)
        return multibulk(argv)

    hosted.server.append_only.open()
    monkeypatch.setattr(appendonly, "multibulk", slowly)
    hosted.user.socket.sendall(b"SET other 1\r\nSET k v PX 160\r\nPTTL k\r\nMULTI\r\nINCR n\r\nEXEC\r\nSLOWLOG LEN\r\n")
    hosted.go_round()
    assert [*hosted.user.all()] == [b"OK", b"OK", 60, b"OK", b"QUEUED", [1], 0]


@every_form
def test_who_waits_or_fails_in_a_pipeline_keeps_nothing_back(
    hosted: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(call: Call, word: bytes) -> Reply:
        raise ZeroDivisionError

    hosted.server.append_only.open()
    waits, fails, other = hosted.user, hosted.another(), hosted.another()
    waits.socket.sendall(b"SET a 1\r\nBLPOP q 0\r\nSET b 2\r\n")
    hosted.go_round()
    assert other.execute("SET", "c", 3) == b"OK"
    monkeypatch.setattr(hosted.engine.commands[b"ECHO"], "handler", broken)
    fails.socket.sendall(b"SET d 4\r\nECHO x\r\nSET e 5\r\n")
    hosted.go_round()
    assert "internal error" in str([*fails.all()][-1])
    assert any("ZeroDivisionError" in line for line in hosted.said)
    hosted.said.clear()
    assert other.execute("RPUSH", "q", "x") == 1
    hosted.go_round()
    assert [b" ".join(argv) for argv in appended(tmp_path)][1:] == [
        b"SET a 1", b"SET c 3", b"SET d 4", b"RPUSH q x", b"LPOP q", b"SET b 2",
    ]  # fmt: skip


@every_form
def test_switched_off_and_on_in_the_midst_nothing_is_there_twice(hosted: Hosted, tmp_path: Path, profile: str) -> None:
    hosted.server.append_only.open()
    for lines in (
        b"INCR a\r\nCONFIG SET appendonly no\r\nINCR a\r\nCONFIG SET appendonly yes\r\nINCR a\r\n",
        b"MULTI\r\nINCR a\r\nCONFIG SET appendonly no\r\nCONFIG SET appendonly yes\r\nINCR b\r\nEXEC\r\n",
    ):
        hosted.user.socket.sendall(lines)
        go_on(hosted)
        assert len([*hosted.user.all()]) == lines.count(b"\n")
        assert hosted.execute("INCR", "a") >= 4
    before = digest(hosted)
    with started(tmp_path, profile) as again:
        assert digest(again) == before


@every_form
def test_a_rewrite_leaves_what_is_there_and_what_is_done_meanwhile(hosted: Hosted, tmp_path: Path) -> None:
    hosted.server.append_only.open()
    for number in range(100):
        hosted.execute("SET", "k", number)
    size = int(info(hosted)["aof_current_size"])
    assert b"started" in hosted.execute("BGREWRITEAOF")
    assert "already in progress" in str(hosted.execute("BGREWRITEAOF"))
    hosted.execute("APPEND", "k", "!")
    assert info(hosted)["aof_rewrite_in_progress"] == "1"
    go_on(hosted)
    about = info(hosted)
    assert (about["aof_rewrite_in_progress"], about["aof_last_bgrewrite_status"]) == ("0", "ok")
    assert int(about["aof_current_size"]) < size
    hosted.execute("APPEND", "k", "?")
    with in_folder(tmp_path, hosted.engine.profile.name) as other:
        load_files(other.engine, other.server.append_only.files, other.server.log)
        assert other.execute("GET", "k") == b"99!?"
        assert digest(other) == digest(hosted)


@pytest.mark.parametrize("profile", ["8.0"])
def test_a_rewrite_leaves_a_base_and_one_file_behind_it(hosted: Hosted, tmp_path: Path) -> None:
    hosted.server.append_only.open()
    hosted.execute("CONFIG", "SET", "aof-use-rdb-preamble", "no")
    hosted.execute("SET", "k", "v")
    hosted.execute("BGREWRITEAOF")
    go_on(hosted)
    names = sorted(file.name for file in (tmp_path / "appendonlydir").iterdir())
    assert names == ["appendonly.aof.2.base.aof", "appendonly.aof.2.incr.aof", "appendonly.aof.manifest"]
    base = (tmp_path / "appendonlydir" / "appendonly.aof.2.base.aof").read_bytes()
    assert [argv for argv, _ in commands(base)] == [[b"SELECT", b"0"], [b"SET", b"k", b"v"]]


@every_form
def test_switched_on_it_has_what_was_there_before(hosted: Hosted, tmp_path: Path) -> None:
    hosted.execute("SET", "before", 1)
    assert info(hosted)["aof_enabled"] == "0"
    assert hosted.execute("CONFIG", "SET", "appendonly", "yes") == b"OK"
    hosted.execute("SET", "meanwhile", 1)
    go_on(hosted)
    hosted.execute("SET", "after", 1)
    assert hosted.execute("CONFIG", "SET", "appendonly", "no") == b"OK"
    hosted.execute("SET", "too late", 1)
    with started(tmp_path, hosted.engine.profile.name) as other:
        assert sorted(other.execute("KEYS", "*")) == [b"after", b"before", b"meanwhile"]


@every_form
def test_switched_off_nothing_is_gathered(hosted: Hosted) -> None:
    hosted.execute("CONFIG", "SET", "appendonly", "yes")
    go_on(hosted)
    assert hosted.server.append_only.on
    hosted.execute("CONFIG", "SET", "appendonly", "no")
    assert hosted.engine.runtime.propagation is None
    assert not hosted.engine.runtime.guarded


@every_form
def test_a_rewrite_that_fails_is_told_and_tried_again(hosted: Hosted) -> None:
    hosted.execute("SET", "before", 1)
    hosted.execute("CONFIG", "SET", "rdb-key-save-delay", "10000000")
    hosted.execute("CONFIG", "SET", "appendonly", "yes")
    hosted.execute("CONFIG", "SET", "rdb-key-save-delay", "0")
    file = hosted.server.append_only
    assert file.rewriting.child is not None
    os.kill(file.rewriting.child.pid, signal.SIGKILL)
    hosted.execute("SET", "k", "v")
    go_on(hosted)
    assert any("terminated by signal 9" in line for line in hosted.said)
    assert (
        info(hosted)["aof_rewrites_consecutive_failures" if hosted.engine.profile.version >= (7, 0) else "aof_enabled"]
        in "01"
    )
    assert not file.waits
    assert hosted.execute("DEBUG", "LOADAOF") == b"OK"
    assert hosted.execute("GET", "k") == b"v"


@every_form
def test_until_it_is_whole_elsewhere_the_one_here_holds(hosted: Hosted, tmp_path: Path) -> None:
    hosted.server.append_only.open()
    hosted.execute("SET", "before", 1)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    hosted.engine.runtime.config.dir = str(elsewhere)
    hosted.execute("CONFIG", "SET", "rdb-key-save-delay", "10000000")
    hosted.execute("BGREWRITEAOF")
    hosted.execute("SET", "meanwhile", 1)
    assert not [*elsewhere.rglob("*.manifest"), *elsewhere.rglob("appendonly.aof")]
    with in_folder(tmp_path, hosted.engine.profile.name) as other:
        load_files(other.engine, other.server.append_only.files, other.server.log)
        assert other.execute("GET", "before") == b"1"
    child = hosted.server.append_only.rewriting.child
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    hosted.execute("CONFIG", "SET", "rdb-key-save-delay", "0")
    go_on(hosted)
    if hosted.engine.profile.version < (7, 0):
        hosted.execute("BGREWRITEAOF")
        go_on(hosted)
    hosted.execute("SET", "after", 1)
    with started(elsewhere, hosted.engine.profile.name) as other:
        assert sorted(other.execute("KEYS", "*")) == [b"after", b"before", b"meanwhile"]


@every_form
def test_it_is_rewritten_when_it_has_grown(hosted: Hosted) -> None:
    hosted.server.append_only.open()
    hosted.execute("CONFIG", "SET", "auto-aof-rewrite-min-size", "1kb")
    for number in range(100):
        hosted.execute("SET", "k", number)
    hosted.clock.advance(100)
    hosted.go_round()
    assert any("Starting automatic rewriting of AOF" in line for line in hosted.said)
    go_on(hosted)
    assert int(info(hosted)["aof_current_size"]) < 1024


@pytest.mark.parametrize("profile", ["6.2", "7.0", "8.0"])
def test_two_children_are_not_at_work_at_once(hosted: Hosted) -> None:
    hosted.server.append_only.open()
    hosted.execute("SET", "k", "v")
    hosted.execute("CONFIG", "SET", "rdb-key-save-delay", "50000")
    assert b"started" in hosted.execute("BGSAVE")
    assert b"scheduled" in hosted.execute("BGREWRITEAOF")
    hosted.execute("CONFIG", "SET", "rdb-key-save-delay", "0")
    go_on(hosted)
    assert hosted.server.snapshots.child is None
    hosted.execute("CONFIG", "SET", "rdb-key-save-delay", "50000")
    hosted.execute("BGREWRITEAOF")
    assert "Another child process is active (AOF?)" in str(hosted.execute("BGSAVE"))
    assert b"scheduled" in hosted.execute("BGSAVE", "SCHEDULE")
    go_on(hosted)
    assert hosted.server.children.forks >= 3


@every_form
def test_what_cannot_be_written_stops_writes_until_it_can(hosted: Hosted, tmp_path: Path) -> None:
    file = hosted.server.append_only
    file.open()
    hosted.execute("SET", "k", 1)
    assert not hosted.engine.runtime.guarded  # as long as all goes well, nothing need be looked at before it runs
    whole, full = file._descriptor, os.open("/dev/full", os.O_WRONLY)
    file._descriptor = full
    hosted.execute("INCR", "k")
    assert "MISCONF Errors writing to the AOF file: No space left on device" in str(hosted.execute("INCR", "k"))
    assert str(hosted.execute("PING")).startswith("MISCONF")
    assert hosted.execute("GET", "k") == b"2"
    assert info(hosted)["aof_last_write_status"] == "err"
    file._descriptor = whole
    os.close(full)
    hosted.clock.advance(100)
    hosted.go_round()
    assert hosted.execute("INCR", "k") == 3
    assert not hosted.engine.runtime.guarded
    assert any("AOF write error looks solved" in line for line in hosted.said)
    assert [argv[0] for argv in appended(tmp_path)] == [b"SELECT", b"SET", b"INCR", b"INCR"]


@every_form
def test_what_cannot_be_brought_to_the_disk_stops_writes(hosted: Hosted) -> None:
    file = hosted.server.append_only
    file.open()
    reading, writing = os.pipe()
    file.syncer.sync(writing)  # a pipe is on no disk
    file.syncer.drain()
    hosted.clock.advance(100)
    hosted.go_round()
    assert "MISCONF Errors writing to the AOF file: Invalid argument" in str(hosted.execute("SET", "k", 1))
    assert info(hosted)["aof_last_write_status"] == "err"
    file.syncer.sync(file._descriptor)
    file.syncer.drain()
    hosted.clock.advance(100)
    hosted.go_round()
    assert hosted.execute("SET", "k", 1) == b"OK"
    os.close(reading)
    os.close(writing)


@every_form
def test_what_was_written_by_halves_is_taken_out_again(hosted: Hosted, tmp_path: Path) -> None:
    hosted.server.append_only.open()
    hosted.execute("SET", "k", 1)
    whole = last_file(tmp_path).read_bytes()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 10, before[1]))
    try:
        hosted.execute("SET", "k", 2)
        assert str(hosted.execute("PING")) == "MISCONF Errors writing to the AOF file: File too large"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert any("Short write while writing to the AOF file: (nwritten=10, expected=27)" in line for line in hosted.said)
    assert last_file(tmp_path).read_bytes() == whole
    hosted.clock.advance(100)
    hosted.go_round()
    assert appended(tmp_path)[1:] == [[b"SET", b"k", b"1"], [b"SET", b"k", b"2"]]


@every_form
def test_a_file_that_was_cut_off_is_loaded_to_where_it_was_whole(tmp_path: Path, profile: str) -> None:
    with started(tmp_path, profile) as hosted:
        hosted.execute("SET", "a", 1)
        hosted.execute("MULTI")
        hosted.execute("SET", "b", 1)
        hosted.execute("SET", "c", 1)
        hosted.execute("EXEC")
    file = last_file(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[:-3])
    with in_folder(tmp_path, profile) as hosted:
        hosted.engine.runtime.config.aof_load_truncated = False
        with pytest.raises(CannotLoad, match="Unexpected end of file"):
            load_files(hosted.engine, hosted.server.append_only.files, hosted.server.log)
    with started(tmp_path, profile) as hosted:
        assert hosted.execute("KEYS", "*") == [b"a"]
        assert any("loaded anyway because aof-load-truncated" in line for line in hosted.said)
    assert whole.startswith(file.read_bytes())
    assert file.read_bytes().endswith(b"\r\n1\r\n")


@every_form
@pytest.mark.parametrize(
    ("more", "what"),
    [(b"*1\r\n$5\r\nNOSUC\r\n", "Unknown command 'NOSUC'"), (b"SET k v\r\n", "Bad file format")],
)
def test_what_cannot_be_loaded_is_told(tmp_path: Path, profile: str, more: bytes, what: str) -> None:
    with started(tmp_path, profile) as hosted:
        hosted.execute("SET", "a", 1)
    with last_file(tmp_path).open("ab") as file:
        file.write(more)
    with in_folder(tmp_path, profile) as hosted, pytest.raises(CannotLoad, match=what):
        load_files(hosted.engine, hosted.server.append_only.files, hosted.server.log)


def test_a_file_that_the_manifest_names_must_be_there(tmp_path: Path) -> None:
    with started(tmp_path, "8.0") as hosted:
        hosted.execute("SET", "a", 1)
    last_file(tmp_path).unlink()
    with in_folder(tmp_path, "8.0") as hosted, pytest.raises(CannotLoad, match=r"incr\.aof.*doesn't exist"):
        load_files(hosted.engine, hosted.server.append_only.files, hosted.server.log)


def test_an_older_versions_file_is_taken_over(tmp_path: Path) -> None:
    with started(tmp_path, "6.2") as hosted:
        hosted.execute("SET", "a", 1)
        hosted.execute("BGREWRITEAOF")
        go_on(hosted)
        hosted.execute("SET", "b", 1)
    with started(tmp_path, "7.0") as hosted:
        assert sorted(hosted.execute("KEYS", "*")) == [b"a", b"b"]
        hosted.execute("SET", "c", 1)
    assert not (tmp_path / "appendonly.aof").exists()
    with started(tmp_path, "7.0") as hosted:
        assert len(hosted.execute("KEYS", "*")) == 3


@every_form
def test_what_is_over_by_now_is_still_there_while_it_is_loaded(tmp_path: Path, profile: str) -> None:
    with started(tmp_path, profile) as hosted:
        hosted.execute("SET", "k", 5, "PX", 10)
        hosted.execute("INCR", "k")
        hosted.execute("PERSIST", "k")
        hosted.execute("SET", "gone", 5, "PX", 10)
        if profile == "8.0":
            hosted.execute("HSETEX", "h", "PX", 10, "FIELDS", 1, "f", 1)
            hosted.execute("HPERSIST", "h", "FIELDS", 1, "f")
    with started(tmp_path, profile) as hosted:
        hosted.clock.advance(1000)
        hosted.go_round()
        assert hosted.execute("GET", "k") == b"6"
        assert hosted.execute("EXISTS", "gone") == 0
        assert hosted.execute("HGET", "h", "f") == (b"1" if profile == "8.0" else None)
        assert [b"DEL", b"gone"] in appended(tmp_path)


@every_form
@pytest.mark.parametrize("preamble", ["yes", "no"])
def test_so_is_what_a_rewrite_has_written(tmp_path: Path, profile: str, preamble: str) -> None:
    with started(tmp_path, profile) as hosted:
        hosted.execute("CONFIG", "SET", "aof-use-rdb-preamble", preamble)
        hosted.execute("SET", "k", 5, "PX", 1_000_000)
        hosted.execute("BGREWRITEAOF")
        go_on(hosted)
        hosted.execute("PERSIST", "k")
        hosted.execute("INCR", "k")
    with in_folder(tmp_path, profile) as hosted:
        hosted.clock.advance(2_000_000)
        hosted.engine.runtime.read_clock()
        load_files(hosted.engine, hosted.server.append_only.files, hosted.server.log)
        assert hosted.execute("GET", "k") == b"6"


@every_form
def test_somebody_elses_file_stays(hosted: Hosted, tmp_path: Path) -> None:
    with started(tmp_path, hosted.engine.profile.name) as other:
        other.execute("SET", "theirs", 1)
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    files = hosted.server.append_only.files
    files.replaces_others = False
    assert "not from here" in str(hosted.execute("CONFIG", "SET", "appendonly", "yes"))
    assert hosted.execute("CONFIG", "GET", "appendonly") == [b"appendonly", b"no"]
    with pytest.raises((CannotAppend, CannotLoad), match="not from here"):
        files.begin_rewrite(on=True, waiting=True)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    hosted.engine.runtime.config.dir = str(elsewhere)
    for _ in range(2):
        assert hosted.execute("CONFIG", "SET", "appendonly", "yes") == b"OK"
        go_on(hosted)
        assert hosted.execute("CONFIG", "SET", "appendonly", "no") == b"OK"


@pytest.mark.parametrize(("profile", "theirs"), [("6.2", "6.2"), ("8.0", "8.0"), ("8.0", "6.2")])
def test_somebody_elses_file_is_not_loaded_for_that_would_cut_or_move_it(
    hosted: Hosted, tmp_path: Path, theirs: str
) -> None:
    with started(tmp_path, theirs) as other:
        other.engine.runtime.config.aof_disable_auto_gc = True
        other.execute("SET", "theirs", 1)
        other.execute("BGREWRITEAOF")
        go_on(other)
        other.execute("SET", "theirs", 2)
    last_file(tmp_path).write_bytes(last_file(tmp_path).read_bytes()[:-3])
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    hosted.server.append_only.files.replaces_others = False
    hosted.execute("SET", "ours", 1)
    reply = hosted.execute("DEBUG", "LOADAOF")
    if theirs == hosted.engine.profile.name:
        assert str(reply).startswith("ERR Error trying to load the AOF files")
        assert any("not from here" in line for line in hosted.said)
        assert hosted.execute("KEYS", "*") == [b"ours"]
        assert "not from here" in str(hosted.execute("CONFIG", "SET", "appendonly", "yes"))
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


@every_form
def test_when_dir_changes_what_is_in_the_new_one_stays(hosted: Hosted, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with started(elsewhere, hosted.engine.profile.name) as other:
        other.execute("SET", "theirs", 1)
        other.execute("BGREWRITEAOF")
        go_on(other)
        other.execute("SET", "theirs", 2)
    before = {file: file.read_bytes() for file in elsewhere.rglob("*") if file.is_file()}
    hosted.server.append_only.open()
    hosted.execute("SET", "ours", 1)
    hosted.execute("CONFIG", "SET", "aof-disable-auto-gc", "yes")
    hosted.execute("CONFIG", "SET", "rdb-key-save-delay", "20000")
    hosted.execute("BGREWRITEAOF")
    hosted.execute("SET", "more", 1)
    hosted.engine.runtime.config.dir = str(elsewhere)
    go_on(hosted)
    assert info(hosted)["aof_last_bgrewrite_status"] == "ok"
    hosted.execute("CONFIG", "SET", "aof-disable-auto-gc", "no")
    hosted.execute("SET", "after", 1)
    assert {file: file.read_bytes() for file in elsewhere.rglob("*") if file.is_file()} == before
    with started(tmp_path, hosted.engine.profile.name) as again:
        assert sorted(again.execute("KEYS", "*")) == [b"after", b"more", b"ours"]


@every_form
def test_what_a_child_wrote_before_it_was_killed_is_not_taken_over(hosted: Hosted, tmp_path: Path) -> None:
    hosted.server.append_only.open()
    hosted.engine.runtime.config.appendonly = True
    hosted.execute("SET", "before", 1)
    hosted.execute("BGREWRITEAOF")
    child = hosted.server.append_only.rewriting.child
    assert child is not None
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has heard of it
    hosted.execute("CONFIG", "SET", "appendonly", "no")
    hosted.execute("CONFIG", "SET", "appendonly", "yes")
    hosted.clock.advance(100)
    hosted.go_round()
    assert hosted.server.append_only.waits
    assert not hosted.server.append_only.rewriting.last_failed
    assert sum("Killing running AOF rewrite child" in line for line in hosted.said) == 1
    with started(tmp_path, hosted.engine.profile.name) as other:
        assert other.execute("EXISTS", "before") == 1


@pytest.mark.parametrize("profile", ["8.0"])
def test_a_manifest_that_is_none_is_never_replaced(hosted: Hosted, tmp_path: Path) -> None:
    manifest = tmp_path / "appendonlydir" / "appendonly.aof.manifest"
    manifest.parent.mkdir()
    manifest.write_bytes(b"something else\n")
    for _ in range(2):
        assert "AOF manifest file error" in str(hosted.execute("CONFIG", "SET", "appendonly", "yes"))
    assert manifest.read_bytes() == b"something else\n"


@pytest.mark.parametrize("profile", ["8.0"])
def test_times_are_written_where_they_are_wanted(hosted: Hosted, tmp_path: Path) -> None:
    hosted.engine.runtime.config.aof_timestamp_enabled = True
    hosted.server.append_only.open()
    hosted.execute("SET", "a", 1)
    hosted.execute("SET", "b", 1)
    hosted.clock.advance(1000)
    hosted.execute("SET", "c", 1)
    lines = last_file(tmp_path).read_bytes().split(b"\r\n")
    assert [line for line in lines if line.startswith(b"#")] == [b"#TS:1700000000", b"#TS:1700000001"]


@pytest.mark.parametrize("profile", ["7.0", "8.0"])
def test_a_file_may_end_with_a_time(tmp_path: Path, profile: str) -> None:
    for _ in range(2):
        with in_folder(tmp_path, profile) as hosted:
            config, file = hosted.engine.runtime.config, hosted.server.append_only
            config.aof_timestamp_enabled, config.aof_use_rdb_preamble = True, False
            load_files(hosted.engine, file.files, hosted.server.log)
            file.open()
    (base,) = tmp_path.glob("appendonlydir/*.base.aof")
    assert base.read_bytes() == b"#TS:1700000000\r\n"


@every_form
@pytest.mark.parametrize(
    "words", [(b"BLPOP", b"l", b"0"), (b"XGROUP", b"SETID", b"s", b"g", b"0", b"more"), (b"WAIT", b"1", b"0")]
)
def test_what_no_server_hands_on_keeps_nobody_from_the_rest(
    tmp_path: Path, profile: str, words: tuple[bytes, ...]
) -> None:
    with started(tmp_path, profile) as hosted:
        hosted.execute("SET", "a", 1)
    with last_file(tmp_path).open("ab") as file:
        file.write(multibulk(words) + multibulk((b"SET", b"b", b"1")))
    with started(tmp_path, profile) as hosted:
        assert hosted.execute("DBSIZE") == 2


@pytest.mark.parametrize("profile", ["8.0"])
def test_waitaof_answers_when_the_disk_has_it(hosted: Hosted) -> None:
    assert "appendonly is disabled" in str(hosted.execute("WAITAOF", 1, 0, 0))
    hosted.server.append_only.open()
    hosted.execute("SET", "a", 1)
    file = hosted.server.append_only
    assert file.synced < file.written
    assert hosted.execute("WAITAOF", 1, 0, 0) == [1, 0]
    assert file.synced == file.written
    assert hosted.execute("WAITAOF", 1, 1, 50) is NOTHING
    hosted.clock.advance(60)
    hosted.go_round()
    assert hosted.user.receive() == [1, 0]


@pytest.mark.parametrize("profile", ["8.0"])
def test_waitaof_has_nothing_to_bring_to_the_disk_between_two_first_rewrites(hosted: Hosted) -> None:
    hosted.execute("SET", "before", 1)
    hosted.execute("CONFIG", "SET", "rdb-key-save-delay", "10000000")
    hosted.execute("CONFIG", "SET", "appendonly", "yes")
    hosted.execute("SET", "a", 1)
    child = hosted.server.append_only.rewriting.child
    assert child is not None
    os.kill(child.pid, signal.SIGKILL)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    hosted.server.append_only.rewriting.cron()
    assert hosted.execute("WAITAOF", 1, 0, 0) == [0, 0]
    assert hosted.execute("SET", "a", 2) == b"OK"


@pytest.mark.parametrize("profile", ["8.0"])
def test_each_second_a_thread_brings_it_to_the_disk(hosted: Hosted) -> None:
    file = hosted.server.append_only
    hosted.engine.runtime.config.appendfsync = "everysec"
    file.open()
    hosted.execute("SET", "a", 1)
    file.syncer.drain()
    assert file.synced == file.written
    hosted.execute("SET", "a", 2)
    assert file.synced < file.written
    hosted.clock.advance(1000)
    hosted.go_round()
    file.syncer.drain()
    assert file.synced == file.written
    hosted.engine.runtime.config.appendfsync = "always"
    hosted.execute("SET", "a", 3)
    assert file.synced == file.written


class Again:
    """An engine that gathers what it hands on, and one that does it again."""

    def __init__(self, profile: str) -> None:
        clock = lambda: 1_700_000_000_000_000  # noqa: E731 (time stands still)
        self.first, self.second = Engine(profile, clock=clock), Engine(profile, clock=clock)
        self.handed_on: list[tuple[int | None, bytes]] = []
        self.first.runtime.propagation = Propagation(
            lambda db, argv, asked, gone: self.handed_on.append((db, multibulk(argv))), self.first.profile.version
        )

    def agree(self) -> None:
        session = Session(self.second, -1)
        self.second.runtime.loading = True
        for db, data in self.handed_on:
            ((argv, _),) = commands(data)
            if argv[0] in (b"MULTI", b"EXEC"):
                continue
            if db is not None:
                session.call.db = self.second.keyspace[db]
            try:
                session.do_again(argv)
            except (CommandError, WouldBlock) as error:
                raise AssertionError((argv, error)) from None
        self.second.runtime.loading = False
        digests = [engine.session().execute([b"DEBUG", b"DIGEST"]) for engine in (self.first, self.second)]
        assert digests[0] == digests[1]


GROUPS = ("string", "bitmap", "list", "set", "hash", "sorted-set", "geo", "hyperloglog", "stream")


def do_again(profile: str, data: st.DataObject) -> None:
    sentences = Sentences(profile, GROUPS, compressed_lists=False)
    both = Again(profile)
    session = both.first.session()
    for words in data.draw(sentences.texts()):
        if words[0] != b"CONFIG":  # a setting is not handed on
            session.execute([word for word in words if isinstance(word, bytes)])
    both.agree()


@pytest.mark.parametrize("profile", ["6.2", "7.2", "8.0"])
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_what_is_handed_on_does_the_same(profile: str, data: st.DataObject) -> None:
    do_again(profile, data)


@pytest.mark.fuzz
@pytest.mark.parametrize("profile", PROFILES)
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_whatever_is_handed_on_does_the_same(profile: str, data: st.DataObject) -> None:
    do_again(profile, data)


def test_what_a_folder_has_that_was_not_loaded_stays(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with started(elsewhere, "8.0") as other:
        other.execute("SET", "theirs", 1)
        other.execute("BGREWRITEAOF")
        go_on(other)
    before = {file.name: file.read_bytes() for file in (elsewhere / "appendonlydir").iterdir()}
    with started(tmp_path, "8.0") as hosted:
        hosted.execute("SET", "ours", 1)
        hosted.engine.runtime.config.dir = str(elsewhere)
        hosted.execute("BGREWRITEAOF")
        go_on(hosted)
        hosted.execute("SET", "more", 1)
    after = {file.name: file.read_bytes() for file in (elsewhere / "appendonlydir").iterdir()}
    assert before.pop("appendonly.aof.manifest") != after["appendonly.aof.manifest"]
    assert before.items() <= after.items()
    with started(elsewhere, "8.0") as hosted:
        assert sorted(hosted.execute("KEYS", "*")) == [b"more", b"ours"]


@every_form
def test_where_the_working_folder_is_gone_that_is_said(
    hosted: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    hosted.engine.runtime.config.dir = ""
    refused = str(hosted.execute("CONFIG", "SET", "appendonly", "yes"))
    if hosted.engine.profile.version >= (7, 0):
        assert "Unable to turn on AOF: Can't open or create append-only dir appendonlydir: No such file" in refused
        assert not hosted.server.append_only.on
    assert hosted.execute("SET", "k", "v") == b"OK"
    monkeypatch.chdir(tmp_path)


@every_form
def test_where_always_cannot_be_kept_nobody_hears_that_it_is(hosted: Hosted) -> None:
    file = hosted.server.append_only
    file.open()
    hosted.engine.runtime.config.appendfsync = "always"
    hosted.execute("SET", "k", 1)
    whole, full = file._descriptor, os.open("/dev/full", os.O_WRONLY)
    file._descriptor = full
    hosted.user.send("SET", "k", 2)
    hosted.go_round()
    assert not hosted.user.connected
    another = hosted.another()
    assert "MISCONF" in str(another.execute("SET", "k", 3))
    file._descriptor = whole
    os.close(full)
    hosted.clock.advance(100)
    hosted.go_round()
    assert another.execute("SET", "k", 4) == b"OK"


@every_form
def test_where_there_can_be_no_child_it_stays_off(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_child(work: object) -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    file = hosted.server.append_only
    monkeypatch.setattr(hosted.server.children, "start", no_child)
    assert str(hosted.execute("CONFIG", "SET", "appendonly", "yes")).startswith("ERR")
    assert (file.on, file.appends, hosted.engine.runtime.propagation) == (False, False, None)
    monkeypatch.undo()
    assert hosted.execute("CONFIG", "SET", "appendonly", "yes") == b"OK"
    go_on(hosted)
    assert file.appends
