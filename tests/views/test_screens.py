"""Whole screens at three sizes: what a person sees, held against stored text.

The stored screens are written anew with RINSPECT_UPDATE=1; look at them before you commit them.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from rinspect.app import RinspectApp
from tests.views.driving import DEMO, SIZES, Driver, demo, driven, engine, exploring

EXPECTED = Path(__file__).parent / "expected"
by_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")


def check(name: str, driver: Driver) -> None:
    path, text = EXPECTED / f"{name}.txt", driver.text() + "\n"
    if os.environ.get("RINSPECT_UPDATE"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


async def empty(driver: Driver) -> None:
    pass


async def listpack(driver: Driver) -> None:
    await driver.enter("HSET user:1 rank admiral")
    await driver.press("escape", "6", "w")


async def skiplist(driver: Driver) -> None:
    await driver.press("escape", "slash")
    await driver.fill("board")
    await driver.press("enter", "slash")
    await driver.fill("player:049")


async def reasons(driver: Driver) -> None:
    await driver.press("escape", "slash")
    await driver.fill("user")
    await driver.press("4")


SCENES: dict[str, tuple[str, Callable[[Driver], Awaitable[None]]]] = {
    "empty": ("", empty),
    "listpack": (DEMO, listpack),
    "skiplist": (DEMO, skiplist),
    "why": (DEMO, reasons),
}


@by_size
@pytest.mark.parametrize("scene", SCENES)
async def test_explore(scene: str, size: tuple[int, int]) -> None:
    script, act = SCENES[scene]
    async with exploring(script, size) as driver:
        await act(driver)
        check(f"{scene}-{size[0]}x{size[1]}", driver)


@by_size
async def test_compare(size: tuple[int, int]) -> None:
    app = RinspectApp(engine(DEMO), other=engine(demo("6.2"), "6.2", "legacy"))
    async with driven(app, size) as driver:
        await driver.enter("HSET user:1 rank admiral")
        check(f"compare-{size[0]}x{size[1]}", driver)
