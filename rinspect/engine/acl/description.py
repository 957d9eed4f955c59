"""Rules that make a selector what it is, as ACL LIST and GETUSER write them.

From 7.2 on those about commands are the ones that were given. Before, only their outcome is known, and rules are found for
it: categories, as long as one says more that is right than wrong, and then what is left, command by command.
"""

from __future__ import annotations

from rinspect.engine.acl.catalog import CATEGORIES
from rinspect.engine.acl.selector import FULL, READ, WRITE, Selector

_PREFIXES = {READ: b"%R~", WRITE: b"%W~", FULL: b"~"}


def selector_rules(selector: Selector) -> bytes:
    """All of them, in one line."""
    return b" ".join([*key_rules(selector), *_channels(selector), command_rules(selector)])


def _channels(selector: Selector) -> list[bytes]:
    return ([] if selector.all_channels else [b"resetchannels"]) + channel_rules(selector)


def key_rules(selector: Selector) -> list[bytes]:
    if selector.all_keys:
        return [b"~*"]
    return [_PREFIXES[access] + pattern for pattern, access in selector.keys.items()]


def channel_rules(selector: Selector) -> list[bytes]:
    return [b"&*"] if selector.all_channels else [b"&" + pattern for pattern in selector.channels]


def command_rules(selector: Selector) -> bytes:
    """The rules about commands, in one line: from `+@all` or `-@all` on."""
    first = b"+@all" if selector.from_all else b"-@all"
    given = selector.catalog.version >= (7, 2)
    return b" ".join([first, *(selector.command_rules.values() if given else _best_fit(selector))])


def _best_fit(selector: Selector) -> list[bytes]:
    """Rules that lead to what a selector allows. The order of single commands is that of a server's hashtable there."""
    if not selector.exceptions and not selector.first_args:
        return []
    found = _empty(selector)
    rules = _best_categories(selector, found)
    for name in selector.catalog.categories:
        allowed = selector.allows(name)
        if allowed is not found.allows(name):
            rules.append((b"+" if allowed else b"-") + name.encode())
            found.set_command(name, allowed=allowed)
        if not allowed:
            rules += [b"+%b|%b" % (name.encode(), arg) for arg in selector.first_args.get(name, {}).values()]
    return rules


def _best_categories(selector: Selector, found: Selector) -> list[bytes]:
    """The categories that fit, the best first; `found` has them afterwards."""
    wanted = not selector.from_all
    left = selector.copy()
    rules: list[bytes] = []
    free = list(CATEGORIES)
    while (best := _best_category(left, free, wanted)) is not None:
        free.remove(best)
        rules.append((b"+@" if wanted else b"-@") + best.encode())
        found.set_category(best, allowed=wanted)
        left.set_category(best, allowed=not wanted)
    return rules


def _best_category(left: Selector, free: list[str], wanted: bool) -> str | None:
    """The one with the fewest commands that are otherwise, and then with the most that are so; None if none has more of
    these than of those."""
    best: tuple[int, int] | None = None
    name = None
    for category in free:
        same = different = 0
        for command in left.catalog.within(category):
            if left.allows(command) is wanted:
                same += 1
            else:
                different += 1
        if same > different and (best is None or (different, -same) < best):
            best, name = (different, -same), category
    return name


def _empty(selector: Selector) -> Selector:
    """One that sets out from where this one did."""
    empty = Selector(selector.catalog, all_channels=False)
    if selector.from_all:
        empty.allow_all_commands()
    return empty
