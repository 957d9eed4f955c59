"""The built-in engine as a source: listings, looks, changes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from random import Random

import pytest

from rinspect.console.words import split
from rinspect.demo import demo_commands
from rinspect.engine import Engine
from rinspect.engine.layout import Certainty, Window
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import PONG, CommandError, Reply
from rinspect.records import Change, Filter, KeyRow, Order, Outcome
from rinspect.sources.engine import EngineSource
from rinspect.sources.source import Refused
from tests.sources.connecting import demo_keys, eventually

MOMENT = 1_800_000_000_000_000
ANY = Filter()


@asynccontextmanager
async def opened(profile: str = "8.0", allocator: str = "jemalloc", clock: Callable[[], int] | None = None,
                 ) -> AsyncIterator[EngineSource]:  # fmt: skip
    """A source on an engine whose clock stands still, closed in the end."""
    source = EngineSource(Engine(profile, allocator, clock or (lambda: MOMENT), Random(7)))
    try:
        yield source
    finally:
        await source.close()


async def run(source: EngineSource, script: str) -> list[Reply]:
    return [(await source.execute(split(line))).reply for line in script.strip().splitlines()]


async def change_of(source: EngineSource, line: str) -> Change:
    change = (await source.execute(split(line))).change
    assert change is not None
    return change


async def names(source: EngineSource, order: Order = Order.RECENT, wanted: Filter = ANY, first: int = 0, count: int = 100,
                ) -> list[bytes]:  # fmt: skip
    return [row.key for row in (await source.keys(order, wanted, first, count)).rows]


# -- listings ---------------------------------------------------------------------------------------------------------

KEYS = """
SET c hello
SADD a 1 2 3
HSET d field value
RPUSH b x
SET e 12 EX 100
SET f 1 EX 50
"""


async def test_orders() -> None:
    async with opened() as source:
        await run(source, KEYS)
        assert await names(source) == [b"f", b"e", b"b", b"d", b"a", b"c"]
        assert await names(source, Order.NAME) == [b"a", b"b", b"c", b"d", b"e", b"f"]
        assert await names(source, Order.TYPE) == [b"d", b"b", b"a", b"c", b"e", b"f"]
        assert await names(source, Order.ENCODING) == [b"c", b"e", b"f", b"a", b"b", b"d"]
        assert await names(source, Order.TTL) == [b"f", b"e", b"a", b"b", b"c", b"d"]
        rows = (await source.keys(Order.BYTES, ANY, 0, 100)).rows
        assert [row.charged for row in rows] == sorted((row.charged or 0 for row in rows), reverse=True)


async def test_rows_say_what_memory_usage_says() -> None:
    async with opened() as source:
        for argv in demo_commands("8.0"):
            await source.execute(argv)
        page = await source.keys(Order.RECENT, ANY, 0, 100)
        assert page.total == page.known == len(page.rows) == len(demo_keys("8.0"))
        assert page.complete
        for row in page.rows:
            (usage, encoding, kind, expires) = await run(
                source,
                f"MEMORY USAGE {row.key.decode()} SAMPLES 0\nOBJECT ENCODING {row.key.decode()}\n"
                f"TYPE {row.key.decode()}\nPEXPIRETIME {row.key.decode()}",
            )
            assert usage == row.charged
            assert encoding == (row.encoding or "").encode()
            assert kind.text == (row.type or "").encode()  # type: ignore[union-attr]
            assert expires == (-1 if row.expires_at is None else row.expires_at)
        info = await source.info()
        assert info.used == sum(row.charged or 0 for row in page.rows)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(b"user:*"), [b"user:2", b"user:1"]),
        (Filter(b"*1"), [b"user:1", b"s1"]),
        (Filter(type="set"), [b"s1"]),
        (Filter(encoding="listpack"), [b"user:2", b"user:1"]),
        (Filter(b"user:*", "hash", "hashtable"), []),
        (Filter(b"[s]?"), [b"s1"]),
    ],
)
async def test_filters(wanted: Filter, found: list[bytes]) -> None:
    async with opened() as source:
        await run(source, "SADD s1 1\nHSET user:1 a b\nSET x y\nHSET user:2 a b")
        page = await source.keys(Order.RECENT, wanted, 0, 10)
        assert [row.key for row in page.rows] == found
        assert (page.total, page.known) == (len(found), 4)


async def test_pages() -> None:
    async with opened() as source:
        await source.execute([b"MSET", *(word for n in range(100) for word in (b"k%02d" % n, b"v"))])
        for order in Order:
            everything = await names(source, order, ANY, 0, 1000)
            assert len(everything) == 100
            for first in (0, 1, 33, 99, 100, 500):
                page = await source.keys(order, ANY, first, 10)
                assert [row.key for row in page.rows] == everything[first : first + 10]
                assert (page.first, page.total) == (first, 100)


async def test_the_list_follows_what_is_written() -> None:
    async with opened() as source:
        await run(source, KEYS)
        version = (await source.keys(Order.RECENT, ANY, 0, 1)).version
        await run(source, "APPEND c !")
        page = await source.keys(Order.RECENT, ANY, 0, 1)
        assert page.rows[0].key == b"c"
        assert page.version != version
        version = page.version
        await run(source, "GET c\nLRANGE b 0 -1")
        assert (await source.keys(Order.RECENT, ANY, 0, 1)).version == version
        await run(source, "DEL c\nRENAME a z\nRPOP b\nCOPY d copy")
        assert await names(source) == [b"copy", b"z", b"f", b"e", b"d"]
        assert await names(source, Order.NAME) == [b"copy", b"d", b"e", b"f", b"z"]
        await run(source, "FLUSHDB")
        assert await names(source) == []
        await run(source, "SET new 1")
        assert await names(source, Order.BYTES) == [b"new"]


async def test_databases_have_lists_of_their_own() -> None:
    async with opened() as source:
        await run(source, "SET zero 1\nSELECT 3\nSET three 1")
        assert await names(source) == [b"three"]
        assert (await source.info()).database == 3
        await run(source, "SELECT 0")
        assert await names(source) == [b"zero"]
        await run(source, "SWAPDB 0 3")
        assert await names(source) == [b"three"]
        await run(source, "MOVE three 5\nFLUSHALL")
        assert await names(source) == []


async def test_a_hundred_thousand_keys_stay_right() -> None:
    async with opened() as source:
        for start in range(0, 100_000, 10_000):
            words = [word for n in range(start, start + 10_000) for word in (b"key:%06d" % n, b"%d" % n)]
            await source.execute([b"MSET", *words])
        page = await source.keys(Order.RECENT, ANY, 0, 3)
        assert [row.key for row in page.rows] == [b"key:099999", b"key:099998", b"key:099997"]
        assert page.total == 100_000
        await run(source, "SET key:000000 again\nDEL key:099999")
        assert await names(source, count=3) == [b"key:000000", b"key:099998", b"key:099997"]
        assert await names(source, Order.NAME, first=99_998, count=5) == [b"key:099998"]
        assert await names(source, wanted=Filter(b"key:0000*"), count=2) == [b"key:000000", b"key:000099"]
        info = await source.info()
        assert info.keys == 99_999
        assert (info.used or 0) > 99_999 * 48


async def test_a_long_listing_lets_others_through() -> None:
    """A sorted listing of many keys is made in pieces: a command that comes meanwhile does not wait for all of it."""
    async with opened() as source:
        await source.execute([b"MSET", *(word for n in range(60_000) for word in (b"k%d" % n, b"v"))])
        await source.keys(Order.RECENT, ANY, 0, 1)
        done: list[str] = []

        async def note(name: str, work: object) -> None:
            await work  # type: ignore[misc]
            done.append(name)

        await asyncio.gather(
            note("listing", source.keys(Order.NAME, Filter(b"k*"), 0, 10)), note("command", run(source, "PING"))
        )
        assert done == ["command", "listing"]


# -- looks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", list(PROFILES))
async def test_every_encoding_can_be_looked_at(profile: str) -> None:
    async with opened(profile) as source:
        for argv in demo_commands(profile):
            assert not isinstance((await source.execute(argv)).reply, CommandError), argv
        for row in (await source.keys(Order.RECENT, ANY, 0, 100)).rows:
            look = await source.look(row.key, Window())
            assert look is not None
            assert (look.type, look.encoding, look.computed) == (row.type, row.encoding, row.charged)
            assert look.layout.certainty is Certainty.EXACT
            assert await source.why(row.key) is not None
            found = {copy.profile: copy for copy in await source.rebuilt(row.key)}
            assert profile in found
            if row.encoding not in ("raw", "hashtable", "skiplist"):
                assert (found[profile].encoding, found[profile].charged) == (row.encoding, row.charged)


async def test_looking_is_not_using() -> None:
    now = [MOMENT]
    async with opened(clock=lambda: now[0]) as source:
        await run(source, "SET k v")
        now[0] += 60_000_000
        await run(source, "PING")
        look = await source.look(b"k", Window())
        assert look is not None
        assert look.idle == 60
        await source.keys(Order.RECENT, ANY, 0, 10)
        assert await run(source, "OBJECT IDLETIME k") == [60]


async def test_a_key_that_is_not_there() -> None:
    async with opened() as source:
        assert await source.look(b"none", Window()) is None
        assert await source.why(b"none") is None
        assert await source.rebuilt(b"none") == ()
        assert await source.trace(b"none", "rank", b"x") is None


async def test_traces() -> None:
    async with opened() as source:
        await source.execute([b"ZADD", b"board", *(w for n in range(200) for w in (b"%d" % n, b"m%03d" % n))])
        trace = await source.trace(b"board", "rank", b"m104")
        assert trace is not None
        assert "104" in trace.result
        assert 0 < trace.comparisons < 104
        assert await source.trace(b"board", "rank", b"nobody") is None
        by_rank = await source.trace(b"board", "byrank", b"-1")
        assert by_rank is not None
        assert "m199" in by_rank.result


async def test_a_key_that_expires_goes_by_itself() -> None:
    """The engine's cron runs while there is something to expire, without a command."""
    now = [MOMENT]
    async with opened(clock=lambda: now[0]) as source:
        await run(source, "SET k v PX 50\nSET stays v")
        now[0] += 100_000

        async def one_is_left() -> bool:
            return (await source.info()).keys == 1

        await eventually(one_is_left)
        assert await names(source) == [b"stays"]


# -- changes ----------------------------------------------------------------------------------------------------------


async def test_a_change_is_exactly_what_the_command_did() -> None:
    async with opened() as source:
        await run(source, "HSET k name Ada")
        before = await source.look(b"k", Window())
        change = await change_of(source, "HSET k born 1815")
        after = await source.look(b"k", Window())
        assert (change.number, change.argv, change.commands) == (2, (b"HSET", b"k", b"born", b"1815"), 1)
        assert change.at == MOMENT
        (one,) = change.keys
        assert (one.before, one.after) == (before, after)
        assert after is not None
        assert before is not None
        assert one.diff.charged == after.computed - before.computed
        assert [g.after.name for g in one.diff.grown] == ["listpack"]
        assert not one.diff.made
        assert not one.diff.freed


async def test_new_and_gone() -> None:
    async with opened() as source:
        made = (await change_of(source, "SET k v")).keys[0]
        assert made.before is None
        assert made.after is not None
        assert {a.name for a in made.diff.made} == {"dictEntry", "sds", "robj + sds"}
        assert made.diff.charged == made.after.computed
        gone = (await change_of(source, "DEL k")).keys[0]
        assert gone.after is None
        assert gone.diff.charged == -made.diff.charged
        assert {a.serial for a in gone.diff.freed} == {a.serial for a in made.diff.made}


async def test_commands_of_several_keys() -> None:
    async with opened() as source:
        change = await change_of(source, "MSET a 1 b 2 c 3")
        assert [one.key for one in change.keys] == [b"a", b"b", b"c"]
        change = await change_of(source, "RENAME a z")
        assert {(one.key, one.before is None, one.after is None) for one in change.keys} == {
            (b"a", False, True), (b"z", True, False),
        }  # fmt: skip
        change = await change_of(source, "COPY z target")
        assert [one.key for one in change.keys] == [b"target"]
        many = await change_of(source, "MSET " + " ".join(f"k{n} v" for n in range(20)))
        assert len(many.keys) == 8


async def test_an_encoding_flip_tells_its_reason() -> None:
    async with opened() as source:
        await run(source, "HSET k a b\nHSET other a b")
        (one,) = (await change_of(source, "HSET k bio " + "x" * 65)).keys
        (reason,) = one.reasons
        assert reason.startswith("listpack → hashtable: ")
        assert "hash-max-listpack-value" in reason
        assert one.before is not None
        assert one.after is not None
        assert (one.before.encoding, one.after.encoding) == ("listpack", "hashtable")


@pytest.mark.parametrize(
    "line",
    ["GET k", "SET", "NOSUCH k", "LPUSH k x", "DEL nothing", "EXPIRE nothing 5", "PING", "SELECT 3", "SET k v NX"],
)
async def test_what_changes_nothing_makes_no_change(line: str) -> None:
    async with opened() as source:
        await run(source, "SET k v")
        assert (await source.execute(split(line))).change is None


async def test_what_others_do_to_the_key_is_told() -> None:
    async with opened() as source:
        other = source.engine.session()
        await run(source, "HSET k name Ada\nSET other 1")
        await source.look(b"k", Window())
        heard: list[Change] = []

        async def listen() -> None:
            heard.extend([change async for change in source.changes()])

        listener = asyncio.create_task(listen())
        await asyncio.sleep(0)
        for line in ("HSET k born 1815", "SET other 2", "HSET k name Augusta"):
            await source.in_loop(lambda line=line: other.execute(split(line)))  # type: ignore[misc]
            await source.look(b"k", Window())
        await run(source, "HSET k died 1852")
        await source.look(b"k", Window())
        await source.close()
        await asyncio.wait_for(listener, 5)
    assert [(one.argv, one.commands, one.keys[0].key) for one in heard] == [(None, 1, b"k")] * 2, (
        "the other key is not looked at, and the REPL's own command is told by itself"
    )
    assert [one.number for one in heard] == sorted({one.number for one in heard})


@pytest.mark.parametrize("line", ["FLUSHALL", "flushdb ASYNC"])
async def test_emptying_is_a_change_of_all_keys(line: str) -> None:
    async with opened() as source:
        for number in range(20):
            await run(source, f"SET key:{number} v")
        change = (await source.execute(split(line))).change
        assert change is not None
        assert len(change.keys) + change.more == 20
        assert all(one.before is not None and one.after is None for one in change.keys)
        assert (await source.execute(split(line))).change is None


async def test_a_change_counts_the_keys_that_it_does_not_show() -> None:
    async with opened() as source:
        words = " ".join(f"key:{number} v" for number in range(20))
        change = (await source.execute(split(f"MSET {words}"))).change
        assert change is not None
        assert len(change.keys) + change.more == 20


async def test_ones_own_mistakes_hide_nothing_and_make_nothing_up() -> None:
    async with opened() as source:
        other = source.engine.session()
        heard: list[Change] = []

        async def listen() -> None:
            heard.extend([change async for change in source.changes()])

        listener = asyncio.create_task(listen())
        await run(source, "HSET k f v")
        await source.look(b"k", Window())
        await run(source, "NOSUCH command")
        await source.in_loop(lambda: other.execute([b"HSET", b"k", b"g", b"v"]))
        await source.look(b"k", Window())
        lines = [[b"HSET", b"k", b"f%d" % n, b"v"] if n % 3 else [b"NOSUCH"] for n in range(600)]
        task = asyncio.create_task(source.run_all(lines))
        while not task.done():
            await source.look(b"k", Window())
        await source.look(b"k", Window())
        await source.close()
        await asyncio.wait_for(listener, 5)
    assert [change.commands for change in heard] == [1]


async def test_a_page_is_found_by_a_key() -> None:
    async with opened() as source:
        for number in range(300):
            await source.execute([b"SET", b"key:%03d" % number, b"v"])
        for order, place in ((Order.RECENT, 299 - 7), (Order.NAME, 7)):
            page = await source.keys(order, Filter(), 100, 20, around=b"key:007")
            assert page.rows[place - page.first].key == b"key:007"
            assert len(page.rows) <= 20
            assert (await source.keys(order, Filter(), 100, 20, around=b"no such key")).first == 100
            assert (await source.keys(order, Filter(b"key:2*"), 0, 20, around=b"key:007")).first == 0


async def test_errors_of_the_engine_are_replies_and_exceptions_reach_who_asked() -> None:
    async with opened() as source:
        (reply,) = await run(source, "NOSUCH")
        assert isinstance(reply, CommandError)
        with pytest.raises(ZeroDivisionError):
            await source._thread.run(lambda: 1 // 0)
        assert await run(source, "PING") != []


async def test_closing_ends_the_thread() -> None:
    before = threading.active_count()
    async with opened() as source:
        await run(source, "SET a 1")
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
    await source.close()


async def test_a_question_may_be_cancelled() -> None:
    async with opened() as source:
        await source.execute([b"MSET", *(word for n in range(20_000) for word in (b"k%d" % n, b"v"))])
        task = asyncio.create_task(source.keys(Order.NAME, Filter(b"k1*"), 0, 10))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(await names(source, Order.NAME)) == 100


async def test_info() -> None:
    async with opened("7.0", "libc") as source:
        await run(source, "SET a 1")
        info = await source.info()
        assert (info.label, info.server, info.profile, info.read_only, info.keys) == (
            "built-in",
            "redis 7.0",
            "7.0",
            False,
            1,
        )
        assert info.embedded
        assert info.estimated
        assert info.settings["hash-max-listpack-entries"] == "512"
        assert await source.refusal([b"FLUSHALL"]) == ""
        assert b"HSET" in await source.commands()


def test_rows_are_frozen() -> None:
    row = KeyRow(b"k", None, None, None, None)
    with pytest.raises(AttributeError):
        row.key = b"other"  # type: ignore[misc]


async def test_each_command_gets_its_own_reply_also_among_messages() -> None:
    """What is several messages to other clients is one reply to the prompt, and what is published to it is none."""
    source = EngineSource(Engine("8.0"))
    asked = [b"SUBSCRIBE a b", b"PING", b"UNSUBSCRIBE", b"ECHO x", b"HELLO 3", b"SUBSCRIBE a", b"PUBLISH a m", b"GET k"]
    replies = [(await source.execute(line.split())).reply for line in asked]
    assert replies[0] == [[b"subscribe", b"a", 1], [b"subscribe", b"b", 2]]
    assert replies[1] == [b"pong", b""]
    assert replies[2] == [[b"unsubscribe", b"a", 1], [b"unsubscribe", b"b", 0]]
    assert replies[3] == b"x"
    assert replies[5:] == [[[b"subscribe", b"a", 1]], 1, None]
    await source.close()


@pytest.mark.parametrize("line", [b"MONITOR", b"client reply off"])
async def test_what_would_take_the_prompts_connection_is_refused(line: bytes) -> None:
    source = EngineSource(Engine("8.0"))
    with pytest.raises(Refused):
        await source.execute(line.split())
    answers = await source.run_all([line.split(), [b"PING"]])
    assert isinstance(answers[0], Refused)
    assert isinstance(answers[1], Outcome)
    assert answers[1].reply == PONG
    await source.close()
