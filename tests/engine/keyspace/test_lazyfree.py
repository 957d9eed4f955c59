"""What is left to the thread that frees: decided and counted as servers do it."""

import time

import pytest

from rinspect.engine import Engine
from rinspect.engine.events import FreedLazily
from rinspect.engine.keyspace.lazyfree import free_effort
from rinspect.engine.profile import PROFILES
from tests.engine.both import Both, versions
from tests.engine.keyspace.weighing import NOTHING
from tests.engine.samples import built, cases
from tests.real.servers import RealServer

EFFORTS = {"a short set": 3, "a long set": 600, "a set that moves": 65, "a long hash": 600, "a long hash with expiry": 600,
           "a long sorted set": 150, "a short stream": 2, "a long stream with groups": 10}  # fmt: skip


@pytest.mark.parametrize(("profile", "sample"), cases())
def test_the_effort_is_about_the_allocations(profile: str, sample: str) -> None:
    value = built(profile, sample).call.db.peek(b"k")
    assert value is not None
    layout = value.layout(NOTHING)
    elements = EFFORTS.get(sample, 1) if layout.encoding in ("hashtable", "skiplist", "stream") else 1
    assert free_effort(value) == layout.facts.get("nodes", elements)


def members(count: int) -> str:
    return " ".join(f"member:{n}" for n in range(count))


SCRIPT = (
    # Just below, and just above what is worth it; a blob is one allocation, however many elements it has.
    f"SADD s {members(64)} {'x' * 65}|UNLINK s",
    f"SADD s {members(63)} {'x' * 65}|UNLINK s",
    f"HSET h a {'x' * 65} {members(128)}|UNLINK h",
    f"HSET h {members(200)}|UNLINK h",
    "RPUSH l " + " ".join(["x" * 5000] * 66) + "|UNLINK l",
    "RPUSH l " + " ".join(["x" * 5000] * 60) + "|UNLINK l",
    "SET k v|UNLINK k no",
    # DEL is as lazy as it is told to be, and so is what happens on the way.
    f"SADD s {members(99)} {'x' * 65}|DEL s",
    f"CONFIG SET lazyfree-lazy-user-del yes|SADD s {members(99)} {'x' * 65}|DEL s",
    f"SADD s {members(99)} {'x' * 65}|SET s v|DEL s",
    f"CONFIG SET lazyfree-lazy-server-del yes|SADD s {members(99)} {'x' * 65}|SET s v",
    f"SADD t {members(99)} {'x' * 65}|RENAME s t",
    f"SADD a {members(99)} {'x' * 65}|SADD b 1|SINTERSTORE a a b",
    f"SADD a {members(99)} {'x' * 65}|SREM a {members(99)} {'x' * 65}",
    f"SADD e {members(99)} {'x' * 65}|PEXPIREAT e 1",
    f"CONFIG SET lazyfree-lazy-expire yes|SADD e {members(99)} {'x' * 65}|PEXPIREAT e 1",
    "FLUSHDB|SET k v|SET l v|FLUSHALL ASYNC",
    "SET k v|SET l v|FLUSHDB SYNC",
    "CONFIG SET lazyfree-lazy-user-flush yes|SET k v|SELECT 1|SET l v|SELECT 0|FLUSHALL",
)


def freed(server: RealServer) -> int:
    for _ in range(500):
        memory = server.info("memory")
        if memory["lazyfree_pending_objects"] == "0":
            # Not reset by CONFIG RESETSTAT in 6.2.
            return int(memory["lazyfreed_objects"])
        time.sleep(0.002)
    raise AssertionError("the thread never came to an end")


@versions
def test_as_many_are_left_to_the_thread(real_server: RealServer) -> None:
    both = Both(real_server)
    start, stats = freed(real_server), both.session.engine.runtime.stats
    for lines in SCRIPT:
        for line in lines.split("|"):
            words = [word.encode() for word in line.split()]
            both.session.execute(words)
            real_server.execute(*words)
        assert stats.lazyfreed_objects == freed(real_server) - start, lines[:60]


@pytest.mark.parametrize("profile", PROFILES)
def test_expiry_is_lazy_where_that_is_set(profile: str) -> None:
    now = 1_000_000_000
    session = Engine(profile, clock=lambda: now).session()
    stats, events = session.engine.runtime.stats, list[object]()
    session.engine.observe(events.append)
    for setting in ("no", "yes"):
        session.execute([b"CONFIG", b"SET", b"lazyfree-lazy-expire", setting.encode()])
        for key in (b"a", b"b"):
            session.execute([b"SADD", key, *(b"member:%d" % n for n in range(200))])
            session.execute([b"PEXPIRE", key, b"10"])
        now += 1_000_000
        session.execute([b"GET", b"a"])
        for _ in range(2):  # the first walk may have begun behind it
            session.engine.cron()
        assert session.execute([b"DBSIZE"]) == 0
    assert (stats.lazyfreed_objects, stats.expired_keys) == (2, 4)
    told = [event for event in events if isinstance(event, FreedLazily)]
    assert [(event.db, event.key, event.objects, event.effort) for event in told] == [
        (0, b"a", 1, 200),
        (0, b"b", 1, 200),
    ]
    assert all(event.size and event.size > 200 * 16 for event in told)
