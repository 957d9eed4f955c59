"""The program on a screen of its own, for tests to type at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from textual import events
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Size
from textual.pilot import Pilot
from textual.widgets import Input
from textual.worker import WorkerCancelled

from rinspect.app import RinspectApp
from rinspect.console.history import History
from rinspect.console.words import split
from rinspect.demo import demo_commands
from rinspect.engine import Engine
from rinspect.settings import Settings
from rinspect.sources.engine import EngineSource
from rinspect.sources.source import Source
from rinspect.views.explore import Explore
from rinspect.views.repl import Prompt

MOMENT = 1_800_000_000_000_000
WIDE, MEDIUM, NARROW = (120, 40), (80, 24), (60, 18)
SIZES = (WIDE, MEDIUM, NARROW)
sizes = pytest.mark.parametrize("size", SIZES, ids=["wide", "medium", "narrow"])


def demo(profile: str) -> str:
    """The demo data as a script, but for what expires: the wall clock would count that down."""
    lasting = (argv for argv in demo_commands(profile) if b"EX" not in argv and argv[0] != b"HEXPIRE")
    return "\n".join(" ".join(word.decode() for word in argv) for argv in lasting)


DEMO = demo("8.0")
ONE = "HSET user:1 name Ada born 1815"
CALM = 10
"""Rounds in which nothing happened, after which nothing more will: an answer may lead to another question."""


class Driver:
    """One running screen."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self.pilot = pilot
        self.app = pilot.app

    @property
    def explore(self) -> Explore:
        assert isinstance(self.app.screen, Explore)
        return self.app.screen

    @property
    def prompt(self) -> Prompt:
        return self.app.screen.query_one(Prompt)

    async def settle(self) -> None:
        """Until all that was asked for is answered and drawn. (Pilot's own pauses wait for an idle processor, which is
        slower, and longer on a busy machine.)"""
        calm = 0
        while calm < CALM:
            self.app.screen._on_timer_update()
            await self.pilot._wait_for_screen()
            busy = [worker for worker in self.app.workers if worker.group != "watch" and not worker.is_finished]
            for worker in busy:
                with suppress(WorkerCancelled):  # a newer question took its place
                    await worker.wait()
            nodes = [self.app, *self.app.screen.walk_children(with_self=True)]
            calm = 0 if busy or any(node.message_queue_size for node in nodes) else calm + 1

    def send(self, key: str) -> None:
        """Press a key and wait for nothing."""
        driver = self.app._driver
        assert driver is not None
        typed = key.removeprefix("alt+")
        driver.send_message(events.Key(key, typed if len(typed) == 1 else " " if key == "space" else None))

    async def press(self, *keys: str) -> None:
        for key in keys:
            self.send(key)
            await self.settle()

    async def resize(self, width: int, height: int) -> None:
        driver, size = self.app._driver, Size(width, height)
        assert isinstance(driver, HeadlessDriver)
        driver._size = size
        self.app.post_message(events.Resize(size, size))
        while self.app.screen.size != size:
            await self.pilot.pause()
        await self.settle()

    async def enter(self, line: str) -> None:
        """Put a line into the prompt and run it."""
        self.prompt.focus()
        self.prompt.value = line
        self.prompt.cursor_position = len(line)
        await self.press("enter")

    async def fill(self, text: str) -> None:
        """Put a text into the box that has the focus, and enter it."""
        box = self.app.focused
        assert isinstance(box, Input)
        box.value = text
        box.cursor_position = len(text)
        await self.press("enter")

    async def paste(self, text: str) -> None:
        self.prompt.focus()
        self.prompt.post_message(events.Paste(text))
        await self.settle()

    def lines(self) -> list[str]:
        """What the screen shows."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    def text(self) -> str:
        return "\n".join(self.lines())

    def log(self) -> str:
        """All of the REPL's log."""
        return self.explore.repl.log_view.text()

    def notices(self) -> list[str]:
        return [notice.message for notice in self.app._notifications]


@asynccontextmanager
async def driven(app: RinspectApp, size: tuple[int, int] = WIDE) -> AsyncIterator[Driver]:
    async with app.run_test(size=size) as pilot:
        driver = Driver(pilot)
        await driver.settle()
        yield driver


def engine(script: str = "", profile: str = "8.0", label: str = "built-in") -> EngineSource:
    """The built-in engine, its clock standing still, after some commands."""
    made = Engine(profile, clock=lambda: MOMENT)
    session = made.session()
    for line in script.splitlines():
        session.execute(split(line))
    return EngineSource(made, label)


@asynccontextmanager
async def exploring(
    script: str = "",
    size: tuple[int, int] = WIDE,
    *,
    source: Source | None = None,
    history: History | None = None,
    settings: Settings | None = None,
) -> AsyncIterator[Driver]:
    """Explore on an engine in which `script` was run."""
    async with driven(RinspectApp(source or engine(script), history, settings), size) as driver:
        yield driver
