"""Holding the built-in engine's loop, with clients on real sockets: what ran, and in which order."""

from __future__ import annotations

import asyncio
import socket

import pytest

from rinspect.engine import Engine
from rinspect.engine.replies import OK
from rinspect.sources.engine import EngineSource
from rinspect.sources.engine.clock import StoppableClock
from rinspect.sources.engine.monitoring.breakpoints import BadBreakpoint, parse_breakpoint
from rinspect.sources.source import Refused
from tests.sources.monitoring_of import MOMENT, PATIENCE, watched


async def test_one_command_at_a_time() -> None:
    """Those who sent something wait in the kernel, and are served in the order in which they came."""
    async with watched() as here:
        one, other = await here.caller("one"), await here.caller("other")
        here.monitored.hold.pause()
        await here.held()
        one.send("SET", "k", "1")
        one.send("GET", "k")
        other.send("SET", "k", "2")
        await here.until(lambda: here.in_kernel() == {"one", "other"})
        here.ran.clear()
        assert await here.step("command") == "SET k 1"
        assert here.ran == []
        assert await here.step("command") == "GET k"
        assert here.ran == [("one", "SET", "k", "1")]
        assert await here.step("command") == "SET k 2"
        assert here.ran == [("one", "SET", "k", "1"), ("one", "GET", "k")]
        here.monitored.hold.go_on()
        assert [await one.reply(), await one.reply()] == [OK, b"1"]
        assert await other.reply() == OK
        assert await other.execute("GET", "k") == b"2"


async def test_one_event_at_a_time() -> None:
    """An event is all that a client has sent."""
    async with watched() as here:
        one, other = await here.caller("one"), await here.caller("other")
        here.monitored.hold.pause()
        await here.held()
        one.send("RPUSH", "k", "a")
        one.send("RPUSH", "k", "b")
        other.send("RPUSH", "k", "c")
        await here.until(lambda: here.in_kernel() == {"one", "other"})
        here.ran.clear()
        while await here.step("event") != "file event of one":
            pass
        assert here.ran == []
        assert await here.step("event") == "file event of other"
        assert [words[0] for words in here.ran] == ["one", "one"]
        await here.step("event")
        assert [words[0] for words in here.ran] == ["one", "one", "other"]


async def test_who_is_served_and_who_waits_is_told_of_a_held_loop() -> None:
    async with watched() as here:
        one, other = await here.caller("one"), await here.caller("other")
        here.monitored.hold.pause()
        await here.held()
        one.send("SET", "k", "1")
        other.send("SET", "k", "2")
        await here.until(lambda: here.in_kernel() == {"one", "other"})

        def states() -> list[tuple[str, str]]:
            return [(ready.name, ready.state) for ready in here.monitored.glance().ready]

        while await here.step("event") != "file event of one":
            pass
        assert states() == [("one", "waits"), ("other", "waits")]
        await here.step("command")
        assert states() == [("one", "running"), ("other", "waits")]
        await here.step("event")
        assert states() == [("one", "served"), ("other", "waits")]


async def test_replies_leave_before_the_loop_sleeps() -> None:
    """At the end of an iteration commands have run, and nobody has been told."""
    async with watched() as here:
        one = await here.caller("one")
        here.monitored.hold.pause()
        await here.held()
        one.send("SET", "k", "1")
        await here.until(lambda: here.in_kernel() == {"one"})
        here.ran.clear()
        while not here.ran:
            assert (await here.step("iteration")).startswith("iteration ")
        with pytest.raises(BlockingIOError):
            one.socket.recv(1)
        await here.step("iteration")
        assert one.socket.recv(100) == b"+OK\r\n"


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("command GET", "GET other"),
        ("key user:*", "SET user:1 x"),
        ("command get key user:*", "GET user:1"),
        ("command GET key user:* client 2", "GET user:1"),
    ],
)
async def test_a_breakpoint_holds_before_what_fits_all_of_it(text: str, held: str) -> None:
    async with watched() as here:
        one = await here.caller("one")
        assert one.client.id == 2
        assert here.monitored.hold.add_breakpoint(text) == ""
        await here.until(lambda: len(here.monitored.hold.breakpoints) == 1)
        commands = ["SET user:1 x", "GET other", "GET user:1", "DEL user:1"]
        here.ran.clear()
        for command in commands:
            one.send(*command.split())
        assert await here.held() == held
        assert [" ".join(words[1:]) for words in here.ran] == commands[: commands.index(held)]
        here.monitored.hold.remove_breakpoint(0)
        here.monitored.hold.go_on()
        assert [await one.reply() for _ in commands] == [OK, None, b"x", 1]


async def test_a_breakpoint_on_another_client_holds_nobody_else() -> None:
    async with watched() as here:
        one, other = await here.caller("one"), await here.caller("other")
        here.monitored.hold.add_breakpoint(f"client {other.client.id}")
        await here.until(lambda: bool(here.monitored.hold.breakpoints))
        assert await one.execute("ECHO", "hi") == b"hi"
        other.send("ECHO", "ho")
        assert await here.held() == "ECHO ho"


async def test_a_breakpoint_on_duration_holds_after_the_command() -> None:
    moment = [MOMENT]
    async with watched(lambda: moment[0]) as here:

        def takes_long(session: object, command: object, argv: tuple[bytes, ...]) -> None:
            moment[0] += 7000 if argv[0] == b"KEYS" else 10

        here.source.engine.guards.append(takes_long)  # type: ignore[arg-type]
        one = await here.caller("one")
        here.monitored.hold.add_breakpoint("longer 5ms")
        await here.until(lambda: bool(here.monitored.hold.breakpoints))
        here.ran.clear()
        one.send("PING")
        one.send("KEYS", "*")
        one.send("PING")
        await here.held()
        held = here.monitored.glance().held
        assert held is not None
        assert (held.at, held.name, held.argv, held.took) == ("after KEYS", "one", (b"KEYS", b"*"), 7000)
        assert held.why == "breakpoint: longer than 5 ms"
        assert [words[1] for words in here.ran] == ["PING", "KEYS"]


async def test_nothing_is_asked_of_the_stepper_once_nobody_wants_to_hold() -> None:
    async with watched() as here:
        one = await here.caller("one")
        here.monitored.hold.pause()
        await here.held()
        assert here.source.engine.runtime.guarded
        here.monitored.hold.go_on()
        await one.execute("PING")
        assert here.source.server.loop.stepper is None
        assert not here.source.engine.runtime.guarded


@pytest.mark.parametrize(
    "text",
    [
        "",
        "command",
        "colour red",
        "client x",
        "client ²",
        "client 0",
        "longer infs",
        "longer x",
        "longer 0ms",
        "longer 5 ms",
    ],
)
def test_what_is_no_breakpoint_is_said(text: str) -> None:
    with pytest.raises(BadBreakpoint, match=r"\w"):
        parse_breakpoint(text)


def test_durations_have_units() -> None:
    texts = {"7": 7000, "7us": 7, "7ms": 7000, "1.5s": 1_500_000}
    assert {text: parse_breakpoint(f"longer {text}").longer for text in texts} == texts


async def test_time_stands_still_while_the_loop_is_held() -> None:
    """What is to expire in a second is there after an hour of holding."""
    moment = [MOMENT]
    clock = StoppableClock(lambda: moment[0])
    source = EngineSource(Engine(clock=clock), clocks=(clock,))
    try:
        await source.execute([b"SET", b"k", b"v", b"PX", b"1000"])
        hold = source.monitored.hold
        hold.pause()
        while not hold.holding:
            await asyncio.sleep(0.002)
        assert source.monitored.glance().clock_stands
        moment[0] += 3_600_000_000
        assert source.monitored.glance().behind == 3_600_000_000
        hold.go_on()
        assert (await source.execute([b"PTTL", b"k"])).reply == 1000
        assert source.monitored.glance().behind == 3_600_000_000
        moment[0] += 1_001_000
        assert (await source.execute([b"GET", b"k"])).reply is None
    finally:
        await source.close()


async def test_who_gives_up_waiting_gets_another_connection() -> None:
    async with watched() as here:
        source = here.source
        await source.execute([b"SELECT", b"3"])
        here.monitored.hold.pause()
        await here.held()
        waiting = asyncio.create_task(source.execute([b"SET", b"k", b"v"]))
        await here.until(lambda: any(one.kernel for one in here.monitored.glance().pending))
        assert here.monitored.waiting().startswith("the loop is held before ")
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        here.monitored.hold.go_on()
        reply = (await asyncio.wait_for(source.execute([b"CLIENT", b"INFO"]), PATIENCE)).reply
        assert isinstance(reply, bytes)
        assert b" db=0 " in reply
        # What had been sent was read before the connection was found to be closed, as a server would.
        assert (await source.execute([b"EXISTS", b"k"])).reply == 0


async def test_a_blocked_prompt_says_what_it_waits_for() -> None:
    async with watched() as here:
        waiting = asyncio.create_task(here.source.execute([b"BLPOP", b"queue", b"0"]))
        await here.until(lambda: here.monitored.waiting() == "BLPOP queue 0 is blocked: nothing is there yet")
        one = await here.caller("one")
        await one.execute("RPUSH", "queue", "x")
        assert (await waiting).reply == [b"queue", b"x"]


async def test_a_closed_connection_is_said_once() -> None:
    async with watched() as here:
        await here.source.execute([b"QUIT"])
        with pytest.raises(Refused, match="on database 0"):
            await here.source.execute([b"PING"])
        assert (await here.source.execute([b"EXISTS", b"k"])).reply == 0


async def test_whose_command_it_is_held_at_is_told_in_the_list_too() -> None:
    """It has been read, and so is nowhere in the kernel."""
    async with watched() as here:
        one = await here.caller("one")
        here.monitored.hold.pause()
        await here.held()
        one.send("SET", "k", "v")
        await here.until(lambda: here.in_kernel() == {"one"})
        await here.step("command")
        glance = here.monitored.glance()
        assert glance.held is not None
        assert (glance.held.name, glance.held.argv, glance.held.took) == ("one", (b"SET", b"k", b"v"), None)
        assert [(client.name, client.state, client.parsed) for client in glance.pending] == [
            ("one", "held", (b"SET", b"k", b"v"))
        ]


async def test_who_is_blocked_is_told_with_what_it_waits_for() -> None:
    async with watched() as here:
        one = await here.caller("one")
        one.send("BLPOP", "queue", "0")
        await here.until(lambda: one.client.blocked is not None)
        (waits,) = here.monitored.glance().pending
        assert (waits.state, waits.parsed) == ("blocked", (b"BLPOP", b"queue", b"0"))


async def test_connections_that_nobody_accepts_are_counted() -> None:
    async with watched() as here:
        listeners = here.source.server.listeners
        await here.source.in_loop(lambda: listeners.open_tcp(["127.0.0.1"], 0, 511))
        address = listeners.tcp[0].getsockname()
        here.monitored.hold.pause()
        await here.held()
        assert here.monitored.glance().unaccepted == 0
        with socket.create_connection(address), socket.create_connection(address):
            await here.until(lambda: here.monitored.glance().unaccepted == 2)
            here.monitored.hold.go_on()
            await here.until(lambda: here.monitored.glance().unaccepted == 0)


async def test_a_step_that_finds_nothing_to_do_is_told_of() -> None:
    async with watched() as here:
        one = await here.caller("one")
        here.monitored.hold.pause()
        await here.held()
        assert here.monitored.glance().until == ""
        here.monitored.hold.step("command")
        await here.until(lambda: here.monitored.glance().until == "command")
        one.send("PING")
        assert await here.held() == "PING"
        assert here.monitored.glance().until == ""


async def test_the_steps_of_before_sleep_add_up_to_it() -> None:
    async with watched() as here:
        here.monitored.hold.pause()
        await here.held()
        for _ in range(3):
            await here.step("iteration")
            glance = here.monitored.glance()
            assert len(glance.steps) == len(here.source.server.loop.before_sleep)
            assert sum(step.took for step in glance.steps) == glance.before_sleep


async def test_an_iteration_has_one_number() -> None:
    async with watched() as here:
        here.monitored.hold.pause()
        await here.held()
        at = await here.step("iteration")
        assert at == f"iteration {here.monitored.glance().iteration:,}"
