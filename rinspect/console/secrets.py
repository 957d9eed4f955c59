"""Which lines hold a secret, and so are kept out of history, log and screen."""

from __future__ import annotations

HIDDEN = "(hidden)"

_SECRET_SETTINGS = ("pass", "auth")


def is_secret(words: list[bytes]) -> bool:
    """Whether a command carries a password: AUTH, HELLO … AUTH, ACL SETUSER, CONFIG SET requirepass, MIGRATE … AUTH."""
    upper = [word.upper() for word in words]
    if not upper:
        return False
    first = upper[0]
    if first == b"AUTH":
        return True
    if first in (b"HELLO", b"MIGRATE") and any(word in (b"AUTH", b"AUTH2") for word in upper[1:]):
        return True
    if first == b"ACL" and upper[1:2] == [b"SETUSER"]:
        return True
    if first == b"CONFIG" and upper[1:2] == [b"SET"]:
        return any(part in word.lower().decode("latin-1") for word in words[2:] for part in _SECRET_SETTINGS)
    return False


def shown_line(text: str, words: list[bytes]) -> str:
    """A typed line as it may be shown: of one with a secret only the command."""
    return f"{words[0].decode('latin-1')} {HIDDEN}" if is_secret(words) else text


def censored(text: str, words: list[bytes]) -> str:
    """A text that answers a command, without the secrets of it: errors like to repeat what they do not understand."""
    if not is_secret(words):
        return text
    for word in sorted(words[1:], key=len, reverse=True):
        text = text.replace(word.decode("utf-8", "backslashreplace"), "…") if word else text
    return text
