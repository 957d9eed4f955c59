"""Help, jumping, the palette, themes, sizes, configured keys, leaving."""

from __future__ import annotations

import asyncio
import errno
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from rich.color import ColorType
from textual.widgets import Static

from rinspect.app import RinspectApp
from rinspect.drawing.keyrow import key_header
from rinspect.engine import Engine
from rinspect.records import SourceInfo
from rinspect.settings import Settings
from rinspect.sources.engine.source import EngineSource
from rinspect.views.actions import ACTIONS
from rinspect.views.browser import Browser
from rinspect.views.help import Help
from rinspect.views.jump import Jump
from tests.views.driving import DEMO, MEDIUM, NARROW, ONE, WIDE, driven, engine, exploring, sizes


@sizes
async def test_help_knows_the_pane(size: tuple[int, int]) -> None:
    async with exploring(DEMO, size) as driver:
        await driver.press("escape")
        for key, word in (("1", "Every key"), ("2", "How the value"), ("6", "One allocation")):
            await driver.press(key, "question_mark")
            assert isinstance(driver.app.screen, Help)
            assert word in " ".join(driver.text().split())
            await driver.press("escape")
            assert not isinstance(driver.app.screen, Help)


async def test_jump() -> None:
    async with exploring(DEMO) as driver:
        await driver.press("ctrl+o")
        assert isinstance(driver.app.screen, Jump)
        assert "Press a pane's letter" in driver.text()
        await driver.press("b")
        assert driver.explore.pane == "bytes"
        await driver.press("ctrl+o", "r")
        assert driver.explore.pane == "repl"
        await driver.press("ctrl+o", "escape")
        assert driver.explore.pane == "repl"


async def test_the_palette_finds_actions_and_keys() -> None:
    async with exploring(DEMO) as driver:
        await driver.press("ctrl+p")
        await driver.press(*"podium")
        await driver.pilot.pause(0.3)
        await driver.press("enter")
        await driver.settle()
        assert driver.explore.browser.selected == b"podium"


async def test_every_action_runs() -> None:
    """None of them falls over, whatever pane and state it meets."""
    async with exploring(DEMO) as driver:
        for action in ACTIONS:
            run = driver.explore.runner(action.action)
            if run is None or action.id in ("quit", "palette", "export", "theme", "mode"):
                assert run is not None or action.where not in ("explore", "anywhere", "keys", "value", "bytes"), (
                    action.id
                )
                continue
            await run()
            await driver.settle()
            while len(driver.app.screen_stack) > 1:
                await driver.press("escape")
        assert driver.app.is_running


async def test_maximise() -> None:
    async with exploring(DEMO, MEDIUM) as driver:
        await driver.press("escape", "6", "m")
        assert "Keys" not in driver.text()
        await driver.press("m")
        assert "Keys" in driver.text()


def unwritable(path: Path, *_: object, **__: object) -> None:
    raise OSError(errno.EROFS, "Read-only file system")


async def test_copy_and_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with exploring(ONE) as driver:
        for key, name, holds in (
            ("2", "structure", "dictEntry"),
            ("6", "bytes", "1b 00 00 00"),
            ("1", "keys", "user:1"),
        ):
            await driver.press("escape", key, "y")
            assert holds in driver.app.clipboard
            await driver.press("e")
            texts = "".join(ET.parse(tmp_path / f"rinspect-{name}.svg").getroot().itertext())
            assert holds.split()[0] in texts
        await driver.press("e")
        assert (tmp_path / "rinspect-keys-2.svg").exists()
        monkeypatch.setattr(Path, "write_text", unwritable)
        await driver.press("e")
        assert any("Not written" in notice for notice in driver.notices())


async def test_themes_change_the_colours_and_nothing_else() -> None:
    async with exploring(DEMO, MEDIUM) as driver:
        await driver.press("escape", "2")
        before = driver.lines()[1:-4]
        for _ in range(3):
            await driver.press("t")
        assert driver.lines()[1:-8] == before[: len(driver.lines()[1:-8])]


async def test_any_size_after_any_other() -> None:
    async with exploring(DEMO) as driver:
        for key in "123456":
            await driver.press("escape", key)
            for width, height in ((40, 12), (200, 60), (20, 6), WIDE, NARROW, MEDIUM):
                await driver.resize(width, height)
                assert max(len(line) for line in driver.lines()) <= width
        await driver.enter("SET a 1")
        assert "OK" in driver.log()


async def test_keys_of_the_configuration_are_used_and_shown() -> None:
    settings = Settings(keys={"repl": "x", "help": "h"})
    async with exploring(ONE, settings=settings) as driver:
        await driver.press("escape", "x")
        assert driver.explore.pane == "repl"
        await driver.press("escape")
        assert " x repl" in driver.lines()[-1]


async def test_problems_of_the_configuration_are_said() -> None:
    settings = Settings(theme="", problems=("config.toml: there is no setting them; did you mean theme?",))
    async with exploring(settings=settings) as driver:
        assert any("did you mean theme?" in notice for notice in driver.notices())


@pytest.mark.parametrize("name", ["ansi-dark", "ansi-light", "textual-ansi"])
async def test_the_terminals_own_colours(name: str) -> None:
    """Only the sixteen that a terminal is set to, and its default: no colour of ours on them."""
    async with driven(RinspectApp(engine(DEMO), theme=name)) as driver:
        await driver.enter("HSET user:1 rank admiral")
        await driver.press("escape", "j", "6", "w")
        assert driver.notices() == []
        styles = [segment.style for strip in driver.app.screen._compositor.render_strips() for segment in strip]
        colours = {colour for style in styles if style for colour in (style.color, style.bgcolor) if colour}
        assert {colour.type for colour in colours} <= {ColorType.DEFAULT, ColorType.STANDARD}
        assert len(colours) > 4


async def test_an_unknown_theme_is_said() -> None:
    async with driven(RinspectApp(engine(), theme="nosuch")) as driver:
        assert any(notice.startswith("there is no theme nosuch; there are ") for notice in driver.notices())


@sizes
async def test_the_last_line_always_names_palette_help_and_quit(size: tuple[int, int]) -> None:
    async with exploring(DEMO, size) as driver:
        assert driver.lines()[-1].endswith("^p palette  f1 help  ^q quit")
        await driver.press("escape")
        for key in "123456":
            await driver.press(key)
            assert driver.lines()[-1].endswith("^p palette  ? help  q quit")
        await driver.press("1", "slash")
        assert driver.lines()[-1].endswith("^p palette  f1 help  ^q quit")
        await driver.press("f1")
        assert isinstance(driver.app.screen, Help)


def test_every_action_has_a_name_of_its_own() -> None:
    names = [action.id for action in ACTIONS]
    assert len(set(names)) == len(names)


async def test_a_quick_typist_waits_for_nobody() -> None:
    """Lines entered one upon the other are run in their order."""
    async with exploring() as driver:
        for number in range(30):
            for key in ("R", "P", "U", "S", "H", "space", "k", "space", *str(number), "enter"):
                driver.send(key)
        await driver.settle()
        await driver.enter("LRANGE k 0 -1")
        tail = driver.log().partition("LRANGE")[2]
        assert [line.split('"')[1] for line in tail.splitlines() if '"' in line] == [str(n) for n in range(30)]


@pytest.mark.parametrize("keys", [("escape", "q"), ("escape", "6", "q"), ("escape", "4", "ctrl+q"), (*"quit", "enter")])
async def test_quitting(keys: tuple[str, ...]) -> None:
    async with exploring(ONE) as driver:
        await driver.pilot.press(*keys)
        await driver.pilot.pause()
        assert driver.app._exit
        assert driver.app.return_code == 0


async def test_the_past_is_not_given_the_reasons_of_now() -> None:
    async with exploring("HSET user:1 name Ada") as driver:
        await driver.enter("HSET user:1 born 1815")
        await driver.press("escape", "4")
        assert "hash-max-listpack-entries" in driver.text()
        await driver.press("left_square_bracket")
        assert "Reasons are worked out for now only" in driver.text()
        await driver.press("escape")
        assert "hash-max-listpack-entries" in driver.text()


@sizes
@pytest.mark.parametrize("count", [3, 200])
async def test_the_titles_stand_over_their_columns(count: int, size: tuple[int, int]) -> None:
    """Also where a scrollbar takes a column."""
    async with exploring("\n".join(f"SET key:{n:03} {'x' * 100}" for n in range(count)), size) as driver:
        await driver.press("escape", "1")
        pane, keys = driver.explore.keys_pane, driver.explore.keys_pane.list
        assert keys.show_vertical_scrollbar == (count == 200)
        head = str(pane.query_one("#keys-head", Static).content)
        assert head == key_header(keys.scrollable_content_region.width)


async def test_enter_where_no_pointer_is_says_so() -> None:
    async with exploring(ONE) as driver:
        await driver.press("escape", "6", "g", "enter")
        assert driver.notices()[-1] == "total bytes is no pointer: those are drawn as →→."
        await driver.press("G", "enter")
        assert "No field stands here" in driver.notices()[-1]


@sizes
async def test_who_is_locked_out_is_told_how_to_come_back(size: tuple[int, int]) -> None:
    async with exploring(size=size) as driver:
        await driver.press("escape", "u")
        assert any("Nobody is locked out" in notice for notice in driver.notices())
        await driver.enter("ACL SETUSER default -@all")
        await driver.enter("SET a 1")
        assert driver.log().count("then u,") == 1
        await driver.press("escape", "u")
        assert "the prompt is that user" in " ".join(driver.log().split())
        await driver.enter("SET a 1")
        assert driver.log().rstrip().splitlines()[-1].startswith("OK")


class Slow(EngineSource):
    """Answers only when let."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.let = asyncio.Event()

    async def info(self) -> SourceInfo:
        await self.let.wait()
        return replace(await super().info(), notice="Nobody may.")


async def test_what_two_questions_find_out_at_once_is_said_once() -> None:
    source = Slow(Engine())
    browser = Browser(source)
    asked = [asyncio.create_task(browser.ask_info()) for _ in range(2)]
    await asyncio.sleep(0)
    source.let.set()
    assert sorted(await asyncio.gather(*asked)) == ["", "Nobody may."]
