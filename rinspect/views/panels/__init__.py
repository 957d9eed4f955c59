"""Monitor's panels: what each asks the source, and how that is drawn."""

from rinspect.views.panels.clients import ClientsPanel
from rinspect.views.panels.panel import Panel
from rinspect.views.panels.plain import (
    AppendOnlyPanel,
    ExpiryPanel,
    LatencyPanel,
    LoopPanel,
    PubSubPanel,
    UsagePanel,
)
from rinspect.views.panels.slow import SlowPanel

PANELS: tuple[type[Panel], ...] = (
    LoopPanel, ClientsPanel, SlowPanel, LatencyPanel, PubSubPanel, ExpiryPanel, UsagePanel, AppendOnlyPanel,
)  # fmt: skip
"""In the order of their digits."""

__all__ = ["PANELS", "Panel"]
