"""An RDB file as a source."""

import os
from pathlib import Path

import pytest

from rinspect.engine import Engine
from rinspect.engine.layout import Window
from rinspect.engine.networking.multibulks import multibulk
from rinspect.engine.payload.checksum import crc64
from rinspect.engine.persistence import save
from rinspect.engine.replies import CommandError
from rinspect.records import Filter, Order
from rinspect.sources.engine import EngineSource
from rinspect.sources.engine.file import CannotRead, open_file
from rinspect.startup import names_file
from tests import golden

MOMENT = 1_795_000_000


def saved(path: Path, profile: str, *script: str, about: dict[bytes, bytes] | None = None) -> Path:
    """A file with the keys that a script makes at MOMENT."""
    session = Engine(profile, clock=lambda: MOMENT * 1_000_000).session()
    for line in script:
        session.execute(line.encode().split())
    data = bytearray()
    ctime = {b"redis-ver": f"{profile}.1".encode(), b"ctime": b"%d" % MOMENT}
    save(session.engine.keyspace, data.extend, ctime if about is None else about)
    path.write_bytes(data)
    return path


async def test_it_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = saved(
        tmp_path / "some.rdb", "7.2", "CONFIG SET hash-max-listpack-entries 2000", "SET soon gone PX 1",
        "HSET wide " + " ".join(f"field:{number} value" for number in range(1000)),
    )  # fmt: skip
    before = path.read_bytes()
    source = open_file(path, None, "jemalloc")
    try:
        info = await source.info()
        assert (info.profile, info.keys, info.notice) == ("7.2", 2, "")
        assert info.label.startswith("some.rdb of ")
        page = await source.keys(Order.RECENT, Filter(), 0, 10)
        soon = next(row for row in page.rows if row.key == b"soon")
        assert soon.expires_at == source.now() + 1
        look = await source.look(b"wide", Window())
        assert look is not None
        assert look.encoding == "listpack", "the server that saved it had other settings"
        await source.execute([b"DEL", b"soon"])
        await source.execute([b"SAVE"])
    finally:
        await source.close()
    assert path.read_bytes() == before
    changed = tmp_path / "some.changed.rdb"
    assert b"wide" in changed.read_bytes()
    assert b"soon" not in changed.read_bytes()
    changed.unlink()
    assert os.listdir(tmp_path) == ["some.rdb"]  # noqa: PTH208 (a Path would be called blocking here)
    under_another = open_file(path, "8.0", "jemalloc")
    try:
        look = await under_another.look(b"wide", Window())
        assert look is not None
        assert look.encoding == "hashtable"
    finally:
        await under_another.close()


@pytest.mark.parametrize("profile", golden.RECORDED)
async def test_every_type_can_be_looked_at(profile: str, tmp_path: Path) -> None:
    path = tmp_path / "dump.rdb"
    path.write_bytes(golden.rdb(profile))
    source = open_file(path, None, "jemalloc")
    try:
        info = await source.info()
        assert info.profile == profile
        assert ("1 library of functions" in info.notice) is (profile != "6.2")
        for row in (await source.keys(Order.RECENT, Filter(), 0, 100)).rows:
            look = await source.look(row.key, Window())
            assert look is not None
            assert await source.why(row.key) is not None
            assert await source.rebuilt(row.key)
    finally:
        await source.close()


@pytest.mark.parametrize(
    ("about", "version", "profile"),
    [
        ({b"redis-ver": b"7.0.3"}, 10, "7.0"),
        ({b"redis-ver": b"255.255.255"}, 11, "7.2"),
        ({b"redis-ver": b"3.2.1"}, 7, "6.2"),
        ({}, 12, "7.4"),
    ],
)
async def test_the_version_that_wrote_it(about: dict[bytes, bytes], version: int, profile: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "dump.rdb", "8.0", "SET k v", about=about)
    data = path.read_bytes().replace(b"REDIS0012", b"REDIS%04d" % version)[:-8]
    path.write_bytes(data + crc64(data).to_bytes(8, "little"))
    source = open_file(path, None, "jemalloc")
    assert (await source.info()).profile == profile
    await source.close()


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="is a folder, and has no manifest"):
        open_file(tmp_path, None, "jemalloc")
    with pytest.raises(CannotRead, match="is no file"):
        open_file(Path("/dev/null"), None, "jemalloc")


def test_a_name_that_is_too_long_is_no_file() -> None:
    assert not names_file("x" * 5000)


async def test_the_file_of_somebody_else_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = saved(tmp_path / "dump.rdb", "7.2", "SET k v")
    before = path.read_bytes()
    sides = [EngineSource(Engine("7.2")), *(open_file(path, None, "jemalloc") for _ in range(2))]
    try:
        replies = [(await side.execute([b"SAVE"])).reply for side in sides]
    finally:
        for side in sides:
            await side.close()
    assert path.read_bytes() == before
    assert [isinstance(reply, CommandError) for reply in replies] == [True, False, True]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be shown: it does not begin with REDIS and a version"),
        (b"REDIS0012\xfe\x00\x00\x01k", "cannot be shown: 1 bytes wanted at offset 14, 0 left"),
        (b"REDIS0099", "cannot be shown: 1 bytes wanted"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_snapshot(content: bytes | None, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "no.rdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CannotRead) as error:
        open_file(path, None, "jemalloc")
    assert f"{path} {reason}" in str(error.value)


def appended(*script: str) -> bytes:
    """The commands, as a server writes them down."""
    return b"".join(multibulk(line.encode().split()) for line in script)


async def test_an_append_only_file_is_what_its_commands_made(tmp_path: Path) -> None:
    path = tmp_path / "appendonly.aof"
    soon = f"SET soon gone PXAT {MOMENT}001"
    path.write_bytes(
        appended("SELECT 0", "SET a 1", soon, "SET over 1 PXAT 1000", "MULTI", "RPUSH l a b", "EXEC", "SADD s 1")
    )
    os.utime(path, (MOMENT, MOMENT))
    assert names_file(str(path))
    before = path.read_bytes()
    source = open_file(path, None, "jemalloc")
    try:
        info = await source.info()
        notice = "Not shown of the file: 1 key whose time was over."
        assert (info.keys, info.notice, info.profile) == (4, notice, "8.0")
        assert info.label.startswith("appendonly.aof of ")
        assert source.now() == MOMENT * 1000
        look = await source.look(b"s", Window())
        assert look is not None
        assert look.encoding == "intset"
    finally:
        await source.close()
    assert path.read_bytes() == before


async def test_all_parts_of_an_append_only_file(tmp_path: Path) -> None:
    folder = tmp_path / "appendonlydir"
    folder.mkdir()
    saved(folder / "a.aof.1.base.rdb", "7.2", "SET a 1", "RPUSH l a")
    (folder / "a.aof.1.incr.aof").write_bytes(appended("SELECT 0", "RPUSH l b"))
    (folder / "a.aof.2.incr.aof").write_bytes(
        appended("SELECT 0", "RPUSH l c", "LSET nowhere 0 x") + b"*2\r\n$4\r\nINCR"
    )
    manifest = folder / "a.aof.manifest"
    manifest.write_text(
        "file a.aof.1.base.rdb seq 1 type b\nfile a.aof.1.incr.aof seq 1 type i\nfile a.aof.2.incr.aof seq 2 type i\n"
    )
    for path in (folder, manifest, tmp_path):
        assert names_file(str(path))
        source = open_file(path, None, "jemalloc")
        try:
            info = await source.info()
            assert (info.keys, info.profile) == (2, "7.2")
            assert info.notice == (
                "Not shown of the file: 1 command that failed (the first: ERR no such key),"
                " 12 bytes at the end, where it is cut off."
            )
            assert (await source.execute([b"LRANGE", b"l", b"0", b"-1"])).reply == [b"a", b"b", b"c"]
        finally:
            await source.close()
    (folder / "a.aof.1.incr.aof").unlink()
    with pytest.raises(CannotRead, match=r"a\.aof\.1\.incr\.aof cannot be read: No such file"):
        open_file(folder, None, "jemalloc")
    manifest.write_text("file ../a seq 1 type b\n")
    with pytest.raises(CannotRead, match="can't be a path"):
        open_file(folder, None, "jemalloc")


def test_what_is_no_append_only_file_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "some.aof"
    path.write_bytes(appended("SET a 1") + b"SET b 2\r\n")
    with pytest.raises(CannotRead, match="at offset 27, where a command should begin"):
        open_file(path, None, "jemalloc")
