"""The 24 bits of LRU and LFU policies: clocks that go round, a counter that grows by chance and decays by the minute."""

from random import Random
from statistics import fmean

import pytest

from rinspect.engine import Engine
from rinspect.engine.lru import (
    CLOCK_MAX,
    COUNTER_START,
    bits_of,
    counted,
    frequency,
    idle_since,
    idle_time,
    incremented,
)
from tests.engine.both import Both, versions
from tests.real.servers import RealServer

NOW = 1_700_000_000_000
MINUTE = 60_000


def grown(uses: int, log_factor: int, seed: int) -> int:
    rng, counter = Random(seed), COUNTER_START
    for _ in range(uses):
        counter = incremented(counter, log_factor, rng)
    return counter


def test_seconds_and_minutes_share_the_bits() -> None:
    assert bits_of(NOW) == NOW // 1000 % (1 << 24)
    assert bits_of(counted(77, NOW)) == NOW // MINUTE % (1 << 16) << 8 | 77
    # Read under the other policy they mean something else, as the server warns.
    assert frequency(NOW, NOW, 0) == NOW // 1000 & 255


def test_idle_time_is_in_whole_seconds_and_goes_round_once() -> None:
    assert [idle_time(NOW, NOW + after) for after in (0, 999, 1000, 2999)] == [0, 0, 1000, 2000]
    assert idle_time(idle_since(NOW, 77_000), NOW) == 77_000
    round_once = (CLOCK_MAX + 1) * 1000
    # The server takes one second too few when its clock has gone round.
    assert idle_time(NOW, NOW + round_once - 1000) == (CLOCK_MAX - 1) * 1000
    assert idle_time(NOW, NOW + round_once) == 0


def test_the_counter_loses_one_for_each_period() -> None:
    used = counted(20, NOW)
    assert [frequency(used, NOW + minutes * MINUTE, 1) for minutes in (0, 1, 7, 20, 30)] == [20, 19, 13, 0, 0]
    assert [frequency(used, NOW + minutes * MINUTE, 5) for minutes in (4, 5, 26)] == [20, 19, 15]
    assert frequency(used, NOW + 1000 * MINUTE, 0) == 20, "no decay"
    # 16 bits of minutes go round in 45 days.
    assert frequency(used, NOW + 65_535 * MINUTE, 10_000) == 20 - 65_534 // 10_000


@pytest.mark.parametrize(
    ("log_factor", "uses", "low", "high"),
    [(0, 100, 105, 105), (1, 100, 17, 19.5), (10, 100, 9, 11), (10, 1000, 17.5, 20), (100, 1000, 9.5, 11.5)],
)
def test_growth_is_logarithmic(log_factor: int, uses: int, low: float, high: float) -> None:
    """About as the table in redis.conf says: 18, 10, 18, 11."""
    assert low <= fmean(grown(uses, log_factor, seed) for seed in range(40)) <= high


def test_it_stops_at_255() -> None:
    assert incremented(255, 0, Random(1)) == 255
    assert grown(300, 0, 1) == 255


@versions
def test_counters_grow_as_the_servers(real_server: RealServer) -> None:
    both = Both(real_server)
    both.run("CONFIG SET maxmemory-policy allkeys-lfu\nCONFIG SET lfu-decay-time 0")
    keys = [b"k:%d" % n for n in range(60)]
    for key in keys:
        both.execute(b"SET", key, b"v")
    uses = [[b"GET", key] for key in keys for _ in range(200)]
    real_server.pipeline(uses)
    for words in uses:
        both.session.execute(words)
    asked = [[b"OBJECT", b"FREQ", key] for key in keys]
    theirs = fmean(real_server.pipeline(asked))
    ours = fmean(int(str(both.session.execute(words))) for words in asked)
    # Some 12, with a deviation of less than 2: the means of 60 lie within one.
    assert abs(ours - theirs) < 1.5


def test_the_robj_is_drawn_with_its_counter() -> None:
    session = Engine("8.0", clock=lambda: NOW * 1000).session()
    session.execute([b"CONFIG", b"SET", b"maxmemory-policy", b"allkeys-lfu"])
    session.execute([b"RPUSH", b"k", b"a"])
    value = session.call.db.peek(b"k")
    assert value is not None
    lru = next(field for field in value.robj(None).fields if field.name == "lru")
    assert lru.value == NOW // MINUTE % (1 << 16) << 8 | 5
    assert "LFU counter 5" in lru.note
