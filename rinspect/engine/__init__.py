"""Redis in Python: real structures, real bytes. Usable alone: `from rinspect.engine import Engine`."""

from rinspect.engine.engine import Engine, Session

__all__ = ["Engine", "Session"]
