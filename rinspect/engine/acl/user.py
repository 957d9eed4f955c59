"""A user: who may log in as one, and the selectors that tell what they may do then."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest

from rinspect.engine.acl import rules
from rinspect.engine.acl.catalog import Catalog
from rinspect.engine.acl.description import selector_rules
from rinspect.engine.acl.permission import Denial, denial, reads_every_key
from rinspect.engine.acl.rules import RuleError, as_c_string
from rinspect.engine.acl.selector import Selector
from rinspect.engine.commands.registry import Command
from rinspect.engine.config import Config
from rinspect.engine.splitargs import splitargs

_HASH = re.compile(rb"[0-9a-f]{64}")


class User:
    """See the module. A new one is off, has no password, and may do nothing; `acl-pubsub-default` says what of channels."""

    def __init__(self, name: bytes, catalog: Catalog, config: Config) -> None:
        self.name = name
        self._catalog = catalog
        self._config = config
        self.enabled = False
        self.nopass = False
        """Every password will do."""
        self.sanitizes: bool | None = True if catalog.version >= (7, 2) else None
        """Whether RESTORE looks closely at payloads. Before 7.2 nothing is said of it until a rule does."""
        self.passwords: dict[bytes, None] = {}
        """SHA-256 in hexadecimal digits."""
        self.selectors = [self._selector()]
        """The first is the user's own, the others come in parentheses."""

    def _selector(self) -> Selector:
        return Selector(self._catalog, all_channels=self._config.acl_pubsub_default == "allchannels")

    @property
    def own(self) -> Selector:
        return self.selectors[0]

    def copy(self) -> User:
        new = User(self.name, self._catalog, self._config)
        new.become(self)
        return new

    def become(self, other: User) -> None:
        """Have all from another but the name."""
        self.enabled, self.nopass, self.sanitizes = other.enabled, other.nopass, other.sanitizes
        self.passwords = dict(other.passwords)
        self.selectors = [selector.copy() for selector in other.selectors]

    # -- what it may ------------------------------------------------------------------------------------------------------

    @property
    def may_everything(self) -> bool:
        """Nothing can be refused to it."""
        return any(selector.allows_everything for selector in self.selectors)

    def denial(self, command: Command, argv: Sequence[bytes]) -> Denial | None:
        """Why it may not run a command; None if it may."""
        return denial(self.selectors, command, argv)

    def reads_every_key(self, command: Command, argv: Sequence[bytes]) -> bool:
        """Whether it may run a command that reads keys which its words do not tell."""
        return reads_every_key(self.selectors, command, argv)

    def accepts(self, password: bytes) -> bool:
        """Whether who shows this password may log in as this user."""
        if not self.enabled or self.nopass:
            return self.enabled
        shown = _hashed(password)
        # All are looked at: how long that takes tells nothing.
        return bool(sum(compare_digest(shown, known) for known in self.passwords))

    # -- rules ------------------------------------------------------------------------------------------------------------

    def apply(self, rule: bytes) -> None:
        """Obey one rule; RuleError, with nothing changed, for one that cannot be. An empty one says nothing."""
        word = as_c_string(rule).lower()
        if not rule:
            return
        if word in _WORDS:
            _WORDS[word](self)
        elif rule[:1] in b"><#!":
            self._apply_password(rule)
        elif rule[:1] == b"(" and rule[-1:] == b")" and self._catalog.version >= (7, 0):
            self._add_selector(rule[1:-1])
        elif word == b"clearselectors" and self._catalog.version >= (7, 0):
            del self.selectors[1:]
        else:
            self.own.apply(rule)

    def _apply_password(self, rule: bytes) -> None:
        if rule[:1] in b"><":
            password = _hashed(rule[1:])
        elif _HASH.fullmatch(rule[1:]):
            password = rule[1:]
        else:
            raise RuleError(rules.NO_HASH)
        if rule[:1] in b">#":
            self.passwords.setdefault(password)
            self.nopass = False
        elif password in self.passwords:
            del self.passwords[password]
        else:
            raise RuleError(rules.NO_SUCH_PASSWORD)

    def _add_selector(self, text: bytes) -> None:
        selector = self._selector()
        for rule in splitargs(text) or ():
            selector.apply(rule)
        self.selectors.append(selector)

    def _set_on(self) -> None:
        self.enabled = True

    def _set_off(self) -> None:
        self.enabled = False

    def _set_nopass(self) -> None:
        self.nopass = True
        self.passwords.clear()

    def _reset_pass(self) -> None:
        self.nopass = False
        self.passwords.clear()

    def _sanitize(self) -> None:
        self.sanitizes = True

    def _skip_sanitizing(self) -> None:
        self.sanitizes = False

    def _reset(self) -> None:
        self.become(User(self.name, self._catalog, self._config))
        self.sanitizes = True

    # -- how it is written ------------------------------------------------------------------------------------------------

    @property
    def flags(self) -> list[bytes]:
        """As GETUSER tells them: those of 6.2 say of commands, keys and channels too that all are allowed."""
        own = self.own
        words = [b"on" if self.enabled else b"off"]
        if self._catalog.version < (7, 0):
            every = ((b"allkeys", own.all_keys), (b"allchannels", own.all_channels), (b"allcommands", own.all_commands))
            words += [word for word, holds in every if holds]
        return words + self._other_flags()

    def _other_flags(self) -> list[bytes]:
        words = [b"nopass"] if self.nopass else []
        if self.sanitizes is not None:
            words.append(b"sanitize-payload" if self.sanitizes else b"skip-sanitize-payload")
        return words

    @property
    def rules(self) -> bytes:
        """Rules that make a new user this one, in one line."""
        words = [b"on" if self.enabled else b"off", *self._other_flags()]
        words += [b"#" + password for password in self.passwords]
        words.append(selector_rules(self.own))
        words += [b"(" + selector_rules(selector) + b")" for selector in self.selectors[1:]]
        return b" ".join(words)

    @property
    def line(self) -> bytes:
        """The user as a line of a file."""
        return b"user %b %b" % (self.name, self.rules)


def _hashed(password: bytes) -> bytes:
    return sha256(password).hexdigest().encode()


_WORDS = {
    b"on": User._set_on, b"off": User._set_off, b"nopass": User._set_nopass, b"resetpass": User._reset_pass,
    b"sanitize-payload": User._sanitize, b"skip-sanitize-payload": User._skip_sanitizing, b"reset": User._reset,
}  # fmt: skip
"""Rules about the user itself that are one word."""
