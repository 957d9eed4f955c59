"""How fast a server is asked for what nobody waits for, and what is found there later."""

from __future__ import annotations

import pytest

from rinspect.records import Filter, KeyPage, Order
from rinspect.sources.server import pace, survey
from rinspect.sources.server.address import Address
from rinspect.sources.server.connection import ServerConnection
from rinspect.sources.server.pace import Pace
from rinspect.sources.server.source import ServerSource
from tests.real.servers import RealServer
from tests.sources.connecting import connected, eventually

one_server = pytest.mark.parametrize("real_server", ["8.0"], indirect=True)
QUICK, SLOW = 0.0008, 0.03
ANY = Filter()


class Answering(ServerConnection):
    """A connection whose PINGs take as long as is said."""

    def __init__(self, *seconds: float) -> None:
        super().__init__(Address())
        self.seconds = list(seconds)

    async def ask(self, *argv: bytes) -> bytes:
        assert argv == (b"PING",)
        self.took = self.seconds.pop(0)
        return b"PONG"


async def begun(*first: float) -> Pace:
    made = Pace(Answering(*first))
    await made.begin()
    return made


async def test_three_slow_answers_halve_the_pace_and_ten_stop_it() -> None:
    made = await begun(SLOW, QUICK, QUICK)
    shares = []
    for _ in range(9):
        made.note(SLOW)
        shares.append(made.share)
    assert shares == [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]
    assert made.stopped == ""
    made.note(SLOW)
    assert "PING 30 ms, 0.8 ms at the start" in made.stopped
    assert not await made.may_go_on()
    made.go_on()
    assert (made.share, made.stopped) == (1, "")


async def test_a_quick_answer_brings_the_pace_back() -> None:
    made = await begun(QUICK, QUICK, QUICK)
    for _ in range(6):
        made.note(SLOW)
    made.note(QUICK)
    assert made.share == 0.5
    for _ in range(2):
        made.note(SLOW)
    assert made.share == 0.5
    made.note(QUICK)
    assert made.share == 1


async def test_a_far_server_is_not_slow() -> None:
    """Twice of what it takes at the start; and less than 5 ms never are."""
    far = await begun(0.08, 0.09, 0.08)
    near = await begun(QUICK, QUICK, QUICK)
    for _ in range(3):
        far.note(0.15)
        near.note(0.0049)
    assert far.share == near.share == 1


async def test_only_now_and_then_a_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "PERIOD", 1000.0)
    connection = Answering(QUICK, QUICK, QUICK, SLOW, SLOW)
    made = Pace(connection)
    await made.begin()
    for _ in range(10):
        assert await made.may_go_on()
    assert len(connection.seconds) == 1


@one_server
async def test_a_walk_stops_at_a_slow_server_until_told_to_go_on(
    real_server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_server.pipeline([["SET", f"k:{n}", 1] for n in range(500)])
    async with connected(real_server) as source:
        for _ in range(pace.STOPS):
            source._pace.note(100.0)
        page = await all_of(source)
        assert 0 < page.known < 500
        assert "answers slowly" in (await source.info()).notice
        assert not page.growing
        await source.refresh()
        await found_all(source)
        assert (await source.info()).notice == ""


# -- keys that come and go --------------------------------------------------------------------------------------------


async def all_of(source: ServerSource, order: Order = Order.RECENT) -> KeyPage:
    return await source.keys(order, ANY, 0, 10)


async def found_all(source: ServerSource) -> None:
    async def complete() -> bool:
        return (await all_of(source)).complete

    await eventually(complete)


async def test_keys_that_others_make_and_delete(real_server: RealServer) -> None:
    real_server.pipeline([["SET", f"k:{n}", 1] for n in range(300)])
    async with connected(real_server) as source:
        await source.info()
        await found_all(source)
        await source.info()
        real_server.pipeline([["SET", "new", 1], ["DEL", "k:7", "k:8"]])
        await source.info()
        await found_all(source)
        assert (await all_of(source)).rows[0].key == b"new"
        names = {row.key for row in (await source.keys(Order.NAME, ANY, 0, 1000)).rows}
        assert names == {b"new", *(b"k:%d" % n for n in range(300) if n not in (7, 8))}


@one_server
async def test_as_many_keys_may_still_be_others(real_server: RealServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "AGAIN", 0.0)
    real_server.pipeline([["SET", f"k:{n}", 1] for n in range(300)])
    async with connected(real_server) as source:
        await source.info()
        await found_all(source)
        real_server.execute("RENAME", "k:7", "renamed")

        async def renamed() -> bool:
            await source.info()
            names = {row.key for row in (await source.keys(Order.NAME, ANY, 0, 1000)).rows}
            return b"renamed" in names and b"k:7" not in names

        await eventually(renamed)


@one_server
async def test_what_sorting_needs_is_asked_of_all_keys_on_request(real_server: RealServer) -> None:
    real_server.pipeline([["SET", f"k:{n:03}", "x" * n] for n in range(300)])
    async with connected(real_server) as source:
        await source.info()
        await found_all(source)
        hits = int(real_server.info("stats")["keyspace_hits"])
        page = await all_of(source, Order.BYTES)
        assert (page.described, page.known) == (10, 300)
        assert [row.key for row in page.rows] != [b"k:%03d" % n for n in range(299, 289, -1)]
        await source.ask_all()

        async def described() -> bool:
            return (await all_of(source, Order.BYTES)).described == 300

        await eventually(described)
        rows = (await all_of(source, Order.BYTES)).rows
        sizes = [row.charged or 0 for row in rows]
        assert sizes[0] == real_server.execute("MEMORY", "USAGE", "k:299")
        assert sizes == sorted(sizes, reverse=True)
        assert int(real_server.info("stats")["keyspace_hits"]) > hits + 280
