"""RDB files: written, read back, and read by a real server; and files that are none."""

from pathlib import Path
from random import Random

import pytest

from rinspect.engine import Engine, Session
from rinspect.engine.payload.checksum import crc64
from rinspect.engine.payload.codec import Writer
from rinspect.engine.persistence import BadFile, Loaded, glance, load, save
from rinspect.engine.persistence.loading import HEAD
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import CommandError
from tests import golden
from tests.engine.both import plain, versions
from tests.engine.samples import START, ask, built, cases
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer


def written(session: Session) -> bytes:
    data = bytearray()
    save(session.engine.keyspace, data.extend, {b"redis-ver": b"1.2.3", b"redis-bits": b"64"}, [b"#!lua name=x\n"])
    return bytes(data)


def read(profile: str, data: bytes) -> tuple[Session, Loaded]:
    engine = Engine(profile, clock=lambda: START)
    loaded = load(data, engine.keyspace)
    return engine.session(), loaded


def sealed(body: bytes, version: int = 9) -> bytes:
    """A file with this between its head and its end."""
    data = b"REDIS%04d%b\xff" % (version, body)
    return data + crc64(data).to_bytes(8, "little")


@pytest.mark.parametrize(("profile", "sample"), cases())
def test_every_encoding_comes_back(profile: str, sample: str) -> None:
    session = built(profile, sample)
    session.execute([b"COPY", b"k", b"other", b"DB", b"9"])
    ask(session, "PEXPIREAT k 4000000000000")
    data = written(session)
    other, loaded = read(profile, data)
    assert (loaded.keys, loaded.expired, loaded.empty) == (2, 0, [])
    assert (loaded.about, loaded.libraries) == ({b"redis-ver": b"1.2.3", b"redis-bits": b"64"}, [b"#!lua name=x\n"])
    for number in (b"0", b"9"):
        for each in (session, other):
            each.execute([b"SELECT", number])
        name = "k" if number == b"0" else "other"
        for question in ("DEBUG DIGEST-VALUE {}", "PEXPIRETIME {}", "TYPE {}"):
            if question.startswith("PEXPIRETIME") and PROFILES[profile].version < (7, 0):
                continue
            assert plain(ask(other, question.format(name))) == plain(ask(session, question.format(name)))
    # What is saved of what was loaded is the same file, but for the order in a table.
    assert len(written(other)) == len(data) or "long" in sample


@pytest.mark.parametrize("profile", PROFILES)
def test_snapshots_of_real_servers(profile: str) -> None:
    session, loaded = read(profile, golden.rdb(profile))
    assert loaded.keys >= 37
    assert loaded.about[b"redis-ver"].decode().startswith(profile)
    assert not loaded.empty
    types = {value.type for db in session.engine.keyspace.databases for entry in db.table if (value := entry.value)}  # type: ignore[attr-defined]
    assert types == {"string", "list", "set", "zset", "hash", "stream"}
    data = bytearray()
    save(session.engine.keyspace, data.extend, loaded.about, loaded.libraries)
    again, other = read(profile, bytes(data))
    assert (other.keys, other.about, other.libraries) == (loaded.keys, loaded.about, loaded.libraries)
    assert plain(ask(again, "DEBUG DIGEST")) == plain(ask(session, "DEBUG DIGEST"))


@versions
def test_a_real_server_reads_ours_and_we_read_its(real_server: RealServer, tmp_path: Path) -> None:
    file = real_server.folder / "dump.rdb"
    with Hosted(real_server.profile) as hosted:
        hosted.engine.runtime.config.dir = str(tmp_path)
        (tmp_path / "dump.rdb").write_bytes(golden.rdb(real_server.profile))
        assert hosted.execute("DEBUG", "RELOAD", "NOSAVE") == b"OK"
        hosted.execute("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu")
        assert hosted.execute("SAVE") == b"OK"
        file.write_bytes((tmp_path / "dump.rdb").read_bytes())
        try:
            assert plain(real_server.execute("DEBUG", "RELOAD", "NOSAVE")) == b"OK"
            digest = plain(real_server.execute("DEBUG", "DIGEST"))
            assert digest == plain(hosted.execute("DEBUG", "DIGEST"))
            hosted.execute("FLUSHALL")
            real_server.execute("SELECT", "3")
            real_server.execute("SET", "one", "more", "PX", "100000000")
            digest = plain(real_server.execute("DEBUG", "DIGEST"))
            assert plain(real_server.execute("SAVE")) == b"OK"
            (tmp_path / "dump.rdb").write_bytes(file.read_bytes())
            assert hosted.execute("DEBUG", "RELOAD", "NOSAVE") == b"OK"
            assert plain(hosted.execute("DEBUG", "DIGEST")) == digest
        finally:
            file.unlink()


@pytest.mark.parametrize(
    ("policy", "question"), [("allkeys-lru", "OBJECT IDLETIME k"), ("volatile-lfu", "OBJECT FREQ k")]
)
def test_what_the_policy_goes_by_is_kept(policy: str, question: str) -> None:
    moment = [START]
    engines = []
    for _ in range(2):
        engine = Engine("7.2", clock=lambda: moment[0])
        engine.runtime.config.set([("maxmemory-policy", policy)])
        engine.session().execute([b"SET", b"x", b"y"])  # the clock is read
        engines.append(engine)
    one, other = engines
    session = one.session()
    ask(session, "SET k v")
    for _ in range(50):
        ask(session, "GET k")
    moment[0] += 77_000_000
    data = bytearray()
    ask(session, "SET later v")
    save(one.keyspace, data.extend, {})
    ask(other.session(), "FLUSHALL")
    load(bytes(data), other.keyspace)
    answer = ask(session, question)
    assert ask(other.session(), question) == answer
    assert answer == 77 or policy == "volatile-lfu"


def test_what_is_over_or_empty_is_passed_over() -> None:
    past, future = (START // 1000 - 1).to_bytes(8, "little"), (START // 1000 + 9).to_bytes(8, "little")
    body = b"\xfe\x00\xfb\x05\x02"
    body += b"\xfc" + past + b"\x00\x01a\x01v"
    body += b"\xfc" + future + b"\x00\x01b\x01v"
    body += b"\x02\x01c\x00"  # a set without members
    body += b"\x0e\x01d\x00"  # a quicklist without nodes
    body += b"\xfd" + (1).to_bytes(4, "little") + b"\x00\x01e\x01v"
    session, loaded = read("7.0", sealed(body))
    assert (loaded.keys, loaded.expired, loaded.empty) == (1, 2, [b"c", b"d"])
    assert ask(session, "PTTL b") == 9
    assert ask(session, "PTTL c") == -2


BROKEN = {
    "it does not begin with REDIS and a version": b"SIDER0009\xff",
    "its format has version 99, and 7.0 reads 1 to 10": b"REDIS0099\xff",
    "it has a database 16, and there are only 16 here: see `databases`": sealed(b"\xfe\x10"),
    "key k is there twice in database 0": sealed(b"\x00\x01k\x01v\x00\x01k\x01w"),
    "it has key k, whose value a module defines, and there are no modules here": sealed(b"\x07\x01k\x81"),
    "it has data of a module": sealed(b"\xf7\x01"),
    "it has functions in a form from before 7.0 was released": sealed(b"\xf6\x01"),
    "its checksum is 706050403020100": sealed(b"\x00\x01k\x01v")[:-8] + bytes(range(8)),
    "0 left": sealed(b"\x00\x01k\x01v")[:-9],
    "no value has RDB type 99": sealed(b"\x63\x01k\x01v"),
    "5 bytes wanted at offset 13, 4 left (what was read there began at offset 9)": b"REDIS0009\x00\x01k\x05vvvv",
}


@pytest.mark.parametrize("reason", BROKEN)
def test_what_cannot_be_loaded_says_why(reason: str) -> None:
    with pytest.raises(BadFile) as error:
        read("7.0", BROKEN[reason])
    assert reason in str(error.value)


def test_what_modules_have_written_is_passed_over_if_need_be() -> None:
    name = b"\x81" + b"ReJSON-R"
    written = b"\x02\x05\x01\x07\x03abcd\x04abcdefgh\x05\x03xyz\x00"
    data = sealed(b"\xf7" + name + b"\x02\x02\x00" + b"\x07\x03doc" + name + written + b"\x00\x01k\x01v")
    with pytest.raises(BadFile, match="data of a module"):
        read("7.0", data)
    engine = Engine("7.0")
    loaded = load(data, engine.keyspace, without_modules=True)
    assert (loaded.keys, loaded.of_modules) == (1, [b"doc"])
    with pytest.raises(BadFile, match="a module's data has kind 9"):
        load(data.replace(b"\x03abcd", b"\x09abcd"), Engine("7.0").keyspace, without_modules=True)
    # What a module wrote in the first form has no end that others could see.
    with pytest.raises(BadFile, match="whose value a module defines"):
        load(sealed(b"\x06\x01k" + name), Engine("7.0").keyspace, without_modules=True)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_glance(profile: str) -> None:
    found = glance(golden.rdb(profile))
    assert found.version == PROFILES[profile].rdb_version
    assert found.about[b"redis-ver"].decode().startswith(profile)
    with pytest.raises(BadFile, match="does not begin"):
        glance(b"# a text")
    with pytest.raises(BadFile, match="0 left"):
        glance(b"REDIS0009")


def test_a_file_without_a_checksum() -> None:
    unchecked = sealed(b"\x00\x01k\x01v")[:-8] + bytes(8)
    session, loaded = read("7.0", unchecked)
    assert loaded.unchecked
    assert ask(session, "GET k") == b"v"
    before_there_was_one = b"REDIS0004\x00\x01k\x01v\xff"
    assert read("7.0", before_there_was_one)[1].keys == 1
    engine = session.engine
    engine.runtime.config.rdbchecksum = False
    data = bytearray()
    save(engine.keyspace, data.extend, {})
    assert data.endswith(b"\xff" + bytes(8))
    assert read("7.0", bytes(data))[1].unchecked


def test_an_expiry_of_minus_one_is_none() -> None:
    body = b"\xfc" + b"\xff" * 8 + b"\x00\x01a\x01v" + b"\xfd" + b"\xff" * 4 + b"\x00\x01b\x01v"
    session, loaded = read("7.0", sealed(body))
    assert (loaded.keys, loaded.expired) == (2, 0)
    assert [ask(session, "PTTL a"), ask(session, "PTTL b")] == [-1, -1]


@pytest.mark.parametrize("text", [b"9" * 14, b"9" * 5000, b"-1", b"x", b""])
def test_moments_that_are_none(text: bytes) -> None:
    out = Writer()
    for name in (b"ctime", b"used-mem"):
        out.u8(0xFA)
        out.string(name)
        out.string(text)
    loaded = glance(b"REDIS0009" + bytes(out.data) + b"\xff")
    assert loaded.created is None
    assert loaded.used_memory is None or loaded.used_memory == int(text)


def damaged(data: bytes, chance: Random) -> bytes:
    """A file in which some bytes are others, are missing or too many, and whose checksum is no help."""
    harmed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        at = chance.randrange(HEAD, len(harmed))
        match chance.randrange(4):
            case 0:
                harmed[at] = chance.randrange(256)
            case 1:
                del harmed[at : at + chance.randrange(1, 20)]
            case 2:
                harmed[at:at] = chance.randbytes(chance.randrange(1, 9))
            case _:
                del harmed[at:]
        if len(harmed) <= HEAD:
            break
    return bytes(harmed[:-8]) + bytes(8)


def try_damaged(profile: str, seed: int) -> bool:
    """Load a damaged file; whether that went well. Whatever was in the keys before is in them still."""
    chance = Random(seed)
    engine = Engine(profile, clock=lambda: START)
    session = engine.session()
    ask(session, "SELECT 7")
    ask(session, "SET k v")
    try:
        load(
            damaged(golden.rdb(profile), chance),
            engine.keyspace,
            without_modules=chance.random() < 0.5,
            as_found=chance.random() < 0.5,
        )
    except BadFile:
        return False
    finally:
        assert ask(session, "GET k") == b"v"
        for db in engine.keyspace.databases:
            session.execute([b"SELECT", b"%d" % db.number])
            for key in list(db.table.index):
                session.execute([b"DUMP", key])
                assert not isinstance(session.execute([b"DEBUG", b"OBJECT", key]), CommandError)
    return True


def test_damage_is_told_or_does_no_harm() -> None:
    outcomes = {try_damaged(profile, seed) for profile in golden.RECORDED for seed in range(10)}
    assert outcomes == {True, False}


@pytest.mark.fuzz
@pytest.mark.parametrize("profile", golden.RECORDED)
def test_much_damage(profile: str) -> None:
    base = Random().randrange(1 << 32)
    for seed in range(base, base + 1000):
        try:
            try_damaged(profile, seed)
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
