"""Whole screens at three sizes: what a person sees, held against stored text.

The stored screens are written anew with RINSPECT_UPDATE=1; look at them before you commit them.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from rinspect.app import RinspectApp
from rinspect.demo import demo_commands
from rinspect.engine import Engine
from rinspect.sources.engine import EngineSource

EXPECTED = Path(__file__).parent / "expected"
NOON = 1_767_261_600_000_000
SIZES = [(120, 40), (80, 24), (60, 18)]


def source(profile: str = "8.0", label: str = "built-in", *, filled: bool = True) -> EngineSource:
    engine = Engine(profile, clock=lambda: NOON)
    session = engine.session()
    for argv in demo_commands(profile) if filled else []:
        # What expires would be counted down by the wall clock.
        if b"EX" not in argv and argv[0] != b"HEXPIRE":
            session.execute(argv)
    return EngineSource(engine, label)


async def settled(pilot: Pilot[None]) -> None:
    """Wait until all that was asked for is there: an answer may lead to another question."""
    for _ in range(3):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


async def type_line(pilot: Pilot[None], text: str) -> None:
    """Enter a line where one is asked for."""
    box = pilot.app.focused
    assert isinstance(box, Input)
    box.value = text
    box.cursor_position = len(text)
    await press(pilot, "enter")


def text_of(pilot: Pilot[None]) -> str:
    strips = pilot.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips) + "\n"


def check(name: str, text: str) -> None:
    path = EXPECTED / f"{name}.txt"
    if os.environ.get("RINSPECT_UPDATE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


async def empty(pilot: Pilot[None]) -> None:
    pass


async def listpack(pilot: Pilot[None]) -> None:
    await type_line(pilot, "HSET user:1 rank admiral")
    await press(pilot, "escape", "6", "w")


async def skiplist(pilot: Pilot[None]) -> None:
    await press(pilot, "escape", "slash")
    await type_line(pilot, "board")
    await press(pilot, "enter", "slash")
    await type_line(pilot, "player:049")


async def reasons(pilot: Pilot[None]) -> None:
    await press(pilot, "escape", "slash")
    await type_line(pilot, "user")
    await press(pilot, "4")


SCENES: dict[str, tuple[bool, Callable[[Pilot[None]], Awaitable[None]]]] = {
    "empty": (False, empty),
    "listpack": (True, listpack),
    "skiplist": (True, skiplist),
    "why": (True, reasons),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("scene", SCENES)
async def test_explore(scene: str, size: tuple[int, int]) -> None:
    filled, act = SCENES[scene]
    async with RinspectApp(source(filled=filled)).run_test(size=size) as pilot:
        await settled(pilot)
        await act(pilot)
        check(f"{scene}-{size[0]}x{size[1]}", text_of(pilot))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_compare(size: tuple[int, int]) -> None:
    app = RinspectApp(source(), other=source("6.2", "legacy"))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await type_line(pilot, "HSET user:1 rank admiral")
        check(f"compare-{size[0]}x{size[1]}", text_of(pilot))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_prompt_reply_and_change_stay_visible(size: tuple[int, int]) -> None:
    async with RinspectApp(source()).run_test(size=size) as pilot:
        await settled(pilot)
        await type_line(pilot, "SADD fresh a b c")
        for pane in ("keys", "structure", "memory", "why", "changes", "bytes"):
            pilot.app.screen.action_show_pane(pane)  # type: ignore[attr-defined]
            await settled(pilot)
            text = text_of(pilot)
            assert "(integer) 3" in text, pane
            assert "new key +64 B" in text, pane
            assert "\n> " in text.replace("│", ""), pane


async def test_a_line_that_cannot_be_run_stays() -> None:
    async with RinspectApp(source()).run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        prompt = pilot.app.screen.query_one("#prompt", Input)
        await press(pilot, "G", "E", "T", "space", "quotation_mark", "x", "enter")
        assert prompt.value == 'GET "x'
        await press(pilot, "ctrl+c")
        assert prompt.value == ""
        assert pilot.app.is_running


async def test_changes_are_stepped_through() -> None:
    async with RinspectApp(source(filled=False)).run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await type_line(pilot, "SET k one")
        await type_line(pilot, "APPEND k two")
        await press(pilot, "escape", "left_square_bracket", "left_square_bracket")
        assert "change 1 of 2" in text_of(pilot)
        assert "embstr" in text_of(pilot)
        await press(pilot, "right_square_bracket", "right_square_bracket")
        assert "change" not in text_of(pilot).splitlines()[0]


async def test_structure_and_bytes_are_tied() -> None:
    """Moving in the bytes lights the box; the sentence names what is under the cursor."""
    async with RinspectApp(source(filled=False)).run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await type_line(pilot, "RPUSH k alpha beta")
        await press(pilot, "escape", "6", "home", "w", "w", "w")
        assert "the string" in text_of(pilot) or "5 bytes" in text_of(pilot)
        assert "▲" in text_of(pilot)
