"""INFO: each version's sections and fields, and what the counters count."""

import re

import pytest

from rinspect.engine.commandstats import CommandStats
from rinspect.engine.profile import PROFILES
from rinspect.engine.server.info.sections import SECTIONS, section
from tests.engine.both import versions
from tests.engine.server.hosted import Hosted
from tests.real.connection import pack
from tests.real.servers import RealServer

LEFT_OUT = {
    "atomicvar_api": "how C's atomic operations were compiled",
    "gcc_version": "the compiler of the server's C",
    "module": "no module is loaded; 8.0 has one of its own",
    "allocator_allocated_lua": "Lua's allocator, which there is none of",
    "allocator_active_lua": "likewise",
    "allocator_resident_lua": "likewise",
    "allocator_frag_bytes_lua": "likewise",
}
"""Fields of real servers that there are not here, and why."""

OF_HISTORY = ("cmdstat_", "errorstat_", "latency_percentiles_", "listener")
"""Fields that there is one of for each command, error or socket."""


def names(text: str) -> list[str]:
    """Titles and fields, in order."""
    lines = [line.partition(":")[0] for line in text.split("\r\n")]
    return [name for name in lines if name not in LEFT_OUT and not name.startswith(OF_HISTORY)]


@versions
@pytest.mark.parametrize(
    "words",
    [
        (), ("everything",), ("all",), ("default",), ("ALL", "cpu"), ("cpu", "clients", "CPU"), ("modules",),
        ("module_list",), ("nonsense",), ("commandSTATS",), ("keysizes", "threads"), ("debug",), ("all", "debug"),
    ],
)  # fmt: skip
def test_sections_and_fields_are_the_servers(real_server: RealServer, words: tuple[str, ...]) -> None:
    for word in ("SET k v", "HSET h f v"):
        real_server.execute(*word.split())
    with Hosted(real_server.profile, real_server.allocator) as hosted:
        hosted.execute("SET", "k", "v")
        hosted.execute("HSET", "h", "f", "v")
        ours, theirs = hosted.execute("INFO", *words), real_server.execute("INFO", *words)
    if len(words) > 1 and real_server.profile == "6.2":
        assert str(ours) == str(theirs) == "ERR syntax error"
    else:
        assert names(ours.decode()) == names(theirs.decode())


@versions
def test_keys_are_told_as_the_server_does(real_server: RealServer) -> None:
    script = ["SET a v", "SET b vv", "RPUSH l 1 2 3", "SELECT 3", "SADD s 1 2", "HSET h a b c d", "ZADD z 1 m 2 n"]
    script += ["SET e " + "x" * 5000, "DEL a", "SWAPDB 3 5", "SELECT 5", "SADD s 3 4", "XADD x 1-1 a b", "DEL x"]
    with Hosted(real_server.profile) as hosted:
        for line in script:
            assert hosted.execute("INFO", "keysizes") == real_server.execute("INFO", "keysizes")
            hosted.execute(*line.split())
            real_server.execute(*line.split())
        for name in ("keysizes", "keyspace", "cluster", "replication"):
            ours, theirs = hosted.execute("INFO", name).split(), real_server.execute("INFO", name).split()
            assert [one for one in ours if b"replid:" not in one] == [one for one in theirs if b"replid:" not in one]
        hosted.execute("FLUSHALL")
        assert hosted.execute("INFO", "keysizes", *["keyspace"] * (real_server.profile != "6.2")).count(b":") == 0


@versions
def test_failures_are_counted_where_the_server_counts_them(real_server: RealServer) -> None:
    script = ["SET a", "GET a b c", "LPUSH k 1", "INCR k", "CLIENT FOO", "CLIENT SETNAME", "NOSUCH", "EXEC", "MULTI"]
    script += ["SET", "EXEC", "CONFIG SET maxmemory x", "AUTH a b c", "CLIENT SETNAME n"]
    with Hosted(real_server.profile) as hosted:
        hosted.execute("CONFIG", "RESETSTAT")
        real_server.execute("CONFIG", "RESETSTAT")
        for line in script:
            ours, theirs = hosted.execute(*line.split()), real_server.execute(*line.split())
            assert str(ours) == str(theirs)
        assert counts(hosted.execute("INFO", "commandstats")) == counts(real_server.execute("INFO", "commandstats"))
        assert hosted.execute("INFO", "errorstats") == real_server.execute("INFO", "errorstats")
        stats = hosted.server.engine.error_counts
        assert f"total_error_replies:{sum(stats.values())}".encode() in hosted.execute("INFO", "stats")


def counts(text: bytes) -> set[tuple[str, ...]]:
    """Each command's figures but for its time."""
    lines = [line.decode() for line in text.split(b"\r\n") if b":" in line]
    return {(line.partition(":")[0], *(f for f in line.split(",") if "usec" not in f)) for line in lines}


@pytest.mark.parametrize("profile", PROFILES)
def test_each_section_says_something_or_nothing_of_its_own(profile: str) -> None:
    with Hosted(profile) as hosted:
        for one in SECTIONS:
            text = hosted.execute("INFO", one.name).decode()
            assert text.startswith(f"# {one.title}\r\n") if one.since <= hosted.engine.profile.version else not text


@versions
def test_too_few_replicas_are_told_where_some_are_asked_for(real_server: RealServer) -> None:
    with Hosted(real_server.profile, real_server.allocator) as hosted:
        for lag in ("10", "0"):
            for execute in (hosted.execute, real_server.execute):
                execute("CONFIG", "SET", "min-replicas-to-write", "2")
                execute("CONFIG", "SET", "min-replicas-max-lag", lag)
            ours, theirs = hosted.execute("INFO", "replication"), real_server.execute("INFO", "replication")
            assert names(ours.decode()) == names(theirs.decode())
            assert (b"\r\nmin_slaves_good_slaves:0\r\n" in theirs) == (lag == "10")


def test_rates_are_means_of_samples() -> None:
    with Hosted() as hosted:
        for _ in range(20):
            for _ in range(10):
                hosted.execute("PING")
            hosted.clock.advance(100)
            hosted.go_round()
        info = hosted.execute("INFO", "stats").decode()
        assert "instantaneous_ops_per_sec:100\r\n" in info
        assert "total_commands_processed:200\r\n" in info
        # 14 bytes each time, in; and 7 out.
        assert "instantaneous_input_kbps:1.37\r\n" in info
        assert "instantaneous_output_kbps:0.68\r\n" in info
        hosted.execute("CONFIG", "RESETSTAT")
        info = hosted.execute("INFO", "stats").decode()
        assert "instantaneous_ops_per_sec:0\r\n" in info
        assert "total_commands_processed:1\r\n" in info


def test_the_most_that_one_iteration_served() -> None:
    def most() -> int:
        found = re.search(rb"eventloop_cmd_per_cycle_max:(\d+)", hosted.execute("INFO", "debug"))
        assert found
        return int(found[1])

    with Hosted() as hosted:
        other, waiting = hosted.another(), hosted.another()
        other.socket.sendall(pack(["PING"]) * 3)
        waiting.socket.sendall(pack(["PING"]) + pack(["BLPOP", "k", "0"]) + pack(["PING"]) * 9)
        hosted.go_round()
        assert most() == 5
        hosted.execute("CONFIG", "RESETSTAT")
        assert most() == 1


def test_resetstat_counts_traffic_anew() -> None:
    with Hosted() as hosted:
        hosted.another()
        hosted.execute("CONFIG", "RESETSTAT")
        asked = b"*2\r\n$4\r\nINFO\r\n$5\r\nstats\r\n"
        info = hosted.execute("INFO", "stats").decode()
        assert f"total_net_input_bytes:{len(asked)}\r\n" in info
        assert "total_net_output_bytes:5\r\n" in info
        assert "total_connections_received:0\r\n" in info
        assert "total_reads_processed:1\r\n" in info


def test_failed_logins_are_counted_for_good() -> None:
    with Hosted("8.0") as hosted:
        hosted.execute("AUTH", "somebody", "wrong")
        hosted.execute("HELLO", 3, "AUTH", "somebody", "wrong")
        hosted.execute("CONFIG", "RESETSTAT")
        assert section(hosted.server, "stats")["acl_access_denied_auth"] == "2"


def test_tracking_is_counted() -> None:
    with Hosted() as hosted:
        hosted.execute("HELLO", 3)
        hosted.execute("CLIENT", "TRACKING", "on")
        hosted.execute("GET", "k")
        hosted.another().execute("CLIENT", "TRACKING", "on", "BCAST", "PREFIX", "a", "PREFIX", "b", "REDIRECT", 1)
        found = section(hosted.server, "stats") | section(hosted.server, "clients")
        names = ("tracking_clients", "tracking_total_keys", "tracking_total_items", "tracking_total_prefixes")
        assert [found[name] for name in names] == ["2", "1", "1", "2"]


def test_a_command_that_waits_is_counted_when_it_is_done() -> None:
    with Hosted() as hosted:
        other = hosted.another()
        other.execute("BLPOP", "k", "0")
        assert b"cmdstat_blpop" not in hosted.execute("INFO", "commandstats")
        hosted.execute("RPUSH", "k", "v")
        assert b"cmdstat_blpop:calls=1," in hosted.execute("INFO", "commandstats")
        other.execute("BLPOP", "k", "0")
        hosted.execute("CLIENT", "UNBLOCK", other.client.id, "ERROR")
        assert b"cmdstat_blpop:calls=2,usec=0,usec_per_call=0.00,rejected_calls=0,failed_calls=1" in hosted.execute(
            "INFO", "commandstats"
        )


def test_percentiles_are_those_of_the_servers_histogram() -> None:
    # `latency_percentiles_usec_…` as servers gave them for a single call, or two.
    for took, shown in ((14, 14015), (1, 1003), (8, 8031), (179, 179199), (1384, 1384447)):
        stats = CommandStats()
        stats.add(took)
        assert stats.percentile(50) == shown
    stats = CommandStats()
    for took in (3, 6):
        stats.add(took)
    assert [stats.percentile(share) for share in (0, 50, 99, 99.9)] == [2992, 3007, 6015, 6015]
    assert list(stats.cumulated()) == [(4, 1), (8, 2)]
    assert CommandStats().percentile(50) == 0
    stats.add(7_000_000)
    assert list(stats.cumulated())[-1][1] == 3
