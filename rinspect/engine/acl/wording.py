"""How each version says that something is not allowed."""

from __future__ import annotations

from rinspect.engine.acl.permission import Denial, Reason
from rinspect.engine.acl.user import User

Version = tuple[int, int]


def refusal(reason: Reason, user: User, command: str, version: Version) -> str:
    """The error for who tries; `command` by the name that rules have for it. Keys and channels are not repeated to them."""
    if version >= (7, 2):
        if reason is Reason.COMMAND:
            return f"NOPERM User {user.name.decode('latin-1')} has no permissions to run the '{command}' command"
        return f"NOPERM No permissions to access a {reason.name.lower()}"
    if reason is not Reason.COMMAND:
        return f"NOPERM this user has no permissions to access one of the {reason.name.lower()}s used as arguments"
    part = " or its subcommand" if version < (7, 0) else ""
    return f"NOPERM this user has no permissions to run the '{command}' command{part}"


def verdict(denial: Denial, user: User, command: str, word: bytes, version: Version) -> bytes:
    """What ACL DRYRUN answers; `word` is the one that is the cause."""
    who = b"User " + user.name if version >= (7, 2) else b"This user"
    if denial.reason is Reason.COMMAND:
        return b"%b has no permissions to run the '%b' command" % (who, command.encode())
    return b"%b has no permissions to access the '%b' %b" % (who, word, denial.reason.name.lower().encode())


_WHAT_CHANGED = {
    Reason.COMMAND: "no permission to execute the command or subcommand",
    Reason.KEY: "no permission to touch the specified keys",
    Reason.CHANNEL: "no permission to access one of the channels used as arguments",
}


def changed_meanwhile(reason: Reason) -> str:
    """The error in the place of a queued command that is not allowed any more."""
    return (
        "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call."
        f" This command is no longer allowed for the following reason: {_WHAT_CHANGED[reason]}"
    )
