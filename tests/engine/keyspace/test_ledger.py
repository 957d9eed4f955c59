"""used_memory: a running total that equals the sum of all layouts, and what a server says."""

import contextlib
import time
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rinspect.engine import Engine, Session
from rinspect.engine.allocator import ALLOCATORS
from rinspect.engine.profile import PROFILES
from tests.engine.keyspace.weighing import NOTHING, weighed
from tests.engine.samples import START, built, cases
from tests.real.sentences import Sentences
from tests.real.servers import RealServer

GROUPS = ("string", "bitmap", "list", "set", "hash", "sorted-set", "geo")


@pytest.mark.parametrize("allocator", ALLOCATORS)
@pytest.mark.parametrize(("profile", "sample"), cases())
def test_what_a_value_was_given_is_its_layouts_sum(profile: str, sample: str, allocator: str) -> None:
    session = built(profile, sample, allocator=allocator)
    value = session.call.db.peek(b"k")
    assert value is not None
    expected = 0 if sample == "a shared int" else value.layout(NOTHING).size_class
    assert value.allocated() == expected
    assert session.engine.keyspace.ledger.keyspace() == weighed(session.engine.keyspace)


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=60, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_the_total_stays_the_sum_of_the_layouts(profile: str, data: st.DataObject) -> None:
    now = START
    engine = Engine(profile, clock=lambda: now)
    session, ledger = engine.session(), engine.keyspace.ledger
    session.execute([b"CONFIG", b"SET", b"list-compress-depth", b"1"])
    asked = data.draw(st.integers(1, 3))
    for at, sentence in enumerate(data.draw(Sentences(profile, GROUPS).texts())):
        session.execute([word if isinstance(word, bytes) else b"" for word in sentence])
        now += data.draw(st.sampled_from((0, 0, 1_000_000, 5_000_000_000)))
        if at % 7 == 6:
            engine.cron()
        if at % asked == 0:
            assert ledger.keyspace() == weighed(engine.keyspace), sentence
    assert ledger.keyspace() == weighed(engine.keyspace)
    session.execute([b"SWAPDB", b"0", b"1"])
    assert ledger.keyspace() == weighed(engine.keyspace)
    session.execute([b"FLUSHALL"])
    assert ledger.keyspace() == weighed(engine.keyspace)


def test_reading_counts_too() -> None:
    """A look-up moves buckets of a table that is being rehashed, and LRANGE unpacks nodes for good in 6.2."""
    session = built("6.2", "a set that moves")
    ledger = session.engine.keyspace.ledger
    before = ledger.keyspace()
    for _ in range(64):
        session.execute([b"SISMEMBER", b"k", b"no"])
    after = ledger.keyspace()
    assert after == weighed(session.engine.keyspace)
    assert after < before


def test_others_register_what_they_keep() -> None:
    engine = Engine("7.0", "system-jemalloc")
    ledger = engine.keyspace.ledger
    assert ledger.used() == ledger.startup == 876_448
    ledger.contributors["aof.buffer"] = lambda: 1000
    ledger.contributors["the slow log"] = lambda: 24
    ledger.uncounted.add("aof.buffer")
    assert (ledger.used(), ledger.not_counted(), ledger.peak) == (877_472, 1000, 877_472)
    del ledger.contributors["aof.buffer"]
    assert (ledger.used(), ledger.not_counted(), ledger.peak) == (876_472, 0, 877_472)


def test_closing_ends_the_accounts_and_asking_opens_them() -> None:
    engine = Engine("8.0")
    session, ledger = engine.session(), engine.keyspace.ledger
    session.execute([b"SET", b"k", b"v"])
    first, attentive = ledger.keyspace(), [engine.runtime.attentive]
    ledger.close()
    attentive.append(engine.runtime.attentive)
    assert attentive == [True, False]
    session.execute([b"SET", b"l", b"v"])
    assert all(db.account is None for db in engine.keyspace.databases)
    assert ledger.keyspace() > first


# -- beside servers -------------------------------------------------------------------------------------------------------


def ran(server: RealServer, session: Session, commands: list[list[bytes]]) -> tuple[int, int]:
    """(used_memory there, bytes of the keyspace here) after commands, once all is at rest: the client gone with its
    buffers, the rehashes done."""
    with contextlib.closing(server.connect()) as connection:
        connection.pipeline(commands)
    for words in commands:
        session.execute(words)
    for _ in range(50):
        session.engine.cron()
    last, same = -1, 0
    for _ in range(200):
        used = int(server.info("memory")["used_memory"])
        same = same + 1 if used == last else 0
        if same == 6:
            return used, session.engine.keyspace.ledger.keyspace()
        last = used
        time.sleep(0.03)
    raise AssertionError("used_memory never stood still")


def some_commands(rng: Random, count: int) -> list[list[bytes]]:
    """Commands after which memory is the same whatever the hash seed: no skiplists, no sets in tables."""
    written: list[list[bytes]] = []
    for at in range(count):
        size = rng.randrange(300)
        written += [
            [b"SET", b"string:%d" % at, b"x" * size],
            [b"SET", b"number:%d" % at, b"%d" % rng.choice((at, at + 10_000, -at))],
            [b"RPUSH", b"list:%d" % (at // 9), b"x" * size, b"%d" % at],
            [b"SADD", b"set:%d" % (at // 9), b"%d" % at],
            [b"HSET", b"hash:%d" % (at // 40), b"field:%d" % at, b"x" * size],
            [b"ZADD", b"zset:%d" % (at // 9), b"%d" % at, b"member:%d" % at],
            [b"APPEND", b"grown:%d" % (at // 5), b"x" * (size // 3)],
        ]
        if at % 3 == 0:
            written.append([b"PEXPIRE", b"string:%d" % at, b"1000000"])
        if at % 4 == 0:
            written.append([b"DEL", b"number:%d" % (at // 2)])
    return written


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
def test_used_memory_grows_to_the_byte_as_the_servers(real_server: RealServer) -> None:
    """On a server of the test's own: what the server keeps of commands and clients must not move meanwhile."""
    server = RealServer(real_server.build, "--latency-tracking", "no")
    try:
        with contextlib.closing(server.connect()) as connection:
            connection.execute("DEBUG", "REPLYBUFFER", "RESIZING", "0")
        session = Engine(server.profile, server.allocator).session()
        commands = some_commands(Random(7), 160)
        # What a server keeps of a command that ran for the first time does not count here.
        names = {words[0]: words for words in (*commands, [b"FLUSHALL"])}
        start, ours = ran(server, session, list(names.values()))
        for stop in (1, 100, 500, len(commands)):
            used, counted = ran(server, session, commands[:stop])
            assert counted - ours == used - start, stop
            ran(server, session, [[b"FLUSHALL"]])
    finally:
        server.stop()
