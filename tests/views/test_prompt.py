"""The prompt: completion, hints, history, pasting."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rinspect.console.history import History
from rinspect.records import Outcome
from rinspect.sources.source import Refused
from rinspect.views.repl import Prompt
from tests.views.driving import ONE, engine, exploring, sizes


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


@sizes
async def test_esc_and_a_key_right_behind_it_are_two_keys(size: tuple[int, int]) -> None:
    """A terminal that sends both in one go is read as alt and the key."""
    async with exploring(ONE, size) as driver:
        driver.prompt.focus()
        driver.prompt.value = "GET half"
        await driver.press("alt+c")
        assert type(driver.app.screen).__name__ == "Monitor"
        await driver.press("c")
        assert driver.prompt.value == "GET half"


@sizes
async def test_the_proposal_that_stands_in_the_line_is_marked(size: tuple[int, int]) -> None:
    async with exploring(size=size) as driver:
        driver.prompt.focus()
        await driver.press("z", "r")
        seen = []
        for _ in range(15):
            await driver.press("tab")
            word = driver.prompt.value
            assert f"▸{word}" in driver.text()
            seen.append(word)
        assert seen[:2] == ["ZRANDMEMBER", "ZRANGE"]
        assert seen[0] in seen[1:]


@sizes
async def test_the_prompt_says_who_one_is_unless_it_is_the_usual_user(size: tuple[int, int]) -> None:
    async with exploring(size=size) as driver:

        def prompt() -> str:
            row = next(line for line in reversed(driver.lines()) if driver.prompt.placeholder in line)
            return row.partition(driver.prompt.placeholder)[0].strip("│")

        assert prompt() == "> "
        await driver.paste("ACL SETUSER a-very-long-name on >x +@all\nACL SETUSER bob on nopass +@all\nAUTH bob x\n")
        assert prompt() == "bob> "
        await driver.press("escape", "c", "colon")
        assert prompt() == "bob> "
        await driver.enter("AUTH a-very-long-name x")
        assert prompt() == "a-very-long…> "
        await driver.enter("CONFIG SET requirepass secret")
        await driver.enter("ACL DELUSER a-very-long-name")
        assert prompt() == "(nobody)> "
        await driver.paste("PING\nAUTH secret\n")
        assert prompt() == "> "


async def test_tab_finds_keys_that_are_not_on_the_screen() -> None:
    script = "SET far*away[1] x\nSET farther x\n" + "\n".join(f"SET near:{n} x" for n in range(200))
    async with exploring(script) as driver:
        assert b"farther" not in driver.prompt.key_names
        driver.prompt.value = "GET fart"
        driver.prompt.cursor_position = 8
        await driver.press("tab")
        assert driver.prompt.value == "GET farther "
        driver.prompt.value = "GET far*"
        driver.prompt.cursor_position = 8
        await driver.press("tab")
        assert driver.prompt.value == "GET far*away[1] "


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


@sizes
async def test_the_last_reply_stays_in_view_when_the_hint_takes_a_row(size: tuple[int, int]) -> None:
    async with exploring(ONE, size) as driver:
        for number in range(20):
            await driver.enter(f"ECHO number-{number}")
        assert '"number-19"' in driver.text()
        await driver.press(*"get")
        assert '"number-19"' in driver.text()
        await driver.press("ctrl+c")
        assert '"number-19"' in driver.text()


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


async def test_what_is_typed_while_a_script_runs_is_told_once() -> None:
    async with exploring() as driver:
        driver.prompt.post_message(Prompt.Entered([f"SET key:{number} x" for number in range(150)]))
        driver.prompt.post_message(Prompt.Entered(["PING"]))
        await driver.settle()
        lines = driver.log().splitlines()
        assert lines.count("> PING") == 1
        assert lines.count("PONG") == 1
        assert len(lines) == 2 * 151


async def test_a_long_script_shows_its_end_and_its_last_changes() -> None:
    async with exploring() as driver:
        await driver.paste("\n".join(f"RPUSH k {n}" for n in range(1300)) + "\n")
        assert "(integer) 1300" in driver.text()
        assert driver.log().count("> RPUSH") == 1300
        changes = driver.explore.browser.changes.changes
        assert [change.argv for change in changes] == [(b"RPUSH", b"k", b"%d" % n) for n in range(1100, 1300)]
        assert "lines run" not in driver.text()


@pytest.mark.parametrize("padding", [0, 300])
async def test_what_belongs_to_a_refused_transaction_does_not_run(padding: int) -> None:
    """Neither where each line is looked at, nor where many are run at once."""
    source = engine(ONE)
    run, run_all = source.execute, source.run_all

    async def execute(argv: Sequence[bytes]) -> Outcome:
        if argv[0] == b"MULTI":
            raise Refused("not here")
        return await run(argv)

    async def execute_all(commands: Sequence[Sequence[bytes]]) -> list[Outcome | Refused]:
        return [Refused("not here") if argv[0] == b"MULTI" else (await run_all([argv]))[0] for argv in commands]

    source.execute, source.run_all = execute, execute_all  # type: ignore[method-assign]
    async with exploring(source=source) as driver:
        script = ["MULTI", "SET in 1", "DEL user:1", "EXEC", "SET after 1", *["PING"] * padding, ""]
        await driver.paste("\n".join(script))
        assert driver.log().count("must not run without it") == 3
        keys = {row.key for row in driver.explore.keys_view.rows}
        assert keys == {b"user:1", b"after"}


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
