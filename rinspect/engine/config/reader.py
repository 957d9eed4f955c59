"""Reading configuration: a redis.conf with what it includes, standard input, the options of the command line.

The three are one text, in this order, so that the last line about a setting wins; an error names the line in it, as the
server does.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rinspect.engine.config import wording
from rinspect.engine.config.config import Config
from rinspect.engine.config.errors import BadValue, ConfigFileError
from rinspect.engine.config.kinds import Version, decoded, encoded
from rinspect.engine.config.setting import Setting
from rinspect.engine.profile import Profile
from rinspect.engine.splitargs import splitargs

_DEEPEST = 64
"""Files that include each other endlessly take the server's stack; here they end with an error."""

_DEAD = {
    # Lines that are accepted and mean nothing, and in which versions.
    "list-max-ziplist-entries": ((0, 0), (99, 0)),
    "list-max-ziplist-value": ((0, 0), (99, 0)),
    "cluster-config-file": ((0, 0), (7, 0)),
    "lua-replicate-commands": ((7, 0), (99, 0)),
    "io-threads-do-reads": ((8, 0), (99, 0)),
}
_DIRECTIVES = {"rename-command": (3, 3), "user": (2, None), "loadmodule": (2, None), "sentinel": (1, 1)}
"""What is no setting: the fewest and the most words."""


@dataclass(frozen=True, slots=True)
class Directive:
    """A line of a configuration."""

    words: tuple[str, ...]
    """The first is in lower case."""
    line: str
    number: int
    """In its text, from 1."""
    on_command_line: bool = False

    def error(self, reason: str, profile: Profile) -> ConfigFileError:
        """What the server prints if it cannot do what the line says."""
        return fatal(profile, f"Reading the configuration file, at line {self.number}\n>>> '{self.line}'\n{reason}")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a configuration said beside the values of settings."""

    others: list[Directive]
    """The lines that are no settings, for their owners to act on: rename-command, user, loadmodule, sentinel."""
    lines: dict[str, Directive]
    """The last line about each setting that was set, by its main name."""


def fatal(profile: Profile, what: str) -> ConfigFileError:
    release = ".".join(map(str, profile.server))
    return ConfigFileError(f"*** FATAL CONFIG FILE ERROR (Redis {release}) ***\n{what}")


def load(config: Config, path: str | None = None, stdin: str = "", options: str = "") -> Loaded:
    """Read a file and what else the command line said into `config`.

    `options` is as `command_line` makes it. ConfigFileError at the first thing that is wrong. Nobody is told of changes:
    this is for a start.
    """
    text = ""
    if path is not None:
        config.path = Path(path).absolute()
        text = _content(path)
    reading = _Reading(config, options_from=(text + stdin).count("\n") + 2)
    reading.read(f"{text}{stdin}\n{options}" if options else text + stdin)
    if reading.unresolved:
        # There are no modules here.
        shown = [f">>> '{name} {value}'" for name, value in reading.unresolved.items()]
        found = ["Unresolved Configuration(s) Detected:", *shown] if config.profile.version >= (8, 0) else []
        aborting = "Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting"
        raise ConfigFileError("\n".join([*found, aborting]))
    return Loaded(reading.others, reading.lines)


def _fitting(pattern: Path) -> list[str]:
    """The files that a pattern means, in the order of their names."""
    from glob import glob  # noqa: PLC0415 (few configurations need it)

    return sorted(glob(str(pattern)))  # noqa: PTH207 (one that is absolute is a pattern too)


def _content(path: str | Path) -> str:
    try:
        return decoded(Path(path).read_bytes())
    except IsADirectoryError:
        return ""  # the server opens one, too, and finds nothing in it
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise ConfigFileError(f"Fatal error, can't open config file '{path}': {why}") from None


@dataclass(slots=True)
class _Reading:
    config: Config
    options_from: int
    """The line at which the command line's begin."""
    lines: dict[str, Directive] = field(default_factory=dict)
    others: list[Directive] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    """Settings of which a line has been read, so that a further one may add to it."""
    unresolved: dict[str, str] = field(default_factory=dict)
    """Settings that only a module could have."""
    depth: int = 0
    started: bool = True

    @property
    def version(self) -> Version:
        return self.config.profile.version

    def read(self, text: str) -> None:
        self.started = True
        outer = self.said
        if self.version < (7, 0):
            self.said = set()
        for number, line in enumerate(text.split("\n"), 1):
            line = line.strip(" \t\r\n")
            if line and not line.startswith("#"):
                self._line(line, number)
        self._check_whole()
        if self.version < (7, 0):
            self.said = outer
        # From 7.0 on, what follows an include is no longer taken for a file's: each `save` line then replaces the last.
        self.started = False

    def _line(self, line: str, number: int) -> None:
        words = splitargs(encoded(line))
        directive = Directive((), line, number)
        if words is None:
            raise directive.error("Unbalanced quotes in configuration line", self.config.profile)
        if not words:
            return
        name, *values = map(decoded, words)
        name = name.lower()
        directive = Directive((name, *values), line, number, self.depth == 0 and number >= self.options_from)
        setting = self.config.setting(name)
        try:
            if setting is not None:
                self._set(setting, values)
                self.lines[setting.name] = directive
            elif name == "include" and len(values) == 1:
                self._include(values[0])
            elif not self._is_dead(name, values):
                self._keep(directive)
        except BadValue as bad:
            reason = str(bad) if setting is None else wording.in_file(setting, str(bad), self.version)
            raise directive.error(reason, self.config.profile) from None

    def _set(self, setting: Setting, values: list[str]) -> None:
        kind, old = setting.kind, self.version < (7, 0)
        if not kind.several and len(values) != 1:
            raise BadValue("wrong number of arguments")
        if kind.several and len(values) == 1 and values[0] and not old:
            values = [decoded(word) for word in splitargs(encoded(values[0])) or []]
        if kind.adds and old and len(values) != 2 and values != [""]:
            values = []  # 6.2 takes no notice of what is not one pair
        current = getattr(self.config, setting.attribute)
        value = kind.parse(values, current, self.version)
        if kind.adds and values != [""] and setting.name in self.said and (self.started or old):
            value = current + value
        self.said.add(setting.name)
        setattr(self.config, setting.attribute, value)

    def _include(self, pattern: str) -> None:
        wanted = Path(self.config.dir, pattern)
        if self.depth == _DEEPEST:
            raise ConfigFileError(f"Fatal error, can't open config file '{pattern}': files include each other")
        several = self.version >= (7, 0) and any(special in pattern for special in "*?[")
        # All files that fit are one text, in which their lines are counted.
        text = "".join(map(_content, _fitting(wanted))) if several else _content(wanted)
        self.depth += 1
        self.read(text)
        self.depth -= 1

    def _is_dead(self, name: str, values: Sequence[str]) -> bool:
        since, before = _DEAD.get(name, ((99, 0), (99, 0)))
        return since <= self.version < before and len(values) == 1

    def _keep(self, directive: Directive) -> None:
        name, count = directive.words[0], len(directive.words)
        fewest, most = _DIRECTIVES.get(name, (1, 0))
        if name == "sentinel" and count > 1:
            raise BadValue("sentinel directive while not in sentinel mode")
        if count >= fewest and (most is None or count <= most):
            self.others.append(directive)
        elif count > 1 and (self.version >= (8, 0) or ("." in name and self.version >= (7, 0))):
            self.unresolved[name] = " ".join(directive.words[1:])
        elif "." in name and (7, 0) <= self.version < (8, 0):
            raise BadValue("Module config specified without value")
        else:
            raise BadValue(wording.BAD_DIRECTIVE)

    def _check_whole(self) -> None:
        config = self.config
        if config.cluster_enabled and config.replicaof is not None:
            reason = "replicaof directive not allowed in cluster mode"
            if "replicaof" in self.lines and self.version < (7, 0):
                raise self.lines["replicaof"].error(reason, config.profile)
            raise fatal(config.profile, reason)
        if config.cluster_enabled and self.version >= (7, 2):
            config.databases = 1
