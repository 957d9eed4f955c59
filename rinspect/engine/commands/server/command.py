"""COMMAND: the command table, as the declarations have it."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.helptext import help_text
from rinspect.engine.commands.keyspecs import (
    CONTAINERS_WITH_KEYS,
    NOT_A_KEY,
    KeySpec,
    Uses,
    key_specs,
    key_triple,
    key_uses,
)
from rinspect.engine.commands.registry import Command, command, no_subcommand
from rinspect.engine.commands.server.older import categories_in, flags_in, spec_flags_in, tips_in
from rinspect.engine.glob import stringmatch
from rinspect.engine.notation import Arg, Version
from rinspect.engine.replies import NULL_ARRAY, CommandError, Reply, Status

_FLAGS = "loading stale"
_HELP = """\
(no subcommand)
    Return details about all Redis commands.
COUNT
    Return the total number of commands in this Redis server.
LIST
    Return a list of all commands in this Redis server.
INFO [<command-name> ...]
    Return details about multiple Redis commands.
    If no command names are given, documentation details for all
    commands are returned.
DOCS [<command-name> ...]
    Return documentation details about multiple Redis commands.
    If no command names are given, documentation details for all
    commands are returned.
GETKEYS <full-command>
    Return the keys from a full Redis command.
GETKEYSANDFLAGS <full-command>
    Return the keys and the access flags from a full Redis command."""
_HELP_6_2 = """\
(no subcommand)
    Return details about all Redis commands.
COUNT
    Return the total number of commands in this Redis server.
GETKEYS <full-command>
    Return the keys from a full Redis command.
INFO [<command-name> ...]
    Return details about multiple Redis commands."""
_DOC_KINDS = {
    "int": "integer", "natural": "integer", "count": "integer", "number": "integer", "decimal": "double",
    "token": "pure-token", "choice": "oneof",
}  # fmt: skip


def acl_categories(found: Command) -> list[str]:
    """The ACL categories, which follow from flags and group but for those that the declaration adds, or takes off."""
    declaration = found.declaration
    flags = declaration.flags
    if found.handler is no_subcommand:
        return ["@slow"]
    names = {name for name in declaration.acl if name[0] != "-"}
    if "write" in flags:
        names.add("write")
    if "readonly" in flags:
        names.add("read")
    if "admin" in flags:
        names |= {"admin", "dangerous"}
    if "blocking" in flags:
        names.add("blocking")
    group = {
        "generic": "keyspace",
        "sorted-set": "sortedset",
        "transactions": "transaction",
        "server": "",
        "cluster": "",
        "connection": "connection",
    }
    names.add(group.get(declaration.group, declaration.group))
    names.add("fast" if "fast" in flags else "slow")
    names -= {name[1:] for name in declaration.acl if name[0] == "-"}
    return [f"@{name}" for name in sorted(names) if name]


def _spec_reply(call: Call, spec: KeySpec) -> Reply:
    begin: list[tuple[Reply, Reply]]
    begin = [(b"type", b"index"), (b"spec", call.map([(b"index", spec.index)]))]
    if spec.keyword:
        where = call.map([(b"keyword", spec.keyword.encode()), (b"startfrom", spec.index)])
        begin = [(b"type", b"keyword"), (b"spec", where)]
    if spec.unknown:
        begin = [(b"type", b"unknown"), (b"spec", call.map([]))]
        find = call.map(begin)
    elif spec.keynum:
        how: Reply = call.map([(b"keynumidx", 0), (b"firstkey", 1), (b"keystep", 1)])
        find = call.map([(b"type", b"keynum"), (b"spec", how)])
    else:
        how = call.map([(b"lastkey", spec.last), (b"keystep", spec.step), (b"limit", 2 * spec.halved)])
        find = call.map([(b"type", b"range"), (b"spec", how)])
    flags = [Status(flag.encode()) for flag in spec_flags_in(spec, call.runtime.profile.version)]
    return call.map([(b"flags", call.set(flags)), (b"begin_search", call.map(begin)), (b"find_keys", find)])


def _info(call: Call, found: Command) -> Reply:
    version = call.runtime.profile.version
    first, last, step = key_triple(found)
    if version < (7, 0) and found.name in CONTAINERS_WITH_KEYS:
        first, last, step = 2, 2, 1
    flags: list[Reply] = [Status(flag.encode()) for flag in sorted(flags_in(found, version))]
    categories: list[Reply] = [Status(name.encode()) for name in categories_in(found, version) or acl_categories(found)]
    reply: list[Reply] = [
        found.name.lower().encode(), found.arity, call.set(flags), first, last, step, call.set(categories),
    ]  # fmt: skip
    if version >= (7, 0):
        specs = [_spec_reply(call, spec) for spec in key_specs(found)]
        subs = [_info(call, sub) for sub in found.subcommands.values()]
        tips: list[Reply] = [tip.encode() for tip in tips_in(found, version)]
        reply += [call.set(tips), call.set(specs) if call.resp == 3 else specs, subs]
    return reply


def _doc_argument(call: Call, arg: Arg, since: Version = (0, 0)) -> Reply:
    pairs: list[tuple[Reply, Reply]] = [
        (b"name", arg.name.encode()),
        (b"type", _DOC_KINDS.get(arg.kind, arg.kind).encode()),
    ]
    if arg.name == "shardchannel":
        # It is a key to the cluster only.
        pairs[1] = b"type", b"string"
    if arg.token or arg.kind == "token":
        pairs.append((b"token", arg.token.encode()))
    if arg.since > since:
        pairs.append((b"since", f"{arg.since[0]}.{arg.since[1]}.0".encode()))
    flags: list[Reply] = []
    if arg.optional:
        flags.append(Status(b"optional"))
    if arg.multiple or arg.counted_by:
        flags.append(Status(b"multiple"))
    if arg.repeated and arg.token:
        flags.append(Status(b"multiple_token"))
    if flags:
        pairs.append((b"flags", call.set(flags) if call.resp == 3 else flags))
    if arg.parts:
        pairs.append((b"arguments", [_doc_argument(call, part, arg.since) for part in arg.parts]))
    return call.map(pairs)


def _docs(call: Call, found: Command) -> Reply:
    declaration = found.declaration
    pairs: list[tuple[Reply, Reply]] = [
        (b"summary", declaration.summary.encode()),
        (b"since", declaration.since.encode()),
        (b"group", declaration.group.encode()),
    ]
    if declaration.complexity:
        pairs.append((b"complexity", declaration.complexity.encode()))
    if found.grammar.documented and found.name != "DEBUG":
        pairs.append((b"arguments", [_doc_argument(call, arg) for arg in found.grammar.documented]))
    if found.subcommands:
        subs = ((sub.name.lower().encode(), _docs(call, sub)) for sub in found.subcommands.values())
        pairs.append((b"subcommands", call.map(subs)))
    return call.map(pairs)


def _named(call: Call, name: bytes) -> Command | None:
    own, _, sub = name.upper().partition(b"|")
    found = call.commands.get(own)
    return found.subcommands.get(sub) if found is not None and sub else found


@command(
    "COMMAND",
    group="server",
    since="2.8.13",
    tips="nondeterministic_output_order",
    flags=_FLAGS,
    acl="connection",
    arity=-1,
    complexity="O(N) where N is the total number of Redis commands",
    summary="Returns detailed information about all commands.",
)
def command_(call: Call) -> Reply:
    return [_info(call, found) for found in call.commands.values()]


@command(
    "COMMAND|COUNT",
    group="server",
    since="2.8.13",
    flags=_FLAGS,
    acl="connection",
    summary="Returns a count of commands.",
)
def count(call: Call) -> Reply:
    return len(call.commands)


@command(
    "COMMAND|INFO",
    "[command-name...]",
    group="server",
    since="2.8.13",
    tips="nondeterministic_output_order",
    flags=_FLAGS,
    acl="connection",
    complexity="O(N) where N is the number of commands to look up",
    summary="Returns information about one, multiple or all commands.",
)
def info(call: Call, names: list[bytes] | None = None) -> Reply:
    if not names:
        return command_(call)
    found = (_named(call, name) for name in names)
    return [NULL_ARRAY if one is None else _info(call, one) for one in found]


@command(
    "COMMAND|DOCS",
    "[command-name...]",
    group="server",
    since="7.0.0",
    tips="nondeterministic_output_order",
    flags=_FLAGS,
    acl="connection",
    complexity="O(N) where N is the number of commands to look up",
    summary="Returns documentary information about one, multiple or all commands.",
)
def docs(call: Call, names: list[bytes] | None = None) -> Reply:
    wanted = [name.lower() for name in names] if names else [name.lower() for name in call.commands]
    found = ((name, _named(call, name)) for name in wanted)
    return call.map((name, _docs(call, one)) for name, one in found if one is not None)


@command(
    "COMMAND|LIST",
    "[FILTERBY filterby=<MODULE module-name|ACLCAT category|PATTERN pattern>]",
    group="server",
    since="7.0.0",
    tips="nondeterministic_output_order",
    flags=_FLAGS,
    acl="connection",
    complexity="O(N) where N is the total number of Redis commands",
    summary="Returns a list of command names.",
)
def list_(call: Call, chosen: tuple[str, bytes] | None = None) -> Reply:
    everything = [
        *call.commands.values(),
        *(sub for found in call.commands.values() for sub in found.subcommands.values()),
    ]
    if chosen is None:
        return [found.name.lower().encode() for found in everything]
    kind, word = chosen
    if kind == "PATTERN":
        matching = [found for found in everything if stringmatch(word, found.name.lower().encode(), nocase=True)]
    elif kind == "ACLCAT":
        matching = [found for found in everything if f"@{word.decode('latin-1').lower()}" in acl_categories(found)]
    else:
        matching = []
    return [found.name.lower().encode() for found in matching]


@command(
    "COMMAND|GETKEYS",
    "command [arg...]",
    group="server",
    since="2.8.13",
    flags=_FLAGS,
    acl="connection",
    complexity="O(N) where N is the number of arguments to the command",
    summary="Extracts the key names from an arbitrary command.",
)
def getkeys(call: Call, name: bytes, args: list[bytes] | None = None) -> Reply:
    if args is None and call.runtime.profile.version == (7, 0):
        raise CommandError("ERR wrong number of arguments for 'command|getkeys' command")
    argv = [name, *(args or [])]
    return [argv[place] for place, _ in _uses(call, argv)]


@command(
    "COMMAND|GETKEYSANDFLAGS",
    "command [arg...]",
    group="server",
    since="7.0.0",
    flags=_FLAGS,
    acl="connection",
    complexity="O(N) where N is the number of arguments to the command",
    summary="Extracts the key names and access flags for an arbitrary command.",
)
def getkeysandflags(call: Call, name: bytes, args: list[bytes] | None = None) -> Reply:
    if args is None and call.runtime.profile.version == (7, 0):
        raise CommandError("ERR wrong number of arguments for 'command|getkeysandflags' command")
    argv = [name, *(args or [])]
    return [[argv[place], call.set([Status(flag.encode()) for flag in flags])] for place, flags in _uses(call, argv)]


def _uses(call: Call, argv: list[bytes]) -> Uses:
    """Where the keys of a command stand, and what it does with them; CommandError if that cannot be told."""
    found = call.commands.get(argv[0].upper())
    if found is not None and found.subcommands and len(argv) > 1:
        found = found.subcommands.get(argv[1].upper())
    if found is None:
        raise CommandError("ERR Invalid command specified")
    if not any(NOT_A_KEY not in spec.flags for spec in key_specs(found)):
        raise CommandError("ERR The command has no key arguments")
    if len(argv) < found.required or (found.exact and len(argv) != found.required):
        raise CommandError("ERR Invalid number of arguments specified for command")
    uses = key_uses(found, argv, call.runtime.profile.version)
    if uses is None:
        raise CommandError("ERR Invalid arguments specified for command")
    return uses


def keys_of(call: Call, argv: Sequence[bytes]) -> list[bytes]:
    """The keys that a command names, each once; none for what is no command, or has none."""
    try:
        found = getkeys(call, argv[0], list(argv[1:]))
    except CommandError:
        return []
    assert isinstance(found, list)
    return list(dict.fromkeys(key for key in found if isinstance(key, bytes)))


@command(
    "COMMAND|HELP",
    group="server",
    since="5.0.0",
    flags=_FLAGS,
    acl="connection",
    summary="Returns helpful text about the different subcommands.",
)
def help_(call: Call) -> Reply:
    return help_text(call, "COMMAND", _HELP if call.runtime.profile.version >= (7, 0) else _HELP_6_2)
