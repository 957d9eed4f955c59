"""The server's settings: one table, from which CONFIG GET, CONFIG SET, CONFIG REWRITE, the defaults, and what a configuration
file and the command line may say all follow.

What the engine does not act on is a setting, too: clients and tools read them all.
"""

from rinspect.engine.config.composed import BufferLimit, BufferLimits
from rinspect.engine.config.config import Config, Listener
from rinspect.engine.config.errors import ConfigFileError, InvalidSetting, Refused, SettingError, UnknownSetting
from rinspect.engine.config.setting import Setting
from rinspect.engine.config.table import SETTINGS

__all__ = [
    "SETTINGS",
    "BufferLimit",
    "BufferLimits",
    "Config",
    "ConfigFileError",
    "InvalidSetting",
    "Listener",
    "Refused",
    "Setting",
    "SettingError",
    "UnknownSetting",
]
