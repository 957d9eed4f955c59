"""The thread in which the engine's loop runs.

Everything that touches the engine happens there, one thing after the other, as on a server's single thread. Whoever asks
waits in an event loop of another thread. A long job over many keys is a generator: it is submitted anew after each piece,
so that a command never waits for all of it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from rinspect.engine.server import Server

T = TypeVar("T")


class EngineThread:
    """Runs a server's loop, and between two of its events what others ask for, in order."""

    def __init__(self, server: Server) -> None:
        self._loop = server.loop
        self._server = server
        self._thread = threading.Thread(target=server.run, name="engine", daemon=True)
        self._thread.start()

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
            # It is not to be counted as time of the command that comes next.
            self._server.engine.runtime.read_clock()

        self._loop.submit(job)
        return await future  # type: ignore[no-any-return]

    async def run_in_pieces(self, work: Callable[[], Generator[None, None, T]]) -> T:
        """Like `run`, for a generator: others come in between at each of its yields. Cancelling ends it."""
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
                self._loop.submit(job)
            # It is not to be counted as time of the command that comes next.
            self._server.engine.runtime.read_clock()

        self._loop.submit(job)
        return await future  # type: ignore[no-any-return]

    def stop(self) -> None:
        """End the thread when what was asked for so far is done."""
        self._server.stepper.close()
        self._loop.submit(self._loop.stop)
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
