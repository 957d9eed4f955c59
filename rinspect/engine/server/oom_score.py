"""oom-score-adj: how readily the kernel's killer takes this process where memory runs out. On Linux, and for a server that is a
process of its own."""

from __future__ import annotations

from pathlib import Path

from rinspect.engine.config import Config
from rinspect.engine.config.errors import Refused
from rinspect.engine.server.log import Log

OF_THIS_PROCESS = Path("/proc/self/oom_score_adj")
HIGHEST = 1000
FAILED = "Failed to set current oom_score_adj. Check server logs."


class OomScore:
    """Keeps the process's score as the settings want it."""

    def __init__(self, config: Config, log: Log, path: Path = OF_THIS_PROCESS) -> None:
        self._config = config
        self._log = log
        self._path = path
        self._before: int | None = None
        """The score without the settings, while they hold."""
        for name in ("oom-score-adj", "oom-score-adj-values"):
            config.on_change(name, self.adjust)

    def adjust(self) -> None:
        """Set the score, or set it back. Refused where that is not allowed, or there is none."""
        how = self._config.oom_score_adj
        if how == "no" and self._before is None:
            return
        try:
            if self._before is None:
                self._before = int(self._path.read_text())
            score, as_master = self._before, self._config.oom_score_adj_values[0]
            if how == "no":
                self._before = None
            else:
                score = as_master if how == "absolute" else score + as_master
            self._path.write_text(f"{max(-HIGHEST, min(score, HIGHEST))}\n")
        except OSError as error:
            said = f"Unable to change oom_score_adj: {error.strerror or error}"
            self._log.warning(said)
            raise Refused(FAILED) from None
