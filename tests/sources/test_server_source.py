"""A real server as a source: what is listed, looked at and compared with its own figures."""

from __future__ import annotations

import asyncio

import hiredis
import pytest

from rinspect.engine.layout import Certainty, Kind, Window
from rinspect.engine.layout_diff import diff
from rinspect.engine.replies import CommandError, Status
from rinspect.records import Change, Filter, Look, Order
from rinspect.sources.server import looking
from rinspect.sources.server.source import ServerSource
from tests.golden import RECORDED, load
from tests.real.servers import RealServer
from tests.sources.connecting import connected, eventually, fill, profile_of

ANY = Filter()
servers = pytest.mark.parametrize("real_server", ["6.2", "7.0", "8.0", "valkey-8.1"], indirect=True)
one_server = pytest.mark.parametrize("real_server", ["8.0"], indirect=True)

DETERMINED = {"int", "embstr", "intset", "listpack", "ziplist", "listpackex", "quicklist"}
"""Encodings of which a payload holds every byte."""


async def looked_at(source: ServerSource, key: bytes, window: Window | None = None) -> Look:
    look = await source.look(key, window or Window(), deliberate=True)
    assert look is not None
    return look


# -- what it is -------------------------------------------------------------------------------------------------------


async def test_info(real_server: RealServer) -> None:
    real_server.pipeline([["SET", "a", 1], ["SET", "b", 2]])
    async with connected(real_server) as source:
        info = await source.info()
    brand, version = real_server.build.brand, ".".join(map(str, real_server.version))
    assert info.server == f"{brand} {version}"
    assert info.label == f"127.0.0.1:{real_server.port}"
    assert (info.keys, info.database, info.read_only, info.connected, info.embedded) == (2, 0, True, True, False)
    assert info.profile == profile_of(real_server)
    assert info.estimated == (brand == "valkey")
    assert info.used is not None
    assert info.used > 500_000
    assert info.notice == ""
    name = "hash-max-ziplist-entries" if real_server.profile == "6.2" else "hash-max-listpack-entries"
    assert info.settings[name] == "512" if real_server.profile != "6.2" else "128"


async def test_its_thresholds_are_the_copys(real_server: RealServer) -> None:
    """Reasons and flips are computed with the server's settings, not with the defaults."""
    name = "hash-max-ziplist-entries" if real_server.profile == "6.2" else "hash-max-listpack-entries"
    real_server.execute("CONFIG", "SET", name, 7)
    real_server.execute("HSET", "k", "a", "b")
    async with connected(real_server) as source:
        await looked_at(source, b"k")
        why = await source.why(b"k")
    assert why is not None
    assert [t.limit for t in why.thresholds if t.setting == name] == [7]


async def test_the_server_sees_who_it_is(real_server: RealServer) -> None:
    async with connected(real_server):
        clients = real_server.execute("CLIENT", "LIST").decode().splitlines()
    (ours,) = [line for line in clients if " name=rinspect " in line]
    if real_server.profile not in ("6.2", "7.0"):
        assert "lib-name=rinspect" in ours
        assert "T" in ours.split("flags=")[1].split(" ")[0]


# -- what is there ----------------------------------------------------------------------------------------------------


async def test_keys_by_scan(real_server: RealServer) -> None:
    keys = fill(real_server)
    real_server.pipeline([["SET", f"more:{n}", "x" * n] for n in range(150)])
    async with connected(real_server) as source:

        async def complete() -> bool:
            return (await source.keys(Order.NAME, ANY, 0, 1000)).complete

        await eventually(complete)
        page = await source.keys(Order.NAME, ANY, 0, 1000)
        names = [row.key for row in page.rows]
        assert names == sorted([*keys, *(b"more:%d" % n for n in range(150))])
        assert page.known == page.total == len(names)
        for row in page.rows[::10]:
            assert row.type == real_server.execute("TYPE", row.key).decode()
            assert row.encoding == real_server.execute("OBJECT", "ENCODING", row.key).decode()
            assert row.charged == real_server.execute("MEMORY", "USAGE", row.key)
            assert (row.expires_at is None) == (real_server.execute("TTL", row.key) == -1)
        filtered = await source.keys(Order.NAME, Filter(b"more:14*", "string", "raw"), 0, 100)
        assert [row.key for row in filtered.rows] == [b"more:14%d" % n for n in range(10)]
        biggest = await source.keys(Order.BYTES, Filter(b"more:*"), 0, 1000)
        sizes = [row.charged or 0 for row in biggest.rows]
        assert sizes == sorted(sizes, reverse=True)


@one_server
async def test_a_database_of_its_own(real_server: RealServer) -> None:
    real_server.pipeline([["SET", "zero", 1], ["SELECT", 3], ["SET", "three", 1], ["SELECT", 0]])
    async with connected(real_server, database=3) as source:
        assert [row.key for row in (await source.keys(Order.NAME, ANY, 0, 10)).rows] == [b"three"]
        assert (await source.info()).database == 3
        outcome = await source.execute([b"SELECT", b"0"])
        assert outcome.reply == Status(b"OK")
        assert [row.key for row in (await source.keys(Order.NAME, ANY, 0, 10)).rows] == [b"zero"]
        assert (await source.info()).database == 0
        assert isinstance((await source.execute([b"SELECT", b"99"])).reply, CommandError)
        assert (await source.info()).database == 0


@one_server
async def test_a_key_that_went_leaves_the_list(real_server: RealServer) -> None:
    real_server.pipeline([["SET", "a", 1], ["SET", "b", 1]])
    async with connected(real_server) as source:
        await source.keys(Order.NAME, ANY, 0, 10)
        real_server.execute("DEL", "a")
        assert await source.look(b"a", Window(), deliberate=True) is None
        assert [row.key for row in (await source.keys(Order.NAME, ANY, 0, 10)).rows] == [b"b"]


# -- looks ------------------------------------------------------------------------------------------------------------


def check(look: Look, server: RealServer) -> None:
    """What must hold of every look: our figure is the server's, or it is said why not; and the label fits."""
    assert look.notice == ""
    assert look.reported == server.execute("MEMORY", "USAGE", look.key, "SAMPLES", 0)
    same = look.computed == look.reported
    assert same == (look.difference == ""), (look.encoding, look.difference)
    assert "unexplained" not in look.difference
    exact_server = server.build.brand == "redis" and server.allocator != "libc"
    if exact_server:
        assert same or look.encoding in ("hashtable", "skiplist")
        if look.encoding in DETERMINED:
            assert look.layout.certainty is Certainty.EXACT
        elif look.encoding in ("raw", "stream"):  # their room is what MEMORY USAGE leaves for it
            assert same
            assert look.layout.certainty is Certainty.MEASURED
        else:
            assert look.layout.certainty is Certainty.RECONSTRUCTED
    else:
        assert look.layout.certainty is Certainty.ESTIMATED
    serials = {allocation.serial for allocation in look.layout.allocations}
    for allocation in look.layout.allocations:
        assert allocation.serial == allocation.role
        for field in allocation.fields:
            if field.kind is Kind.POINTER and field.target is not None:
                assert field.target in serials or field.target == "outside the window"


async def test_every_encoding_of_the_demo_data(real_server: RealServer) -> None:
    keys = fill(real_server)
    encodings = set()
    async with connected(real_server) as source:
        for key in keys:
            look = await looked_at(source, key, Window(0, 1 << 20))
            check(look, real_server)
            encodings.add(look.encoding)
            assert await source.why(key) is not None
            assert await source.rebuilt(key)
    wanted = {"int", "embstr", "raw", "intset", "quicklist", "hashtable", "skiplist", "stream"}
    wanted.add("ziplist" if real_server.profile == "6.2" else "listpack")
    assert wanted <= encodings
    assert ("listpackex" in encodings) == (real_server.profile == "8.0")


async def test_recorded_payloads(real_server: RealServer) -> None:
    """A sample of what other versions saved, as far as this one can restore it."""
    async with connected(real_server) as source:
        seen = set()
        for profile in RECORDED:
            cases = [case for case in load(profile) if case.dump_hex is not None]
            first = cases[0]
            assert first.dump_hex is not None
            reply = real_server.execute("RESTORE", "try", 0, bytes.fromhex(first.dump_hex))
            if isinstance(reply, hiredis.ReplyError):
                continue  # of a newer version
            for case in cases[:: max(1, len(cases) // 40)]:
                assert case.dump_hex is not None
                real_server.execute("FLUSHALL")
                real_server.execute("RESTORE", case.key, 0, bytes.fromhex(case.dump_hex))
                look = await looked_at(source, case.key)
                check(look, real_server)
                seen.add(look.encoding)
    assert len(seen) >= 5


async def test_the_window_is_what_was_asked_for(real_server: RealServer) -> None:
    real_server.execute("RPUSH", "list", *(f"element {n}" for n in range(2000)))
    real_server.execute("SET", "text", "x" * 10_000)
    async with connected(real_server) as source:
        nodes = await looked_at(source, b"list", Window(1, 1))
        assert {a.element for a in nodes.layout.allocations if a.element is not None} == {1}
        text = await looked_at(source, b"text", Window(start=4096, size=512))
        (blob,) = [a for a in text.layout.allocations if a.name == "sds" and a.role != "key"]
        assert (blob.data_offset, len(blob.data)) == (4096, 512)


async def test_two_looks_at_the_same_are_the_same(real_server: RealServer) -> None:
    fill(real_server)
    async with connected(real_server) as source:
        for key in (b"board", b"tags", b"feed", b"user:1"):
            one, other = await looked_at(source, key), await looked_at(source, key)
            assert not diff(one.layout, other.layout)


async def test_binary_keys_and_values(real_server: RealServer) -> None:
    key = bytes(range(256))
    real_server.execute("SET", key, key)
    real_server.execute("HSET", "h", key, key)
    async with connected(real_server) as source:
        check(await looked_at(source, key), real_server)
        check(await looked_at(source, b"h"), real_server)
        assert (await source.execute([b"GET", key])).reply == key


async def test_a_stream_has_the_room_that_the_server_charges(real_server: RealServer) -> None:
    for number in range(150):
        real_server.execute("XADD", "s", f"{number + 1}-1", "field", f"value:{number}")
    real_server.execute("XGROUP", "CREATE", "s", "g", "0")
    real_server.execute("XREADGROUP", "GROUP", "g", "al", "COUNT", "7", "STREAMS", "s", ">")
    async with connected(real_server) as source:
        look = await looked_at(source, b"s")
        check(look, real_server)
    assert look.elements == 150
    rooms = [a.size_class for a in look.layout.allocations if a.name == "listpack"]
    assert len(rooms) == 2
    if real_server.allocator != "libc":
        assert rooms[1] == 4096
    if real_server.build.brand == "redis" and real_server.allocator != "libc":
        assert look.layout.certainty is Certainty.MEASURED


# -- what it costs the server -----------------------------------------------------------------------------------------


async def test_looking_in_passing_leaves_the_idle_time(real_server: RealServer) -> None:
    """Listing a key and moving over it is not using it: on no version, and even entering it is not from 7.2 on."""
    for key, command in (("k", ["SET", "k", "v"]), ("h", ["HSET", "h", "a", "b"]), ("l", ["RPUSH", "l", "a"])):
        real_server.execute(*command)
        real_server.execute("RESTORE", key, 0, real_server.execute("DUMP", key), "REPLACE", "IDLETIME", 5000)
    quiet = real_server.profile in ("8.0", "valkey-8.1")
    async with connected(real_server) as source:
        for key in ("k", "h", "l"):
            await source.keys(Order.NAME, ANY, 0, 10)
            look = await source.look(key.encode(), Window())
            assert look is not None
            assert (look.idle or 0) >= 5000
            assert real_server.execute("OBJECT", "IDLETIME", key) >= 5000
            assert ("press enter" in look.notice) == (not quiet)
            entered = await looked_at(source, key.encode())
            assert not entered.notice
            assert (real_server.execute("OBJECT", "IDLETIME", key) >= 5000) == quiet


async def test_what_may_be_fetched_in_passing(real_server: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = real_server.profile in ("8.0", "valkey-8.1")
    real_server.execute("SET", "small", "x" * 1000)
    real_server.execute("SET", "large", "x" * (300 << 10))
    real_server.execute("SADD", "many", *(f"m{n}" for n in range(4001)))
    async with connected(real_server) as source:
        for key, free in ((b"small", True), (b"large", False), (b"many", False)):
            look = await source.look(key, Window())
            assert look is not None
            assert (look.notice == "") == (free and quiet)
            assert ("enter" in look.notice) == (not (free and quiet))
            assert (await looked_at(source, key)).notice == ""
        monkeypatch.setattr(looking, "ASKED_BYTES", 200 << 10)
        look = await looked_at(source, b"large")
        assert "--big" in look.notice
        assert look.computed == look.reported
    async with connected(real_server, big=True) as source:
        assert (await looked_at(source, b"large")).notice == ""


@one_server
async def test_a_long_string_is_counted_exactly_a_long_set_is_sampled(real_server: RealServer) -> None:
    real_server.execute("SET", "text", "x" * 20_000)
    real_server.execute("SADD", "set", *(f"member:{n}" for n in range(10_001)))
    async with connected(real_server) as source:
        text, members = await looked_at(source, b"text"), await looked_at(source, b"set")
    assert text.reported_certainty is Certainty.EXACT
    assert members.reported_certainty is Certainty.ESTIMATED


# -- running ----------------------------------------------------------------------------------------------------------


async def test_a_write_is_shown_as_a_change(real_server: RealServer) -> None:
    async with connected(real_server, write=True) as source:
        made = (await source.execute([b"HSET", b"k", b"name", b"Ada"])).change
        assert made is not None
        assert made.keys[0].before is None
        change = (await source.execute([b"HSET", b"k", b"born", b"1815"])).change
        assert change is not None
        (one,) = change.keys
        assert one.before is not None
        assert one.after is not None
        assert (one.before.elements, one.after.elements) == (1, 2)
        assert one.diff.charged == (one.after.reported or 0) - (one.before.reported or 0)
        assert [grown.after.role for grown in one.diff.grown if grown.changed] == [
            f"value/{'ziplist' if real_server.profile == '6.2' else 'listpack'}"
        ]
        assert (await source.execute([b"GET", b"nothing"])).change is None
        gone = (await source.execute([b"DEL", b"k"])).change
        assert gone is not None
        assert gone.keys[0].after is None


async def test_replies_keep_their_kind(real_server: RealServer) -> None:
    real_server.pipeline([["SET", "ok", "OK"], ["RPUSH", "l", "a", "b"], ["HSET", "h", "f", "v"]])
    async with connected(real_server) as source:
        replies = {
            line: (await source.execute(line.encode().split())).reply
            for line in ("GET ok", "GET nothing", "LRANGE l 0 -1", "TYPE l", "PING", "STRLEN ok", "LLEN ok", "EXISTS l",
                         "HMGET h f g", "ECHO OK")
        }  # fmt: skip
    assert replies["GET ok"] == b"OK"
    assert replies["ECHO OK"] == b"OK"
    assert replies["GET nothing"] is None
    assert replies["LRANGE l 0 -1"] == [b"a", b"b"]
    assert replies["HMGET h f g"] == [b"v", None]
    assert replies["TYPE l"] == Status(b"list")
    assert replies["PING"] == Status(b"PONG")
    assert replies["STRLEN ok"] == 2
    error = replies["LLEN ok"]
    assert isinstance(error, CommandError)
    assert error.message.startswith("WRONGTYPE ")


@one_server
async def test_what_others_do_to_the_key_is_told(real_server: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rinspect.sources.server.source.WATCH_PERIOD", 0.05)
    real_server.execute("HSET", "k", "name", "Ada")
    async with connected(real_server) as source:
        await source.look(b"k", Window())
        heard = source.changes()
        task: asyncio.Task[Change] = asyncio.create_task(anext(heard))  # type: ignore[arg-type]
        await asyncio.sleep(0.3)
        real_server.execute("HSET", "k", "born", "1815")
        change = await asyncio.wait_for(task, 10)
        await heard.aclose()  # type: ignore[attr-defined]
    assert change.argv is None
    assert change.commands in (0, 1)  # 0 where it ran between the look and the server's count
    assert change.keys[0].key == b"k"
    assert change.keys[0].after is not None
    assert change.keys[0].after.elements == 2


@one_server
async def test_nobody_asks_about_the_key_while_monitor_is_shown(
    real_server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rinspect.sources.server.source.WATCH_PERIOD", 0.01)
    real_server.execute("SET", "k", "v")
    async with connected(real_server) as source:
        await source.look(b"k", Window())
        await source.monitored.attend("loop")
        task: asyncio.Task[Change] = asyncio.create_task(anext(source.changes()))  # type: ignore[arg-type]
        sent = source._connection.sent
        await asyncio.sleep(0.2)
        assert source._connection.sent == sent
        await source.monitored.attend("")
        while source._connection.sent == sent:
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_ttls_are_spread_as_far_as_they_are_known(real_server: RealServer) -> None:
    for name, seconds in (("a", 9), ("b", 50), ("c", 50), ("d", 30 * 86_400)):
        real_server.execute("SET", name, "v", "EX", seconds)
    real_server.execute("SET", "e", "v")
    async with connected(real_server) as source:
        before = (await source.monitored.expiry()).spread
        assert before is not None
        assert (before.sampled, before.with_ttl, before.keys) == (0, 4, 5)
        await source.keys(Order.NAME, ANY, 0, 10)
        spread = (await source.monitored.expiry()).spread
    assert spread is not None
    assert (spread.sampled, spread.with_ttl, spread.keys) == (4, 4, 5)
    assert [(name, count) for name, count in spread.steps if count] == [("10 s", 1), ("1 min", 2), ("longer", 1)]
