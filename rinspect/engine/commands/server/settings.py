"""CONFIG GET and CONFIG SET."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.generic.objects import help_lines
from rinspect.engine.commands.registry import command
from rinspect.engine.config import InvalidSetting, UnknownSetting
from rinspect.engine.replies import OK, CommandError, Reply, WrongNumber

_FLAGS = "admin noscript loading stale"


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
    found = call.runtime.config.matching([parameter.decode("latin-1") for parameter in parameters])
    return call.map((name.encode(), value.encode()) for name, value in found.items())


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
    if len(words) % 2 or (old and len(words) > 2):
        raise WrongNumber
    decoded = [word.decode("latin-1") for word in words]
    texts = list(zip(decoded[::2], decoded[1::2], strict=True))
    try:
        call.runtime.config.set(texts)
    except UnknownSetting as error:
        if old:
            raise CommandError(f"ERR Unsupported CONFIG parameter: {error.name}") from None
        raise CommandError(f"ERR Unknown option or number of arguments for CONFIG SET - '{error.name}'") from None
    except InvalidSetting as error:
        if old and error.immutable:
            raise CommandError(f"ERR Unsupported CONFIG parameter: {error.name}") from None
        if old:
            reason = str(error).replace("argument(s)", "argument")
            raise CommandError(
                f"ERR Invalid argument '{error.text}' for CONFIG SET '{error.name}' - {reason}"
            ) from None
        raise CommandError(f"ERR CONFIG SET failed (possibly related to argument '{error.name}') - {error}") from None
    return OK


@command(
    "CONFIG|HELP",
    group="server",
    since="5.0.0",
    flags="loading stale",
    summary="Returns helpful text about the different subcommands.",
)
def config_help(call: Call) -> Reply:
    return help_lines(call, "CONFIG")
