"""What of a command is kept out of the slow log and MONITOR: passwords, and what else nobody should read there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rinspect.engine.commands.registry import Command
from rinspect.engine.config import Config

REDACTED = b"(redacted)"


def redacted(command: Command, argv: Sequence[bytes], config: Config) -> tuple[bytes, ...]:
    """A command's words, with those replaced that are secret. Where the server refuses to read on, it hides nothing."""
    secret = set(_secrets(command.name, argv, config))
    return tuple(REDACTED if at in secret else word for at, word in enumerate(argv)) if secret else tuple(argv)


def _secrets(name: str, argv: Sequence[bytes], config: Config) -> Iterator[int]:
    """Where the secrets stand."""
    if name == "AUTH" and len(argv) <= 3:
        yield from range(1, len(argv))
    elif name == "HELLO":
        yield from _of_hello(argv)
    elif name == "CONFIG|SET":
        for at in range(2, len(argv) - 1, 2):
            setting = config.setting(argv[at].decode("latin-1"))
            if setting is not None and "sensitive" in setting.flags:
                yield at + 1
    elif name == "ACL|SETUSER" or (name in ("ACL|DELUSER", "ACL|GETUSER") and config.profile.version >= (7, 4)):
        yield from range(2, len(argv))
    elif name == "MIGRATE":
        yield from _of_migrate(argv)


def _of_hello(argv: Sequence[bytes]) -> Iterator[int]:
    at = 2
    while at < len(argv):
        word, more = argv[at].upper(), len(argv) - 1 - at
        if word == b"AUTH" and more >= 2:
            yield from (at + 1, at + 2)
            at += 3
        elif word == b"SETNAME" and more:
            at += 2
        else:
            return


def _of_migrate(argv: Sequence[bytes]) -> Iterator[int]:
    at = 6
    while at < len(argv):
        word, more = argv[at].upper(), len(argv) - 1 - at
        if word in (b"COPY", b"REPLACE"):
            at += 1
        elif word == b"AUTH" and more:
            yield at + 1
            at += 2
        elif word == b"AUTH2" and more >= 2:
            yield from (at + 1, at + 2)
            at += 3
        else:
            return
