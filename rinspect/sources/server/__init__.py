"""A real Redis or Valkey as a source: read-only unless the user says otherwise, and polite."""

from rinspect.sources.server.source import ServerSource
from rinspect.sources.server.xray import scratch_engine

__all__ = ["ServerSource", "scratch_engine"]
