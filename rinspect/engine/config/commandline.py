"""The command line of redis-server: `[/path/to/redis.conf] [-] [--directive value …]`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rinspect.engine.config.kinds import Version, encoded
from rinspect.engine.splitargs import catrepr, splitargs


@dataclass(frozen=True, slots=True)
class CommandLine:
    """What a command line says: a file to read, whether to read standard input, and directives as further lines of text."""

    path: str | None
    stdin: bool
    options: str


def command_line(arguments: Sequence[str], version: Version) -> CommandLine:
    """The meaning of the arguments. Nothing is wrong here: a directive that cannot be is found when `options` is read.

    From 7.0 on a directive takes at least one argument, even if that begins with `--`, but for `--save` and `--sentinel`;
    in 6.2 each `--` begins a directive.
    """
    path = None
    stdin = False
    options = ""
    if arguments and not arguments[0].startswith("-"):
        path = arguments[0]
    complete = True  # the last directive has an argument
    last = len(arguments) - 1
    for at, argument in enumerate(arguments):
        if at == 0 and path is not None:
            continue
        if argument == "-" and at in (0, last):
            stdin = True
        elif argument.startswith("--") and (complete or version < (7, 0)):
            options += "\n" if options else ""
            options += f"{argument[2:]} "
            complete = len(splitargs(encoded(argument)) or []) != 1
            if not complete and (at == last or arguments[at + 1].startswith("--")):
                if argument.lower() == "--save" and version >= (7, 0):
                    options += '""'
                complete = argument.lower() in ("--save", "--sentinel")
        else:
            options += f"{catrepr(encoded(argument))} "
            complete = True
    return CommandLine(path, stdin, options)
