"""CONFIG GET, SET and REWRITE."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.config import SettingError
from rinspect.engine.replies import OK, SYNTAX, CommandError, Reply, Status, WrongNumber, quotable

_FLAGS = "admin noscript loading stale"

_HELP = """\
CONFIG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:
GET <pattern>
    Return parameters matching the glob-like <pattern> and their values.
SET <directive> <value>
    Set the configuration <directive> to <value>.
RESETSTAT
    Reset statistics reported by the INFO command.
REWRITE
    Rewrite the configuration file.
HELP"""


def _text(word: bytes) -> str:
    return word.decode(errors="surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")


def _error(error: SettingError) -> CommandError:
    return CommandError(f"ERR {quotable(_bytes(str(error)))}")


@command(
    "CONFIG|GET",
    "parameter...",
    group="server",
    since="2.0.0",
    flags=_FLAGS,
    complexity="O(N) when N is the number of configuration parameters provided",
    summary="Returns the effective values of configuration parameters.",
)
def config_get(call: Call, parameters: list[bytes]) -> Reply:
    if len(parameters) > 1 and call.runtime.profile.version < (7, 0):
        raise WrongNumber
    found = call.runtime.config.matching([_text(parameter) for parameter in parameters])
    return call.map((_bytes(name), _bytes(value)) for name, value in found.items())


@command(
    "CONFIG|SET",
    "data=(parameter value)...",
    group="server",
    since="2.0.0",
    tips="request_policy:all_nodes response_policy:all_succeeded",
    flags=_FLAGS,
    complexity="O(N) when N is the number of configuration parameters provided",
    summary="Sets configuration parameters in-flight.",
    raw=True,
)
def config_set(call: Call, *words: bytes) -> Reply:
    old = call.runtime.profile.version < (7, 0)
    if old and len(words) > 2:
        raise WrongNumber
    if len(words) % 2:
        raise CommandError(SYNTAX)
    texts = [_text(word) for word in words]
    try:
        call.runtime.config.set(list(zip(texts[::2], texts[1::2], strict=True)))
    except SettingError as error:
        raise _error(error) from None
    return OK


@command(
    "CONFIG|REWRITE",
    group="server",
    since="2.8.0",
    tips="request_policy:all_nodes response_policy:all_succeeded",
    flags=_FLAGS,
    complexity="O(1)",
    summary="Persists the effective configuration to file.",
)
def config_rewrite(call: Call) -> Reply:
    try:
        call.runtime.config.rewrite()
    except SettingError as error:
        raise _error(error) from None
    return OK


@command(
    "CONFIG|HELP",
    group="server",
    since="5.0.0",
    flags="loading stale",
    summary="Returns helpful text about the different subcommands.",
)
def config_help(call: Call) -> Reply:
    last = "    Prints this help." if call.runtime.profile.version < (7, 2) else "    Print this help."
    return [Status(line.encode()) for line in [*_HELP.split("\n"), last]]
