"""The cycles of active expiry: what they look at, when they stop, and what they tell."""

import contextlib
import time
from collections.abc import Iterator

import pytest

from rinspect.engine import Engine, Session
from rinspect.engine.events import DatabaseSampled, ExpireCycleEnded
from rinspect.engine.profile import PROFILES
from tests.engine.both import Both, versions
from tests.engine.samples import START
from tests.real.servers import RealServer

every_profile = pytest.mark.parametrize("profile", PROFILES)


class Clock:
    """Stands still, but for a `step` at each look, in microseconds."""

    def __init__(self) -> None:
        self.now, self.step = START, 0

    def __call__(self) -> int:
        self.now += self.step
        return self.now


def opened(profile: str) -> tuple[Session, Clock, list[ExpireCycleEnded]]:
    clock = Clock()
    session = Engine(profile, clock=clock).session()
    cycles: list[ExpireCycleEnded] = []
    session.engine.observe(lambda event: cycles.append(event) if isinstance(event, ExpireCycleEnded) else None)
    return session, clock, cycles


def expiring(session: Session, count: int, milliseconds: int, name: str = "k") -> None:
    for n in range(count):
        session.execute([b"SET", f"{name}:{n}".encode(), b"v", b"PX", b"%d" % milliseconds])


def settled(session: Session) -> None:
    """The table of `expires` has been rehashed."""
    for db in session.engine.keyspace.databases:
        while db.expires.rehash_step(100):
            pass


@every_profile
@pytest.mark.parametrize(("effort", "sample"), [(1, 20), (5, 40), (10, 65)])
def test_a_sample_without_dead_keys_is_enough(profile: str, effort: int, sample: int) -> None:
    session, _, cycles = opened(profile)
    session.execute([b"CONFIG", b"SET", b"active-expire-effort", b"%d" % effort])
    expiring(session, 1000, 100_000)
    settled(session)
    assert session.engine.keyspace.expire_cycle.slow() == 0
    (cycle,) = cycles
    (done,) = cycle.databases
    # A bucket is looked at as a whole.
    assert sample <= done.sampled <= sample + 8
    assert (done.db, done.expired, done.why, cycle.timed_out) == (0, 0, "fresh", False)
    assert cycle.limit == (25 + 2 * (effort - 1)) * 1000


@every_profile
def test_it_goes_on_while_many_are_dead(profile: str) -> None:
    session, clock, cycles = opened(profile)
    expiring(session, 500, 10)
    settled(session)
    clock.now += 1_000_000
    assert session.engine.keyspace.expire_cycle.slow() == 500
    (cycle,) = cycles
    assert cycle.databases[0].why == "seen"
    assert cycle.databases[0].expired == cycle.databases[0].sampled == 500
    stats = session.engine.runtime.stats
    assert (stats.expired_keys, round(stats.expired_stale_perc, 3)) == (500, 0.05)


@every_profile
def test_the_walk_goes_on_where_it_ended(profile: str) -> None:
    session, _, cycles = opened(profile)
    expiring(session, 200, 100_000)
    settled(session)
    for _ in range(60):
        session.engine.keyspace.expire_cycle.slow()
        if sum(cycle.databases[0].sampled for cycle in cycles) >= 200:
            break
    # All keys once, 20 or some more at a time, and not one twice.
    assert 7 <= len(cycles) <= 10
    assert session.call.db.avg_ttl in range(99_000, 100_001)


@every_profile
def test_when_time_is_up_the_fast_cycle_helps(profile: str) -> None:
    session, clock, cycles = opened(profile)
    cycle, stats = session.engine.keyspace.expire_cycle, session.engine.runtime.stats
    expiring(session, 3000, 10)
    settled(session)
    clock.now += 1_000_000
    assert cycle.fast() == 0, "nothing has asked for it yet"
    clock.step = 2000
    gone = cycle.slow()
    assert 300 <= gone <= 450, "16 samples of 20 keys, then a look at the clock"
    assert cycles[-1].timed_out
    assert cycles[-1].databases[0].why == "time"
    assert stats.expired_time_cap_reached_count == 1
    clock.step = 100
    fast = cycle.fast()
    assert 300 <= fast <= 450
    assert (cycles[-1].fast, cycles[-1].limit) == (True, 1000)
    clock.step = 0
    assert cycle.fast() == 0, "not again before twice its time has passed"
    clock.now += 2000
    assert cycle.fast() > 0
    assert stats.expire_cycle_cpu_microseconds > 25_000


@every_profile
def test_a_nearly_empty_table_is_left_alone(profile: str) -> None:
    session, clock, cycles = opened(profile)
    expiring(session, 3, 10)
    session.call.db.expires.expand(2048)
    settled(session)
    clock.now += 1_000_000
    session.engine.keyspace.expire_cycle.slow()
    assert cycles[-1].databases == (DatabaseSampled(0, 0, 0, "sparse"),)


@every_profile
def test_each_database_has_its_turn(profile: str) -> None:
    session, clock, cycles = opened(profile)
    for number in (1, 7, 15):
        session.execute([b"SELECT", b"%d" % number])
        expiring(session, 5, 10)
    settled(session)
    clock.now += 1_000_000
    assert session.engine.keyspace.expire_cycle.slow() == 15
    assert [(done.db, done.expired) for done in cycles[-1].databases] == [(1, 5), (7, 5), (15, 5)]


def test_it_can_be_switched_off_and_stands_still_in_a_pause() -> None:
    session, clock, cycles = opened("8.0")
    expiring(session, 10, 10)
    clock.now += 1_000_000
    cycle, runtime = session.engine.keyspace.expire_cycle, session.engine.runtime
    cycle.enabled = False
    assert cycle.slow() == 0
    cycle.enabled = True
    runtime.keys_frozen = True
    assert cycle.slow() == 0
    assert cycles == []
    # Who asks is told the truth, and the key stays.
    assert session.execute([b"GET", b"k:1"]) is None
    assert session.execute([b"DBSIZE"]) == 10
    assert session.execute([b"RANDOMKEY"]) in [b"k:%d" % n for n in range(10)]
    runtime.keys_frozen = False
    assert cycle.slow() == 10


@pytest.mark.parametrize("profile", ["7.4", "8.0"])
def test_more_fields_than_fit_keep_a_databases_turn(profile: str) -> None:
    session, clock, cycles = opened(profile)
    fields = [b"f%d" % n for n in range(3000)]
    session.execute([b"HSET", b"h", *(word for field in fields for word in (field, b"v"))])
    session.execute([b"HPEXPIRE", b"h", b"10", b"FIELDS", b"3000", *fields])
    session.execute([b"CONFIG", b"SET", b"hz", b"100"])
    clock.now += 1_000_000
    runtime = session.engine.runtime
    runtime.now = clock.now // 1000
    assert session.engine.keyspace.expire_cycle.slow() == 16 * 100
    assert cycles[-1].fields == runtime.stats.expired_subkeys == 1600
    session.engine.keyspace.expire_cycle.slow()
    assert session.execute([b"EXISTS", b"h"]) == 0


# -- beside servers -------------------------------------------------------------------------------------------------------


@pytest.fixture
def lazy_server(real_server: RealServer) -> Iterator[RealServer]:
    """A server without active expiry."""
    real_server.execute("DEBUG", "SET-ACTIVE-EXPIRE", "0")
    yield real_server
    with contextlib.closing(real_server.connect()) as connection:
        connection.execute("DEBUG", "SET-ACTIVE-EXPIRE", "1")


@versions
def test_what_expires_is_counted_as_the_servers_do(lazy_server: RealServer) -> None:
    real_server, both = lazy_server, Both(lazy_server)
    stats, before = both.session.engine.runtime.stats, real_server.info("stats")
    both.run("DEBUG SET-ACTIVE-EXPIRE 0\nSELECT 2")
    for n in range(10):
        both.run(f"SET k:{n} v EX 1000\nSET e:{n} v PX 1\nGET k:{n}\nGET no")
    both.run("HSET h a 1 b 2")
    with_fields = real_server.profile == "8.0"
    if with_fields:
        both.run("HPEXPIRE h 100000 FIELDS 1 a\nHSET f a 1 b 2\nHPEXPIRE f 1 FIELDS 1 a")
    time.sleep(0.005)
    for n in range(10):
        both.run(f"EXISTS e:{n}")
    if with_fields:
        both.run("HGET f a\nHGET f b")
    after = real_server.info("stats")
    for name in (
        "expired_keys",
        "evicted_keys",
        "keyspace_hits",
        "keyspace_misses",
        *(["expired_subkeys"] * with_fields),
    ):
        assert getattr(stats, name) == int(after[name]) - int(before[name]), name
    db = both.session.call.db
    assert real_server.info("keyspace")["db2"].startswith(
        f"keys={len(db)},expires={len(db.expires)},avg_ttl={db.avg_ttl}"
    )
    assert (len(db), len(db.expires), db.avg_ttl) == (12 if with_fields else 11, 10, 0)
