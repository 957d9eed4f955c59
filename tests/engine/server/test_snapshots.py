"""SAVE, BGSAVE and what saves by itself; what happens where nothing can be saved."""

import errno
import os
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rinspect.engine import Engine
from rinspect.engine.persistence import load
from rinspect.engine.server.log import Log
from rinspect.engine.server.snapshots import MISCONF as REFUSED
from tests.engine.both import plain, versions
from tests.engine.server.hosted import NOTHING, Hosted
from tests.real.servers import RealServer

SECOND = 1000
MISCONF = REFUSED.format("it's currently unable to persist to disk")


@pytest.fixture
def hosted(tmp_path: Path) -> Iterator[Hosted]:
    with Hosted() as made:
        made.engine.runtime.config.dir = str(tmp_path)
        yield made


def info(hosted: Hosted, name: str) -> str:
    text: str = hosted.execute("INFO", "persistence").decode() + hosted.execute("INFO", "stats").decode()
    return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)[name]


def in_file(folder: Path) -> int:
    """How many keys the snapshot has."""
    with Hosted() as other:
        return load((folder / "dump.rdb").read_bytes(), other.engine.keyspace).keys


def go_on(hosted: Hosted, *, until_child_has_ended: bool = True) -> None:
    """Let the cron come round, until it has seen the child's end."""
    deadline = time.monotonic() + 30
    while True:
        hosted.clock.advance(100)
        hosted.go_round()
        if not until_child_has_ended or hosted.server.snapshots.child is None:
            return
        assert time.monotonic() < deadline, "the child goes on and on"
        time.sleep(0.002)


def test_save(hosted: Hosted, tmp_path: Path) -> None:
    hosted.execute("MSET", "a", 1, "b", 2)
    assert info(hosted, "rdb_changes_since_last_save") == "2"
    hosted.clock.advance(5 * SECOND)
    assert hosted.execute("SAVE") == b"OK"
    assert info(hosted, "rdb_changes_since_last_save") == "0"
    assert hosted.execute("LASTSAVE") == hosted.clock() // 1_000_000
    assert "DB saved on disk" in hosted.said[-1]
    assert in_file(tmp_path) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["dump.rdb"]


def test_a_disk_that_is_full(hosted: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hosted.execute("SET", "a", 1)
    hosted.execute("SAVE")
    before = (tmp_path / "dump.rdb").read_bytes()

    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert str(hosted.execute("SAVE")) == "ERR"
    assert "Write error while saving DB to the disk: No space left on device" in hosted.said[-1]
    assert [path.name for path in tmp_path.iterdir()] == ["dump.rdb"]
    assert (tmp_path / "dump.rdb").read_bytes() == before


def test_a_log_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    config = Engine().runtime.config
    config.logfile = str(tmp_path)  # a folder
    Log(config, lambda: 0).warning("who hears this?")


def test_a_child_saves_what_was_there_when_it_was_forked(hosted: Hosted, tmp_path: Path) -> None:
    hosted.execute("MSET", "a", 1, "b", 2)
    # Slow enough to be met at work.
    hosted.engine.runtime.config.rdb_key_save_delay = 100_000
    assert hosted.execute("BGSAVE") == b"Background saving started"
    hosted.execute("SET", "later", 1)
    busy = "ERR Background save already in progress"
    assert [str(hosted.execute(*words)) for words in (["BGSAVE"], ["BGSAVE", "schedule"], ["SAVE"])] == [busy] * 3
    assert info(hosted, "rdb_bgsave_in_progress") == "1"
    assert info(hosted, "current_save_keys_total") == "2"
    go_on(hosted)
    assert "Background saving terminated with success" in hosted.said[-1]
    assert (info(hosted, "rdb_changes_since_last_save"), info(hosted, "rdb_bgsave_in_progress")) == ("1", "0")
    assert (info(hosted, "rdb_saves"), info(hosted, "total_forks")) == ("1", "1")
    assert int(info(hosted, "rdb_last_cow_size")) > 0
    assert in_file(tmp_path) == 2


@pytest.mark.parametrize("profile", ["6.2", "7.0"])
def test_in_a_transaction_it_begins_afterwards(profile: str, tmp_path: Path) -> None:
    with Hosted(profile) as hosted:
        hosted.engine.runtime.config.dir = str(tmp_path)
        for words in (["MULTI"], ["SET", "a", 1], ["BGSAVE"], ["SET", "b", 1]):
            hosted.execute(*words)
        _, said, _ = hosted.execute("EXEC")
        assert said == (b"Background saving started" if profile == "6.2" else b"Background saving scheduled")
        go_on(hosted, until_child_has_ended=False)
        go_on(hosted)
        assert in_file(tmp_path) == (1 if profile == "6.2" else 2)


@versions
def test_answers_are_the_servers(real_server: RealServer, tmp_path: Path) -> None:
    with Hosted(real_server.profile) as hosted:
        hosted.engine.runtime.config.dir = str(tmp_path)
        for line in ("BGSAVE x", "BGSAVE SCHEDULE x", "SAVE x", "LASTSAVE x", "BGSAVE schedule"):
            words = line.split()
            assert plain(hosted.execute(*words)) == plain(real_server.execute(*words)), line
        go_on(hosted)
        while real_server.info("persistence")["rdb_bgsave_in_progress"] == "1":
            time.sleep(0.01)
        (real_server.folder / "dump.rdb").unlink()


def test_after_so_many_changes_in_so_many_seconds(hosted: Hosted, tmp_path: Path) -> None:
    assert hosted.execute("CONFIG", "SET", "save", "3600 1 60 3") == b"OK"
    hosted.execute("MSET", "a", 1, "b", 2)
    for _ in range(65):
        hosted.clock.advance(SECOND)
        hosted.go_round()
    assert not (tmp_path / "dump.rdb").exists()
    hosted.execute("SET", "c", 1)
    go_on(hosted, until_child_has_ended=False)
    go_on(hosted)
    assert any("3 changes in 60 seconds. Saving..." in line for line in hosted.said)
    assert in_file(tmp_path) == 3


def test_where_nothing_can_be_saved_writes_are_refused(hosted: Hosted, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    hosted.engine.runtime.config.dir = str(folder)
    hosted.execute("CONFIG", "SET", "save", "60 1")
    assert str(hosted.execute("SAVE")) == "ERR"
    assert "Failed opening the temp RDB file" in hosted.said[-1]
    assert hosted.execute("SET", "a", 1) == b"OK", "a SAVE that fails is no reason yet"
    hosted.execute("BGSAVE")
    go_on(hosted)
    assert "Background saving error" in hosted.said[-1]
    assert info(hosted, "rdb_last_bgsave_status") == "err"
    for words in (["SET", "a", 2], ["PING"], ["DEL", "a"]):
        assert str(hosted.execute(*words)) == MISCONF
    assert hosted.execute("GET", "a") == b"1"
    hosted.execute("MULTI")
    assert str(hosted.execute("SET", "a", 2)) == MISCONF
    assert str(hosted.execute("EXEC")).startswith("EXECABORT")
    hosted.execute("CONFIG", "SET", "stop-writes-on-bgsave-error", "no")
    assert hosted.execute("SET", "a", 2) == b"OK"
    hosted.execute("CONFIG", "SET", "stop-writes-on-bgsave-error", "yes")
    assert str(hosted.execute("SET", "a", 3)) == MISCONF
    folder.mkdir()
    assert hosted.execute("BGSAVE") == b"Background saving started"
    go_on(hosted)
    assert hosted.execute("SET", "a", 3) == b"OK"
    assert in_file(folder) == 1


@pytest.mark.parametrize(("number", "status"), [(signal.SIGUSR1, "ok"), (signal.SIGKILL, "err")])
def test_a_child_that_is_ended(hosted: Hosted, tmp_path: Path, number: signal.Signals, status: str) -> None:
    hosted.execute("SET", "a", 1)
    hosted.engine.runtime.config.rdb_key_save_delay = 60_000_000
    hosted.execute("BGSAVE")
    child = hosted.server.snapshots.child
    assert child is not None
    deadline = time.monotonic() + 30
    while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.002)
    os.kill(child.pid, number)
    go_on(hosted)
    assert f"Background saving terminated by signal {number.value}" in hosted.said[-1]
    assert info(hosted, "rdb_last_bgsave_status") == status
    assert not list(tmp_path.iterdir()), "the unfinished file goes"


def test_flushall_empties_the_file_too(hosted: Hosted, tmp_path: Path) -> None:
    hosted.execute("SET", "a", 1)
    hosted.execute("SAVE")
    hosted.execute("FLUSHALL")
    assert in_file(tmp_path) == 1, "nothing is saved by itself"
    hosted.execute("CONFIG", "SET", "save", "60 1000")
    hosted.engine.runtime.config.rdb_key_save_delay = 60_000_000
    hosted.execute("SET", "a", 1)
    hosted.execute("BGSAVE")
    hosted.execute("FLUSHALL")
    assert in_file(tmp_path) == 0
    go_on(hosted)
    assert in_file(tmp_path) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["dump.rdb"]
    assert info(hosted, "rdb_last_bgsave_status") == "ok"


def test_a_child_that_does_not_die_holds_nobody_up(hosted: Hosted, tmp_path: Path) -> None:
    hosted.execute("CONFIG", "SET", "save", "60 1000")
    hosted.engine.runtime.config.rdb_key_save_delay = 60_000_000
    hosted.execute("SET", "a", 1)
    hosted.execute("BGSAVE")
    child = hosted.server.snapshots.child
    assert child is not None
    os.kill(child.pid, signal.SIGSTOP)
    assert hosted.execute("FLUSHALL") == b"OK"
    assert info(hosted, "rdb_bgsave_in_progress") == "1"
    os.kill(child.pid, signal.SIGCONT)
    go_on(hosted)


def test_a_child_whose_end_somebody_else_has_heard_of(hosted: Hosted) -> None:
    hosted.execute("BGSAVE")
    child = hosted.server.snapshots.child
    assert child is not None
    os.waitpid(child.pid, 0)
    hosted.server.snapshots.kill()
    go_on(hosted)
    assert info(hosted, "rdb_last_bgsave_status") == "err", "nobody knows how it ended"
    assert hosted.execute("BGSAVE") == b"Background saving started"
    go_on(hosted)
    assert info(hosted, "rdb_last_bgsave_status") == "ok"


def test_a_child_that_is_not_wanted_is_no_success(hosted: Hosted, tmp_path: Path) -> None:
    hosted.engine.runtime.config.dir = str(tmp_path / "gone")
    hosted.execute("BGSAVE")
    go_on(hosted)
    hosted.engine.runtime.config.dir = str(tmp_path)
    hosted.engine.runtime.config.rdb_key_save_delay = 60_000_000
    hosted.execute("SET", "a", 1)
    hosted.execute("BGSAVE")
    hosted.server.snapshots.kill()
    go_on(hosted)
    assert info(hosted, "rdb_last_bgsave_status") == "err"
    assert info(hosted, "rdb_saves") == "2"
    hosted.execute("CONFIG", "RESETSTAT")
    assert [info(hosted, name) for name in ("rdb_saves", "total_forks", "latest_fork_usec")] == ["0"] * 3


def test_a_child_ends_with_its_server(tmp_path: Path) -> None:
    with Hosted() as hosted:
        hosted.engine.runtime.config.dir = str(tmp_path)
        hosted.engine.runtime.config.rdb_key_save_delay = 60_000_000
        hosted.execute("SET", "a", 1)
        hosted.execute("BGSAVE")
        child = hosted.server.snapshots.child
    assert child is not None
    assert os.waitpid(child.pid, 0)[1] == signal.SIGUSR1


def test_two_servers_of_one_process_do_not_share_a_temporary_file(hosted: Hosted, tmp_path: Path) -> None:
    with Hosted() as other:
        names = {each.server.snapshots.file._temporary(os.getpid()) for each in (hosted, other)}
        assert len(names) == 2


def test_a_file_of_somebody_else_stays(hosted: Hosted, tmp_path: Path) -> None:
    """As it is where the engine is part of a program."""
    theirs = tmp_path / "dump.rdb"
    theirs.write_bytes(b"theirs")
    hosted.server.snapshots.file.replaces_others = False
    for command in ("SAVE", "BGSAVE"):
        assert str(hosted.execute(command)) == (
            f"ERR {theirs} is there already, and not from here: CONFIG SET dbfilename to another name first"
        )
    assert not hosted.server.snapshots.save()
    hosted.engine.runtime.config.dbfilename = "mine.rdb"
    hosted.execute("BGSAVE")
    go_on(hosted)
    assert hosted.execute("SAVE") == b"OK"
    assert theirs.read_bytes() == b"theirs"


def test_a_folder_that_cannot_be_synced(hosted: Hosted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def fsync(number: int, code: int = errno.EINVAL) -> None:
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(code, os.strerror(code))
        real(number)

    monkeypatch.setattr(os, "fsync", fsync)
    assert hosted.execute("SAVE") == b"OK", "some file systems know no such thing"
    monkeypatch.setattr(os, "fsync", lambda number: fsync(number, errno.EIO))
    assert str(hosted.execute("SAVE")) == "ERR"
    assert "Failed to fsync directory" in hosted.said[-1]


@versions
def test_changes_are_counted_as_the_server_does(real_server: RealServer, tmp_path: Path) -> None:
    with Hosted(real_server.profile) as hosted:
        hosted.engine.runtime.config.dir = str(tmp_path)
        for settings in ("3600 1000000", ""):
            for line in ("SAVE", "MSET a 1 b 2", "FLUSHALL", "FLUSHALL", "SET a 1", "SAVE", "SET a 2", "FLUSHALL"):
                counts = []
                for execute in (hosted.execute, real_server.execute):
                    execute("CONFIG", "SET", "save", settings)
                    execute(*line.split())
                    counts.append(
                        execute("INFO", "persistence").partition(b"rdb_changes_since_last_save:")[2].split()[0]
                    )
                assert counts[0] == counts[1], (settings, line)
        real_server.execute("CONFIG", "SET", "save", "")
        (real_server.folder / "dump.rdb").unlink()


@pytest.mark.parametrize(
    ("settings", "words", "saves"),
    [
        ("", (), False),
        ("", ("SAVE",), True),
        ("60 1", (), True),
        ("60 1", ("NOSAVE",), False),
        ("60 1", ("NOW", "FORCE"), True),
    ],
)
def test_a_last_snapshot(hosted: Hosted, tmp_path: Path, settings: str, words: tuple[str, ...], saves: bool) -> None:
    hosted.server.stands_alone = True
    hosted.execute("CONFIG", "SET", "save", settings)
    hosted.execute("SET", "a", 1)
    stopped: list[bool] = []
    hosted.server.loop.stop = lambda: stopped.append(True)  # type: ignore[method-assign]
    assert hosted.execute("SHUTDOWN", *words) is NOTHING
    assert stopped
    assert (tmp_path / "dump.rdb").exists() is saves


def test_what_a_file_tells_is_kept(hosted: Hosted, tmp_path: Path) -> None:
    """Functions cannot run, but must not be lost either."""
    hosted.server.snapshots.file.loaded.libraries.append(b"#!lua name=x\nreturn 1\n")
    hosted.execute("SAVE")
    with Hosted() as other:
        other.engine.runtime.config.dir = str(tmp_path)
        assert other.server.snapshots.load()
        assert any("Libraries of functions cannot run here (1)" in line for line in other.said)
        assert any("Loading RDB produced by version 7.2.6" in line for line in other.said)
        assert any("Done loading RDB, keys loaded: 0, keys expired: 0." in line for line in other.said)
        (tmp_path / "dump.rdb").unlink()
        other.execute("SAVE")
    assert b"#!lua name=x" in (tmp_path / "dump.rdb").read_bytes()
