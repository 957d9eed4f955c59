"""The prompt: completion, hints, history, pasting."""

from __future__ import annotations

from rinspect.console.history import History
from tests.views.driving import ONE, exploring


async def test_tab_completes_commands_keys_and_options() -> None:
    async with exploring(ONE + "\nSET user:2 x") as driver:
        driver.prompt.value = "hgeta"
        driver.prompt.cursor_position = 5
        await driver.press("tab")
        assert driver.prompt.value == "HGETALL "
        await driver.press("u", "tab")
        assert driver.prompt.value == "HGETALL user:2"
        await driver.press("tab")
        assert driver.prompt.value == "HGETALL user:1"
        await driver.press("tab")
        assert driver.prompt.value == "HGETALL user:2"
        await driver.press("ctrl+c")
        driver.prompt.value = "SET user:2 x ke"
        driver.prompt.cursor_position = len(driver.prompt.value)
        await driver.press("tab")
        assert driver.prompt.value == "SET user:2 x KEEPTTL "
        driver.prompt.value = "nosuch "
        driver.prompt.cursor_position = 7
        await driver.press("tab")
        assert driver.prompt.value == "nosuch "


async def test_tab_in_the_middle_keeps_the_rest() -> None:
    async with exploring(ONE) as driver:
        driver.prompt.value = "HSET us bio x"
        driver.prompt.cursor_position = 7
        await driver.press("tab")
        assert driver.prompt.value.split() == ["HSET", "user:1", "bio", "x"]


async def test_the_hint_follows_what_is_typed() -> None:
    async with exploring() as driver:
        await driver.press(*"hset", "space")
        assert "HSET key field value" in driver.text()
        assert "since 2.0" in driver.text()
        await driver.press("ctrl+c")
        assert "HSET key" not in driver.text()


async def test_control_c_clears_the_line_and_runs_nothing() -> None:
    async with exploring() as driver:
        driver.prompt.value = "FLUSHALL"
        await driver.press("ctrl+c")
        assert driver.prompt.value == ""
        assert driver.log() == ""
        assert driver.app.is_running


async def test_history_goes_back_and_on_and_keeps_the_draft() -> None:
    history = History()
    for line in ("SET a 1", "GET a", "HSET h f v"):
        history.add(line)
    async with exploring(history=history) as driver:
        driver.prompt.value = "draft"
        seen = []
        for key in ("up", "up", "up", "up", "down", "down", "down"):
            await driver.press(key)
            seen.append(driver.prompt.value)
        assert seen == ["HSET h f v", "GET a", "SET a 1", "SET a 1", "GET a", "HSET h f v", "draft"]


async def test_history_is_searched() -> None:
    history = History()
    for line in ("SET a 1", "HSET h f v", "GET a", "hset other f v"):
        history.add(line)
    async with exploring(history=history) as driver:
        driver.prompt.value = "hset"
        await driver.press("ctrl+r")
        assert driver.prompt.value == "hset other f v"
        await driver.press("ctrl+r")
        assert driver.prompt.value == "HSET h f v"


async def test_a_pasted_script_is_run_line_by_line() -> None:
    async with exploring() as driver:
        await driver.paste("SET a 1\r\n\nINCR a\nLPUSH a x\nINCR a\nGET a")
        assert driver.prompt.value == "GET a"
        log = driver.log()
        assert log.count("(integer)") == 2
        assert "WRONGTYPE" in log
        await driver.press("enter")
        assert '"3"' in driver.log()


async def test_a_pasted_line_is_only_put_in() -> None:
    async with exploring() as driver:
        await driver.paste("SET a 1")
        assert driver.prompt.value == "SET a 1"
        assert driver.log() == ""


async def test_a_bad_line_loses_nothing() -> None:
    async with exploring() as driver:
        await driver.enter('SET a "open')
        assert driver.prompt.value == 'SET a "open'
        await driver.paste("")
        driver.prompt.value = ""
        await driver.paste('SET a 1\nSET b "open\nSET c 3\n')
        log = driver.log()
        assert "not run" in log
        assert driver.explore.keys_view.total == 2
