"""The thread in which the engine lives.

Everything that touches the engine runs here, one job after the other, as commands do on a server's single thread. Whoever
asks waits in an event loop of another thread. A long job over many keys is a generator: it is put back at the queue's end
after each piece, so that a command never waits for all of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections.abc import Callable, Generator
from typing import Any, TypeVar

T = TypeVar("T")

CRON_PERIOD = 0.1
"""Seconds between two rounds of the engine's cron: hz 10."""

_Job = Callable[[], None]


class EngineThread:
    """Runs jobs in order, and the cron beside them while there is something for it to do."""

    def __init__(self, cron: Callable[[], object], has_cron_work: Callable[[], bool]) -> None:
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._cron = cron
        self._has_cron_work = has_cron_work
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        due = time.monotonic() + CRON_PERIOD
        while True:
            # Nothing to expire or rehash: sleep until there is a job, however long.
            wait = max(0.0, due - time.monotonic()) if self._has_cron_work() else None
            with contextlib.suppress(queue.Empty):
                job = self._jobs.get(timeout=wait)
                if job is None:
                    return
                job()
            # Jobs that come one upon the other do not keep the cron waiting.
            if time.monotonic() >= due:
                self._cron()
                due = time.monotonic() + CRON_PERIOD

    async def run(self, work: Callable[[], T]) -> T:
        """Have `work` done in the engine's thread; its result, or its exception."""
        future, settle = _future()

        def job() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001 (it is delivered to whoever asked)
                settle(None, error)
            else:
                settle(result, None)

        self._jobs.put(job)
        return await future  # type: ignore[no-any-return]

    async def run_in_pieces(self, work: Callable[[], Generator[None, None, T]]) -> T:
        """Like `run`, for a generator: other jobs come in between at each of its yields. Cancelling ends it."""
        future, settle = _future()
        pieces: list[Generator[None, None, T]] = []

        def job() -> None:
            if future.cancelled():
                return
            try:
                if not pieces:
                    pieces.append(work())
                next(pieces[0])
            except StopIteration as stop:
                settle(stop.value, None)
            except BaseException as error:  # noqa: BLE001
                settle(None, error)
            else:
                self._jobs.put(job)

        self._jobs.put(job)
        return await future  # type: ignore[no-any-return]

    def stop(self) -> None:
        """End the thread when the jobs so far are done."""
        self._jobs.put(None)
        self._thread.join(timeout=5)


def _future() -> tuple[asyncio.Future[Any], Callable[[Any, BaseException | None], None]]:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        def deliver() -> None:
            if future.done():
                return
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

        try:
            loop.call_soon_threadsafe(deliver)
        except RuntimeError:
            # The loop that asked is closed: nobody waits for the answer any more.
            return

    return future, settle
