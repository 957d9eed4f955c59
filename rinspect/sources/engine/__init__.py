"""The built-in engine as a source: in a thread of its own, with an index of its keys and a history of what changed."""

from rinspect.sources.engine.source import EngineSource

__all__ = ["EngineSource"]
