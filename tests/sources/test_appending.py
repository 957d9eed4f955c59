"""What the append-only file lets Monitor see: the built-in engine's, and a real server's as far as it tells."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from rinspect.engine.events import Appended
from rinspect.monitoring.appendonly import AppendOnlyNow, File, Unseen, Written
from rinspect.monitoring.loop import LoopGlance, Saving, Work
from rinspect.sources.engine.monitoring.appendonly import KEPT
from rinspect.sources.monitored import NotKnown
from tests.real.servers import RealServer
from tests.sources.connecting import connected, eventually, own_server
from tests.sources.monitoring_of import MOMENT, Watched, watched


async def switched_on(here: Watched, folder: Path, fsync: str = "no") -> AppendOnlyNow:
    """How it stands once everything that is there is written."""
    config = here.source.engine.runtime.config
    config.dir, config.appendfsync = str(folder), fsync
    await here.monitored.attend("aof")
    assert await here.source.execute([b"CONFIG", b"SET", b"appendonly", b"yes"])

    async def is_on() -> bool:
        return (await here.monitored.append_only()).state == "on"

    await eventually(is_on)
    return await here.monitored.append_only()


def line(one: Written | Unseen) -> str:
    """A command as a person would read it: what was asked, what became of the key, what is appended."""
    if isinstance(one, Unseen):
        return f"({one.size} bytes)"
    asked = "" if one.asked is None else b" ".join(one.asked).decode() + " "
    mark = {"first": "[", "inside": "|", "last": "]"}.get(one.place, "")
    arrow = "> " if one.asked is not None or one.gone else ""
    many = f" *{one.count}" if one.count > 1 else ""
    return f"{mark}{asked}{one.gone and one.gone + ' '}{arrow}{b' '.join(one.argv).decode()}{many}"


async def tail(here: Watched) -> list[str]:
    appended = (await here.monitored.append_only()).tail
    assert appended is not None
    return [line(one) for one in appended]


async def commands(here: Watched) -> list[Written]:
    appended = (await here.monitored.append_only()).tail
    assert appended is not None
    return [one for one in appended if isinstance(one, Written)]


async def test_it_is_off_until_it_is_switched_on(tmp_path: Path) -> None:
    async with watched() as here:
        one = await here.caller("one")
        await one.execute("SET", "k", "v")
        now = await here.monitored.append_only()
        assert (now.state, now.flow, now.files, now.tail) == ("off", None, (), ())
        assert (now.snapshot.ago, now.snapshot.changes) == (None, 1)
        now = await switched_on(here, tmp_path)
        assert now.files is not None
        names = [(file.name, file.kind, file.appended_to) for file in now.files]
        assert names == [
            ("appendonly.aof.1.base.rdb", "base", False), ("appendonly.aof.1.incr.aof", "incr", True),
        ]  # fmt: skip
        assert now.place == str(tmp_path / "appendonlydir")
        sizes = [(tmp_path / "appendonlydir" / file.name).stat().st_size for file in now.files]
        assert [file.size for file in now.files] == sizes
        assert sum(sizes) == now.size == now.base_size
        assert (now.rewrites.count, now.rewrites.failed, now.rewrites.scheduled) == (1, False, False)


async def test_files_that_somebody_took_away_are_gone(tmp_path: Path) -> None:
    async with watched() as here:
        await switched_on(here, tmp_path)
        shutil.rmtree(tmp_path / "appendonlydir")
        now = await here.monitored.append_only()
        assert [(file.kind, file.size) for file in now.files or ()] == [("base", None), ("incr", None)]
        assert await here.source.execute([b"BGREWRITEAOF"])

        async def written() -> bool:
            return None not in [file.size for file in (await here.monitored.append_only()).files or ()]

        await eventually(written)


async def test_one_file_before_7_0(tmp_path: Path) -> None:
    async with watched(profile="6.2") as here:
        now = await switched_on(here, tmp_path)
        size = (tmp_path / "appendonly.aof").stat().st_size
        assert now.files == (File("appendonly.aof", "", size, appended_to=True),)
        assert now.place == str(tmp_path)
        one = await here.caller("one")
        await one.execute("MULTI")
        await one.execute("SET", "k", "v")
        await one.execute("exec")
        assert await tail(here) == ["SELECT 0", "[MULTI", "|SET k v", "]exec"]


async def test_what_is_appended_and_what_was_asked(tmp_path: Path) -> None:
    async with watched() as here:
        await switched_on(here, tmp_path)
        one, other = await here.caller("one"), await here.caller("other")
        await one.execute("set", "k", "v")
        await one.execute("SET", "k", "v", "EX", "10")
        await one.execute("SADD", "s", "a")
        await one.execute("GET", "k")
        await one.execute("SELECT", "3")
        for words in (("MULTI",), ("INCR", "n"), ("LMPOP", "1", "l", "LEFT"), ("GETDEL", "n"), ("EXEC",)):
            await one.execute(*words)
        one.send("BLPOP", "q", "0")
        await here.until(lambda: one.client.blocked is not None)
        await other.execute("SELECT", "3")
        await other.execute("RPUSH", "q", "x")
        await one.reply()
        until = MOMENT // 1000 + 10_000
        assert await tail(here) == [
            "SELECT 0",
            "set k v",
            f"SET k v EX 10 > SET k v PXAT {until}",
            "SADD s a",
            "[MULTI",
            "|SELECT 3",
            "|INCR n",
            "|GETDEL n > DEL n",
            "]EXEC",
            "RPUSH q x",
            "BLPOP q 0 > LPOP q",
        ]
        now = await here.monitored.append_only()
        seen = await commands(here)
        assert {one.db for one in seen if one.argv[0] in (b"MULTI", b"EXEC")} == {None}
        assert {one.db for one in seen[5:]} == {3, None}
        assert {one.at for one in seen} == {MOMENT}
        # Each byte of the file is somebody's.
        assert sum(one.size for one in seen) == now.size - now.base_size


async def test_what_nobody_asked_for(tmp_path: Path) -> None:
    """Keys that expire, found by a cycle or by a command; keys that are evicted; fields of a hash."""
    moment = [MOMENT]
    async with watched(lambda: moment[0]) as here:
        await switched_on(here, tmp_path)
        one = await here.caller("one")
        await one.execute("DEBUG", "SET-ACTIVE-EXPIRE", "0")
        await one.execute("SET", "a", "v", "PX", "500")
        await one.execute("SET", "b", "v", "PX", "500")
        await one.execute("HSET", "h", "f", "1", "g", "2")
        await one.execute("HPEXPIRE", "h", "500", "FIELDS", "1", "f")
        before = len(await tail(here))
        moment[0] += 600_000
        await one.execute("GET", "a")
        assert (await tail(here))[before:] == ["GET a expired > DEL a"]
        await one.execute("DEBUG", "SET-ACTIVE-EXPIRE", "1")

        async def gone() -> bool:
            return len(await tail(here)) == before + 3

        await eventually(gone)
        assert set((await tail(here))[before + 1 :]) == {"expired > DEL b", "expired > HDEL h f"}
        await one.execute("SET", "big", "x" * 10_000)
        await one.execute("CONFIG", "SET", "maxmemory-policy", "allkeys-random")
        await one.execute("CONFIG", "SET", "maxmemory", "1")

        async def empty() -> bool:
            return not len(here.source.engine.keyspace[0])

        await eventually(empty)
        assert (await tail(here))[-1] in ("evicted > DEL h *2", "evicted > DEL big *2")


async def test_keys_that_go_one_after_the_other_are_one_row(tmp_path: Path) -> None:
    """In one database, and not in a unit; the bytes are those of all."""
    async with watched() as here:
        await switched_on(here, tmp_path)
        runtime = here.source.engine.runtime

        def emit(size: int, *, db: int = 0, gone: str = "expired", asked: tuple[bytes, ...] | None = None) -> None:
            runtime.emit(Appended(MOMENT, db, (b"DEL", b"k%d" % size), size, asked, gone))

        def happen() -> None:
            for size in range(KEPT + 1):
                emit(size)
            emit(1, gone="evicted")
            emit(2, gone="evicted")
            emit(3, gone="evicted", db=1)
            emit(4, db=1)
            emit(5, db=1, asked=(b"GET", b"k5"))
            emit(6, db=1)
            runtime.emit(Appended(MOMENT, 1, (b"HDEL", b"h", b"f"), 7, None, "expired"))
            runtime.emit(Appended(MOMENT, None, (b"MULTI",), 15, None, ""))
            emit(8, db=1)
            emit(9, db=1)
            runtime.emit(Appended(MOMENT, None, (b"EXEC",), 14, None, ""))
            emit(10, db=1)

        await here.source.in_loop(happen)
        assert await tail(here) == [
            f"expired > DEL k{KEPT} *{KEPT + 1}",
            "evicted > DEL k2 *2",
            "evicted > DEL k3",
            "expired > DEL k4",
            "GET k5 expired > DEL k5",
            "expired > DEL k6",
            "expired > HDEL h f",
            "[MULTI",
            "|expired > DEL k8",
            "|expired > DEL k9",
            "]EXEC",
            "expired > DEL k10",
        ]
        assert [one.size for one in await commands(here)][:2] == [sum(range(KEPT + 1)), 3]


async def test_nothing_secret_is_kept_and_nothing_long(tmp_path: Path) -> None:
    async with watched() as here:
        await switched_on(here, tmp_path)
        one = await here.caller("one")
        await one.execute("SET", "k", "x" * 10_000)
        await one.execute("RPUSH", "l", *map(str, range(1000)))
        asked = (b"MIGRATE", b"host", b"6379", b"k", b"0", b"10", b"AUTH", b"sesame")
        runtime = here.source.engine.runtime
        await here.source.in_loop(
            lambda: runtime.emit(Appended(MOMENT, 0, (b"DEL", b"k"), 20, asked, ""))  # what MIGRATE hands on
        )
        seen = await commands(here)
        assert max(len(word) for one in seen for word in (*one.argv, *(one.asked or ()))) < 200
        assert max(len(one.argv) for one in seen) < 50
        assert seen[-1].asked == (*asked[:-1], b"(redacted)")
        for _ in range(KEPT):
            await one.execute("INCR", "n")
        now = await here.monitored.append_only()
        assert now.tail is not None
        assert (len(now.tail), now.forgotten) == (KEPT, 4)


async def test_what_was_seen_stays_and_what_was_not_is_said(tmp_path: Path) -> None:
    async with watched() as here:
        await switched_on(here, tmp_path)
        one = await here.caller("one")
        await one.execute("SET", "k", "1")
        await here.monitored.attend("")
        assert not here.source.engine.runtime.observers
        await here.monitored.attend("aof")
        await one.execute("SET", "k", "2")
        await here.monitored.attend("loop")
        await one.execute("SET", "k", "3")
        await here.monitored.attend("aof")
        await one.execute("SET", "k", "4")
        assert await tail(here) == ["SELECT 0", "SET k 1", "SET k 2", "(27 bytes)", "SET k 4"]


async def test_what_nobody_has_begun_to_look_at_is_no_gap(tmp_path: Path) -> None:
    async with watched() as here:
        await switched_on(here, tmp_path)
        one = await here.caller("one")
        await here.monitored.attend("")
        await one.execute("SET", "k", "1")
        await here.monitored.attend("aof")
        assert await tail(here) == []


@pytest.mark.parametrize("fsync", ["always", "no"])
async def test_how_far_it_is_on_its_way_to_the_disk(fsync: str, tmp_path: Path) -> None:
    async with watched() as here:
        await switched_on(here, tmp_path, fsync)
        one = await here.caller("one")
        await one.execute("SET", "k", "v")
        now = await here.monitored.append_only()
        assert now.flow is not None
        written = (tmp_path / "appendonlydir" / "appendonly.aof.1.incr.aof").stat().st_size
        assert (now.fsync, now.flow.buffer, now.flow.written) == (fsync, 0, written)
        assert (now.flow.unsynced, now.flow.last_sync) == ((0, 0) if fsync == "always" else (written, None))


async def test_a_disk_that_takes_its_time_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread's line in the loop's panel too."""
    async with watched() as here:
        fsync, blocked = os.fsync, tmp_path / "pipe"
        os.mkfifo(blocked)
        before = bio_aof(here.monitored.glance())
        assert (before.handed, before.here) == (0, "idle")
        await switched_on(here, tmp_path)
        monkeypatch.setattr(
            "rinspect.engine.server.appendonly.syncing.os.fsync", lambda fd: (blocked.read_bytes(), fsync(fd))
        )
        one = await here.caller("one")
        await one.execute("CONFIG", "SET", "appendfsync", "everysec")
        await one.execute("SET", "k", "v")
        now = await here.monitored.append_only()
        assert now.flow is not None
        assert (now.pending, now.flow.unsynced, now.flow.last_sync) == (1, 0, 0)
        during = bio_aof(here.monitored.glance())
        assert (during.handed, during.here) == (1, "at work, jobs pending: 1")
        blocked.write_bytes(b"done")
        monkeypatch.undo()

        async def done() -> bool:
            return not (await here.monitored.append_only()).pending

        await eventually(done)
        assert bio_aof(here.monitored.glance()).here == "idle"


def bio_aof(glance: LoopGlance) -> Work:
    return next(work for work in glance.threads if work.name == "bio_aof")


async def test_a_write_that_fails_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with watched() as here:
        await switched_on(here, tmp_path)
        one = await here.caller("one")

        def full(fd: int, data: bytes) -> int:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("rinspect.engine.server.appendonly.appendonly.os.write", full)
        await one.execute("SET", "k", "v")
        now = await here.monitored.append_only()
        monkeypatch.undo()
        assert now.flow is not None
        assert (now.failure, now.flow.buffer > 0, now.flow.written) == ("No space left on device", True, 0)


async def test_the_child_that_rewrites_is_seen_in_both_panels(tmp_path: Path) -> None:
    async with watched() as here:
        await switched_on(here, tmp_path)
        here.source.engine.runtime.config.rdb_key_save_delay = 60_000_000
        await here.source.execute([b"MSET", b"a", b"1", b"b", b"2"])
        await here.source.execute([b"BGREWRITEAOF"])
        saving, now = here.monitored.glance().saving, await here.monitored.append_only()
        assert isinstance(saving, Saving)
        assert now.rewrite is not None
        assert now.rewrite.pid == saving.pid
        assert (saving.file, saving.total) == (f"temp-rewriteaof-bg-{saving.pid}.aof", 2)
        assert now.files is not None
        assert [(file.kind, file.appended_to) for file in now.files] == [
            ("base", False), ("incr", False), ("incr", True),
        ]  # fmt: skip
        os.kill(saving.pid, signal.SIGUSR1)

        async def nobody() -> bool:
            return (await here.monitored.append_only()).rewrite is None

        await eventually(nobody)


async def test_what_was_there_before_is_still_to_be_written(tmp_path: Path) -> None:
    async with watched() as here:
        here.source.engine.runtime.config.dir = str(tmp_path)
        here.source.engine.runtime.config.rdb_key_save_delay = 60_000_000
        await here.source.execute([b"SET", b"a", b"1"])
        await here.source.execute([b"CONFIG", b"SET", b"appendonly", b"yes"])
        now = await here.monitored.append_only()
        assert now.state == "waiting for a rewrite"
        assert now.rewrite is not None
        assert [file.name for file in now.files or ()] == ["temp-appendonly.aof.incr"]
        await here.source.execute([b"CONFIG", b"SET", b"appendonly", b"no"])
        assert (await here.monitored.append_only()).state == "off"


@pytest.mark.parametrize("profile", ["6.2", "8.0"])
async def test_what_a_real_server_tells(profile: str) -> None:
    """One of its own: what was appended moves a server's replication offset for good."""
    server = own_server(profile)
    try:
        async with connected(server) as source:
            now = await source.monitored.append_only()
            assert (now.state, now.fsync, now.flow, now.tail, now.files) == ("off", "everysec", None, None, None)
            assert now.facts["rdb_last_bgsave_status"] == "ok"
            for name, value in (("auto-aof-rewrite-percentage", "50"), ("appendfsync", "no"), ("appendonly", "yes")):
                server.execute("CONFIG", "SET", name, value)

            async def written() -> bool:
                return (await source.monitored.append_only()).base_size > 0

            await eventually(written)
            server.execute("SET", "k", "v")

            async def grown() -> bool:
                told = await source.monitored.append_only()
                return told.size > told.base_size

            await eventually(grown)
            now = await source.monitored.append_only()
            assert (now.state, now.fsync, now.percentage, now.min_size) == ("on", "no", 50, 64 << 20)
            assert now.flow is not None
            assert (now.flow.buffer, now.flow.unsynced, now.pending) == (0, None, 0)
            assert (now.rewrites.failed, now.rewrites.took >= 0, now.failure) == (False, True, "")
            assert now.facts["aof_current_size"] == str(now.size)
    finally:
        server.stop()


@pytest.mark.parametrize("real_server", ["8.0"], indirect=True)
async def test_a_real_server_that_tells_less(real_server: RealServer) -> None:
    """Without CONFIG there is no promise, and without INFO nothing."""
    real_server.execute("ACL", "SETUSER", "half", "on", "nopass", "~*", "+@all", "-config")
    real_server.execute("ACL", "SETUSER", "none", "on", "nopass", "~*", "+@all", "-info")
    async with connected(real_server, username="half", password="any") as half:
        now = await half.monitored.append_only()
        assert (now.state, now.fsync, now.percentage, now.min_size) == ("off", "", None, None)
    async with connected(real_server, username="none", password="any") as none:
        with pytest.raises(NotKnown, match="refuses to tell"):
            await none.monitored.append_only()
