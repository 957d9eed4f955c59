"""A clock that can be stopped: while the built-in engine is held, its time stands still, and nothing expires or times out."""

from __future__ import annotations

from rinspect.engine.runtime import Clock, nanoseconds


class StoppableClock:
    """Goes with another clock, and stands while it is stopped. Afterwards it lags behind by as long as it stood."""

    def __init__(self, clock: Clock) -> None:
        self._nanoseconds = nanoseconds(clock)
        self._lag = 0
        self._stopped: int | None = None

    def __call__(self) -> int:
        return self.nanoseconds() // 1000

    def nanoseconds(self) -> int:
        """What it shows, in nanoseconds; calling it gives microseconds."""
        return self._nanoseconds() - self._lag if self._stopped is None else self._stopped

    @property
    def lag(self) -> int:
        """Microseconds that it is behind the other clock."""
        lag = self._lag if self._stopped is None else self._nanoseconds() - self._stopped
        return lag // 1000

    def stop(self) -> None:
        """Stand still from now on. Harmless if it does already."""
        if self._stopped is None:
            self._stopped = self.nanoseconds()

    def go(self) -> None:
        """Go on where it stopped."""
        if self._stopped is not None:
            self._lag = self._nanoseconds() - self._stopped
            self._stopped = None
