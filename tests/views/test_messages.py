"""Messages to the prompt's own subscriptions, in its log."""

from __future__ import annotations

import asyncio

from rinspect.app import RinspectApp
from rinspect.views.repl import Repl
from tests.sources.monitoring_of import PATIENCE, Watched
from tests.views.driving import Driver, driven, engine, sizes
from tests.views.test_monitor import Watching, watching


async def log_ends(driver: Driver, *lines: str) -> None:
    """Until the log ends like this."""
    view = driver.app.screen.query_one(Repl).log_view
    async with asyncio.timeout(PATIENCE):
        while [line.rstrip() for line in view.text().splitlines()[-len(lines) :]] != list(lines):
            await asyncio.sleep(0.02)


@sizes
async def test_messages_are_seen_on_both_screens(size: tuple[int, int]) -> None:
    async with watching(size) as driver:
        one = await driver.caller("one")
        await driver.enter("SUBSCRIBE news")
        for keys, text in (((), "hello"), (("escape", "c"), "again")):
            await driver.press(*keys)
            await one.execute("PUBLISH", "news", text)
            await log_ends(driver, '1) "message"', '2) "news"', f'3) "{text}"')
        await driver.settle()
        assert '3) "again"' in driver.text()
        assert driver.log().count('3) "hello"') == 1


async def test_who_reads_what_came_before_stays_there() -> None:
    async with watching(script="") as driver:
        one = await driver.caller("one")
        await driver.paste("SUBSCRIBE news\n" + "PING\n" * 20)
        view = driver.app.screen.query_one(Repl).log_view
        await driver.press("pageup")
        place = view.scroll_offset.y
        assert place < view.max_scroll_y
        await one.execute("PUBLISH", "news", "hello")
        await log_ends(driver, '3) "hello"')
        await driver.settle()
        assert view.scroll_offset.y == place
        await driver.enter("PING")
        assert view.scroll_offset.y == view.max_scroll_y


async def test_of_a_flood_it_is_said_how_many_are_not_shown() -> None:
    async with watching(script="") as driver:
        await driver.enter("SUBSCRIBE news")
        await driver.source.in_loop(
            lambda: [driver.source.server.clients.pubsub.publish(b"news", b"%d" % number) for number in range(1000)]
        )
        await log_ends(driver, '1) "message"', '2) "news"', '3) "999"')
        assert "… 900 messages before these" in driver.app.screen.query_one(Repl).log_view.text()


async def test_where_two_engines_are_compared_it_is_said_whose_message_it_is() -> None:
    left, right = engine(), engine(profile="6.2", label="legacy")
    async with driven(RinspectApp(left, other=right)) as plain:
        driver, there = Watching(plain.pilot), Watched(right)
        one = await there.caller("one")
        await driver.enter("SUBSCRIBE news")
        await one.execute("PUBLISH", "news", "hello")
        await log_ends(driver, '3) "hello"')
        line = next(line for line in driver.lines() if '1) "message"' in line and "subscribe" not in line)
        assert line.rstrip("│ ").endswith("right")
        one.socket.close()
