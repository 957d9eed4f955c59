"""Users that come, change and go: ACL SETUSER, DELUSER, GENPASS; and what one may do: DRYRUN."""

from __future__ import annotations

import secrets

from rinspect.engine.acl.rules import RuleError, has_spaces
from rinspect.engine.acl.users import DEFAULT
from rinspect.engine.acl.wording import verdict
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import Command, command
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, OK, CommandError, Reply, quotable
from rinspect.engine.server.commands.acl.listing import ADMIN, FLAGS, TO_ALL_NODES, wrong_number
from rinspect.engine.server.commands.caller import server_of

MOST_BITS = 4096


@command(
    "ACL|SETUSER", "username [rule...]", raw=True, group="server", since="6.0.0", flags=ADMIN, tips=TO_ALL_NODES,
    complexity="O(N). Where N is the number of rules provided.", summary="Creates and modifies an ACL user and its rules.",
)  # fmt: skip
def setuser(call: Call, name: bytes, *rules: bytes) -> Reply:
    if has_spaces(name):
        raise CommandError("ERR Usernames can't contain spaces or null characters")
    access = server_of(call).clients.access
    try:
        staged = access.users.staged(name, rules)
    except RuleError as error:
        raise CommandError(f"ERR {error}") from None
    access.put(staged)
    return OK


@command(
    "ACL|DELUSER", "username...", raw=True, group="server", since="6.0.0", flags=ADMIN, tips=TO_ALL_NODES,
    complexity="O(1) amortized time considering the typical user.",
    summary="Deletes ACL users, and terminates their connections.",
)  # fmt: skip
def deluser(call: Call, *names: bytes) -> Reply:
    if DEFAULT in names:
        raise CommandError("ERR The 'default' user cannot be removed")
    access = server_of(call).clients.access
    return sum(access.delete(name) for name in names)


@command(
    "ACL|GENPASS", "[bits:int]", raw=True, arity=-2, group="server", since="6.0.0", flags=FLAGS,
    summary="Generates a pseudorandom, secure password that can be used to identify ACL users.",
)  # fmt: skip
def genpass(call: Call, *words: bytes) -> Reply:
    if len(words) > 1:
        raise wrong_number(call)
    bits = parse_int(words[0]) if words else 256
    if bits is None:
        raise CommandError(NOT_AN_INTEGER)
    if not 0 < bits <= MOST_BITS:
        raise CommandError(
            "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to"
            f" {MOST_BITS}"
        )
    digits = (bits + 3) // 4
    return secrets.token_hex(digits)[:digits].encode()


@command(
    "ACL|DRYRUN", "username command [arg...]", raw=True, group="server", since="7.0.0", flags=ADMIN, complexity="O(1).",
    summary="Simulates the execution of a command by a user, without executing the command.",
)  # fmt: skip
def dryrun(call: Call, name: bytes, *argv: bytes) -> Reply:
    users = call.session.engine.users
    user = users.find(name)
    if user is None:
        raise CommandError(f"ERR User '{quotable(name)}' not found")
    found = _found(call, argv)
    if found is None:
        raise CommandError(f"ERR Command '{quotable(argv[0])}' not found")
    shown = users.catalog.name_of(found)
    least = abs(found.arity)
    if len(argv) < least or (found.arity > 0 and len(argv) != least):
        raise CommandError(f"ERR wrong number of arguments for '{shown}' command")
    denial = user.denial(found, argv)
    return OK if denial is None else verdict(denial, user, shown, argv[denial.place], users.catalog.version)


def _found(call: Call, argv: tuple[bytes, ...]) -> Command | None:
    """The command or subcommand that the words name."""
    found = call.commands.get(argv[0].upper())
    if found is None or not found.subcommands or len(argv) < 2:
        return found
    return found.subcommands.get(argv[1].upper())
