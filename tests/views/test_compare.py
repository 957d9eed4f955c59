"""What Compare does when it is typed at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from rinspect.app import RinspectApp
from rinspect.sources.server.address import Address
from rinspect.sources.server.source import ServerSource
from rinspect.views.compare import Compare
from tests.real.servers import RealServer
from tests.views.driving import NARROW, ONE, WIDE, Driver, driven, engine, sizes

one_server = pytest.mark.parametrize("real_server", ["8.0"], indirect=True)


@asynccontextmanager
async def comparing(size: tuple[int, int] = WIDE, *, left: str = "", right: str = "") -> AsyncIterator[Driver]:
    """A new and an old engine side by side."""
    async with driven(RinspectApp(engine(left), other=engine(right, "6.2", "old")), size) as driver:
        yield driver


@asynccontextmanager
async def beside(server: RealServer, script: str = "") -> AsyncIterator[Driver]:
    """An engine beside a server that is not to be written to."""
    source = await ServerSource.connect(Address(port=server.port))
    async with driven(RinspectApp(engine(script), other=source)) as driver:
        yield driver


def compare(driver: Driver) -> Compare:
    assert isinstance(driver.app.screen, Compare)
    return driver.app.screen


def log(driver: Driver) -> str:
    return compare(driver).repl.log_view.text()


@sizes
async def test_a_command_runs_on_both(size: tuple[int, int]) -> None:
    async with comparing(size) as driver:
        await driver.enter("RPUSH k a b")
        assert "(integer) 2" in driver.text()
        assert "same on both" in driver.text()
        await driver.enter("OBJECT ENCODING k")
        lines = [line for line in log(driver).splitlines() if '"listpack"' in line]
        assert '"quicklist"' in lines[0]
        assert "differs" in lines[0]
        assert "OBJECT ENCODING" in driver.text()


async def test_the_key_that_is_read_is_compared() -> None:
    async with comparing(left="SET a 1\nSET b 2\nSADD c 3") as driver:
        for line, key in (
            ("SMEMBERS c", b"c"),
            ("OBJECT ENCODING b", b"b"),
            ("MGET a b", b"a"),
            ("PING", b"a"),
            ("SINTERCARD 1 c", b"c"),
        ):
            await driver.enter(line)
            assert compare(driver)._key == key
            assert f"─ {key.decode()} " in driver.text()


@one_server
async def test_a_write_toward_a_read_only_side_runs_on_neither(real_server: RealServer) -> None:
    async with beside(real_server) as driver:
        await driver.enter("SET k v")
        assert "It ran on neither side" in log(driver)
        assert real_server.execute("EXISTS", "k") == 0
        await driver.enter("EXISTS k")
        assert "same on both" in log(driver)
        # One key brings the line back, enter runs it where it may.
        await driver.enter("SET k v")
        await driver.press("up", "enter")
        assert "(not run here)" in log(driver)
        assert real_server.execute("EXISTS", "k") == 0
        assert "no such key" in driver.text()


@one_server
async def test_a_servers_key_is_copied_to_the_left(real_server: RealServer) -> None:
    real_server.execute("HSET", "user:1", "name", "Ada", "born", "1815")
    async with beside(real_server) as driver:
        await driver.press("escape", "r", "g")
        assert "no such key" in driver.text()
        await driver.press("x")
        text = driver.text()
        assert "no such key" not in text
        assert "differs" not in text
        assert "80 exact" in text


async def test_keys_of_either_side_are_listed() -> None:
    async with comparing(left="SET mine 1", right="SET theirs 1") as driver:
        await driver.press("escape")
        assert "theirs" in driver.text()
        await driver.press("o")
        assert "Keys of left" in driver.text()
        assert "mine" in driver.text()


async def test_on_a_narrow_screen_the_keys_take_the_comparisons_place() -> None:
    async with comparing(NARROW, left=ONE, right=ONE) as driver:
        await driver.enter("HSET user:1 rank admiral")
        assert "OBJECT ENCODING" in driver.text()
        await driver.press("escape")
        assert "user:1" in driver.lines()[2]
        assert "OBJECT ENCODING" not in driver.text()
        await driver.press("tab")
        assert "OBJECT ENCODING" in driver.text()


async def test_what_belongs_to_a_refused_transaction_runs_on_neither() -> None:
    async with comparing() as driver:
        screen = compare(driver)
        screen.sides[1].refusal = refuse_multi  # type: ignore[method-assign]
        await driver.paste("MULTI\nSET in 1\nEXEC\nSET after 1\n")
        assert log(driver).count("must not run without it") == 2
        await driver.enter("EXISTS in after")
        assert log(driver).rstrip().splitlines()[-1].startswith("(integer) 1")


async def refuse_multi(argv: Sequence[bytes]) -> str:
    return "not here" if argv[0] == b"MULTI" else ""


async def test_to_explore_and_back() -> None:
    async with comparing(left=ONE) as driver:
        await driver.press("escape", "c")
        assert "▌Explore" in driver.lines()[0]
        assert "user:1" in driver.text()
        await driver.press("c")
        assert "▌Monitor" in driver.lines()[0]
        await driver.press("c")
        assert "▌Compare" in driver.lines()[0]


async def test_help_and_footer() -> None:
    async with comparing(left=ONE, right=ONE) as driver:
        assert driver.lines()[-1].endswith("^p palette  f1 help  ^q quit")
        await driver.press("escape")
        assert driver.lines()[-1].endswith("^p palette  ? help  q quit")
        await driver.press("question_mark")
        assert "Copy the right side's key" in " ".join(driver.text().split())
