"""The built-in workload: what it sends, and when."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from rinspect.engine import Engine
from rinspect.sources.server.address import Address
from rinspect.workload import MOST_BEHIND, SCORES, Commands, Schedule, Workload, run
from tests.sources.monitoring_of import PATIENCE, watched


def test_slow_commands_go_through_a_long_list_and_through_all_keys() -> None:
    session, commands = Engine().session(), Commands(Workload(), 1)
    for argv in commands.before_slow():
        session.execute(argv)
    assert session.execute([b"LLEN", b"load:scores"]) == SCORES
    first = session.execute(commands.slow())
    assert isinstance(first, list)
    numbers = [int(number) for number in first if isinstance(number, bytes)]
    assert len(numbers) == 10
    assert numbers == sorted(numbers)
    assert session.execute(commands.slow()) == []


def test_the_same_seed_sends_the_same() -> None:
    one, same, other = (Commands(Workload(seed=seed), 1) for seed in (7, 7, 8))
    sent = [[commands.next() for _ in range(200)] for commands in (one, same, other)]
    assert sent[0] == sent[1] != sent[2]


async def test_one_client_of_several_is_slow_now_and_then() -> None:
    async with watched() as here:
        server = here.source.server
        await here.source.in_loop(lambda: server.listeners.open_tcp(["127.0.0.1"], 0, 511))
        where = Address(port=server.listeners.tcp[0].getsockname()[1])

        async def load() -> None:
            async for _ in run(Workload(clients=2, rate=1000, slow_every=0.02), where):
                pass

        task = asyncio.create_task(load())
        async with asyncio.timeout(PATIENCE):
            while not ({"SORT", "KEYS"} <= {ran[1] for ran in here.ran} and len({ran[0] for ran in here.ran}) > 1):
                await asyncio.sleep(0.01)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        slow = {ran[0] for ran in here.ran if ran[1] in ("SORT", "KEYS")}
        assert slow == {"load-1"}
        assert {ran[0] for ran in here.ran} == {"load-1", "load-2"}


# -- its pace ---------------------------------------------------------------------------------------------------------


def test_waking_up_late_makes_the_next_no_later() -> None:
    now, done = 0.0, 0
    schedule = Schedule(1 / 30, now)
    while now < 10:
        done += 1
        now += 0.002  # the command
        now += schedule.pause(now) + 0.001  # the clock is never woken by in time
    assert done == pytest.approx(300, abs=1)


def test_a_long_standstill_is_not_made_up_for() -> None:
    schedule = Schedule(0.1, 0.0)
    assert schedule.pause(100.0) == 0
    at_once = 0
    while schedule.pause(100.0) == 0:
        at_once += 1
    assert at_once <= MOST_BEHIND / 0.1 + 1
