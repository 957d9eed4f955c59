"""INFO: what the server says of itself, a section of fields after the other."""

from rinspect.engine.server.info.sections import info_text, section

__all__ = ["info_text", "section"]
