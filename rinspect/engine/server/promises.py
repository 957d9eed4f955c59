"""Settings that promise what this server does not do.

Who sets one of them would believe that data is copied to others or encrypted: that is refused, in a
configuration as well as by CONFIG SET. What would only change how the process runs is told of in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from rinspect.engine.config.config import Config
from rinspect.engine.config.errors import Refused
from rinspect.engine.config.reader import Directive
from rinspect.engine.config.table import defaults_of

PROMISES = {
    "cluster-enabled": "This server cannot be part of a cluster. Leave cluster-enabled at 'no'",
    "replicaof": "This server cannot be a replica. Leave replicaof out",
    "tls-port": "There are no encrypted connections here. Leave tls-port at 0, and use port",
}
"""Why each of them is refused with a value that is not its default, and what to do."""
MEANINGLESS = {
    "daemonize": "the server stays in the foreground",
    "supervised": "no supervisor is told",
    "syslog-enabled": "the log goes to logfile, or the standard output",
    "pidfile": "no file with the process's number is written",
    "io-threads": "one thread does everything",
}
"""What does nothing here and misleads nobody for long: what happens instead."""


def check(config: Config, lines: Mapping[str, Directive]) -> list[str]:
    """Look at a configuration that was read: `lines` are the last ones about each setting. Returns what is to be said in the
    log; ConfigFileError at the first promise that cannot be kept."""
    said = []
    for name, line in sorted(lines.items(), key=lambda item: item[1].number):
        if not _set(config, name):
            continue
        if name in PROMISES:
            raise line.error(PROMISES[name], config.profile)
        if name in MEANINGLESS:
            said.append(f"'{name}' has no effect: {MEANINGLESS[name]}")
    return said


def guard(config: Config) -> None:
    """Have CONFIG SET refuse them."""
    for name in PROMISES:
        if config.setting(name) is not None:
            config.on_change(name, partial(_refuse, config, name))


def _refuse(config: Config, name: str) -> None:
    if _set(config, name):
        raise Refused(PROMISES[name])


def _set(config: Config, name: str) -> bool:
    """Whether a setting promises anything: the default never does."""
    setting = config.setting(name)
    if setting is None:
        return False
    value = getattr(config, setting.attribute)
    return bool(value) and value != defaults_of(config.profile.version)[setting.attribute]
