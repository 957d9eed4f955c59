"""What may be wrong with a rule, in the server's words."""

from __future__ import annotations

from collections.abc import Sequence

Version = tuple[int, int]

UNKNOWN_COMMAND = "Unknown command or category name in ACL"
SYNTAX = "Syntax error"
_ALREADY_ALL = (
    "Adding a pattern after the * pattern (or the '{flag}' flag) is not valid and does not have any effect."
    " Try '{reset}' to start with an empty list of {what}"
)
KEYS_ALREADY_ALL = _ALREADY_ALL.format(flag="allkeys", reset="resetkeys", what="patterns")
CHANNELS_ALREADY_ALL = _ALREADY_ALL.format(flag="allchannels", reset="resetchannels", what="channels")
NO_SUCH_PASSWORD = "The password you are trying to remove from the user does not exist"  # noqa: S105 (a message)
NO_HASH = "The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters"
NO_FIRST_ARGUMENT = "Allowing first-arg of a subcommand is not supported"
DUPLICATE_USER = "Duplicate user found. A user can only be defined once in config files"


class RuleError(Exception):
    """A rule that cannot be obeyed; the text says why."""


class UnmatchedParenthesis(Exception):
    """A selector that does not end. `place` is where it begins: the rule's number."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


def has_spaces(text: bytes) -> bool:
    """Whether it holds what would break a line of rules apart: blanks, or a NUL."""
    return any(byte in b" \t\n\v\f\r\0" for byte in text)


def as_c_string(text: bytes) -> bytes:
    """As much of it as the server sees where it takes no notice of lengths."""
    return text.partition(b"\0")[0]


def with_whole_selectors(rules: Sequence[bytes], version: Version) -> list[bytes]:
    """The rules, with each selector in one piece: its words may come as several. UnmatchedParenthesis if one does not end.

    6.2 knows no selectors.
    """
    if version < (7, 0):
        return list(rules)
    whole: list[bytes] = []
    begun: list[bytes] = []
    place = 0
    for at, rule in enumerate(rules):
        opens = rule.startswith(b"(") and not rule.endswith(b")")
        # (7.0 forgets what it has of a selector where another begins.)
        if opens and (not begun or version < (7, 2)):
            begun, place = [rule], at
        elif begun:
            begun.append(as_c_string(rule))
            if rule.endswith(b")"):
                whole.append(b" ".join(begun))
                begun = []
        else:
            whole.append(rule)
    if begun:
        raise UnmatchedParenthesis(place)
    return whole
