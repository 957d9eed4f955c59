"""How a value is built, drawn as what it is: boxes in a row, nodes in a chain, buckets with chains, levels.

Everything is read off the layout; a drawing knows no encoding from inside.
"""

from rinspect.drawing.structure.structure import draw_structure, draw_verdict

__all__ = ["draw_structure", "draw_verdict"]
