"""The commands that rules speak of, in one version: each by the name it was born with, whatever it answers to now."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from rinspect.engine.acl.elsewhere import others
from rinspect.engine.commands.registry import Command, CommandTable
from rinspect.engine.commands.server.command import acl_categories
from rinspect.engine.commands.server.older import categories_in
from rinspect.engine.profile import Profile

CATEGORIES = (
    "keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap", "hyperloglog", "geo", "stream",
    "pubsub", "admin", "fast", "slow", "blocking", "dangerous", "connection", "transaction", "scripting",
)  # fmt: skip
"""In the server's order."""


class Catalog:
    """Names in small letters, a subcommand's as `config|get`. Made when it is first looked into."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self.version = profile.version

    def name_of(self, command: Command) -> str:
        """What rules call a command. 6.2 tells no subcommands apart."""
        name = command.name.lower()
        return name if self.version >= (7, 0) else name.partition("|")[0]

    @cached_property
    def categories(self) -> dict[str, frozenset[str]]:
        """Each command, behind it its subcommands, with its categories."""
        known = others(self.version)
        for command in self._declared():
            names = categories_in(command, self.version) or acl_categories(command)
            known[command.name.lower()] = frozenset(name[1:] for name in names)
        if self.version < (7, 0):
            known.pop("quit", None)  # which it answers without having it in its table
        return dict(sorted(known.items()))

    def _declared(self) -> Iterator[Command]:
        # A table of its own: in the engine's, commands may have other names by now, or none.
        for command in CommandTable(self._profile).values():
            yield command
            if self.version >= (7, 0):
                yield from command.subcommands.values()

    @cached_property
    def subcommands(self) -> dict[str, list[str]]:
        """Those of each container."""
        found: dict[str, list[str]] = {}
        for name in self.categories:
            container, bar, _ = name.partition("|")
            if bar:
                found.setdefault(container, []).append(name)
        return found

    def known(self, name: bytes) -> str | None:
        """The command or subcommand of that name, in whichever case; None if there is none."""
        text = name.decode("latin-1").lower()
        return text if text in self.categories else None

    def within(self, category: str) -> Iterator[str]:
        """The commands and subcommands of a category."""
        return (name for name, categories in self.categories.items() if category in categories)
