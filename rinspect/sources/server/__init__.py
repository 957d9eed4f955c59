"""A real Redis or Valkey as a source: read-only unless the user says otherwise, and polite."""

from rinspect.sources.server.source import ServerSource

__all__ = ["ServerSource"]
