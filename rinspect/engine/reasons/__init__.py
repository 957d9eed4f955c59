"""Why a value has the encoding it has, and what would change it.

The thresholds are read off the value and the settings. What a change would cost is never computed: the command is run on a
scratch copy, and what comes out is looked at.
"""

from rinspect.engine.reasons.records import Flip, Rebuilt, Threshold, Why
from rinspect.engine.reasons.scratch import rebuilt
from rinspect.engine.reasons.why import why

__all__ = ["Flip", "Rebuilt", "Threshold", "Why", "rebuilt", "why"]
