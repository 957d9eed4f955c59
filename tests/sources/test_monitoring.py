"""What the built-in engine lets Monitor see."""

from __future__ import annotations

import os
import signal
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from rinspect.engine.replies import NO_REPLY, CommandError
from rinspect.engine.server.extent import Extent
from rinspect.monitoring.clients import Said
from rinspect.monitoring.keyspace import Share
from rinspect.sources.engine.brief import MOST_ITEMS, brief
from rinspect.sources.engine.monitoring.memory import REST, SHORTEST_REST
from rinspect.sources.engine.monitoring.tap import KEPT
from tests.sources.connecting import eventually
from tests.sources.monitoring_of import MOMENT, Watched, watched


class Moments:
    """A clock that goes on by so much with each command of a name."""

    def __init__(self, here: Watched | None = None, **takes: int) -> None:
        self.now = MOMENT
        self.takes = takes

    def __call__(self) -> int:
        return self.now

    def slow_down(self, here: Watched) -> None:
        """Have commands take their time."""

        def takes(session: object, command: object, argv: tuple[bytes, ...]) -> None:
            self.now += self.takes.get(argv[0].decode(), 0)

        here.source.engine.guards.append(takes)  # type: ignore[arg-type]
        here.source.engine.runtime.guard("test", on=True)


async def test_what_a_long_command_cost_those_behind_it() -> None:
    """Who was ready behind it waited for all of it; who was served before it for nothing."""
    clock = Moments(KEYS=1_760_000)
    async with watched(clock) as here:
        clock.slow_down(here)
        first, worker, web = [await here.caller(name) for name in ("first", "worker", "web")]
        await here.monitored.attend("loop")
        here.monitored.hold.pause()
        await here.held()
        for caller, word in ((first, "PING"), (worker, "KEYS"), (web, "PING")):
            caller.send(word, *["*"] * (word == "KEYS"))
        await here.until(lambda: here.in_kernel() == {"first", "worker", "web"})
        here.monitored.hold.go_on()
        await web.reply()
        (toll,) = here.monitored.glance().tolls
        assert (toll.name, toll.argv, toll.took) == ("worker", (b"KEYS", b"*"), 1_760_000)
        assert [(one.name, one.took, one.exact) for one in toll.waited] == [("web", 1_760_000, True)]
        await here.monitored.attend("")
        await worker.reply()
        await worker.execute("KEYS", "*")
        assert len(here.monitored.glance().tolls) == 2


async def test_who_comes_while_a_command_runs_waits_at_most_as_long() -> None:
    clock = Moments()
    async with watched(clock) as here:
        worker, late = await here.caller("worker"), await here.caller("late")

        def takes(session: object, command: object, argv: tuple[bytes, ...]) -> None:
            if argv[0] == b"KEYS":
                late.send("PING")
                clock.now += 50_000

        here.source.engine.guards.append(takes)  # type: ignore[arg-type]
        here.source.engine.runtime.guard("test", on=True)
        await here.monitored.attend("loop")
        await worker.execute("KEYS", "*")
        (toll,) = here.monitored.glance().tolls
        assert [(one.name, one.took, one.exact) for one in toll.waited] == [("late", 50_000, False)]


async def test_everything_of_client_list_and_killing() -> None:
    async with watched() as here:
        one = await here.caller("one")
        line = await one.execute("CLIENT", "INFO")
        assert isinstance(line, bytes)
        table = await here.monitored.clients()
        assert table.connected == 2
        row = next(row for row in table.rows if row.id == one.client.id)
        said = dict(word.partition("=")[::2] for word in line.decode().split())
        assert list(row.facts) == list(said)
        assert (row.facts["name"], row.number("db")) == ("one", 0)
        assert "is closed" in await here.monitored.kill(row.id)
        await here.until(lambda: one.client.id not in here.source.server.clients.by_id)
        assert "gone already" in await here.monitored.kill(row.id)


def texts(said: Said) -> tuple[str, object]:
    return said.kind, b" ".join(said.argv).decode() if said.kind == "request" else said.reply


async def test_a_clients_conversation() -> None:
    """Requests, replies, messages and what comes after waiting; nobody else's."""
    async with watched() as here:
        one, other = await here.caller("one"), await here.caller("other")
        plain = type(one.client)
        await here.monitored.listen(one.client.id)
        await one.execute("SET", "k", "v")
        await one.execute("GET", "k")
        error = await one.execute("INCR", "k")
        one.send("BLPOP", "queue", "0")
        await here.until(lambda: one.client.blocked is not None)
        await other.execute("RPUSH", "queue", "x")
        await one.reply()
        await one.execute("SUBSCRIBE", "news")
        await other.execute("PUBLISH", "news", "hello")
        await one.reply()
        told = (await here.monitored.conversation()).said
        assert isinstance(error, CommandError)
        expected: list[tuple[str, object]] = [
            ("request", "SET k v"), ("reply", told[1].reply),
            ("request", "GET k"), ("reply", b"v"),
            ("request", "INCR k"), ("reply", error),
            ("request", "BLPOP queue 0"), ("reply", [b"queue", b"x"]),
            ("request", "SUBSCRIBE news"), ("push", [b"subscribe", b"news", 1]),
            ("push", [b"message", b"news", b"hello"]),
        ]  # fmt: skip
        assert [texts(said) for said in told] == expected
        await here.monitored.listen(None)
        assert type(one.client) is plain
        assert type(other.client) is plain


async def test_a_client_that_waits_in_vain_is_heard_to_get_nothing() -> None:
    async with watched() as here:
        one, other = await here.caller("one"), await here.caller("other")
        await here.monitored.listen(one.client.id)
        one.send("BLPOP", "queue", "0")
        await here.until(lambda: one.client.blocked is not None)
        await other.execute("CLIENT", "UNBLOCK", str(one.client.id))
        await one.reply()
        request, reply = (await here.monitored.conversation()).said
        assert (request.kind, reply.kind, reply.reply) == ("request", "reply", reply.reply)
        assert len((await here.monitored.conversation()).said) == 2


async def test_a_conversation_is_bounded() -> None:
    async with watched() as here:
        one = await here.caller("one")
        await here.monitored.listen(one.client.id)
        await one.execute("SET", "k", "x" * 10_000)
        await one.execute("GET", "k")
        told = await here.monitored.conversation()
        assert max(len(word) for said in told.said for word in said.argv) < 200
        assert len(told.said[-1].reply) < 600  # type: ignore[arg-type]
        for _ in range(KEPT):
            await one.execute("PING")
        told = await here.monitored.conversation()
        assert (len(told.said), told.forgotten) == (KEPT, KEPT + 4)


def test_long_replies_are_cut_with_what_is_left_out_in_words() -> None:
    kept = brief([list(range(100)), b"x" * 1000])
    assert isinstance(kept, list)
    assert isinstance(kept[0], list)
    assert len(kept[0]) == MOST_ITEMS + 1
    assert kept[0][-1] == b"... (80 more items)"
    assert kept[1] == b"x" * 512 + b"... (488 more bytes)"
    assert brief(NO_REPLY) is NO_REPLY


async def test_messages_and_keys_events_flow() -> None:
    async with watched() as here:
        one, other = await here.caller("one"), await here.caller("other")
        await one.execute("SUBSCRIBE", "news")
        await here.monitored.attend("pubsub")
        await other.execute("PUBLISH", "news", "hello")
        await other.execute("SET", "k", "v")
        await other.execute("GET", "nosuch")
        await other.execute("FLUSHDB")
        await other.execute("CONFIG", "SET", "notify-keyspace-events", "EKA")
        now = await here.monitored.pubsub()
        assert [(one.name, one.kind, one.subscribers, one.count) for one in now.channels] == [
            (b"news", "channel", ("one",), 1)
        ]
        assert now.messages is not None
        assert [(one.channel, one.text, one.receivers) for one in now.messages] == [(b"news", b"hello", 1)]
        assert now.notify == "AKE"
        assert now.events is not None
        assert [(event.key, event.what) for event in reversed(now.events)] == [
            (b"k", "new"), (b"k", "changed"), (b"nosuch", "missed"), (b"", "flushed"),
        ]  # fmt: skip


async def test_the_child_that_saves_is_seen(tmp_path: Path) -> None:
    async with watched() as here:
        config = here.source.engine.runtime.config
        config.dir, config.rdb_key_save_delay = str(tmp_path), 60_000_000
        await here.source.execute([b"MSET", b"a", b"1", b"b", b"2"])
        assert here.monitored.glance().saving is None
        await here.source.execute([b"BGSAVE"])
        saving = here.monitored.glance().saving
        assert saving is not None
        assert (saving.file, saving.total) == ("dump.rdb", 2)
        os.kill(saving.pid, signal.SIGUSR1)

        async def nobody() -> bool:
            return here.monitored.glance().saving is None

        await eventually(nobody)


async def test_nothing_is_collected_but_for_the_panel_that_is_visible() -> None:
    async with watched() as here:
        engine, pubsub = here.source.engine, here.source.server.clients.pubsub
        for panel in ("pubsub", "expiry", "usage", "slow", "latency", "aof"):
            await here.monitored.attend(panel)
            assert len(engine.runtime.observers) == 1
            # Commands go on as ever, whoever looks on.
            assert not engine.runtime.guarded
        await here.monitored.attend("clients")
        assert not engine.runtime.observers
        assert not pubsub.listeners
        assert not engine.runtime.guarded


async def test_the_spread_of_ttls_and_the_cycles() -> None:
    clock = Moments()
    async with watched(clock) as here:
        one = await here.caller("one")
        await here.monitored.attend("expiry")
        for key, milliseconds in (("a", "500"), ("b", "900"), ("c", "30000"), ("d", "999999999999")):
            await one.execute("SET", key, "v", "PX", milliseconds)
        await one.execute("SET", "forever", "v")
        spread = (await here.monitored.expiry()).spread
        assert spread is not None
        assert (spread.sampled, spread.with_ttl, spread.keys) == (4, 4, 5)
        assert [count for _, count in spread.steps] == [2, 0, 1, 0, 0, 0, 0, 1]
        clock.now += 600_000
        await one.execute("GET", "a")
        clock.now += 600_000
        # One cycle need not come across it.
        await here.until(lambda: b"b" not in here.source.engine.keyspace[0].table.index)
        await one.execute("PING")
        now = await here.monitored.expiry()
        assert now.expired is not None
        assert now.cycles is not None
        found = [(gone.key, gone.lazily, gone.at - MOMENT) for gone in now.expired]
        assert found == [(b"b", False, 1_200_000), (b"a", True, 600_000)]
        assert sum(done.expired for cycle in now.cycles for done in cycle.databases) == 1


async def test_who_is_evicted_and_who_waited_for_it() -> None:
    async with watched() as here:
        one = await here.caller("one")
        for number in range(200):
            await one.execute("SET", f"k{number}", "x" * 1000)
        await one.execute("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        await here.monitored.attend("expiry")
        used = await here.source._thread.run(here.source.engine.keyspace.ledger.used)
        await one.execute("CONFIG", "SET", "maxmemory", str(used - 50_000))
        await one.execute("SET", "more", "y")
        now = await here.monitored.expiry()
        assert now.evictions
        assert now.evicted
        assert now.pool
        rounds = [(eviction.client, eviction.argv) for eviction in now.evictions]
        assert set(rounds) <= {("one", (b"SET", b"more", b"y")), ("", ())}
        assert sum(eviction.ended.keys for eviction in now.evictions) == len(now.evicted)
        assert all(one.pool[-1].key == one.key for one in now.evicted)


async def test_who_was_seen_to_have_nothing_waited_no_longer_than_since_then() -> None:
    """The last look limits what can have been waited, be the command as long as it may."""
    clock = Moments()
    async with watched(clock) as here:
        worker, late = await here.caller("worker"), await here.caller("late")

        def takes(session: object, command: object, argv: tuple[bytes, ...]) -> None:
            if argv[0] == b"KEYS":
                here.monitored.glance()
                late.send("PING")
                clock.now += 3_600_000_000

        here.source.engine.guards.append(takes)  # type: ignore[arg-type]
        here.source.engine.runtime.guard("test", on=True)
        await here.monitored.attend("loop")
        await worker.execute("KEYS", "*")
        (toll,) = here.monitored.glance().tolls
        (waited,) = toll.waited
        assert waited.name == "late"
        assert waited.took < toll.took


def sizes(share: Share) -> int:
    return sum(part.size for part in share.parts)


async def test_memory_adds_up_to_the_last_byte() -> None:
    async with watched() as here:
        one = await here.caller("one")
        await one.execute("HSET", "h", "a", "1")
        await one.execute("SET", "s", "x" * 100, "EX", "100")
        await one.execute("RPUSH", "l", *map(str, range(1000)))
        await here.monitored.attend("usage")
        now = await here.monitored.memory()
        assert now.used is not None
        assert now.residual == 0
        assert now.used == sum(share.size for share in now.shares)
        database = next(share for share in now.shares if share.name == "db0")
        assert {part.name for part in database.parts} == {"keys", "TTLs", "hash values", "string values", "list values"}
        assert sizes(database) == database.size
        assert all(sizes(part) == part.size for part in database.parts)
        await here.monitored.attend("")
        assert not here.source.engine.runtime.accounted


async def strings(here: Watched) -> int:
    """Bytes of those that were walked over."""
    shares = {share.name: share for share in (await here.monitored.memory()).shares}
    parts = {part.name: part for part in shares["db0"].parts} if "db0" in shares else {}
    return sizes(parts["string values"]) if "string values" in parts else 0


def standing_clock(monkeypatch: pytest.MonkeyPatch, each: float = 0.0) -> SimpleNamespace:
    """The clock by which walks rest: it goes on when a test says so; a piece of a walk takes `each` of the processor."""
    ticks = count()
    clock = SimpleNamespace(now=1000.0, thread_time=lambda: next(ticks) * each)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr("rinspect.sources.engine.monitoring.memory.time", clock)
    return clock


async def test_the_keys_are_walked_when_the_panel_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    standing_clock(monkeypatch)
    async with watched() as here:
        one = await here.caller("one")
        await here.monitored.attend("usage")
        assert await strings(here) == 0
        await one.execute("SET", "s", "x" * 100)
        assert await strings(here) == 0, "not again so soon"
        await here.monitored.attend("")
        await here.monitored.attend("usage")
        assert await strings(here) > 100


@pytest.mark.parametrize(("each", "rest"), [(0.0, SHORTEST_REST), (1.0, REST * 2.0)])
async def test_walks_rest_by_what_they_took_of_the_processor(
    each: float, rest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long one waits for the loop meanwhile. (The walk takes two pieces.)"""
    moment = standing_clock(monkeypatch, each)
    async with watched() as here:
        one = await here.caller("one")
        await one.execute("SET", "s", "x" * 100)
        await here.monitored.attend("usage")
        before = await strings(here)
        await one.execute("SET", "t", "x" * 100)
        moment.now += rest - 0.1
        assert await strings(here) == before
        moment.now += 0.1
        assert await strings(here) == 2 * before


async def test_what_is_freed_lazily_and_why() -> None:
    async with watched() as here:
        one = await here.caller("one")
        await one.execute("SADD", "few", *map(str, range(10)))
        await one.execute("SADD", "many", *(f"m{number}" for number in range(1000)))
        await here.monitored.attend("usage")
        await one.execute("UNLINK", "few", "many")
        freed = (await here.monitored.memory()).freed
        assert freed is not None
        assert [(job.key, job.effort) for job in freed] == [(b"many", 1000)]


async def test_a_slow_command_with_its_n_and_who_waited() -> None:
    clock = Moments(LRANGE=30_000)
    async with watched(clock) as here:
        clock.slow_down(here)
        worker, web = await here.caller("worker"), await here.caller("web")
        await worker.execute("RPUSH", "l", *map(str, range(50)))
        here.monitored.hold.pause()
        await here.held()
        worker.send("LRANGE", "l", "0", "-1")
        web.send("PING")
        await here.until(lambda: here.in_kernel() == {"worker", "web"})
        here.monitored.hold.go_on()
        await web.reply()
        (entry,) = (await here.monitored.slow()).entries
        assert (entry.argv[0], entry.took, entry.name, entry.behind) == (b"LRANGE", 30_000, "worker", ("web",))
        assert (await here.monitored.complexity(entry)).startswith("O(S+N)")
        assert entry.extent == Extent(50, "elements", 0, b"l", passed=True)


async def test_an_entry_of_the_slow_log_knows_who_came_while_it_ran() -> None:
    """Nobody was ready when it began, and yet somebody waited."""
    clock = Moments()
    async with watched(clock) as here:
        worker, late = await here.caller("worker"), await here.caller("late")

        def takes(session: object, command: object, argv: tuple[bytes, ...]) -> None:
            if argv[0] == b"KEYS":
                late.send("PING")
                clock.now += 50_000

        here.source.engine.guards.append(takes)  # type: ignore[arg-type]
        here.source.engine.runtime.guard("test", on=True)
        await here.monitored.attend("clients")
        await worker.execute("KEYS", "*")
        await late.reply()
        await here.monitored.attend("slow")
        (entry,) = (await here.monitored.slow()).entries
        assert (entry.behind, entry.waiting) == ((), 0)
        assert entry.toll is not None
        assert (entry.toll.came, [one.name for one in entry.toll.waited]) == (1, ["late"])


async def test_one_axis_has_marks_of_all_kinds() -> None:
    clock = Moments(KEYS=30_000)
    async with watched(clock) as here:
        clock.slow_down(here)
        one = await here.caller("one")
        await here.monitored.attend("latency")
        await one.execute("CONFIG", "SET", "latency-monitor-threshold", "10")
        await one.execute("KEYS", "*")
        one.send("BLPOP", "queue", "0")
        await here.until(lambda: one.client.blocked is not None)
        now = await here.monitored.slow()
        assert {mark.kind for mark in now.marks} >= {"slow", "blocked"}
        slow = next(mark for mark in now.marks if mark.kind == "slow")
        assert (slow.at, slow.weight) == (MOMENT, 30_000)
        assert [(series.event, series.samples) for series in now.series] == [("command", ((MOMENT // 1_000_000, 30),))]
        keys = next(one for one in now.durations if one.command == "KEYS")
        assert keys.classes == ((32_768, 1),)
