"""What there is: ACL WHOAMI, USERS, LIST, GETUSER, CAT, HELP."""

from __future__ import annotations

from rinspect.engine.acl.catalog import CATEGORIES
from rinspect.engine.acl.description import channel_rules, command_rules, key_rules
from rinspect.engine.acl.selector import Selector
from rinspect.engine.acl.users import DEFAULT
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.helptext import help_text
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import CommandError, Reply, quotable

FLAGS = "noscript loading stale"
ADMIN = "admin noscript loading stale"
TO_ALL_NODES = "request_policy:all_nodes response_policy:all_succeeded"
OF_USERS = "O(N). Where N is the number of configured users."


def wrong_number(call: Call) -> CommandError:
    """The error for a subcommand with words that it has no use for."""
    word = quotable(call.runtime.running[1]) if call.runtime.running else ""
    unknown = "Unknown" if call.runtime.profile.version < (7, 0) else "unknown"
    return CommandError(f"ERR {unknown} subcommand or wrong number of arguments for '{word}'. Try ACL HELP.")


@command(
    "ACL|WHOAMI", group="server", since="6.0.0", flags=FLAGS,
    summary="Returns the authenticated username of the current connection.",
)  # fmt: skip
def whoami(call: Call) -> Reply:
    user = call.session.user
    return DEFAULT if user is None else user.name


@command(
    "ACL|USERS", group="server", since="6.0.0", flags=ADMIN, complexity=OF_USERS, summary="Lists all ACL users.",
)  # fmt: skip
def users(call: Call) -> Reply:
    return [user.name for user in call.session.engine.users]


@command(
    "ACL|LIST", group="server", since="6.0.0", flags=ADMIN, complexity=OF_USERS,
    summary="Dumps the effective rules in ACL file format.",
)  # fmt: skip
def list_(call: Call) -> Reply:
    return [user.line for user in call.session.engine.users]


@command(
    "ACL|GETUSER", "username", group="server", since="6.0.0", flags=ADMIN,
    complexity="O(N). Where N is the number of password, command and pattern rules that the user has.",
    summary="Lists the ACL rules of a user.",
)  # fmt: skip
def getuser(call: Call, name: bytes) -> Reply:
    user = call.session.engine.users.find(name)
    if user is None:
        return None
    pairs: list[tuple[Reply, Reply]] = [
        (b"flags", call.set(user.flags)), (b"passwords", list(user.passwords)), *_selector(call, user.own),
    ]  # fmt: skip
    if call.runtime.profile.version >= (7, 0):
        pairs.append((b"selectors", [call.map(_selector(call, selector)) for selector in user.selectors[1:]]))
    return call.map(pairs)


def _selector(call: Call, selector: Selector) -> list[tuple[Reply, Reply]]:
    keys, channels = key_rules(selector), channel_rules(selector)
    shown: tuple[Reply, Reply] = b" ".join(keys), b" ".join(channels)
    if call.runtime.profile.version < (7, 0):
        shown = [rule[1:] for rule in keys], [rule[1:] for rule in channels]
    return [(b"commands", command_rules(selector)), (b"keys", shown[0]), (b"channels", shown[1])]


@command(
    "ACL|CAT", "[category]", raw=True, arity=-2, group="server", since="6.0.0", flags=FLAGS,
    complexity="O(1) since the categories and commands are a fixed set.",
    summary="Lists the ACL categories, or the commands inside a category.",
)  # fmt: skip
def cat(call: Call, *words: bytes) -> Reply:
    if len(words) > 1:
        raise wrong_number(call)
    if not words:
        return [category.encode() for category in CATEGORIES]
    category = quotable(words[0]).lower()
    if category not in CATEGORIES:
        raise CommandError(f"ERR Unknown category '{quotable(words[0])}'")
    return [name.encode() for name in call.session.engine.users.catalog.within(category)]


@command(
    "ACL|HELP", group="server", since="6.0.0", flags="loading stale",
    summary="Returns helpful text about the different subcommands.",
)  # fmt: skip
def help_(call: Call) -> Reply:
    dryrun = """
DRYRUN <username> <command> [<arg> ...]
    Returns whether the user can execute the given command without executing the command."""
    return help_text(call, "ACL", f"""\
CAT [<category>]
    List all commands that belong to <category>, or all command categories
    when no category is specified.
DELUSER <username> [<username> ...]
    Delete a list of users.{dryrun if call.runtime.profile.version >= (7, 0) else ""}
GETUSER <username>
    Get the user's details.
GENPASS [<bits>]
    Generate a secure 256-bit user password. The optional `bits` argument can
    be used to specify a different size.
LIST
    Show users details in config file format.
LOAD
    Reload users from the ACL file.
LOG [<count> | RESET]
    Show the ACL log entries.
SAVE
    Save the current config to the ACL file.
SETUSER <username> <attribute> [<attribute> ...]
    Create or modify a user with the specified attributes.
USERS
    List all the registered usernames.
WHOAMI
    Return the current connection username.""")  # fmt: skip
