"""HELP of a container, in the server's words."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.replies import Reply, Status


def help_text(call: Call, name: str, text: str) -> Reply:
    """The lines of a HELP, with the first and the last that all of them have."""
    last = "Prints" if call.runtime.profile.version < (7, 2) else "Print"
    first = f"{name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"
    lines = [first, *text.split("\n"), "HELP", f"    {last} this help."]
    return [Status(line.encode()) for line in lines]
