"""MEMORY STATS, DOCTOR, HELP … and INFO memory: each version's fields, and figures that add up."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from rinspect.engine import Engine
from rinspect.engine.keyspace.report import allocator_name, human, memory_info, memory_overhead, memory_stats
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import Map, Verbatim
from tests.engine.both import Both, plain, versions
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer

every_profile = pytest.mark.parametrize("profile", PROFILES)

OF_TABLES = (
    "overhead.db.hashtable.lut", "overhead.db.hashtable.rehashing", "db.dict.rehashing.count", "keys.count",
    "cluster.links", "replication.backlog",
)  # fmt: skip


@versions
def test_fields_and_tables_are_the_servers(real_server: RealServer) -> None:
    both = Both(real_server)
    for n in range(48):
        both.run(f"SET key:{n} v EX 1000\nSET other:{n} v")
    both.run("SELECT 3\nSET k v\nSELECT 0\nMEMORY HELP\nMEMORY PURGE\nMEMORY DOCTOR\nMEMORY FOO\nMEMORY STATS x")
    # Both may be in the midst of a rehash; the server's cron ends its own.
    for number in (b"0", b"3"):
        both.session.execute([b"SELECT", number])
        while both.session.call.db.table.rehash_step(100) or both.session.call.db.expires.rehash_step(100):
            pass
    theirs = flat(real_server)
    while theirs.get("db.dict.rehashing.count", 0) or theirs["db.0"] != ours_flat(both)["db.0"]:
        theirs = flat(real_server)
    ours = ours_flat(both)
    assert list(ours) == list(theirs)
    for name in ("db.0", "db.3", *OF_TABLES):
        assert ours.get(name) == theirs.get(name), name
    info = memory_info(both.session.engine.keyspace)
    real = real_server.info("memory")
    assert list(info) == list(real)
    for name in (
        "maxmemory",
        "maxmemory_human",
        "maxmemory_policy",
        "mem_allocator",
        "used_memory_lua",
        "total_system_memory",
    ):
        assert info[name] == real[name], name


def flat(server: RealServer) -> dict[str, object]:
    reply = server.execute("MEMORY", "STATS")
    return dict(zip((name.decode() for name in reply[::2]), reply[1::2], strict=True))


def ours_flat(both: Both) -> dict[str, object]:
    reply = plain(both.session.execute([b"MEMORY", b"STATS"]))
    return dict(zip((name.decode() for name in reply[::2]), reply[1::2], strict=True))


@every_profile
def test_the_breakdown_adds_up(profile: str) -> None:
    engine = Engine(profile)
    session, ledger = engine.session(), engine.keyspace.ledger
    for n in range(500):
        session.execute([b"SET", b"key:%d" % n, b"x" * 1000])
    ledger.contributors["clients.normal"] = lambda: 5_000
    ledger.contributors["aof.buffer"] = lambda: 700
    ledger.contributors["the slow log"] = lambda: 30
    histograms = ledger.contributors.get("latency histograms", int)
    figures = memory_overhead(engine.keyspace)
    others = 30 + histograms()
    assert figures.used == ledger.startup + ledger.keyspace() + 5_700 + others
    assert figures.parts["clients.normal"] == 5_000
    assert figures.total + figures.dataset == figures.used
    tables = sum(db.main + db.expires for db in figures.databases)
    at_the_start = sum(figures.parts.values()) - 5_700
    assert figures.dataset == ledger.keyspace() + others - tables - at_the_start
    # A text of 1,000 bytes takes 1,024 (its robj is overhead), and a key 8 or 16.
    assert 500 * 1_032 < figures.dataset + at_the_start - others < 500 * 1_042
    assert figures.dataset_percentage == pytest.approx(100 * figures.dataset / figures.net)
    stats = memory_stats(engine.keyspace)
    whole = figures.net if engine.profile.version < (7, 4) else figures.dataset
    assert (stats["keys.count"], stats["keys.bytes-per-key"]) == (500, whole // 500)
    session.execute([b"FLUSHALL"])
    assert memory_overhead(engine.keyspace).peak == figures.used
    assert memory_overhead(engine.keyspace).peak_percentage > 100 * ledger.startup / figures.used


def test_resp3_has_maps_and_texts() -> None:
    session = Engine("8.0").session()
    session.call.resp = 3
    session.execute([b"SET", b"k", b"v"])
    stats = session.execute([b"MEMORY", b"STATS"])
    assert isinstance(stats, Map)
    assert isinstance(dict(stats.pairs)[b"db.0"], Map)
    assert isinstance(session.execute([b"MEMORY", b"DOCTOR"]), Verbatim)


def test_the_doctor_finds_a_peak_and_large_buffers() -> None:
    engine = Engine("8.0")
    session, ledger = engine.session(), engine.keyspace.ledger

    def report() -> str:
        text = session.execute([b"MEMORY", b"DOCTOR"])
        assert isinstance(text, bytes)
        return text.decode()

    assert "is empty or is using very little memory" in report()
    for n in range(100):
        session.execute([b"SET", b"k:%d" % n, b"x" * 100_000])
    assert "can't find any memory issue" in report()
    ledger.contributors["clients.normal"] = lambda: 3 * 300_000
    ledger.clients = lambda: 3
    assert " * Big client buffers" in report()
    ledger.clients = lambda: 5
    assert "can't find any memory issue" in report()
    session.execute([b"DEL", *(b"k:%d" % n for n in range(45))])
    assert " * Peak memory" in report()
    assert report().endswith("I'm here to keep you safe, Sam. I want to help you.\n")


def test_sizes_for_people() -> None:
    assert [human(size) for size in (0, 1023, 1024, 1536, 10 << 20, 3 << 30, 5 << 40)] == [
        "0B", "1023B", "1.00K", "1.50K", "10.00M", "3.00G", "5.00T",
    ]  # fmt: skip


def test_allocators_have_names() -> None:
    assert allocator_name("libc", "6.2") == "libc"
    assert allocator_name("jemalloc", "6.2") == "jemalloc-5.1.0"
    assert allocator_name("jemalloc", "8.0") == allocator_name("system-jemalloc", "7.0") == "jemalloc-5.3.0"
    libc = Engine("7.0", "libc").session()
    assert libc.execute([b"MEMORY", b"MALLOC-STATS"]) == b"Stats not supported for the current allocator"


@pytest.mark.parametrize("real_server", ["8.0"], indirect=True)
def test_no_touch_leaves_uses_alone(real_server: RealServer) -> None:
    both = Both(real_server)
    both.run("CONFIG SET maxmemory 1gb\nCONFIG SET maxmemory-policy allkeys-lfu")
    both.run("CONFIG SET lfu-log-factor 0\nCONFIG SET lfu-decay-time 0")
    runtime = both.session.engine.runtime
    for line in ("GET k", "SET k x", "SET k x XX", "MSET k y", "APPEND k z", "SETEX k 100 v", "GETSET k v", "TTL k"):
        both.run("FLUSHALL\nSET k v\nGET k\nGET k\nGET k")
        real_server.execute("CLIENT", "NO-TOUCH", "ON")
        runtime.no_touch = True
        runtime.attend()
        both.run(line)
        real_server.execute("CLIENT", "NO-TOUCH", "OFF")
        runtime.no_touch = False
        runtime.attend()
        both.run("OBJECT FREQ k")


@versions
def test_a_command_s_first_call_takes_a_histogram(real_server: RealServer) -> None:
    """From 7.0 on, 24 KB each: most of what a server without keys has in its dataset."""
    tried = ("PING", "GET", "TYPE", "TTL", "LLEN", "HGETALL", "SCARD", "ZCARD")
    with Hosted(real_server.profile, real_server.allocator) as hosted:
        grown = []
        for execute in (hosted.execute, real_server.execute):
            before = _allocated(hosted, execute)
            for name in tried:
                execute(name, *(() if name == "PING" else ("k",)))
            grown.append(_allocated(hosted, execute) - before)
            execute("CONFIG", "RESETSTAT")
            assert _allocated(hosted, execute) < before + 40_000
    ours, theirs = grown
    assert abs(ours - theirs) < 4_096  # Buffers of clients.
    assert (ours > 8 * 24_000) == (real_server.profile != "6.2")


def _allocated(hosted: Hosted, execute: Callable[..., Any]) -> int:
    execute("MEMORY", "STATS")  # The first call has a histogram of its own.
    hosted.clock.advance(100)
    reply = execute("MEMORY", "STATS")
    size = reply[reply.index(b"total.allocated") + 1]
    assert isinstance(size, int)
    return size


@pytest.mark.parametrize("real_server", ["8.0"], indirect=True)
def test_a_dataset_below_nothing_is_told_as_the_server_tells_it(real_server: RealServer) -> None:
    """8.0 counts the interpreters of scripts as overhead, though used_memory has them not. Without histograms that shows."""
    with Hosted("8.0", real_server.allocator) as hosted:
        for execute in (hosted.execute, real_server.execute):
            execute("CONFIG", "SET", "latency-tracking", "no")
            execute("CONFIG", "RESETSTAT")
            for keys in (1, 2):
                execute("SET", f"key:{keys}", "v")
                reply = execute("MEMORY", "STATS")
                stats = dict(zip(reply[::2], reply[1::2], strict=True))
                dataset, each = stats[b"dataset.bytes"], stats[b"keys.bytes-per-key"]
                assert -70_000 < dataset < 0
                assert each == (dataset if keys == 1 else (dataset + (1 << 64)) // 2)
                assert float(stats[b"dataset.percentage"]) > 1e10
            info = execute("INFO", "memory").decode()
            assert "\nused_memory_dataset:184467440737" in info


@every_profile
def test_the_dataset_is_never_below_what_the_server_s_own_parts_explain(profile: str) -> None:
    with Hosted(profile) as hosted:
        hosted.execute("SET", "k", "v")
        hosted.clock.advance(100)
        figures = memory_overhead(hosted.engine.keyspace)
    assert figures.dataset > -figures.parts.get("script.VMs", 0)


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
def test_overhead_and_dataset_of_few_keys_are_the_servers(real_server: RealServer) -> None:
    """Within what one connection more or less would be. Histograms are left out, for they depend on what was tried."""
    server = RealServer(real_server.build, "--latency-tracking", "no")
    try:
        with Hosted(server.profile, server.allocator) as hosted:
            hosted.another()  # The real server has one more client, too.
            hosted.execute("CONFIG", "SET", "latency-tracking", "no")
            for keys in (0, 1, 1000):
                for execute in (hosted.execute, server.execute):
                    for n in range(keys):
                        execute("SET", f"key:{n}", "x" * 10)
                ours, theirs = (_without_clients(execute) for execute in (hosted.execute, server.execute))
                for _ in range(200):  # The server's cron has to look at its clients, and to rehash.
                    if all(abs(mine - their) < 1_000 for mine, their in zip(ours, theirs, strict=True)):
                        break
                    hosted.engine.cron()
                    time.sleep(0.01)
                    ours, theirs = (_without_clients(execute) for execute in (hosted.execute, server.execute))
                else:
                    raise AssertionError(f"{keys} keys: {ours} here, {theirs} there")
    finally:
        server.stop()


def _without_clients(execute: Callable[..., Any]) -> tuple[int, int]:
    """Overhead and dataset of MEMORY STATS, beside the startup figure and the buffers of clients."""
    reply = execute("MEMORY", "STATS")
    stats = dict(zip(reply[::2], reply[1::2], strict=True))
    return stats[b"overhead.total"] - stats[b"startup.allocated"] - stats[b"clients.normal"], stats[b"dataset.bytes"]
