"""The file that users may be kept in (`aclfile`): a line for each, as ACL LIST shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from rinspect.engine.acl import rules
from rinspect.engine.acl.rules import RuleError, UnmatchedParenthesis, has_spaces, with_whole_selectors
from rinspect.engine.acl.user import User

NOTHING_DONE = "WARNING: ACL errors detected, no change to the previously active ACL rules was performed"


class AclFileError(Exception):
    """A file that is not to be obeyed; the text names all that is wrong in it."""


def read(content: bytes, name: str, new: Callable[[bytes], User], version: tuple[int, int]) -> dict[bytes, User]:
    """The users in a file's content, each made by `new` of its name. AclFileError if anything is wrong in it.

    `name` is how errors call the file.
    """
    reading = _Reading(name, new, version)
    for number, line in enumerate(content.split(b"\n"), 1):
        line = line.strip(b" \t\r\n")
        if line:
            reading.line(line, number)
    if reading.errors:
        raise AclFileError("".join([*reading.errors, NOTHING_DONE]))
    return reading.users


@dataclass(slots=True)
class _Reading:
    name: str
    new: Callable[[bytes], User]
    version: tuple[int, int]
    users: dict[bytes, User] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def line(self, line: bytes, number: int) -> None:
        where = f"{self.name}:{number}"
        first, *words = line.split(b" ")
        if first != b"user" or not words:
            self.errors.append(f"{where} should start with user keyword followed by the username. ")
            return
        name, *said = words
        shown = name.decode(errors="surrogateescape")
        if has_spaces(name):
            self.errors.append(f"'{where}: username '{shown}' contains invalid characters. ")
            return
        if name in self.users and self.version >= (7, 0):
            self.errors.append(f"WARNING: Duplicate user '{shown}' found on line {number}. ")
            return
        user = self.new(name)
        if self.version < (7, 0) and (name in self.users or name == b"default"):
            # There a later line about a user counts, and before it the user is reset; the default one is there from the start.
            user.apply(b"reset")
        self.users[name] = user
        try:
            self._apply(user, with_whole_selectors(said, self.version), where)
        except UnmatchedParenthesis:
            self.errors.append(f"{where}: Unmatched parenthesis in selector definition.")

    def _apply(self, user: User, said: list[bytes], where: str) -> None:
        told = False
        for rule in said:
            rule = rule.strip(b"\t\r\n")
            try:
                user.apply(rule)
            except RuleError as error:
                if self.version < (7, 0):
                    self.errors.append(f"{where}: {error}. ")
                elif str(error) == rules.UNKNOWN_COMMAND:
                    # The rule holds no secret, and others after it do not depend on it.
                    shown = rule.decode(errors="surrogateescape")
                    self.errors.append(f"{where}: Error in applying operation '{shown}': {error}. ")
                elif not told:
                    self.errors.append(f"{where}: {error}. ")
                    told = True
