"""Whether a command may be run: by its name, by the keys it names, by its channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from rinspect.engine.acl.rules import as_c_string
from rinspect.engine.acl.selector import READ, WRITE, Selector
from rinspect.engine.commands.keyspecs import NOT_A_KEY, key_uses
from rinspect.engine.commands.registry import Command
from rinspect.engine.commands.server.older import flags_in
from rinspect.engine.glob import stringmatch


class Reason(IntEnum):
    """What speaks against a command; of several selectors' reasons the greatest is told."""

    COMMAND = 1
    KEY = 2
    CHANNEL = 4


@dataclass(frozen=True, slots=True, order=True)
class Denial:
    """Why a command may not be run, and which of its words is the cause: 0 for the command itself."""

    reason: Reason
    place: int = 0


_COMMAND = Denial(Reason.COMMAND)

Uses = list[tuple[int, int]]
"""Where keys stand in a command, and what is done with each."""

_CHANNELS = {
    "PUBLISH": (1, 2),
    "SPUBLISH": (1, 2),
    "SUBSCRIBE": (1, None),
    "SSUBSCRIBE": (1, None),
    "PSUBSCRIBE": (1, None),
}
"""Which words of a command are channels, or patterns of channels. Who ends a subscription need not be allowed to."""

_ACCESS = {"access": READ, "insert": WRITE, "update": WRITE, "delete": WRITE}


def uses_of(command: Command, argv: Sequence[bytes], version: tuple[int, int]) -> Uses:
    """The keys of a command; none, as in the server, where they cannot be told: nearly always it is refused then anyway."""
    found = key_uses(command, list(argv), version) or []
    return [(place, _access(flags)) for place, flags in found if NOT_A_KEY not in flags]


@cache
def _access(flags: tuple[str, ...]) -> int:
    access = 0
    for flag in flags:
        access |= _ACCESS.get(flag, 0)
    return access


def denial(selectors: Sequence[Selector], command: Command, argv: Sequence[bytes]) -> Denial | None:
    """Why none of the selectors allows a command; None if one does."""
    worst = _COMMAND
    uses: Uses | None = None
    for selector in selectors:
        if not _allows_command(selector, command, argv):
            continue
        if not selector.all_keys and uses is None:
            uses = uses_of(command, argv, selector.catalog.version)
        found = _forbidden_key(selector, uses or [], argv) or _forbidden_channel(selector, command, argv)
        if found is None:
            return None
        worst = max(worst, found)
    return worst


def _allows_command(selector: Selector, command: Command, argv: Sequence[bytes]) -> bool:
    name = selector.catalog.name_of(command)
    if selector.all_commands or selector.allows(name) or "no_auth" in flags_in(command, selector.catalog.version):
        return True
    return len(argv) > 1 and as_c_string(argv[1]).lower() in selector.first_args.get(name, ())


def _forbidden_key(selector: Selector, uses: Uses, argv: Sequence[bytes]) -> Denial | None:
    for place, access in uses:
        if not may_use(selector, argv[place], access):
            return Denial(Reason.KEY, place)
    return None


def may_use(selector: Selector, key: bytes, access: int) -> bool:
    """Whether a selector lets that be done with a key."""
    if selector.all_keys:
        return True
    return any(allowed & access == access and stringmatch(pattern, key) for pattern, allowed in selector.keys.items())


def _forbidden_channel(selector: Selector, command: Command, argv: Sequence[bytes]) -> Denial | None:
    if selector.all_channels or command.name not in _CHANNELS:
        return None
    first, end = _CHANNELS[command.name]
    for place in range(first, len(argv) if end is None else end):
        if not may_hear(selector.channels, argv[place], is_pattern=command.name == "PSUBSCRIBE"):
            return Denial(Reason.CHANNEL, place)
    return None


def may_hear(allowed: Sequence[bytes] | dict[bytes, None], channel: bytes, *, is_pattern: bool) -> bool:
    """Whether one of the allowed patterns fits a channel. A pattern must be one of them itself."""
    if is_pattern:
        return channel in allowed
    return any(stringmatch(pattern, channel) for pattern in allowed)


def reads_every_key(selectors: Sequence[Selector], command: Command, argv: Sequence[bytes]) -> bool:
    """Whether a selector that allows the command lets any key be read: SORT … BY and GET name keys that nobody knows before."""
    return any(
        (selector.all_keys or selector.keys.get(b"*", 0) & READ) and denial([selector], command, argv) is None
        for selector in selectors
    )
