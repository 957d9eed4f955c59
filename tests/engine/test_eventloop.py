"""The event loop: who is called, and in which order."""

import threading
from collections.abc import Iterator

import pytest

from rinspect.engine.eventloop import EventLoop, Step
from rinspect.engine.multiplexing import READABLE, WRITABLE, Ready
from rinspect.engine.stepping import Point, Stepper


class FakeMultiplexer:
    """Answers what it is told to; whoever is not watched is never ready."""

    name = "fake"

    def __init__(self) -> None:
        self.masks: dict[int, int] = {}
        self.answers: list[Ready] = []
        self.timeouts: list[float | None] = []

    def watch(self, fd: int, mask: int, before: int) -> None:
        assert self.masks.get(fd, 0) == before
        self.masks[fd] = mask

    def poll(self, timeout: float | None) -> Ready:
        self.timeouts.append(timeout)
        ready = self.answers.pop(0) if self.answers else []
        return [(fd, mask & self.masks.get(fd, 0)) for fd, mask in ready]

    def close(self) -> None:
        self.masks.clear()


class Rig:
    """A loop whose kernel and clock are the test's, and what it did."""

    def __init__(self) -> None:
        self.microseconds = 1_000_000
        self.kernel = FakeMultiplexer()
        self.loop = EventLoop(lambda: self.microseconds, self.kernel)
        self.did: list[str] = []

    def does(self, what: str, *, takes: int = 0) -> None:
        self.microseconds += takes
        self.did.append(what)

    def reads(self, fd: int, name: str) -> None:
        self.loop.watch(fd, READABLE, lambda: self.does(f"read {name}"), name)

    def writes(self, fd: int, name: str) -> None:
        self.loop.watch(fd, WRITABLE, lambda: self.does(f"write {name}"), name)


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.loop.close()


A, B = 1001, 1002
BOTH = READABLE | WRITABLE


def test_the_parts_of_an_iteration_come_in_order(rig: Rig) -> None:
    rig.reads(A, "a")
    rig.writes(A, "a")
    rig.reads(B, "b")
    rig.loop.before_sleep = [Step("one", lambda: rig.does("step one")), Step("two", lambda: rig.does("step two"))]
    rig.loop.after_sleep = lambda: rig.does("after sleep")
    rig.loop.every("cron", 0, lambda: rig.does("cron"))
    rig.kernel.answers = [[(B, READABLE), (A, BOTH)]]
    rig.loop.iterate()
    assert rig.did == ["step one", "step two", "after sleep", "read b", "read a", "write a", "cron"]


def test_how_long_each_part_took_is_kept(rig: Rig) -> None:
    rig.reads(A, "a")
    rig.loop.watch(A, READABLE, lambda: rig.does("read", takes=30), "a")
    rig.loop.before_sleep = [
        Step("one", lambda: rig.does("one", takes=10)),
        Step("two", lambda: rig.does("two", takes=20)),
    ]
    rig.loop.after_sleep = lambda: rig.does("after", takes=5)
    rig.loop.every("cron", 0, lambda: rig.does("cron", takes=40))
    rig.kernel.answers = [[(A, READABLE)]]
    rig.loop.iterate()
    last = rig.loop.stats.last
    assert last.steps == (10, 20)
    assert (last.before_sleep, last.after_sleep, last.file_events, last.time_events) == (30, 5, 30, 40)
    assert (last.served, rig.loop.stats.iterations, rig.loop.stats.busy, rig.loop.stats.longest) == (1, 1, 105, 105)


def test_who_was_forgotten_meanwhile_is_not_called(rig: Rig) -> None:
    rig.loop.watch(A, READABLE, lambda: rig.loop.forget(B), "a")
    rig.loop.watch(A, WRITABLE, lambda: rig.does("write a"), "a")
    rig.reads(B, "b")
    rig.kernel.answers = [[(A, READABLE), (B, READABLE)], [(A, BOTH)]]
    rig.loop.iterate()
    assert rig.did == []
    rig.loop.watch(A, READABLE, lambda: rig.loop.forget(A), "a")
    rig.loop.iterate()
    assert rig.did == [], "gone before it was written to"
    rig.loop.forget(A)  # harmless


def test_reading_and_writing_are_watched_one_by_one(rig: Rig) -> None:
    rig.reads(A, "a")
    rig.writes(A, "a")
    rig.loop.forget(A, READABLE)
    assert rig.kernel.masks[A] == WRITABLE
    rig.loop.forget(A, WRITABLE)
    assert rig.kernel.masks[A] == 0
    assert A not in rig.loop.files


def test_the_poll_sleeps_until_the_next_time_event(rig: Rig) -> None:
    rig.loop.iterate()
    rig.loop.every("late", 500, lambda: None)
    rig.loop.every("soon", 20, lambda: None)
    rig.loop.iterate()
    rig.loop.dont_wait = True
    rig.loop.iterate()
    rig.loop.iterate()
    rig.loop.iterate(wait=False)
    rig.microseconds += 100_000
    rig.loop.iterate()
    assert rig.kernel.timeouts == [None, 0.02, 0.0, 0.02, 0.0, 0.0]


def test_time_events_come_again_when_they_say(rig: Rig) -> None:
    def often() -> int:
        rig.does("often")
        return 10

    rig.loop.every("often", 10, often)
    rig.loop.every("once", 15, lambda: rig.does("once"))
    dropped = rig.loop.every("dropped", 5, lambda: rig.does("dropped"))
    rig.loop.cancel(dropped)
    rig.loop.cancel(dropped)  # harmless
    for _ in range(4):
        rig.microseconds += 10_000
        rig.loop.iterate()
    assert rig.did == ["often", "often", "once", "often", "often"]
    assert [event.name for event in rig.loop.times] == ["often"]


def test_one_that_a_time_event_adds_waits_for_the_next_iteration(rig: Rig) -> None:
    def first() -> int | None:
        rig.does("first")
        rig.loop.every("second", 0, lambda: rig.does("second"))
        return None

    rig.loop.every("first", 0, first)
    rig.loop.iterate()
    assert rig.did == ["first"]
    rig.loop.iterate()
    assert rig.did == ["first", "second"]


def test_other_threads_jobs_are_done_in_the_loops_thread_in_order() -> None:
    loop = EventLoop(lambda: 0)
    done: list[tuple[int, int]] = []
    here = threading.get_ident()

    def job(number: int) -> None:
        done.append((number, threading.get_ident()))
        if number == 99:
            loop.stop()

    def others() -> None:
        for number in range(100):
            loop.submit(lambda number=number: job(number))  # type: ignore[misc]

    thread = threading.Thread(target=others)
    thread.start()
    loop.run()
    thread.join()
    loop.close()
    assert done == [(number, here) for number in range(100)]
    loop.submit(lambda: None)  # nobody is left to do it


def test_a_job_that_submits_another_does_not_keep_the_loop_from_others(rig: Rig) -> None:
    def again() -> None:
        rig.does("job")
        rig.loop.submit(again)

    rig.loop.submit(again)
    rig.loop.run_submitted()
    assert rig.did == ["job"]


# -- holding it ---------------------------------------------------------------------------------------------------------------


class Held:
    """A loop that can be held. What the test wants done while it is held is done in `acts`, one at each hold."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.acts: list[str | None] = []
        self.at: list[str] = []
        self.stepper = rig.loop.stepper = Stepper(self._wait)

    def _wait(self) -> None:
        held = self.stepper.held
        assert held is not None
        self.at.append(f"{held.kind} {held.owner or ''}".strip())
        self.stepper.go_on(self.acts.pop(0) if self.acts else None)


def test_the_loop_is_held_before_each_event(rig: Rig) -> None:
    held = Held(rig)
    rig.reads(A, "a")
    rig.reads(B, "b")
    rig.loop.every("cron", 0, lambda: rig.does("cron"))
    rig.kernel.answers = [[(B, READABLE), (A, READABLE)]] * 2
    held.stepper.pause()
    held.acts = ["event", "event", "event", "iteration", None]
    rig.loop.iterate()
    rig.loop.iterate()
    assert held.at == ["iteration", "event b", "event a", "event cron", "iteration"]
    assert rig.did == ["read b", "read a", "cron", "read b", "read a"]
    assert not held.stepper.wanted


def test_a_loop_that_nobody_holds_goes_on(rig: Rig) -> None:
    held = Held(rig)
    rig.reads(A, "a")
    rig.kernel.answers = [[(A, READABLE)]]
    rig.loop.iterate()
    assert held.at == []
    held.stepper.pause()
    held.stepper.close()
    rig.loop.iterate()
    assert held.at == []
    assert rig.did == ["read a"]


def test_what_is_told_while_it_is_held() -> None:
    states: list[Point | None] = []
    stepper = Stepper(lambda: stepper.go_on(None))
    stepper.told = lambda: states.append(stepper.held)
    point = Point("command", "GET")
    stepper.pause()
    stepper.arrive(point)
    assert states == [point, None]
