"""The event loop."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.drawing.line import Line
from rinspect.drawing.monitor.loop import draw_loop
from rinspect.sources.engine import EngineSource


class LoopPanel:
    """See `rinspect.drawing.monitor.loop`. The loop is looked at and not asked: it may be busy for seconds."""

    name = "loop"
    title = "Event loop"

    async def lines(self, source: EngineSource, width: int, height: int) -> Sequence[Line]:
        return draw_loop(source.watcher.glance(), width, height)
