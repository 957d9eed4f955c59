"""maxmemory: what is evicted, when, and what is told of it; policies without chance held against servers."""

import contextlib
import time
from collections import Counter

import pytest

from rinspect.engine import Engine, Session
from rinspect.engine.events import Candidate, EvictionEnded, EvictionStarted, KeyChanged, KeyEvicted
from rinspect.engine.keyspace.eviction import Eviction, time_limit
from rinspect.engine.keyspace.pool import POOL_SIZE, EvictionPool
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import CommandError
from tests.engine.both import Both, plain, versions
from tests.engine.samples import START
from tests.real.servers import RealServer

POLICIES = (
    "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "allkeys-lru", "allkeys-lfu", "allkeys-random",
)  # fmt: skip
OOM = "OOM command not allowed when used memory > 'maxmemory'."


class Clock:
    """Stands still, but for a `step` at each look, in microseconds."""

    def __init__(self, step: int = 0) -> None:
        self.now, self.step = START, step

    def __call__(self) -> int:
        self.now += self.step
        return self.now


def opened(profile: str = "8.0", clock: Clock | None = None) -> Session:
    return Engine(profile, clock=clock or Clock()).session()


def run(session: Session, line: str) -> object:
    return plain(session.execute([word.encode() for word in line.split()]))


def filled(session: Session, count: int = 100) -> Session:
    """With keys of 1,000 bytes each, every other one of them with a TTL."""
    for n in range(count):
        session.execute([b"SET", b"key:%d" % n, b"x" * 1000, *((b"EX", b"%d" % (1000 + n)) if n % 2 else ())])
    return session


def limit(session: Session, below: int) -> None:
    """Set maxmemory so many bytes below what is in use."""
    used = session.engine.keyspace.ledger.used()
    run(session, f"CONFIG SET maxmemory {used - below}")


# -- the pool -------------------------------------------------------------------------------------------------------------


def test_the_pool_keeps_the_best_in_order() -> None:
    pool = EvictionPool()
    for score in (5, 3, 9, 3, 7):
        pool.offer(0, b"%d" % score, score)
    assert [candidate.score for candidate in pool.shown()] == [3, 3, 5, 7, 9]
    for score in range(100, 111):
        pool.offer(1, b"%d" % score, score)
    assert len(pool) == POOL_SIZE
    pool.offer(0, b"too little", 2)
    pool.offer(0, b"as little", 3)
    assert [candidate.score for candidate in pool.shown()] == [3, 3, 5, 7, 9, *range(100, 111)]
    pool.offer(0, b"50", 50)
    assert [candidate.score for candidate in pool.shown()] == [3, 5, 7, 9, 50, *range(100, 111)]
    assert pool.take() == Candidate(1, b"110", 110)


# -- how much, and of which -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("profile", PROFILES)
def test_as_many_go_as_are_needed(profile: str, policy: str) -> None:
    session = filled(opened(profile))
    run(session, f"CONFIG SET maxmemory-policy {policy}")
    limit(session, 10_000)
    assert run(session, "SET one more") == b"OK"
    ledger, stats = session.engine.keyspace.ledger, session.engine.runtime.stats
    gone = 101 - int(str(run(session, "DBSIZE")))
    # A key with its value takes some 1,100 bytes, and the one that came needed no room yet.
    assert 9 <= gone <= 10
    assert stats.evicted_keys == gone
    assert ledger.used() <= session.engine.runtime.config.maxmemory + 200
    if policy.startswith("volatile"):
        assert all(run(session, f"EXISTS key:{n}") for n in range(0, 100, 2))


@pytest.mark.parametrize("profile", PROFILES)
def test_without_a_policy_commands_that_need_memory_are_refused(profile: str) -> None:
    session = filled(opened(profile))
    other = session.engine.session()
    run(other, "MULTI")
    run(other, "SET in transaction")
    limit(session, 1)
    assert run(other, "LPUSH in transaction") == OOM
    assert run(other, "EXEC") == f"EXECABORT Transaction discarded because of: {OOM}"
    assert run(session, "SET a b") == OOM
    assert run(session, "GET key:1") == b"x" * 1000
    assert run(session, "EXPIRE key:1 100") == 1
    assert run(session, "DEL key:1 key:2") == 2
    assert run(session, "SET a b") == b"OK"


def test_volatile_policies_leave_the_rest_alone_and_fail_then() -> None:
    session = filled(opened())
    run(session, "CONFIG SET maxmemory-policy volatile-ttl")
    run(session, "CONFIG SET maxmemory 1")
    assert run(session, "SET a b") == OOM
    assert (run(session, "DBSIZE"), session.engine.runtime.stats.evicted_keys) == (50, 50)
    assert session.engine.keyspace.evictor.perform() is Eviction.FAIL


def test_random_policies_take_the_databases_in_turn() -> None:
    session = opened()
    for number in range(4):
        run(session, f"SELECT {number}")
        filled(session, 20)
    events: list[object] = []
    session.engine.observe(events.append)
    run(session, "CONFIG SET maxmemory-policy allkeys-random")
    limit(session, 8_000)
    run(session, "PING")
    counts = Counter(event.db for event in events if isinstance(event, KeyEvicted))
    assert set(counts) == {0, 1, 2, 3}
    assert max(counts.values()) - min(counts.values()) <= 1


def test_lru_spares_what_was_used_lately() -> None:
    clock = Clock()
    session = filled(opened(clock=clock), 200)
    clock.now += 100_000_000
    for n in range(100):
        run(session, f"GET key:{n}")
    clock.now += 1_000_000
    run(session, "CONFIG SET maxmemory-policy allkeys-lru")
    limit(session, 40_000)
    run(session, "PING")
    used = sum(int(str(run(session, f"EXISTS key:{n}"))) for n in range(100))
    unused = sum(int(str(run(session, f"EXISTS key:{n}"))) for n in range(100, 200))
    # Five samples at a time are an approximation; the pool makes it a good one.
    assert used >= 98
    assert unused < 68


@pytest.mark.parametrize("profile", PROFILES)
def test_no_table_grows_where_there_is_no_memory_for_it(profile: str) -> None:
    session = opened(profile)
    for n in range(1024):
        run(session, f"SET key:{n} v")
    table = session.call.db.table
    while table.rehash_step(100):
        pass
    run(session, "CONFIG SET maxmemory-policy allkeys-random")
    limit(session, -10_000)
    for n in range(20):
        run(session, f"SET more:{n} v")
    assert (len(table), table.buckets, table.rehashing) == (1044, 1024, False), "2,048 buckets take 16,384 bytes"
    run(session, "CONFIG SET maxmemory 0")
    run(session, "SET one more")
    assert (table.buckets, table.rehashing) == (1024 + 2048, True)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_crowded_table_grows_whatever_that_costs(profile: str) -> None:
    session = opened(profile)
    for n in range(1024):
        run(session, f"SET key:{n} v")
    table = session.call.db.table
    while table.rehash_step(100):
        pass
    session.engine.runtime.has_memory_for = lambda size: False
    for n in range(633):
        run(session, f"SET more:{n} v")
    assert (len(table), table.rehashing) == (1657, False)
    run(session, "SET one more")
    assert table.rehashing


# -- how long -------------------------------------------------------------------------------------------------------------


def test_tenacity_is_time() -> None:
    assert [time_limit(tenacity) for tenacity in (0, 1, 10, 11, 12, 100)] == [0, 50, 500, 575, 661, None]
    two_minutes = time_limit(99)
    assert two_minutes is not None
    assert 120_000_000 < two_minutes < 130_000_000


def test_what_takes_too_long_is_gone_on_with_later() -> None:
    clock = Clock(step=40)
    session = filled(opened(clock=clock), 300)
    called: list[None] = []
    session.engine.keyspace.evictor.on_running = lambda: called.append(None)
    run(session, "CONFIG SET maxmemory-policy allkeys-lru")
    run(session, "CONFIG SET maxmemory-eviction-tenacity 0")
    limit(session, 100_000)
    evictor, stats = session.engine.keyspace.evictor, session.engine.runtime.stats
    assert (stats.evicted_keys, len(called)) == (0, 1), "a timer may see to the new limit"
    assert evictor.perform() is Eviction.RUNNING
    assert (stats.evicted_keys, len(called)) == (16, 2)
    assert stats.last_eviction_exceeded_time
    rounds = 0
    while evictor.perform() is Eviction.RUNNING:
        rounds += 1
    assert 4 <= rounds <= 6
    assert stats.last_eviction_exceeded_time == 0
    assert stats.total_eviction_exceeded_time > 0


def test_a_pause_keeps_all_keys() -> None:
    session = filled(opened())
    run(session, "CONFIG SET maxmemory-policy allkeys-lru")
    session.engine.runtime.keys_frozen = True
    limit(session, 50_000)
    assert run(session, "SET a b") == b"OK"
    assert run(session, "DBSIZE") == 101


# -- what is told ---------------------------------------------------------------------------------------------------------


def test_what_is_told() -> None:
    session = filled(opened(), 40)
    run(session, "CONFIG SET maxmemory-policy volatile-ttl")
    limit(session, 1_500)
    events: list[object] = []
    session.engine.observe(events.append)
    session.engine.keyspace.evictor.perform()
    started, *evicted, ended = [event for event in events if not isinstance(event, KeyChanged)]
    assert isinstance(started, EvictionStarted)
    assert (started.policy, started.to_free, started.used - started.maxmemory) == ("volatile-ttl", 1_500, 1_500)
    assert len(evicted) == 2
    for event in evicted:
        assert isinstance(event, KeyEvicted)
        # The best of the pool stands last in it.
        assert event.pool[-1] == Candidate(0, event.key, event.score or 0)
        assert list(event.pool) == sorted(event.pool, key=lambda candidate: candidate.score)
        when = (1 << 64) - 1 - (event.score or 0)
        assert when // 1000 == START // 1_000_000 + 1000 + int(event.key[4:])
        assert event.freed > 1_000
    assert isinstance(ended, EvictionEnded)
    assert (ended.keys, ended.why) == (2, "enough")
    assert ended.freed == sum(event.freed for event in evicted if isinstance(event, KeyEvicted))


# -- beside servers -------------------------------------------------------------------------------------------------------


def evicted_in_order(server: RealServer, count: int) -> list[bytes]:
    """The keys that the server tells of, in order, once it has memory for nothing."""
    with contextlib.closing(server.connect()) as listening:
        server.execute("CONFIG", "SET", "notify-keyspace-events", "Ee")
        listening.execute("SUBSCRIBE", "__keyevent@0__:evicted")
        server.execute("CONFIG", "SET", "maxmemory", "1")
        server.execute("PING")
        return [listening.receive()[2] for _ in range(count)]


@versions
@pytest.mark.parametrize("policy", ["volatile-ttl", "allkeys-lfu", "volatile-lfu"])
def test_the_order_is_the_servers_where_all_keys_are_sampled(real_server: RealServer, policy: str) -> None:
    """On a server of the test's own: another one's pool might have candidates left from other policies."""
    server = RealServer(real_server.build)
    try:
        both = Both(server)
        both.run(f"CONFIG SET maxmemory-policy {policy}\nCONFIG SET maxmemory-samples 64\nCONFIG SET lfu-log-factor 0")
        for n in range(12):
            both.run(f"SET k:{n} v EX {1000 + n * 7919 % 12}")
            both.run(f"GET k:{n}\n" * (n * 5 % 12))
        both.run("SET never expires\n" + "GET never\n" * 20)
        count = 13 if policy.startswith("allkeys") else 12
        events: list[object] = []
        both.session.engine.observe(events.append)
        both.session.execute([b"CONFIG", b"SET", b"maxmemory", b"1"])
        both.session.execute([b"PING"])
        ours = [event.key for event in events if isinstance(event, KeyEvicted)]
        assert ours == evicted_in_order(server, count)
        assert both.execute(b"SET", b"a", b"b") == OOM
        assert both.execute(b"DBSIZE") == 13 - count
        both.run("EXISTS never\nLPUSH l x\nGETSET never x\nDEL never\nCOPY never x\nCONFIG SET maxmemory 0\nSET a b")
    finally:
        server.stop()


@versions
def test_idle_times_and_frequencies_are_told_by_policy(real_server: RealServer) -> None:
    both = Both(real_server)
    for policy in ("noeviction", *POLICIES):
        both.run(f"FLUSHALL\nCONFIG SET maxmemory-policy {policy}\nSET k v\nOBJECT IDLETIME k\nOBJECT FREQ k\nGET k")
    both.run("CONFIG SET lfu-log-factor 0\nGET k\nGET k\nOBJECT FREQ k\nOBJECT FREQ no\nOBJECT IDLETIME no")
    dumped = real_server.execute("DUMP", "k")
    both.execute(b"RESTORE", b"f", b"0", dumped, b"FREQ", b"77")
    both.execute(b"RESTORE", b"i", b"0", dumped, b"IDLETIME", b"77")
    both.run("OBJECT FREQ f\nOBJECT FREQ i\nCONFIG SET maxmemory-policy allkeys-lru")
    both.execute(b"RESTORE", b"f", b"0", dumped, b"FREQ", b"77", b"REPLACE")
    both.execute(b"RESTORE", b"i", b"0", dumped, b"IDLETIME", b"77", b"REPLACE")
    both.run("OBJECT IDLETIME f\nOBJECT IDLETIME i")


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
def test_eviction_begins_at_the_servers_number_of_keys(real_server: RealServer) -> None:
    """The server is given room for 64 keys and what it takes itself; what a key takes is the same to the byte."""
    server = RealServer(real_server.build, "--latency-tracking", "no", "--maxmemory-policy", "noeviction")
    try:
        session = Engine(server.profile, server.allocator).session()
        session.execute([b"CONFIG", b"SET", b"latency-tracking", b"no"])
        with contextlib.closing(server.connect()) as connection:
            for n in range(64):
                words = [b"SET", b"key:%03d" % n, b"x" * 5_000]
                connection.execute(*words)
                session.execute(words)
            time.sleep(0.3)
            used = int(server.info("memory")["used_memory"])
            grown = session.engine.keyspace.ledger.used()
            connection.execute("CONFIG", "SET", "maxmemory", str(used + 20 * 5_300))
            session.execute([b"CONFIG", b"SET", b"maxmemory", b"%d" % (grown + 20 * 5_300)])
            stored = [0, 0]

            def here(*words: bytes) -> object:
                return session.execute(words)

            for which, execute in enumerate((connection.execute, here)):
                for n in range(64, 128):
                    reply = execute(b"SET", b"key:%03d" % n, b"x" * 5_000)
                    if isinstance(plain(reply), str) and str(plain(reply)).startswith("OOM"):
                        break
                    stored[which] += 1
    finally:
        server.stop()
    # Its client's buffers breathe by less than a few keys.
    assert abs(stored[0] - stored[1]) <= 8
    assert stored[1] == 21
    assert not isinstance(session.execute([b"GET", b"key:001"]), CommandError)
