"""Panels that show one record, with nothing to choose in it."""

from __future__ import annotations

from rinspect.drawing.monitor.appendonly import draw_append_only
from rinspect.drawing.monitor.expiry import draw_expiry
from rinspect.drawing.monitor.figures import draw_figures
from rinspect.drawing.monitor.latency import draw_latency
from rinspect.drawing.monitor.loop import draw_loop
from rinspect.drawing.monitor.memory import draw_memory_of_all
from rinspect.drawing.monitor.parts import Picture
from rinspect.drawing.monitor.pubsub import draw_pubsub
from rinspect.views.panels.panel import Panel


class LoopPanel(Panel):
    """The event loop. The built-in one is looked at and not asked: it may be busy for seconds."""

    name = "loop"
    title = "Event loop"
    tab = "loop"

    async def picture(self, width: int, height: int) -> Picture:
        glance = self.source.glance()
        if glance is None:
            return draw_figures(await self.source.figures(), width)
        return draw_loop(glance, width, height)


class PubSubPanel(Panel):
    """Channels, messages, keys' events."""

    name = "pubsub"
    title = "Pub/Sub and keys' events"
    tab = "pub/sub"

    async def picture(self, width: int, height: int) -> Picture:
        return draw_pubsub(await self.source.pubsub(), width, height)


class ExpiryPanel(Panel):
    """Expiry and eviction."""

    name = "expiry"
    title = "Expiry and eviction"
    tab = "expiry"

    async def picture(self, width: int, height: int) -> Picture:
        return draw_expiry(await self.source.expiry(), width, height)


class UsagePanel(Panel):
    """used_memory."""

    name = "usage"
    title = "Memory"
    tab = "memory"

    async def picture(self, width: int, height: int) -> Picture:
        return draw_memory_of_all(await self.source.memory(), width)


class AppendOnlyPanel(Panel):
    """The append-only file."""

    name = "aof"
    title = "Append-only file"
    tab = "AOF"

    async def picture(self, width: int, height: int) -> Picture:
        return draw_append_only(await self.source.append_only(), width)


class LatencyPanel(Panel):
    """One axis of time, latency events, histograms."""

    name = "latency"
    title = "Latency"
    tab = "latency"

    async def picture(self, width: int, height: int) -> Picture:
        return draw_latency(await self.source.slow(), width)
