"""All users of one engine. There is always the one called `default`: who connects is that until they log in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rinspect.engine.acl.catalog import Catalog
from rinspect.engine.acl.rules import RuleError, UnmatchedParenthesis, with_whole_selectors
from rinspect.engine.acl.user import User
from rinspect.engine.config import Config
from rinspect.engine.profile import Profile
from rinspect.engine.replies import quotable

DEFAULT = b"default"


class Users:
    """See the module."""

    def __init__(self, profile: Profile, config: Config) -> None:
        self.catalog = Catalog(profile)
        self._config = config
        self.default = self.new_default()
        self._by_name = {DEFAULT: self.default}
        config.on_change("requirepass", self.heed_requirepass)
        config.written_besides["user"] = self._written

    def __iter__(self) -> Iterator[User]:
        """In the order of their names."""
        return (self._by_name[name] for name in sorted(self._by_name))

    def find(self, name: bytes) -> User | None:
        return self._by_name.get(name)

    def new(self, name: bytes) -> User:
        """A user that nobody knows yet."""
        return User(name, self.catalog, self._config)

    def new_default(self) -> User:
        """A user that is as the default one is when nothing is said of it."""
        user = self.new(DEFAULT)
        for rule in (b"+@all", b"~*", b"&*", b"on", b"nopass"):
            user.apply(rule)
        return user

    @property
    def must_log_in(self) -> bool:
        """Whether who connects has to log in before anything else: the default user is off, or has a password."""
        return not (self.default.nopass and self.default.enabled)

    def heed_requirepass(self) -> None:
        """The setting is the default user's one password."""
        password = self._config.requirepass
        self.default.apply(b"resetpass")
        self.default.apply(b">" + password if password else b"nopass")

    def staged(self, name: bytes, rules: Sequence[bytes]) -> User:
        """The user of that name, or a new one, as the rules would make it. RuleError for the first that is wrong."""
        known = self.find(name)
        user = self.new(name) if known is None else known.copy()
        try:
            whole = with_whole_selectors(rules, self.catalog.version)
        except UnmatchedParenthesis as error:
            begun = quotable(rules[error.place])
            raise RuleError(f"Unmatched parenthesis in acl selector starting at '{begun}'.") from None
        for rule in whole:
            try:
                user.apply(rule)
            except RuleError as error:
                raise RuleError(f"Error in ACL SETUSER modifier '{quotable(rule)}': {error}") from None
        return user

    def put(self, user: User) -> User:
        """Have a user as this one is; the user of that name, which stays the same object."""
        known = self._by_name.setdefault(user.name, user)
        if known is not user:
            known.become(user)
        return known

    def delete(self, name: bytes) -> User | None:
        """Forget a user; who it was."""
        return self._by_name.pop(name, None)

    def replace(self, users: Mapping[bytes, User]) -> None:
        """Have these instead. The default user stays the same object, and is as at the start if it is none of them."""
        self.default.become(users.get(DEFAULT) or self.new_default())
        self._by_name = {**users, DEFAULT: self.default}

    def _written(self) -> list[bytes]:
        """The lines that CONFIG REWRITE gives them: none where they have a file of their own."""
        return [] if self._config.aclfile else [user.line for user in self]
