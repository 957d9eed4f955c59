"""Monitor's panels: what each asks the engine, and how that is drawn."""

from rinspect.views.panels.loop import LoopPanel
from rinspect.views.panels.panel import Panel

PANELS: dict[str, Panel] = {panel.name: panel for panel in (LoopPanel(),)}

__all__ = ["PANELS", "Panel"]
