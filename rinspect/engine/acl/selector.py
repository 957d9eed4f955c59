"""A selector: commands that may be run, with the keys and channels that they may be run on.

Commands are kept as what they set out from, all or none, and the exceptions; so the usual user, who may do everything, needs
no list of all commands.
"""

from __future__ import annotations

from rinspect.engine.acl import rules
from rinspect.engine.acl.catalog import CATEGORIES, Catalog
from rinspect.engine.acl.rules import RuleError, as_c_string, has_spaces

READ, WRITE = 1, 2
"""What may be done with a key, or is: their sum is both, 0 is that only something of it is told that others may know."""
FULL = READ | WRITE


class Selector:
    """See the module. `all_channels`: where it begins (`acl-pubsub-default`)."""

    def __init__(self, catalog: Catalog, *, all_channels: bool) -> None:
        self.catalog = catalog
        self.from_all = False
        """Commands are all but the exceptions, also those that modules will bring."""
        self.exceptions: set[str] = set()
        self.all_commands = False
        """No command was taken away since all were allowed."""
        self.first_args: dict[str, dict[bytes, bytes]] = {}
        """Commands that are not allowed, but with one of these as their first argument: in small letters, and as given."""
        self.command_rules: dict[bytes, bytes] = {}
        """The rules about commands since all or none were allowed, without those that a later one made void; by what each
        is about."""
        self._parts: dict[bytes, set[bytes]] = {}
        """By command, what of these is about a part of it."""
        self.all_keys = False
        self.keys: dict[bytes, int] = {}
        """Patterns, and what may be done with the keys that fit."""
        self.all_channels = all_channels
        self.channels: dict[bytes, None] = {}
        """Patterns."""

    def copy(self) -> Selector:
        new = Selector(self.catalog, all_channels=self.all_channels)
        new.from_all, new.all_commands, new.all_keys = self.from_all, self.all_commands, self.all_keys
        new.exceptions = set(self.exceptions)
        new.first_args = {name: dict(args) for name, args in self.first_args.items()}
        new.command_rules = dict(self.command_rules)
        new._parts = {name: set(parts) for name, parts in self._parts.items()}
        new.keys = dict(self.keys)
        new.channels = dict(self.channels)
        return new

    @property
    def allows_everything(self) -> bool:
        return self.all_commands and self.all_keys and self.all_channels

    def allows(self, name: str) -> bool:
        """Whether it allows a command, or subcommand, whatever its arguments."""
        return (name in self.exceptions) is not self.from_all

    # -- rules ------------------------------------------------------------------------------------------------------------

    def apply(self, rule: bytes) -> None:
        """Obey one rule; RuleError, with nothing changed, for one that cannot be."""
        text = as_c_string(rule)
        word = text.lower()
        if word in _WORDS:
            _WORDS[word](self)
        elif text[:1] == b"~" or (text[:1] == b"%" and self.catalog.version >= (7, 0)):
            self._add_keys(rule)
        elif text[:1] == b"&":
            self._add_channels(rule[1:])
        elif text[:2] in (b"+@", b"-@"):
            self._set_category(text[2:], allowed=text[:1] == b"+")
        elif text[:1] == b"+":
            self._allow(text[1:])
        elif text[:1] == b"-":
            name = self.catalog.known(text[1:])
            if name is None:
                raise RuleError(rules.UNKNOWN_COMMAND)
            self.set_command(name, allowed=False)
            self._note(name.encode(), allowed=False)
        else:
            raise RuleError(rules.SYNTAX)

    def allow_all_keys(self) -> None:
        self.all_keys = True
        self.keys.clear()

    def reset_keys(self) -> None:
        self.all_keys = False
        self.keys.clear()

    def allow_all_channels(self) -> None:
        self.all_channels = True
        self.channels.clear()

    def reset_channels(self) -> None:
        self.all_channels = False
        self.channels.clear()

    def allow_all_commands(self) -> None:
        self._set_out_from(everything=True)

    def forbid_all_commands(self) -> None:
        self._set_out_from(everything=False)

    def _set_out_from(self, *, everything: bool) -> None:
        self.from_all = self.all_commands = everything
        self.exceptions.clear()
        self.command_rules.clear()
        self._parts.clear()
        self.first_args.clear()

    def _add_keys(self, rule: bytes) -> None:
        if self.all_keys:
            raise RuleError(rules.KEYS_ALREADY_ALL)
        access, pattern = self._key_rule(rule)
        if has_spaces(pattern):
            raise RuleError(rules.SYNTAX)
        self.keys[pattern] = self.keys.get(pattern, 0) | access

    def _key_rule(self, rule: bytes) -> tuple[int, bytes]:
        """`~pattern`, or from 7.0 on `%R~pattern`."""
        if rule[:1] == b"~":
            return FULL, rule[1:]
        letters, _, pattern = rule[1:].partition(b"~")
        wanted = {b"R": READ, b"W": WRITE, b"RW": FULL, b"WR": FULL}.get(letters.upper())
        if wanted is None:
            raise RuleError(rules.SYNTAX)
        return wanted, pattern

    def _add_channels(self, pattern: bytes) -> None:
        if self.all_channels:
            raise RuleError(rules.CHANNELS_ALREADY_ALL)
        if has_spaces(pattern):
            raise RuleError(rules.SYNTAX)
        self.channels[pattern] = None

    # -- commands ---------------------------------------------------------------------------------------------------------

    def _set_category(self, word: bytes, *, allowed: bool) -> None:
        category = word.decode("latin-1").lower()
        if category not in CATEGORIES:
            raise RuleError(rules.UNKNOWN_COMMAND)
        self._note(b"@" + category.encode(), allowed=allowed)
        self.set_category(category, allowed=allowed)

    def set_category(self, category: str, *, allowed: bool) -> None:
        """Allow or forbid all commands of a category; where a container is of it, all of its subcommands."""
        for name in self.catalog.within(category):
            self.set_command(name, allowed=allowed)

    def set_command(self, name: str, *, allowed: bool) -> None:
        """Allow or forbid a command, with its subcommands."""
        self.first_args.pop(name, None)
        for one in (name, *self.catalog.subcommands.get(name, ())):
            (self.exceptions.add if allowed is not self.from_all else self.exceptions.discard)(one)
        if not allowed:
            self.all_commands = False

    def _allow(self, word: bytes) -> None:
        """`+command`, `+command|subcommand`, `+command|first-argument`."""
        if b"|" not in word:
            name = self.catalog.known(word)
            if name is None:
                raise RuleError(rules.UNKNOWN_COMMAND)
            self.set_command(name, allowed=True)
            self._note(name.encode(), allowed=True)
        elif self.catalog.version < (7, 0):
            self._allow_first_arg_in_6_2(word)
        else:
            self._allow_part(word)

    def _allow_first_arg_in_6_2(self, word: bytes) -> None:
        container, _, arg = word.partition(b"|")
        name = self.catalog.known(container)
        if name is None:
            raise RuleError(rules.UNKNOWN_COMMAND)
        if not arg:
            raise RuleError(rules.SYNTAX)
        if not self.allows(name):
            self._add_first_arg(name, arg)

    def _allow_part(self, word: bytes) -> None:
        container, _, arg = word.rpartition(b"|")
        name = self.catalog.known(container)
        if name is None:
            raise RuleError(rules.UNKNOWN_COMMAND)
        if "|" in name:
            raise RuleError(rules.NO_FIRST_ARGUMENT)
        if not arg:
            raise RuleError(rules.SYNTAX)
        if name in self.catalog.subcommands:
            sub = self.catalog.known(word)
            if sub is None:
                raise RuleError(rules.UNKNOWN_COMMAND)
            self.set_command(sub, allowed=True)
        else:
            self._add_first_arg(name, arg)
        self._note(word.lower(), allowed=True)

    def _add_first_arg(self, name: str, arg: bytes) -> None:
        self.first_args.setdefault(name, {}).setdefault(arg.lower(), arg)

    def _note(self, what: bytes, *, allowed: bool) -> None:
        """Keep a rule about commands, instead of those about the same, or a part of it."""
        for void in (what, *self._parts.pop(what, ())):
            self.command_rules.pop(void, None)
        self.command_rules[what] = (b"+" if allowed else b"-") + what
        name, bar, _ = what.partition(b"|")
        if bar:
            self._parts.setdefault(name, set()).add(what)


_WORDS = {
    b"allkeys": Selector.allow_all_keys, b"~*": Selector.allow_all_keys, b"resetkeys": Selector.reset_keys,
    b"allchannels": Selector.allow_all_channels, b"&*": Selector.allow_all_channels,
    b"resetchannels": Selector.reset_channels,
    b"allcommands": Selector.allow_all_commands, b"+@all": Selector.allow_all_commands,
    b"nocommands": Selector.forbid_all_commands, b"-@all": Selector.forbid_all_commands,
}  # fmt: skip
"""Rules that are one word."""
