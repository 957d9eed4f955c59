"""What Monitor does when keys are pressed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from rinspect.app import RinspectApp
from rinspect.drawing.top import titled
from rinspect.sources.engine import EngineSource
from rinspect.sources.server.address import Address
from rinspect.sources.server.source import ServerSource
from rinspect.views.actions import ACTIONS
from rinspect.views.help import ABOUT
from rinspect.views.keys import KeyList
from rinspect.views.monitor import Monitor
from rinspect.views.panels import PANELS
from tests.real.servers import RealServer
from tests.sources.monitoring_of import Caller, Watched
from tests.views.driving import DEMO, MEDIUM, NARROW, WIDE, Driver, driven, engine, exploring, sizes

every_panel = pytest.mark.parametrize("digit", [str(number) for number in range(1, len(PANELS) + 1)])
SHOWN = {
    "1": "before", "2": "last command", "3": "enter opens one", "4": "one axis", "5": "channels", "6": "eviction",
    "7": "used_memory", "8": "last snapshot: none",
}  # fmt: skip
"""A word of each panel."""


class Watching(Driver):
    """Monitor on the built-in engine, with others who are connected to it."""

    source: EngineSource
    here: Watched

    @property
    def monitor(self) -> Monitor:
        assert isinstance(self.app.screen, Monitor)
        return self.app.screen

    async def until(self, text: str) -> None:
        """Wait until the screen shows a text."""
        async with asyncio.timeout(20):
            while text not in self.text():
                await asyncio.sleep(0.02)
                await self.settle()

    async def look_for(self, text: str) -> None:
        """The same where something is being waited for, so that nothing settles."""
        async with asyncio.timeout(20):
            while text not in self.text():
                await asyncio.sleep(0.02)

    async def caller(self, name: str) -> Caller:
        return await self.here.caller(name)


@asynccontextmanager
async def watching(size: tuple[int, int] = WIDE, script: str = DEMO) -> AsyncIterator[Watching]:
    source = engine(script)
    async with driven(RinspectApp(source), size) as plain:
        driver = Watching(plain.pilot)
        driver.source, driver.here = source, Watched(source)
        await driver.press("escape", "c")
        yield driver
        for caller in driver.here.callers:
            caller.socket.close()


@sizes
@every_panel
async def test_every_panel_fits_every_size(size: tuple[int, int], digit: str) -> None:
    async with watching(size) as driver:
        await driver.press(digit)
        await driver.until(SHOWN[digit])
        assert max(map(len, driver.lines())) <= size[0]
        await driver.press("question_mark")
        assert " ".join(ABOUT[PANELS[int(digit) - 1].name].split()[:4]) in " ".join(driver.text().split())
        await driver.press("escape", "y")
        assert SHOWN[digit] in driver.app.clipboard


async def test_holding_stepping_and_going_on() -> None:
    async with watching() as driver:
        one = await driver.caller("one")
        await driver.press("p")
        await driver.until("■ held")
        await driver.press("x")
        await driver.until("runs until the next command")
        one.send("SET", "k", "0")
        await driver.until("held before SET k 0 of one")
        one.send("SET", "k", "1")
        await driver.press("x")
        await driver.until("held before SET k 1 of one")
        await driver.press("p")
        await driver.until("nobody holds it")
        await one.reply()


@sizes
async def test_the_last_line_offers_what_can_be_done_with_a_held_loop(size: tuple[int, int]) -> None:
    async with watching(size) as driver:
        assert driver.lines()[-1].startswith(" p hold ")
        await driver.press("p")
        await driver.until("■ held")
        await driver.until(" p go on  n event  x command  o iteration ")
        assert driver.lines()[-1].endswith("? help  q quit")
        await driver.press("p")
        await driver.until(" p hold ")


@sizes
async def test_every_panel_can_be_reached_by_its_digit(size: tuple[int, int]) -> None:
    async with watching(size) as driver:
        text = driver.text().replace(" ", "")
        assert all(f"{number}{titled(panel.tab[:3])}" in text for number, panel in enumerate(PANELS[1:], 2))


async def test_a_breakpoint_is_set_listed_and_taken_away() -> None:
    async with watching() as driver:
        one = await driver.caller("one")
        await driver.press("b")
        await driver.fill("command GET key user:*")
        await driver.until("breakpoints: 1 GET, key user:*")
        one.send("GET", "user:1")
        await driver.until("held before GET user:1 of one · breakpoint: GET, key user:*")
        await driver.press("b")
        await driver.fill("1")
        await driver.press("p")
        await driver.until("nobody holds it")
        assert "breakpoints" not in driver.text()


async def test_a_wrong_breakpoint_is_said_and_can_be_mended() -> None:
    async with watching() as driver:
        await driver.press("b")
        await driver.fill("colour red")
        assert any("there is no 'colour'" in notice for notice in driver.notices())
        await driver.press("b")
        await driver.fill("command NOPE")
        assert any("there is no command NOPE" in notice for notice in driver.notices())
        await driver.press("b")
        await driver.fill("9")
        assert any("no breakpoint 9" in notice for notice in driver.notices())
        await driver.press("escape")
        assert driver.monitor.pane == "loop"


async def test_the_first_line_counts_what_others_write() -> None:
    async with watching(script="") as driver:
        one = await driver.caller("one")
        await driver.until("0 keys")
        await one.execute("SET", "k", "v")
        await driver.until("1 key ·")


async def test_what_others_write_is_seen_in_explore() -> None:
    async with watching(script="HSET h a 1") as driver:
        one = await driver.caller("one")
        await driver.press("c")
        for words in (("SET", "k", "v"), ("HSET", "h", "b", "2")):
            await one.execute(*words)
        await driver.until("2 keys ·")
        assert {row.key for row in driver.app.screen.query_one(KeyList).rows} == {b"k", b"h"}
        await driver.press("5")
        await driver.until("of other clients")


async def test_what_a_consumer_reads_is_seen_in_explore() -> None:
    async with watching(script="XADD s 1-1 a b\nXGROUP CREATE s g 0") as driver:
        one = await driver.caller("one")
        await driver.press("c")
        await driver.until("5,012 B")
        await one.execute("XREADGROUP", "GROUP", "g", "al", "STREAMS", "s", ">")
        await driver.until("5,834 B")
        # The row of the list has its new size too.
        await driver.until("5.7K")


@sizes
async def test_every_panel_says_that_the_loop_is_held(size: tuple[int, int]) -> None:
    async with watching(size) as driver:
        await driver.press("p")
        await driver.until("■ held")
        for digit in SHOWN:
            await driver.press(digit, "z")
            await driver.settle()
            assert "loop held" in driver.lines()[0]
            await driver.press("z")
            await driver.until("loop held")
        await driver.press("p")
        async with asyncio.timeout(20):
            while "loop held" in driver.text():
                await asyncio.sleep(0.02)
                await driver.settle()


async def test_explore_says_that_the_loop_is_held() -> None:
    async with watching() as driver:
        await driver.press("p", "c")
        await driver.until("loop held")
        await driver.press("c", "p", "c")
        async with asyncio.timeout(20):
            while "loop held" in driver.text():
                await asyncio.sleep(0.02)
                await driver.settle()


async def test_what_is_typed_in_monitor_is_seen_in_explore_and_the_other_way_round() -> None:
    async with watching(script="") as driver:
        await driver.enter("HSET user:99 a 1")
        await driver.press("escape", "c")
        text = driver.text()
        assert "user:99 · hash · listpack" in text
        assert "> HSET user:99 a 1" in text
        await driver.press("5")
        assert "1 HSET user:99 a 1" in driver.text()
        await driver.enter("GET nothing")
        await driver.press("escape", "c")
        assert "> GET nothing" in driver.text()


async def test_a_conversation_is_entered_and_left_and_holds_no_password() -> None:
    async with watching() as driver:
        one = await driver.caller("one")
        await driver.press("2", "G")
        await driver.until("name=one")
        await driver.press("enter")
        await driver.until("nothing was said")
        await one.execute("SET", "greeting", "hello")
        await one.execute("AUTH", "sesame")
        await driver.until("> SET greeting hello")
        await driver.until("AUTH (hidden)")
        told = [line for line in driver.lines() if "> SET" in line or "OK" in line or "AUTH" in line]
        assert ["> SET" in told[0], "OK" in told[1], "AUTH" in told[2]] == [True, True, True]
        for _ in range(40):
            await one.execute("PING")
        await one.execute("ECHO", "last")
        await driver.until("> ECHO last")
        await driver.press("g")
        await driver.until("> SET greeting hello")
        await one.execute("ECHO", "later")
        await driver.settle()
        assert "> SET greeting hello" in driver.text()
        assert "sesame" not in driver.text()
        await driver.press("escape")
        await driver.until("last command")


@sizes
async def test_a_blocked_client_is_listed_with_what_it_waits_for(size: tuple[int, int]) -> None:
    async with watching(size) as driver:
        one = await driver.caller("one")
        one.send("BLPOP", "jobs", "0")
        await driver.until("blocked 0 µs BLPOP jobs 0")
        await driver.press("2")
        await driver.until("BLPOP jobs 0")
        await driver.press("G")
        await driver.until("blocked with BLPOP jobs 0")


async def test_a_client_is_killed_when_asked_twice() -> None:
    async with watching() as driver:
        one = await driver.caller("one")
        await driver.press("2", "G")
        await driver.until("name=one")
        await driver.press("K")
        assert one.client.id in driver.source.server.clients.by_id
        assert any("Press again to end the connection of one" in notice for notice in driver.notices())
        await driver.press("K")
        await driver.until("1 client ")
        assert one.client.id not in driver.source.server.clients.by_id


async def test_the_cursor_stays_on_its_client_when_the_list_is_sorted_anew() -> None:
    async with watching() as driver:
        for name in ("zoe", "ann"):
            await driver.caller(name)
        await driver.press("2", "G")
        await driver.until("name=ann")
        await driver.press("s")
        await driver.until("sorted by name")
        assert "name=ann" in driver.text()
        await driver.press("j")
        await driver.until("name=zoe")


async def test_a_slow_command_is_opened() -> None:
    async with watching() as driver:
        one = await driver.caller("one")
        await one.execute("CONFIG", "SET", "slowlog-log-slower-than", "0")
        await one.execute("HGETALL", "user:1")
        await driver.press("3")
        await driver.until("HGETALL")
        await driver.press("enter")
        await driver.until("complexity: O(N)")
        assert "fields in user:1: " in driver.text()
        await driver.press("escape")
        await driver.until("enter opens one")


async def told_of_load(driver: Watching) -> None:
    """Until it has been told of the workload's end, if there is something to tell."""
    for worker in [one for one in driver.app.workers if one.group == "watch" and one.node is driver.monitor]:
        async with asyncio.timeout(20):
            await worker.wait()


async def test_a_workload_says_why_it_ended() -> None:
    async with watching() as driver:
        await driver.source.execute([b"ACL", b"SETUSER", b"default", b"-set"])
        await driver.press("w")
        assert "A workload starts" in driver.notices()[0]
        await told_of_load(driver)
        said = driver.notices()[-1]
        assert said.startswith("The workload has ended")
        assert said.endswith("NOPERM User default has no permissions to run the 'set' command")
        assert not driver.source.monitored.load.running


async def test_a_workload_that_is_stopped_says_no_more_than_that() -> None:
    async with watching() as driver:
        await driver.press("w")
        telling = asyncio.create_task(told_of_load(driver))
        await driver.press("w")
        await telling
        starts, stopped = driver.notices()
        assert "starts" in starts
        assert "has stopped" in stopped


async def test_nothing_is_collected_while_another_screen_is_shown() -> None:
    async with watching() as driver:
        await driver.press("6")
        observers = driver.source.engine.runtime.observers
        assert len(observers) == 1
        await driver.press("c")
        assert not observers
        await driver.press("c")
        assert len(observers) == 1


async def test_a_display_that_stands_still_goes_on_collecting() -> None:
    async with watching() as driver:
        one = await driver.caller("one")
        await driver.press("5", "z")
        await driver.until("display stands still")
        before = driver.lines()[2:20]
        await one.execute("PUBLISH", "news", "hello")
        await driver.settle()
        assert driver.lines()[2:20] == before
        await driver.press("z")
        await driver.until("hello")


@sizes
async def test_what_is_typed_is_seen_to_be_appended(size: tuple[int, int], tmp_path: Path) -> None:
    async with watching(size) as driver:
        driver.source.engine.runtime.config.dir = str(tmp_path)
        await driver.press("8")
        await driver.until("○ off")
        await driver.enter("CONFIG SET appendonly yes")
        await driver.until("● on · appendfsync everysec: up to a second may be lost")
        await driver.enter("SADD s a")
        await driver.until("SADD s a")
        await driver.enter("SPOP s")
        await driver.until("SPOP s ▸ SREM s a")
        await driver.until("appendonly.aof.1.incr.aof")
        assert " ◀ grows" in driver.text()
        assert "buffer 0 B ─write→ file" in driver.text()
        for line in ("MULTI", "INCR n", "INCR n", "EXEC"):
            await driver.enter(line)
        await driver.until("└ EXEC")
        assert "│ INCR n" in driver.text()


async def test_the_end_of_what_is_appended_stays_in_view(tmp_path: Path) -> None:
    """Whatever becomes of the room for it; and who reads further up, goes on reading there."""
    async with watching(NARROW) as driver:
        driver.source.engine.runtime.config.dir = str(tmp_path)
        await driver.press("8")
        await driver.enter("CONFIG SET appendonly yes")
        await driver.until("● on")
        one = await driver.caller("one")
        for number in range(60):
            await one.execute("SET", "k", f"number-{number}")
        await driver.until("number-59")
        width, height = NARROW
        for other in ((width, height - 5), (width - 9, height - 3), (width, height)):
            await driver.resize(*other)
            await driver.until("number-59")
            await one.execute("SET", "k", f"at-{other[1]}")
            await driver.until(f"at-{other[1]}")
            await one.execute("SET", "k", "number-59")
        await driver.until("number-59")
        await driver.press("escape", "pageup")
        await driver.settle()
        view, shown = driver.monitor.view, re.findall(r"(?:number|at)-\d+", driver.text())
        before = view.scroll_offset.y
        for number in range(150):
            await one.execute("SET", "k", f"later-{number}")
        async with asyncio.timeout(20):
            while view.scroll_offset.y == before:
                await driver.settle()
                await asyncio.sleep(0.02)
        assert re.findall(r"(?:number|at)-\d+", driver.text()) == shown


async def test_every_action_runs_in_every_panel() -> None:
    async with watching(MEDIUM) as driver:
        for digit in SHOWN:
            await driver.press(digit)
            for action in ACTIONS:
                run = driver.monitor.runner(action.action)
                away = ("quit", "palette", "export", "theme", "mode", "load", "kill-client", "hold")
                if run is None or action.where in ("repl", "explore", "compare") or action.id in away:
                    continue
                await run()
                await driver.settle()
                while len(driver.app.screen_stack) > 2:
                    await driver.press("escape")
                driver.source.monitored.hold.go_on()
        assert driver.app.is_running


def test_no_key_means_two_things_in_a_panel() -> None:
    for panel in PANELS:
        taken: dict[str, str] = {}
        for action in ACTIONS:
            if action.where in (panel.name, "monitor", "moving", "sideways", "anywhere", "always"):
                for key in action.keys.split(","):
                    assert key not in taken, f"{key}: {taken.get(key)} and {action.id}"
                    taken[key] = action.id


async def test_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with watching() as driver:
        await driver.press("4")
        await driver.until("one axis")
        await driver.press("e")
        assert "one axis" in (tmp_path / "rinspect-latency.svg").read_text(encoding="utf-8").replace("&#160;", " ")


@pytest.mark.parametrize("real_server", ["7.0"], indirect=True)
async def test_a_real_server(real_server: RealServer) -> None:
    """All panels, as far as a server tells; and what it does not, and how to have it told."""
    real_server.execute("CONFIG", "SET", "slowlog-log-slower-than", "0")
    real_server.execute("SET", "k", "v", "EX", "100")
    source = await ServerSource.connect(Address(port=real_server.port))
    async with driven(RinspectApp(source)) as plain:
        driver = Watching(plain.pilot)
        await driver.press("escape", "c")
        for digit, text in (
            ("1", "a server does not tell"), ("2", "last command"), ("3", "of rinspect's"),
            ("4", "CONFIG SET latency-monitor-threshold 100"), ("5", "A server tells them only to who subscribes"),
            ("6", "db0 keys=1,expires=1"), ("7", "mem_fragmentation_ratio"), ("8", "rdb_last_bgsave_status ok"),
        ):  # fmt: skip
            await driver.press(digit)
            await driver.until(text)
        await driver.press("p")
        assert any("Only the built-in engine's loop" in notice for notice in driver.notices())
        await driver.press("2")
        await driver.until("last command")
        await driver.press("enter")
        await driver.settle()
        assert any("a server does not tell what one client says" in notice for notice in driver.notices())


async def test_the_screen_is_left_while_the_loop_is_held() -> None:
    async with exploring() as driver:
        await driver.press("escape", "c", "p", "c", "q")
        await driver.pilot.pause()
        assert driver.app.return_code == 0


async def test_any_size_after_any_other() -> None:
    async with watching() as driver:
        for digit in SHOWN:
            await driver.press(digit)
            for width, height in ((40, 12), (200, 60), (20, 6), MEDIUM):
                await driver.resize(width, height)
                assert max(map(len, driver.lines())) <= width
        await driver.press("1")
        await driver.until(SHOWN["1"])
