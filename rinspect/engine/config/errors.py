"""What can be wrong with a setting."""

from __future__ import annotations


class BadValue(ValueError):
    """A value that a setting cannot have: the reason alone, in the words of 7.0 and later."""


class Refused(Exception):
    """Raised by who was told of a change and cannot go along with it; the text says why, in the server's words."""


class SettingError(ValueError):
    """Why CONFIG SET or CONFIG REWRITE fails: the whole message, in the words of the version, but for its `ERR `."""


class UnknownSetting(SettingError):
    """A name that this version does not know, or in 6.2 one that only a start of the server can set."""


class InvalidSetting(SettingError):
    """A value that a setting cannot have, or a setting that may not be changed."""


class ConfigFileError(ValueError):
    """A configuration that the server will not start with: what it prints before it exits."""
