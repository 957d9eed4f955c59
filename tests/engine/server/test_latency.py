"""LATENCY: series of what took long, their graph, the doctor, and histograms of commands."""

import time

import pytest

from rinspect.engine import Engine
from rinspect.engine.server.latency import Sample, Series
from rinspect.engine.server.sparkline import age, graph
from tests.engine.both import plain, versions
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer


@versions
def test_answers_are_the_servers(real_server: RealServer) -> None:
    script = """
        LATENCY DOCTOR
        LATENCY HELP
        LATENCY RESET
        LATENCY RESET a b
        LATENCY HISTORY foo
        LATENCY HISTORY
        LATENCY GRAPH foo
        LATENCY LATEST
        LATENCY LATEST x
        LATENCY FOO
        CONFIG SET latency-monitor-threshold 1
        LATENCY DOCTOR
        LATENCY HISTOGRAM foo bar
    """
    with Hosted(real_server.profile) as hosted:
        for line in script.strip().splitlines():
            assert plain(hosted.execute(*line.split())) == plain(real_server.execute(*line.split())), line


@versions
def test_graph_and_doctor_are_the_servers(real_server: RealServer) -> None:
    """After real events: ours are put in with the same figures."""
    real_server.execute("CONFIG", "SET", "latency-monitor-threshold", 5)
    real_server.execute("DEBUG", "SLEEP", 0.009)
    time.sleep(1.01)
    real_server.execute("DEBUG", "SLEEP", 0.03)
    with Hosted(real_server.profile) as hosted:
        hosted.execute("CONFIG", "SET", "latency-monitor-threshold", 5)
        for at, milliseconds in real_server.execute("LATENCY", "HISTORY", "command"):
            hosted.clock.microseconds = at * 1_000_000
            hosted.server.latency.took("command", milliseconds * 1000)
        while True:
            before = int(real_server.execute("TIME")[0])
            theirs = [real_server.execute("LATENCY", *words) for words in (("GRAPH", "command"), ("DOCTOR",))]
            if int(real_server.execute("TIME")[0]) == before:
                break
        hosted.clock.microseconds = before * 1_000_000
        assert [hosted.execute("LATENCY", *words) for words in (("GRAPH", "command"), ("DOCTOR",))] == theirs
        assert hosted.execute("LATENCY", "HISTORY", "command") == real_server.execute("LATENCY", "HISTORY", "command")
        assert hosted.execute("LATENCY", "LATEST") == real_server.execute("LATENCY", "LATEST")
        assert hosted.execute("LATENCY", "RESET", "COMMAND") == 1
        assert hosted.execute("LATENCY", "LATEST") == []


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
def test_histograms_have_the_servers_classes(real_server: RealServer) -> None:
    """Whatever the server measured: each class that it names is one that ours can name."""
    for seconds in (0, 0.0005, 0.003, 0.02):
        for _ in range(3):
            real_server.execute("DEBUG", "SLEEP", seconds)
    real_server.execute("SET", "k", "v")
    ours = set()
    with Hosted(real_server.profile) as hosted:
        stats = hosted.engine.commands[b"SET"].stats
        for power in range(20):
            stats.clear()
            stats.add(1 << power)
            ours |= {end for end, _ in stats.cumulated()}
        hosted.execute("CLIENT", "ID")
        hosted.execute("CLIENT", "GETNAME")
        names = hosted.execute("LATENCY", "HISTOGRAM", "client", "nosuch", "client|id")[::2]
        assert names == [b"client|id", b"client|getname", b"client|id"]
    for figures in real_server.execute("LATENCY", "HISTOGRAM", "debug", "set")[1::2]:
        assert set(figures[3][::2]) <= ours
        assert figures[3][-1] == figures[1]


def test_a_second_has_one_sample_the_worst() -> None:
    series = Series()
    for at, milliseconds in ((1, 5), (1, 9), (1, 7), (2, 3)):
        series.add(at, milliseconds)
    assert list(series.samples) == [Sample(1, 9), Sample(2, 3)]
    assert series.worst == 9
    for at in range(200):
        series.add(10 + at, 1)
    assert len(series.samples) == 160
    assert series.worst == 9


def test_events_are_noted_by_what_took_long() -> None:
    with Hosted() as hosted:
        told = []
        hosted.server.latency.listeners.append(lambda event, sample: told.append((event, sample.milliseconds)))
        hosted.execute("CONFIG", "SET", "latency-monitor-threshold", 10)
        runtime = hosted.engine.runtime
        assert runtime.took_time is not None
        runtime.took_time("expire-cycle", 9_999)
        runtime.took_time("expire-cycle", 10_000)
        for words, flag in (((b"GET", b"k"), "fast-command"), ((b"KEYS", b"*"), "command")):
            clock = iter([0, 20_000])
            runtime.ticks, before = lambda clock=clock: next(clock, 20_000) * 1000, runtime.ticks  # type: ignore[misc]
            hosted.engine.session().execute(words)
            runtime.ticks = before
            assert told[-1] == (flag, 20)
        assert told[0] == ("expire-cycle", 10)
        hosted.execute("CONFIG", "SET", "latency-monitor-threshold", 0)
        assert runtime.took_time is None


def test_deletions_that_take_long_are_noted() -> None:
    ticks = iter(range(0, 10**9, 7_000))
    engine = Engine("8.0", clock=lambda: next(ticks))
    session, noted = engine.session(), []
    engine.runtime.took_time = lambda event, took: noted.append((event, took))
    session.execute([b"SET", b"k", b"v", b"PX", b"1"])
    session.execute([b"GET", b"k"])
    assert noted == [("expire-del", 7_000)]
    session.execute([b"SET", b"k", b"v", b"PX", b"1"])
    engine.cron()
    assert [event for event, _ in noted[1:]] == ["expire-del", "expire-cycle"]
    session.execute([b"SET", b"a", b"v"])
    session.execute([b"CONFIG", b"SET", b"maxmemory", b"1"])
    session.execute([b"CONFIG", b"SET", b"maxmemory-policy", b"allkeys-lru"])
    session.execute([b"GET", b"a"])
    assert {event for event, _ in noted[3:]} == {"eviction-del", "eviction-cycle"}


def test_a_long_series_is_drawn_in_parts() -> None:
    series = Series()
    for at in range(100):
        series.add(at, at % 13)
    lines = graph("command", series, 100).split("\n")
    assert lines[0] == "command - high 12 ms, low 0 ms (all time high 12 ms)"
    assert len(lines[1]) == len(lines[2]) == 80
    assert "" in lines[3:-1], "the parts stand apart"
    assert [age(seconds) for seconds in (59, 60, 3599, 3600, 86399, 86400)] == ["59s", "1m", "59m", "1h", "23h", "1d"]
