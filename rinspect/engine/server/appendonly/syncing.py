"""The thread that has what was written brought to the disk, so that no client waits for that: bio_aof."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor


class Syncer:
    """See the module. Its methods are for the loop's thread."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None
        self._jobs: list[Future[None]] = []
        self.handed = 0
        """Jobs so far."""
        self._failed: OSError | None = None

    @property
    def pending(self) -> int:
        """How many jobs are not done."""
        self._look()
        return len(self._jobs)

    @property
    def failed(self) -> OSError | None:
        """Why the last fsync failed, None if it did not."""
        self._look()
        return self._failed

    def _look(self) -> None:
        for job in [job for job in self._jobs if job.done()]:
            self._jobs.remove(job)
            error = job.exception()
            self._failed = error if isinstance(error, OSError) else None

    @property
    def unfinished(self) -> int:
        """The same for any thread that looks on."""
        return sum(not job.done() for job in tuple(self._jobs))

    def sync(self, descriptor: int) -> None:
        """Have a file brought to the disk."""
        self._submit(descriptor, False)

    def sync_and_close(self, descriptor: int) -> None:
        """The same with a file that is no longer written to."""
        self._submit(descriptor, True)

    def _submit(self, descriptor: int, close: bool) -> None:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "bio_aof")
        self.handed += 1
        self._jobs.append(self._thread.submit(_sync, descriptor, close))

    def drain(self) -> None:
        """Wait until everything is done."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None
        assert not self.pending


def _sync(descriptor: int, close: bool) -> None:
    try:
        os.fsync(descriptor)
    finally:
        if close:
            os.close(descriptor)
