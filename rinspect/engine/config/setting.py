"""One setting of the server, as a row of the table."""

from __future__ import annotations

from typing import Any, NamedTuple

from rinspect.engine.config.kinds import Kind, Version


class Setting(NamedTuple):
    """A directive with its kind and default.

    `alias` is another name for it; in versions before `renamed` it is the only one. A row is for versions from `since` on
    and `before` another: where versions differ in more than the name, a setting has several rows.

    Of `flags`: `immutable` (only a start of the server sets it), `hidden` (CONFIG GET shows it by its full name only),
    `protected` (see enable-protected-configs), `sensitive` (not to be logged), `volatile` (setting it anew has an effect
    even if it is the same).
    """

    name: str
    kind: Kind
    default: Any
    alias: str = ""
    flags: str = ""
    since: Version = (0, 0)
    before: Version = (99, 0)
    renamed: Version = (0, 0)

    @property
    def attribute(self) -> str:
        """Under which the value is found in Config."""
        return self.name.replace("-", "_")

    def names(self, version: Version) -> list[str]:
        """Its names in a version, the main one first; none if the version does not have it."""
        if not self.since <= version < self.before:
            return []
        names = [self.name] if version >= self.renamed else []
        return [*names, self.alias] if self.alias else names
