"""Makes the pictures of the README, with the program itself: `make pictures`.

Everything in them is computed while they are made; the comparison's other side is a second engine with another profile, so
that no server is needed.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from contextlib import suppress
from html import escape
from pathlib import Path

from rich.color import ColorTriplet
from rich.style import Style
from rich.terminal_theme import DIMMED_MONOKAI
from textual.app import App
from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from rinspect.app import RinspectApp
from rinspect.demo import demo_commands
from rinspect.drawing.svg import BACKGROUND, CELL, FOREGROUND, MARGIN, ROW, head
from rinspect.engine import Engine
from rinspect.engine.networking.client import Client
from rinspect.engine.server.server import monotonic_clock
from rinspect.sources.engine import EngineSource
from rinspect.sources.engine.clock import StoppableClock

FOLDER = Path(__file__).parent / "pictures"
NOON = 1_767_261_600_000_000
"""The clock of the pictures stands still, so that they only change when the program does."""


def filled(profile: str) -> Engine:
    engine = Engine(profile, clock=lambda: NOON)
    session = engine.session()
    for argv in demo_commands(profile):
        session.execute(argv)
    return engine


def screen_svg(app: App[None]) -> str:
    """The whole screen as it stands in the terminal, cell by cell."""
    width, height = app.size
    pixels = (round(width * CELL + 2 * MARGIN), height * ROW + 2 * MARGIN)
    parts = [
        head(*pixels),
        f'<rect width="{pixels[0]}" height="{pixels[1]}" rx="8" fill="{BACKGROUND}"/>',
    ]
    backgrounds: list[str] = []
    texts: list[str] = []
    for row, strip in enumerate(app.screen._compositor.render_strips()):
        x, y = float(MARGIN), MARGIN + row * ROW
        for segment in strip:
            style = segment.style or Style()
            colour, ground = colours(style)
            length = segment.cell_length * CELL
            if ground is not None:
                backgrounds.append(
                    f'<rect x="{x:.1f}" y="{y}" width="{length + 0.3:.1f}" height="{ROW}" fill="{ground}"/>'
                )
            if segment.text.strip():
                weight = ' font-weight="bold"' if style.bold else ""
                texts.append(
                    f'<text x="{x:.1f}" y="{y + 13}" fill="{colour}"{weight} textLength="{length:.1f}" '
                    f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">{escape(segment.text)}</text>'
                )
            x += length
    return "\n".join([*parts, *backgrounds, *texts, "</svg>"]) + "\n"


def colours(style: Style) -> tuple[str, str | None]:
    """(text, ground) of a style; no ground where it is the picture's own."""
    text = _hex(style.color.get_truecolor(DIMMED_MONOKAI)) if style.color else FOREGROUND
    ground = _hex(style.bgcolor.get_truecolor(DIMMED_MONOKAI)) if style.bgcolor else None
    if style.dim and style.color:
        text = _hex(style.color.get_truecolor(DIMMED_MONOKAI), 0.6)
    return (ground or BACKGROUND, text) if style.reverse else (text, ground)


def _hex(triplet: ColorTriplet, strength: float = 1.0) -> str:
    return "#" + "".join(f"{round(part * strength):02x}" for part in triplet)


async def pressed(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        for worker in [one for one in pilot.app.workers if one.group != "watch"]:
            with suppress(WorkerCancelled):  # a newer question took its place
                await worker.wait()
        await pilot.pause()


async def picture(app: RinspectApp, name: str, size: tuple[int, int], *keys: str) -> None:
    async with app.run_test(size=size) as pilot:
        await pressed(pilot, "escape", *keys)
        (FOLDER / f"{name}.svg").write_text(screen_svg(app), encoding="utf-8")


async def loop_picture() -> None:
    """The event loop, held while three clients have sent something. (How long things took is as it was.)"""
    clock = StoppableClock(monotonic_clock)
    source = EngineSource(filled("8.0"), loop_clock=clock, clocks=(clock,))
    app = RinspectApp(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await pressed(pilot, "escape", "c")
        ends = []
        for name in (b"web-1", b"web-2", b"worker-3"):
            client, theirs = await source.in_loop(lambda: source.server.attach(Client))
            client.name = name
            ends.append(theirs)
        await pressed(pilot, "p")
        for theirs, line in zip(ends, (b"HGETALL user:1", b"GET greeting", b"KEYS *"), strict=True):
            theirs.sendall(line + b"\r\n")
        served = 0
        while served < 2:
            await pressed(pilot, "n")
            await asyncio.sleep(0.3)
            glance = source.monitored.glance()
            served += glance is not None and len(glance.ready) == len(ends)
        await pilot.pause(0.5)
        (FOLDER / "loop.svg").write_text(screen_svg(app), encoding="utf-8")
        await pressed(pilot, "p")
        for theirs in ends:
            theirs.close()


async def appending_picture() -> None:
    """The append-only file, after commands that are put otherwise there than they were sent."""
    folder = Path(tempfile.gettempdir()) / "redis"
    folder.mkdir()
    try:
        source = EngineSource(filled("8.0"))
        source.engine.runtime.config.dir = str(folder)
        app = RinspectApp(source)
        async with app.run_test(size=(120, 32)) as pilot:
            await pressed(pilot, "escape", "c", "8")
            for line in ("CONFIG SET appendfsync always", "CONFIG SET appendonly yes"):
                await source.execute(line.encode().split())
            while source.server.append_only.waits:
                await asyncio.sleep(0.05)
            for line in (
                "SET session:7f3a ada EX 1800", "SADD queue:jobs mail resize report", "SPOP queue:jobs", "MULTI",
                "INCRBYFLOAT visits:mean 0.25", "XADD orders MAXLEN ~ 1000 * item book", "EXEC",
                "GEOADD places 13.4 52.5 Berlin", "RPUSH mail:out 17 18", "BLPOP nothing mail:out 0", "EXPIRE user:1 3600",
            ):  # fmt: skip
                await source.execute(line.encode().split())
            await pilot.pause(1.5)
            (FOLDER / "appending.svg").write_text(screen_svg(app), encoding="utf-8")
    finally:
        shutil.rmtree(folder)


def typed(text: str) -> list[str]:
    names = {" ": "space", ":": "colon", "#": "number_sign", "_": "underscore", "-": "minus"}
    return [names.get(character, character) for character in text]


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    typing = [*typed("HSET user:1 rank admiral"), "enter"]
    await picture(RinspectApp(EngineSource(filled("8.0"))), "bytes", (120, 40), "colon", *typing)
    board = ["slash", *typed("board"), "enter", "enter", "slash", *typed("player:049"), "enter", "m"]
    await picture(RinspectApp(EngineSource(filled("8.0"))), "skiplist", (120, 24), *board)
    await picture(
        RinspectApp(EngineSource(filled("8.0"))), "why", (100, 30), "slash", *typed("user"), "enter", "4", "m"
    )
    sides = EngineSource(filled("8.0")), EngineSource(filled("6.2"), label="legacy")
    await picture(RinspectApp(sides[0], other=sides[1]), "compare", (120, 36), "j", "j", "j")
    await loop_picture()
    await appending_picture()


if __name__ == "__main__":
    asyncio.run(main())
