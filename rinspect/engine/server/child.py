"""A child process, which sees memory as it was when it was forked.

    parent  ──┬── serves on; a page that it writes to is copied first ──▶
              └── child: writes the file from what it still sees ──▶ exit 0

So a snapshot is of one moment, however long it takes to write, and costs the memory of what changes meanwhile. (With Python
it costs more than that: to read an object is to count a reference, and copies its page too.)
"""

from __future__ import annotations

import gc
import os
import signal
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from mmap import mmap
from pathlib import Path
from struct import Struct

from rinspect.engine.runtime import Runtime
from rinspect.engine.server.log import Log

KILL = signal.SIGUSR1
"""How a child is ended whose work is not wanted any more: no failure, the server holds."""
LOOK = 1000
"""Keys between a child's looks at what it costs."""
_SHARED = Struct("=QQQ")


class Progress:
    """What a child tells of itself, in a piece of memory that both see."""

    def __init__(self) -> None:
        self._shared = mmap(-1, _SHARED.size)
        self.keys = self.copied = self.peak = 0
        """Keys that are done; bytes of the child's memory that are not the parent's any more, and the most they were."""

    def one_more_key(self) -> None:
        """The child has done one more key."""
        self.keys += 1
        if self.keys % LOOK == 1:
            self.look()
        self._tell()

    def look(self) -> None:
        """See what the child costs."""
        self.copied = _private_dirty()
        self.peak = max(self.peak, self.copied)
        self._tell()

    def _tell(self) -> None:
        _SHARED.pack_into(self._shared, 0, self.keys, self.copied, self.peak)

    def hear(self) -> None:
        """The parent asks for what the child has told."""
        self.keys, self.copied, self.peak = _SHARED.unpack_from(self._shared)


class Child:
    """A child that does some work, and ends with whether it succeeded. OSError if there can be none."""

    def __init__(self, work: Callable[[Progress], bool], failed: Callable[[str], None]) -> None:
        """`failed` is called, in the child, with what happened, if the work ends in an exception."""
        self.progress = Progress()
        with warnings.catch_warnings():
            # Where there are other threads, the child has none of them, and does nothing that would need one.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if not self.pid:
            _work_alone(work, self.progress, failed)

    def ended(self) -> tuple[int, int] | None:
        """(exit code, signal that ended it or 0); None while it goes on."""
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            return 1, 0  # somebody else has heard of its end
        if not pid:
            return None
        return (0, os.WTERMSIG(status)) if os.WIFSIGNALED(status) else (os.WEXITSTATUS(status), 0)

    def kill(self) -> None:
        """Have it end. (When it has, `ended` tells: one that is stopped, or waits for a disk, may take its time.)"""
        with suppress(ProcessLookupError):
            os.kill(self.pid, KILL)


class Children:
    """The children of one server: there is one at a time, for two would cost twice the memory."""

    def __init__(self, runtime: Runtime, log: Log) -> None:
        self._runtime = runtime
        self._log = log
        self.active: Child | None = None
        self.forks = 0
        self.fork_took = 0
        """Microseconds that the last fork took."""

    def start(self, work: Callable[[Progress], bool]) -> Child:
        """Have a child do some work; none must be there. OSError if there can be none."""
        before = time.perf_counter_ns()
        self.active = Child(work, self._log.warning)
        self.fork_took = (time.perf_counter_ns() - before) // 1000
        self.forks += 1
        if self._runtime.took_time is not None:
            self._runtime.took_time("fork", self.fork_took)
        return self.active

    def gone(self) -> None:
        """The child has ended."""
        self.active = None

    def reset(self) -> None:
        """CONFIG RESETSTAT."""
        self.forks = self.fork_took = 0


def _work_alone(work: Callable[[Progress], bool], progress: Progress, failed: Callable[[str], None]) -> None:
    """What a child is there for. Does not return: nothing of what the parent would do at its end is the child's to do."""
    code = 1
    try:
        gc.disable()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, KILL):
            signal.signal(number, signal.SIG_DFL)
        # Clients, sockets and files are the parent's.
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        code = 0 if work(progress) else 1
    except BaseException:  # noqa: BLE001 (there is nobody above)
        failed(traceback.format_exc())
    finally:
        os._exit(code)


def _private_dirty() -> int:
    """Bytes of this process that it does not share; 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_Dirty:")), 0)
