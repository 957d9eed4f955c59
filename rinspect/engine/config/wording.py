"""How each version words what is wrong with a setting."""

from __future__ import annotations

from rinspect.engine.config.kinds import Version
from rinspect.engine.config.setting import Setting

BAD_DIRECTIVE = "Bad directive or wrong number of arguments"
_COUNT = "wrong number of arguments"

_REASONLESS = frozenset({"save", "client-output-buffer-limit", "notify-keyspace-events", "watchdog-period"})
"""In 6.2 CONFIG SET has code of their own for these, which gives no reason."""

_IN_OLD_FILES = {
    # The reasons that 6.2 words otherwise in a file.
    "Wrong number of arguments in buffer limit configuration.": BAD_DIRECTIVE,
    "Too many bind addresses specified.": "Too many bind addresses specified",
    "Invalid client class specified in buffer limit configuration.": "Unrecognized client limit class: the user "
    "specified an invalid one, or 'master' which has no buffer limits.",
    "Error in hard, soft or soft_seconds setting in buffer limit configuration.": "Negative number of seconds in soft "
    "limit is invalid",
    "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.": "Invalid event class character. Use 'g$lshzxeA'.",
}


def unknown(name: str, version: Version) -> str:
    """CONFIG SET of a name that is not known."""
    if version < (7, 0):
        return f"Unsupported CONFIG parameter: {name}"
    return f"Unknown option or number of arguments for CONFIG SET - '{name}'"


def invalid(setting: Setting, name: str, text: str, reason: str, version: Version) -> str:
    """CONFIG SET of a setting, under one of its names, to a text that cannot be."""
    if version >= (7, 0):
        return f"CONFIG SET failed (possibly related to argument '{name}') - {reason}"
    if setting.name == "bind":
        return reason
    if setting.name == "dir":
        return f"Changing directory: {reason}"
    failed = f"Invalid argument '{text}' for CONFIG SET '{name}'"
    return failed if setting.name in _REASONLESS or reason == _COUNT else f"{failed} - {reason}"


def in_file(setting: Setting, reason: str, version: Version) -> str:
    """The same reason in a configuration file."""
    if version >= (7, 0):
        return reason
    if reason == _COUNT and setting.kind.several:
        return BAD_DIRECTIVE
    return _IN_OLD_FILES.get(reason, reason)
