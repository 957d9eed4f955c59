"""DEBUG: one command with words of its own for what it is to do, declared where what they touch lives.

@debug_command("OBJECT", 1, 1)
def _object(call: Call, args: list[bytes]) -> Reply: …
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.notation import Version
from rinspect.engine.replies import CommandError, Reply, quotable

Handler = Callable[[Call, list[bytes]], Reply]
MANY = 1 << 31
NOT_ALLOWED = (
    'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local'
    " connection, otherwise you need to set this option in the configuration file, and then restart the server."
)


class DebugCommand(NamedTuple):
    handler: Handler
    least: int
    """Words behind the name at the least, and …"""
    most: int
    since: Version
    before: Version
    """The first version that does not have it, or has it otherwise."""

    def fits(self, version: Version, words: int) -> bool:
        return self.since <= version < self.before and self.least <= words <= self.most


_DECLARED: dict[bytes, list[DebugCommand]] = {}


def debug_command(
    name: str, least: int, most: int, *, since: Version = (0, 0), until: Version = (99, 0)
) -> Callable[[Handler], Handler]:
    """Declare the decorated function as what DEBUG does for a word, with so many words behind it."""

    def declare(handler: Handler) -> Handler:
        _DECLARED.setdefault(name.encode(), []).append(DebugCommand(handler, least, most, since, until))
        return handler

    return declare


@command(
    "DEBUG",
    "subcommand [argument...]",
    group="server",
    since="1.0.0",
    flags="admin noscript loading stale",
    complexity="Depends on subcommand.",
    arity=-2,
    summary="A container for debugging commands.",
)
def debug(call: Call, name: bytes, words: list[bytes] | None = None) -> Reply:
    args = words or []
    version = call.runtime.profile.version
    session, config = call.session, call.runtime.config
    if version >= (7, 0) and not (session.trusted or config.allows(config.enable_debug_command, session.is_local)):
        raise CommandError(NOT_ALLOWED)
    for found in _DECLARED.get(name.upper(), ()):
        if found.fits(version, len(args)):
            return found.handler(call, args)
    unknown = "Unknown" if version < (7, 0) else "unknown"
    shown = quotable(name, 128)
    raise CommandError(f"ERR {unknown} subcommand or wrong number of arguments for '{shown}'. Try DEBUG HELP.")
