"""Monitor's panels from frozen records, in three widths, held against stored text."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from rinspect.drawing.line import text_of
from rinspect.drawing.monitor.appendonly import draw_append_only, rewritten_at
from rinspect.drawing.monitor.clients import ORDERS, client_facts, clients_head, clients_lines
from rinspect.drawing.monitor.expiry import draw_expiry, reason
from rinspect.drawing.monitor.figures import draw_figures
from rinspect.drawing.monitor.headline import headline
from rinspect.drawing.monitor.latency import draw_latency
from rinspect.drawing.monitor.loop import draw_loop, pending, served
from rinspect.drawing.monitor.memory import draw_memory_of_all
from rinspect.drawing.monitor.parts import Picture, bar, graph, level
from rinspect.drawing.monitor.pubsub import draw_pubsub
from rinspect.drawing.monitor.shortening import command_within
from rinspect.drawing.monitor.slow import slow_entry, slow_head, slow_lines
from rinspect.engine.events import (
    Candidate,
    DatabaseSampled,
    EvictionEnded,
    ExpireCycleEnded,
    FreedLazily,
    KeyEvicted,
)
from rinspect.engine.server.extent import Extent
from rinspect.monitoring.appendonly import AppendOnlyNow, File, Flow, Rewrites, Snapshot, Unseen, Written
from rinspect.monitoring.clients import ClientRow
from rinspect.monitoring.keyspace import Eviction, Expired, ExpiryNow, MemoryNow, Share, Spread
from rinspect.monitoring.loop import (
    Held,
    LoopFigures,
    LoopGlance,
    Pending,
    Ready,
    Running,
    Saving,
    StepTime,
    Timer,
    Toll,
    Waited,
    Work,
)
from rinspect.monitoring.pubsub import Channel, KeyEvent, Message, PubSubNow
from rinspect.monitoring.slow import Durations, Mark, Series, Slow, SlowNow
from tests.drawing.expectations import check, too_wide, written

AT = 1_800_000_000_000_000
SIZES = ((116, 27), (77, 15), (59, 14))

LOOP = LoopGlance(
    multiplexer="epoll",
    iteration=9113,
    phase="file events",
    steps=(StepTime("pause", 2), StepTime("unblocked", 1), StepTime("replies", 52), StepTime("frees", 1)),
    before_sleep=56,
    polled=7,
    after_sleep=2,
    file_events=2100,
    time_events=1,
    ready=(Ready(12, "read", 12, "worker-3", "running"), Ready(14, "read", 14, "web-1", "waits")),
    timers=(Timer("serverCron", -1_700_000),),
    pending=(
        Pending(12, "worker-3", 12, 0, 0, (b"KEYS", b"*"), 0, None, "running"),
        Pending(14, "web-1", 14, 412, 0, (), 0, 1_760_000, "ready"),
        Pending(9, "web-2", 9, 61, 0, (), 0, 900_000, "ready"),
        Pending(7, "sub", 7, 0, 0, (), 14_540, None, ""),
        Pending(8, "", 8, 0, 0, (b"BLPOP", b"queue", b"0"), 0, 218_000, "blocked"),
    ),
    clients=7,
    running=Running(12, "worker-3", (b"KEYS", b"*"), 1_760_000, "O(N)", 1_000_000),
    held=None,
    until="",
    breakpoints=(),
    clock_stands=True,
    behind=0,
    threads=(
        Work("bio_close_file", 0, "before sleep", "closes files that were replaced", "none here"),
        Work("bio_aof", 86, "before sleep", "has the AOF written to the disk", "at work, jobs pending: 1"),
        Work("bio_lazy_free", 12, "file events", "frees large values", "here the loop does, at once"),
    ),
)
AFTERWARDS = replace(
    LOOP,
    running=None,
    pending=(),
    phase="poll",
    tolls=(
        Toll(
            AT, 12, "worker-3", (b"KEYS", b"*"), 1_760_000, "O(N)",
            (Waited(14, "web-1", 1_760_000, True), Waited(9, "web-2", 900_000, False)), 0,
        ),
    ),
)  # fmt: skip
HELD = replace(
    LOOP,
    running=None,
    ready=tuple(
        Ready(20 + at, "read", at, f"web-{at}", "served" if at < 6 else "running" if at == 6 else "waits")
        for at in range(1, 13)
    ),
    pending=(
        replace(LOOP.pending[0], client=6, name="web-6", parsed=(b"GET", b"user:1"), state="held"),
        *LOOP.pending[1:],
    ),
    held=Held("GET", 6, "web-6", (b"GET", b"user:1"), "breakpoint: GET, key user:*"),
    breakpoints=("GET, key user:*", "longer than 5 ms"),
    unaccepted=2,
)
IDLE = replace(LOOP, running=None, pending=(), ready=(), phase="poll", timers=(Timer("serverCron", 48_000),))
SAVING = Saving(25_929, "dump.rdb", 120_300, 1_000_000, 8_302_592, 3, 917)

CLIENTS = tuple(
    ClientRow(number, {"id": str(number), "addr": f"127.0.0.1:5000{number}", "fd": str(number), "name": name, "age": "700",
                       "idle": str(number), "flags": "N", "db": "0", "sub": "1", "psub": "0", "multi": "-1", "qbuf": qbuf,
                       "argv-mem": "0", "obl": obl, "omem": "0", "tot-mem": "17152", "cmd": "get"})
    for number, name, qbuf, obl in ((3, "web-1", "0", "20480"), (4, "", "512", "0"), (5, "worker", "2048", "100"))
)  # fmt: skip

BLOCKED = replace(CLIENTS[2], blocked=(b"BLPOP", b"jobs:waiting", b"0"))

PUBSUB = PubSubNow(
    channels=(
        Channel(b"news", "channel", ("sub", "client 9"), 2),
        Channel(b"n*", "pattern", ("sub",), 1),
        Channel(b"shard", "shard channel", (), 3),
    ),
    total=5,
    messages=(
        Message(AT, b"news", b"hello", 3),
        Message(AT, b"__keyevent@0__:expired", b"k\x00\xff", 0),
        Message(AT, b"__keyspace@0__:" + 30 * b"long:", b"set", 0),
    ),
    events=(
        KeyEvent(AT, 0, b"user:1", "changed"),
        KeyEvent(AT, 2, b"session:7", "expired by the cycle"),
        KeyEvent(AT, 0, b"old", "evicted by allkeys-lru"),
    ),
    notify="",
)
POOL = (Candidate(0, b"old:1", 90_000), Candidate(0, b"old:2", 60_000))
EXPIRY = ExpiryNow(
    spread=Spread((("1 s", 49), ("10 s", 53), ("1 min", 196), ("longer", 2)), 300, 597, 300_609),
    cycles=(
        ExpireCycleEnded(AT, False, (DatabaseSampled(0, 40, 6, "fresh"),), 0, 294, 25_000, False),
        ExpireCycleEnded(AT, True, (DatabaseSampled(0, 800, 700, "time"),), 3, 1000, 1000, True),
    ),
    expired=(Expired(AT, 0, b"user:282", False), Expired(AT - 300_000_000, 0, b"user:7", True)),
    evictions=(
        Eviction(EvictionEnded(AT, 16, 40_000, 510, "time"), "web-1", (b"SET", b"big", b"xxxxxx")),
        Eviction(EvictionEnded(AT, 3, 4_000, 80, "enough"), "", ()),
    ),
    evicted=(
        KeyEvicted(
            0, b"session:with:a:long:name", "allkeys-lru", 125_000, 1_104, (*POOL, *(Candidate(0, b"x", 1),) * 14)
        ),
        KeyEvicted(0, b"any", "allkeys-random", None, 72, ()),
    ),
    pool=POOL,
    used=2_200_000,
    maxmemory=2_097_152,
    policy="allkeys-lru",
    samples=5,
    counters={"expired_keys": "1,204", "evicted_keys": "19"},
)
ON_A_SERVER = replace(
    EXPIRY, spread=None, cycles=None, expired=None, evictions=None, evicted=None, pool=None, samples=0
)
MEMORY = MemoryNow(
    used=25_500_616,
    peak=25_600_000,
    shares=(
        Share("at the start", 670_944, "the server without keys and clients: measured"),
        Share("clients.normal", 34_304),
        Share(
            "db0", 24_797_208, "",
            (
                Share("keys", 17_512_736, "", (Share("dictEntry × 300,470", 7_211_280), Share("sds × 300,470", 4_007_416))),
                Share("hash values", 7_284_472, "", (Share("listpack × 12", 7_284_472, "120 B of it slack"),)),
            ),
        ),
    ),
    residual=-1840,
    residual_note="came or went since the keys were walked",
    facts={},
    freed=(FreedLazily(0, b"many", 1, 1000, 65_536), FreedLazily(3, None, 5000, 5000, None)),
    age=16.0,
)  # fmt: skip
ENTRIES = (
    Slow(
        5,
        AT,
        328_000,
        (b"KEYS", b"*9999*"),
        "127.0.0.1:5000",
        "worker-3",
        4,
        9113,
        "file events",
        ("sub",),
        ("web-1",),
        1,
        Extent(300_715, "keys", 0, passed=True),
    ),
    Slow(4, AT - 9_000_000, 12_000, (b"SORT", b"a list"), "127.0.0.1:5001", "", None),
)
NOBODY_READY = replace(
    ENTRIES[0],
    argv=(b"RPOP", b"queue"),
    before=(),
    behind=(),
    waiting=0,
    extent=Extent(17, "elements", 0, b"queue"),
    toll=Toll(
        AT, 4, "worker-3", (b"RPOP", b"queue"), 328_000, "O(N)",
        (Waited(14, "web-1", 300_000, False), Waited(9, "web-2", 120_000, False)), 0, 3,
    ),
)  # fmt: skip
SLOW = SlowNow(
    now=AT + 2_000_000,
    entries=ENTRIES,
    slower_than=10_000,
    series=(Series("command", ((AT // 1_000_000 - 9, 12), (AT // 1_000_000, 328)), 900), Series("fork", (), 3)),
    threshold=10,
    durations=(Durations("GET", 1000, ((1, 500), (4, 480), (4096, 20))), Durations("CONFIG|SET", 1, ((1_048_576, 1),))),
    marks=(
        Mark(AT, "slow", 328_000),
        Mark(AT - 9_000_000, "slow", 12_000),
        Mark(AT, "expiry", 800),
        Mark(AT - 3_000_000, "blocked", 4),
    ),
)
FIGURES = LoopFigures(
    {"instantaneous_ops_per_sec": "1203", "connected_clients": "12", "multiplexing_api": "epoll", "hz": "10"},
    (("get", 120_000, 1.25), ("config|get", 3, 40.0)),
)

FILES = (
    File("appendonly.aof.3.base.rdb", "base", 10_882, appended_to=False),
    File("appendonly.aof.3.incr.aof", "incr", 12_345, appended_to=True),
)
LONG = (b"SET", b"load:string:51", b"dcc65ed566e9" * 10)
APPENDED = (
    Written(AT, 0, (b"SELECT", b"0"), 23),
    Written(AT, 0, (b"set", b"greeting", b"hello there"), 48),
    Written(AT, 0, (b"SET", b"k", b"v", b"PXAT", b"1800000010000"), 63, (b"SET", b"k", b"v", b"EX", b"10")),
    Written(AT, 0, (*LONG, b"PXAT", b"1800000010000"), 123, (*LONG, b"EX", b"10")),
    Unseen(AT, 12_345),
    Written(AT, None, (b"MULTI",), 15, place="first"),
    Written(AT, 0, (b"INCR", b"n"), 21, place="inside"),
    Written(AT, 0, (b"SREM", b"s", b"b\x00\xff"), 28, (b"SPOP", b"s"), place="inside"),
    Written(AT, None, (b"EXEC",), 14, place="last"),
    Written(AT, 12, (b"DEL", b"k"), 20, gone="expired"),
    Written(AT, 0, (b"UNLINK", b"session:7"), 31, (b"GET", b"session:7"), "expired"),
    Written(AT, 0, (b"DEL", b"old"), 22, gone="evicted"),
    Written(AT, 0, (b"DEL", b"load:string:5"), 420, gone="expired", count=12),
    Written(AT, 0, (b"HDEL", b"load:hash:5", b"long-" * 20, b"f"), 4200, gone="expired", count=1200),
    Written(AT, 0, (b"LPOP", b"jobs:" + 20 * b"long:"), 140, (b"BLMPOP", b"0", b"2", b"x" * 90, b"jobs", b"LEFT")),
)  # fmt: skip
APPENDING = AppendOnlyNow(
    state="on",
    fsync="everysec",
    failure="",
    flow=Flow(0, 12_345, 45, 1),
    pending=0,
    delayed=0,
    size=23_227,
    base_size=10_882,
    percentage=100,
    min_size=1 << 16,
    rewrite=None,
    rewrites=Rewrites(3, 2, failed=False, scheduled=False),
    snapshot=Snapshot(130, 12, failed=False),
    place="/var/lib/redis/appendonlydir",
    files=FILES,
    tail=APPENDED,
    forgotten=0,
    facts={},
)
FAILING = replace(
    APPENDING,
    fsync="always",
    failure="No space left on device",
    flow=Flow(512, 1_234_567_890, 4096, 40),
    pending=2,
    delayed=1,
    rewrites=Rewrites(3, 2, failed=True, scheduled=True),
    percentage=0,
    tail=(),
)
GONE = replace(APPENDING, files=tuple(replace(file, size=None) for file in FILES), tail=())
REWRITING = replace(
    APPENDING,
    fsync="no",
    rewrite=Saving(25_929, "temp-rewriteaof-bg-25929.aof", 120_300, 1_000_000, 8_302_592, 3, 917),
    files=(
        *(File(f"appendonly.aof.{seq}.incr.aof", "history", 1000 * seq, appended_to=False) for seq in range(1, 8)),
        *FILES[:1],
        File("appendonly.aof.4.incr.aof", "incr", 0, appended_to=True),
    ),
    tail=APPENDED[:2],
)
WAITING = File("temp-appendonly.aof.incr", "incr", 0, appended_to=True)
TOLD_BY_A_SERVER = replace(
    APPENDING,
    flow=Flow(0, None, None, None),
    place="",
    files=None,
    tail=None,
    facts={"aof_enabled": "1", "aof_current_size": "23227", "rdb_last_bgsave_status": "ok"},
)

Draw = Callable[[int, int], Picture]
PICTURES: dict[str, Draw] = {
    "loop": lambda width, height: draw_loop(LOOP, width, height),
    "loop-afterwards": lambda width, height: draw_loop(AFTERWARDS, width, height),
    "loop-held": lambda width, height: draw_loop(HELD, width, height),
    "loop-idle": lambda width, height: draw_loop(IDLE, width, height),
    "loop-saving": lambda width, height: draw_loop(replace(IDLE, saving=SAVING), width, height),
    "clients": lambda width, height: Picture(
        clients_lines((*CLIENTS[:2], BLOCKED), width),
        clients_head(3, 2003, "id", width),
        client_facts(BLOCKED, width, 5),
    ),
    "pubsub": lambda width, height: draw_pubsub(PUBSUB, width, height),
    "pubsub-server": lambda width, height: draw_pubsub(replace(PUBSUB, messages=None, events=None), width, height),
    "expiry": lambda width, height: draw_expiry(EXPIRY, width, height),
    "expiry-server": lambda width, height: draw_expiry(ON_A_SERVER, width, height),
    "memory": lambda width, height: draw_memory_of_all(MEMORY, width),
    "slow": lambda width, height: Picture(slow_lines(ENTRIES, width), slow_head(SLOW, width)),
    "slow-entry": lambda width, height: Picture(slow_entry(ENTRIES[0], "O(N) with N being the number of keys", width)),
    "slow-entry-nobody-ready": lambda width, height: Picture(slow_entry(NOBODY_READY, "O(N)", width)),
    "slow-entry-server": lambda width, height: Picture(slow_entry(ENTRIES[1], "", width)),
    "latency": lambda width, height: draw_latency(SLOW, width),
    "latency-off": lambda width, height: draw_latency(
        replace(SLOW, threshold=0, durations=(), limits="Some things are not told."), width
    ),
    "appending": lambda width, height: draw_append_only(APPENDING, width),
    "appending-fails": lambda width, height: draw_append_only(FAILING, width),
    "appending-gone": lambda width, height: draw_append_only(GONE, width),
    "appending-rewrite": lambda width, height: draw_append_only(REWRITING, width),
    "appending-off": lambda width, height: draw_append_only(
        replace(APPENDING, state="off", flow=None, files=(), tail=()), width
    ),
    "appending-waits": lambda width, height: draw_append_only(
        replace(REWRITING, state="waiting for a rewrite", files=(WAITING,), tail=()), width
    ),
    "appending-server": lambda width, height: draw_append_only(TOLD_BY_A_SERVER, width),
    "appending-server-off": lambda width, height: draw_append_only(
        replace(TOLD_BY_A_SERVER, state="off", flow=None), width
    ),
    "figures": lambda width, height: draw_figures(FIGURES, width),
}


@pytest.fixture(autouse=True)
def times_are_universal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize("name", PICTURES)
def test_they_are_drawn_as_stored(name: str) -> None:
    lines: list[str] = []
    for width, height in SIZES:
        picture = PICTURES[name](width, height)
        drawn = [*picture.head, *picture.lines, *picture.below]
        assert too_wide(drawn, width) == []
        lines += [f"== {width}x{height}", *written(drawn)]
    check(f"monitor-{name}", lines)


def said(glance: LoopGlance, width: int) -> str:
    lines = headline(glance, width)
    assert too_wide(lines, width) == []
    return "\n".join(map(text_of, lines))


def test_a_loop_that_was_held_says_how_far_its_time_is_behind() -> None:
    going_on = replace(AFTERWARDS, behind=12_300_000)
    assert "nobody holds it · time here is 12.30 s behind" in said(going_on, 116)
    assert "nobody holds it · time here is 12.30 s behind" in said(going_on, 77)
    assert "behind" not in said(going_on, 40)
    assert "behind" not in said(replace(going_on, behind=999_999), 116)


def test_a_loop_with_nobody_but_the_prompt_says_how_to_have_something_to_watch() -> None:
    for clients, said_so in ((1, True), (2, False)):
        lines = pending(replace(LOOP, pending=(), clients=clients), 46)
        assert ("press w" in "\n".join(map(text_of, lines))) == said_so


@pytest.mark.parametrize("width", [116, 77, 59])
def test_a_held_loop_says_at_what_whose_why_and_whether_time_stands_still(width: int) -> None:
    assert "held before GET user:1 of web-6" in said(HELD, width)
    assert "breakpoint: GET, key user:* · time stands still" in said(HELD, width)
    assert "time goes on, for TTLs too" in said(replace(HELD, clock_stands=False), width)
    assert "epoll" not in said(HELD, width)
    argv = (b"HSET", b"user:1" + 100 * b"x", b"f", b"v")
    after = Held("after HSET", 7, "worker", argv, "breakpoint: longer than 1 ms", 12_345)
    assert "held after HSET user:1x" in said(replace(HELD, held=after), width)
    assert "… of worker, took 12.3 ms" in said(replace(HELD, held=after), width)


@pytest.mark.parametrize(
    ("until", "text"),
    [("", "running 7 clients, nobody holds it"), ("command", "runs until the next command"), ("any", "the next thing")],
)
def test_a_running_loop_says_what_is_to_hold_it(until: str, text: str) -> None:
    assert text in said(replace(IDLE, until=until), 59)


@pytest.mark.parametrize("now", range(12))
def test_who_is_served_is_in_view_wherever_it_stands(now: int) -> None:
    states = ["served"] * now + ["running"] + ["waits"] * (11 - now)
    ready = tuple(Ready(at, "read", at, f"web-{at}", state) for at, state in enumerate(states, 1))
    drawn = [text_of(line) for line in served(replace(LOOP, ready=ready), 59, 3)]
    assert sum("●" in line for line in drawn) == 1
    assert len(drawn) == 4
    assert "of 12" in drawn[0]


@pytest.mark.parametrize(
    ("order", "numbers"), [("id", [3, 4, 5]), ("query", [5, 4, 3]), ("reply", [3, 5, 4]), ("name", [3, 5, 4])]
)
def test_clients_can_be_sorted(order: str, numbers: list[int]) -> None:
    assert [row.id for row in sorted(CLIENTS, key=ORDERS[order])] == numbers


def test_something_is_never_drawn_as_nothing() -> None:
    assert text_of(bar(1, 1_000_000, 8)) == "▓░░░░░░░"
    assert text_of(bar(0, 1_000_000, 8)) == "░" * 8
    assert level(1, 1_000_000) == "▁"
    assert graph([0, 1, 1000], 2) == ["  █", " ▁█"]


@pytest.mark.parametrize(
    ("policy", "score", "text"),
    [
        ("allkeys-lru", 90_000, "unused 90 s"),
        ("allkeys-lru", 999, "unused < 1 s"),
        ("volatile-lru", 7_200_000, "unused 2 h"),
        ("volatile-lfu", 250, "frequency 5"),
        ("volatile-ttl", (1 << 64) - 1 - AT // 1000, "due 08:00:00"),
        ("allkeys-random", 0, "by chance"),
    ],
)
def test_a_candidates_score_is_told_in_words(policy: str, score: int, text: str) -> None:
    assert reason(policy, score) == text


def whole(picture: Picture) -> str:
    """What a panel says, however its lines were broken."""
    return " ".join(" ".join(map(text_of, picture.lines)).replace("│", " ").split())


def test_only_the_built_in_engine_is_to_be_limited_for_the_sake_of_seeing_it() -> None:
    """Somebody's server would lose its keys by it."""
    unlimited = replace(EXPIRY, maxmemory=0, evictions=(), evicted=(), pool=(), policy="noeviction")
    assert "CONFIG SET maxmemory 2mb" in whole(draw_expiry(unlimited, 77, 15))
    server = replace(ON_A_SERVER, maxmemory=0, policy="noeviction")
    assert "nothing is ever evicted" in whole(draw_expiry(server, 77, 15))
    assert "CONFIG SET" not in whole(draw_expiry(server, 77, 15))
    silent = replace(PUBSUB, channels=(), total=0)
    assert "PUBLISH" in whole(draw_pubsub(silent, 77, 15))
    assert "PUBLISH" not in whole(draw_pubsub(replace(silent, messages=None, events=None), 77, 15))


@pytest.mark.parametrize("now", [EXPIRY, ON_A_SERVER])
def test_over_the_limit_without_eviction_writes_are_refused(now: ExpiryNow) -> None:
    over = replace(now, policy="noeviction")
    assert "refused, with an OOM error" in whole(draw_expiry(over, 59, 14))
    assert "OOM" not in whole(draw_expiry(replace(over, used=1000), 59, 14))
    assert "OOM" not in whole(draw_expiry(now, 59, 14))


@pytest.mark.parametrize("width", [116, 77, 59])
def test_half_and_nearly_all_calls_have_a_figure_at_every_width(width: int) -> None:
    lines = [text_of(line) for line in draw_latency(SLOW, width).lines]
    head = next(line for line in lines if "99 % ≤" in line)
    get = next(line for line in lines if line.startswith("get "))
    assert get.split()[-5:] == ["1,000", "1", "µs", "4.1", "ms"]
    assert len(head) == len(get) <= width
    assert not any("……" in line for line in lines)


def test_nobody_is_next_where_nothing_is_compared() -> None:
    assert "who is next" in whole(draw_expiry(EXPIRY, 77, 15))
    assert "who is next" not in whole(draw_expiry(replace(EXPIRY, policy="noeviction"), 77, 15))
    assert "who is next" not in whole(draw_expiry(replace(EXPIRY, policy="allkeys-random"), 77, 15))


def test_the_spread_ends_with_the_longest_ttl_that_there_is() -> None:
    steps = (("1 s", 0), ("10 s", 3), ("1 min", 0), ("longer", 0))
    drawn = whole(draw_expiry(replace(EXPIRY, spread=Spread(steps, 3, 3, 9)), 77, 15))
    assert "≤ 1 s" in drawn
    assert "≤ 10 s" in drawn
    assert "1 min" not in drawn


def test_only_the_built_in_engine_is_told_to_write_its_changes_down() -> None:
    """What somebody's server writes to its disk is theirs to say."""
    off = replace(APPENDING, state="off", flow=None, files=(), tail=())
    head = " ".join(text_of(line) for line in draw_append_only(off, 59).head)
    assert "CONFIG SET appendonly yes" in head
    head = " ".join(text_of(line) for line in draw_append_only(replace(off, files=None, tail=None), 59).head)
    assert "is lost when the process ends" in head
    assert "CONFIG SET" not in head


@pytest.mark.parametrize(
    ("base", "percentage", "least"), [(88, 100, 1 << 16), (70_001, 100, 1 << 16), (70_001, 33, 0), (0, 100, 0)]
)
def test_it_is_said_when_the_next_rewrite_begins(base: int, percentage: int, least: int) -> None:
    """As the server decides it."""
    due = rewritten_at(replace(APPENDING, base_size=base, percentage=percentage, min_size=least))
    assert due is not None
    for size in (due - 1, due):
        assert (size > least and size * 100 // (base or 1) - 100 >= percentage) == (size == due)
    assert rewritten_at(replace(APPENDING, percentage=0)) is None
    assert rewritten_at(replace(APPENDING, min_size=None)) is None


@pytest.mark.parametrize(
    ("room", "text"),
    [
        (90, 'SET load:string:51 dcc65ed566e9dcc65ed566e9dcc65ed566e9dcc… "hello there" PX 1800000010000'),
        (80, 'SET load:string:51 dcc65ed566e9dcc65ed566e9dcc65… "hello there" PX 1800000010000'),
        (50, "SET load:str… dcc65ed5… hello… PX 1800000010000"),
        (20, "SET loa… dcc… h… PX…"),
        (13, "SET loa… dcc…"),
        (4, "SET…"),
        (0, ""),
    ],
)
def test_long_words_give_way_to_those_behind_them(room: int, text: str) -> None:
    assert command_within((*LONG, b"hello there", b"PX", b"1800000010000"), room) == text


@pytest.mark.parametrize("fsync", ["always", "everysec", "no"])
def test_what_is_not_kept_is_not_promised(fsync: str) -> None:
    written = replace(APPENDING, fsync=fsync, flow=Flow(0, 12_345, 0, 1))
    failing = replace(written, failure="No space left on device")
    promised = ("a reply means", "may be lost", "all of it fsync'ed")
    head = " ".join(text_of(line) for line in draw_append_only(written, 77).head)
    assert len([text for text in promised if text in head]) == 2
    head = " ".join(text_of(line) for line in draw_append_only(failing, 77).head)
    assert f"appendfsync {fsync}" in head
    assert not [text for text in promised if text in head]


@pytest.mark.parametrize("width", [117, 112, 77, 59])
@pytest.mark.parametrize("size", [1, 835_210, 10_123_456])
def test_files_have_their_whole_names_where_there_is_room(width: int, size: int) -> None:
    now = replace(APPENDING, files=tuple(replace(file, size=size) for file in FILES))
    head = [text_of(line) for line in draw_append_only(now, width).head]
    for file in FILES:
        line = next(line for line in head if file.name in line)
        assert f" {size:,} B" in line
        assert (" ◀" in line) == file.appended_to


@pytest.mark.parametrize("width", [116, 77])
def test_the_options_are_seen_behind_a_long_value(width: int) -> None:
    lines = [text_of(line) for line in draw_append_only(APPENDING, width).lines]
    assert next(line for line in lines if " ▸ SET load" in line).endswith(" PXAT 1800000010000")
    assert "……" not in "".join(lines)


@pytest.mark.parametrize("width", [116, 77, 59])
def test_what_became_of_a_command_is_seen_however_long_it_was_asked(width: int) -> None:
    last = text_of(draw_append_only(APPENDING, width).lines[-1])
    assert "BLMPOP 0" in last
    assert "▸ LPOP jobs:" in last
