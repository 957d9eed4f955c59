"""The hint under the prompt: the command's arguments, since when it is there, what it costs."""

from __future__ import annotations

from typing import NamedTuple

from rinspect.console.completion import Table
from rinspect.console.words import Unbalanced, split
from rinspect.engine.commands.registry import Command


class Hint(NamedTuple):
    """What is known of the command being typed."""

    name: str
    usage: str
    since: str
    complexity: str
    summary: str


def command_of(line: str, table: Table) -> Command | None:
    """The command or subcommand that a line begins with; None if there is none (yet)."""
    try:
        words = split(line)
    except Unbalanced:
        words = [word.encode() for word in line.split()[:2]]
    if not words:
        return None
    command = table.get(words[0].upper())
    if command is not None and command.subcommands and len(words) > 1:
        return command.subcommands.get(words[1].upper())
    return command


def hint(line: str, table: Table) -> Hint | None:
    """The hint for a line; None where no command is to be seen."""
    command = command_of(line, table)
    if command is None:
        return None
    declaration = command.declaration
    usage = command.grammar.usage()
    if command.subcommands:
        usage = "<" + " | ".join(sorted(name.decode() for name in command.subcommands)) + ">"
    complexity = declaration.complexity.split(" where ")[0].split(". ")[0]
    since = ".".join(declaration.since.split(".")[:2])
    return Hint(command.name.replace("|", " "), usage, since, complexity, declaration.summary)
