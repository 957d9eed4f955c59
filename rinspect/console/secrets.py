"""Which lines hold a secret, and so are kept out of history, log and screen."""

from __future__ import annotations

HIDDEN = "(hidden)"

_SECRET_SETTINGS = ("pass", "auth")
_SECRET_RULES = b"><#!"
"""What a rule of ACL SETUSER begins with that holds a password, or its hash."""


def is_secret(words: list[bytes]) -> bool:
    """Whether a command carries a password: AUTH, HELLO … AUTH, ACL SETUSER … >…, CONFIG SET requirepass, MIGRATE … AUTH."""
    upper = [word.upper() for word in words]
    if not upper:
        return False
    first = upper[0]
    if first == b"AUTH":
        return True
    if first in (b"HELLO", b"MIGRATE") and any(word in (b"AUTH", b"AUTH2") for word in upper[1:]):
        return True
    if first == b"ACL":
        return bool(_passwords(words))
    if first == b"CONFIG" and upper[1:2] == [b"SET"]:
        return any(part in word.lower().decode("latin-1") for word in words[2:] for part in _SECRET_SETTINGS)
    return False


def _passwords(words: list[bytes]) -> list[bytes]:
    """The rules of ACL SETUSER that hold a password."""
    if words[1:2] and words[1].upper() == b"SETUSER":
        return [word for word in words[3:] if word[:1] and word[0] in _SECRET_RULES]
    return []


def shown_line(text: str, words: list[bytes]) -> str:
    """A typed line as it may be shown: of one with a secret only the command, of a user's rules those that hold none."""
    if not is_secret(words):
        return text
    if words[0].upper() == b"ACL":
        passwords = _passwords(words)
        return " ".join(HIDDEN if word in passwords else word.decode("utf-8", "backslashreplace") for word in words)
    return f"{words[0].decode('latin-1')} {HIDDEN}"


def censored(text: str, words: list[bytes]) -> str:
    """A text that answers a command, without the secrets of it: errors like to repeat what they do not understand."""
    if not is_secret(words):
        return text
    secrets = _passwords(words) if words[0].upper() == b"ACL" else words[1:]
    for word in sorted(secrets, key=len, reverse=True):
        text = text.replace(word.decode("utf-8", "backslashreplace"), "…") if word else text
    return text
