"""What the prompt says of commands that wait, and of those that are given up."""

from __future__ import annotations

import asyncio

import pytest
from textual import events

from rinspect.app import RinspectApp
from rinspect.views.repl import Repl
from tests.views.driving import NARROW, driven, engine, exploring, sizes
from tests.views.test_monitor import Watching, watching


@sizes
@pytest.mark.parametrize("keys", [(), ("c",)], ids=["explore", "monitor"])
async def test_the_prompt_says_what_it_waits_for_and_gives_up(size: tuple[int, int], keys: tuple[str, ...]) -> None:
    """In both screens; what is waited for is dropped with its connection."""
    source = engine()
    async with driven(RinspectApp(source), size) as plain:
        driver = Watching(plain.pilot)
        await driver.press("escape", *keys)
        source.monitored.hold.pause()
        await driver.press("colon")
        driver.prompt.value = f"SET k {100 * 'v'}"
        driver.send("enter")
        await driver.look_for("waiting: the loop is held")
        await driver.look_for("> SET k vvv")
        assert driver.text().count("> SET k") == 1
        assert ("esc: n one event, p go on" if keys else "esc c: Monitor, p go on") in driver.text()
        driver.send("ctrl+c")
        await driver.look_for("^C: the connection is dropped")
        log = driver.app.screen.query_one(Repl).log_view.text().splitlines()
        assert [line[:8] for line in log[:2]] == ["> SET k ", "^C: the "]
        source.monitored.hold.go_on()
        await driver.enter("EXISTS k")
        await driver.look_for("(integer)")
        assert "waiting:" not in driver.text()


@sizes
async def test_lines_behind_one_that_is_given_up_are_told_of_as_not_run(size: tuple[int, int]) -> None:
    source = engine()
    async with driven(RinspectApp(source), size) as plain:
        driver = Watching(plain.pilot)
        for keys in ((), ("escape", "c", "colon")):
            await driver.press(*keys)
            driver.prompt.post_message(events.Paste("BLPOP nobody 0\nSET a 1\nAUTH sesame\n"))
            await driver.look_for("is blocked")
            repl = driver.app.screen.query_one(Repl)
            for missing, line in enumerate(("SET b 2", "SET c 3", "GET a"), 4):
                driver.prompt.value = line
                driver.send("enter")
                async with asyncio.timeout(20):
                    while repl.said.missing != missing:
                        await asyncio.sleep(0.02)
            driver.send("ctrl+c")
            await driver.settle()
            said = " ".join(repl.log_view.text().split())
            assert said.endswith("not run: 5 lines behind it: SET a 1 · AUTH (hidden) · SET b 2 … 2 more")
            assert said.count("> BLPOP nobody 0 ^C: the connection is dropped;") == (2 if keys else 1)
            assert "> SET a 1" not in said
        await driver.enter("DBSIZE")
        assert driver.monitor.repl.log_view.text().splitlines()[-1] == "(integer) 0"


async def test_of_a_long_script_that_is_given_up_it_is_said_what_is_not_known() -> None:
    async with watching(script="") as driver:
        await driver.press("colon")
        driver.prompt.post_message(events.Paste("SET a 1\nBLPOP nobody 0\n" + "INCR n\n" * 800))
        await driver.look_for("is blocked")
        driver.send("ctrl+c")
        await driver.settle()
        log = driver.monitor.repl.log_view.text()
        assert "802 lines without an answer; of the next 500 some may have run, no others" in " ".join(log.split())
        await driver.enter("MGET a n")
        assert driver.monitor.repl.log_view.text().splitlines()[-2:] == ['1) "1"', "2) (nil)"]


async def test_lines_of_one_batch_are_not_mixed_with_those_of_another() -> None:
    async with exploring() as driver:
        source = driver.explore.browser.source
        await driver.press("escape", "c", "p", "colon")
        driver.prompt.post_message(events.Paste("MULTI\nSET a 1\nEXEC\n"))
        driver.prompt.post_message(events.Paste("SET b 2\n"))
        await Watching(driver.pilot).look_for("waiting:")
        hold = source.monitored.hold
        assert hold is not None
        hold.go_on()
        await driver.settle()
        log = driver.app.screen.query_one(Repl).log_view.text().splitlines()
        assert [line.partition("  ")[0] for line in log] == [
            "> MULTI", "OK", "> SET a 1", "QUEUED", "> EXEC", "1) OK", "> SET b 2", "OK",
        ]  # fmt: skip


async def test_what_is_waited_for_is_shown_until_the_log_tells_of_it() -> None:
    source = engine()
    async with driven(RinspectApp(source)) as plain:
        driver = Watching(plain.pilot)
        await driver.press("escape", "c", "p", "colon")
        log = driver.monitor.repl.log_view
        shown = ["> SET k v", "> AUTH (hidden)", "> GET k"]
        for number, line in enumerate(("SET k v", "AUTH sesame", "GET k"), 1):
            driver.prompt.value = line
            driver.send("enter")
            async with asyncio.timeout(20):
                while log.text().splitlines() != shown[:number]:
                    await asyncio.sleep(0.02)
        source.monitored.hold.go_on()
        await driver.settle()
        assert [line for line in log.text().splitlines() if line.startswith(">")] == shown
        assert log.text().splitlines()[-1] == '"v"'


async def test_the_prompt_says_that_it_is_blocked() -> None:
    async with watching(NARROW) as driver:
        await driver.press("colon")
        driver.prompt.value = "BLPOP nobody 0"
        driver.send("enter")
        await driver.look_for("waiting: BLPOP nobody 0 is blocked")
        one = await driver.caller("one")
        await one.execute("RPUSH", "nobody", "x")
        await driver.settle()
        assert "nobody" in driver.text()
