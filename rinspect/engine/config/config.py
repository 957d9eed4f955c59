"""The settings of one engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from rinspect.engine.config import wording
from rinspect.engine.config.attributes import Attributes
from rinspect.engine.config.errors import BadValue, InvalidSetting, Refused, SettingError, UnknownSetting
from rinspect.engine.config.kinds import decoded, encoded
from rinspect.engine.config.rewrite import rewritten
from rinspect.engine.config.setting import Setting
from rinspect.engine.config.table import defaults_of, settings_of
from rinspect.engine.files import replace_file
from rinspect.engine.glob import stringmatch
from rinspect.engine.profile import Profile

Listener = Callable[[], None]
"""Called after a change, with the new value in place; raises Refused to have it undone."""


class Config(Attributes):
    """The settings of one engine, as attributes: `config.hash_max_listpack_entries`.

    Texts are as `os.fsdecode` makes them from bytes: any bytes can be had back from them. `path` is the configuration file's,
    None without one.
    """

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.path: Path | None = None
        self._settings = settings_of(profile.version)
        self._listeners: dict[str, list[Listener]] = {}
        self.written_besides: dict[str, Callable[[], list[bytes]]] = {}
        """Directives that are no settings, with who knows the lines that CONFIG REWRITE gives each."""
        self.__dict__.update(defaults_of(profile.version))

    @property
    def names(self) -> list[str]:
        """All names that this version has for its settings, also hidden ones."""
        return list(self._settings)

    def setting(self, name: str) -> Setting | None:
        """What a name stands for in this version, in whichever case."""
        return self._settings.get(name.lower())

    def get(self, name: str) -> str | None:
        """A setting's value as CONFIG GET writes it; None for a name that this version does not have."""
        setting = self.setting(name)
        return None if setting is None else self._text(setting)

    def _text(self, setting: Setting) -> str:
        return setting.kind.text(getattr(self, setting.attribute))

    def matching(self, patterns: Sequence[str]) -> dict[str, str]:
        """Names and values for CONFIG GET, each name once; hidden settings only for their full name."""
        old = self.profile.version < (7, 0)
        shown: dict[str, str] = {}  # how the answer writes each name
        for pattern in patterns:
            if old or any(special in pattern for special in "[*?"):
                for name in self._fitting(pattern):
                    shown.setdefault(name, name)
            elif self.setting(pattern) is not None:
                shown.setdefault(pattern.lower(), pattern)
        if old and "slaveof" in shown:
            shown.pop("replicaof", None)  # 6.2 shows one of the two, rather the old one
        return {written: self._text(self._settings[name]) for name, written in shown.items()}

    def _fitting(self, pattern: str) -> list[str]:
        wanted = encoded(pattern)
        return [
            name
            for name, setting in self._settings.items()
            if "hidden" not in setting.flags and stringmatch(wanted, name.encode(), True)
        ]

    def on_change(self, name: str, listener: Listener) -> None:
        """Have `listener` called when CONFIG SET has changed a setting (once for all those with the same listener).

        A listener that raises Refused undoes the whole CONFIG SET, and all its listeners are called again.
        """
        self._listeners.setdefault(self._settings[name].attribute, []).append(listener)

    def set(self, pairs: Sequence[tuple[str, str]], local: bool = False) -> None:
        """Set all of the pairs or, with an error that names the wrong one, none of them.

        UnknownSetting for a name that this version does not have, InvalidSetting for a value that cannot be, for a name
        that comes twice, and for what may not be changed. `local` says that the client is on the same machine.
        """
        chosen = [self._choose(name, pairs[:at], local) for at, (name, _) in enumerate(pairs)]
        before = {setting.attribute: getattr(self, setting.attribute) for setting in chosen}
        told: dict[Listener, tuple[Setting, str, str]] = {}
        try:
            for setting, (name, text) in zip(chosen, pairs, strict=True):
                if self._assign(setting, name, text) or "volatile" in setting.flags:
                    for listener in self._listeners.get(setting.attribute, ()):
                        told.setdefault(listener, (setting, name, text))
        except InvalidSetting:
            self.__dict__.update(before)
            raise
        for listener, said in told.items():
            try:
                listener()
            except Refused as refused:
                self.__dict__.update(before)
                for other in told:
                    with suppress(Refused):
                        other()
                raise self._invalid(*said, str(refused)) from None

    def _choose(self, name: str, earlier: Sequence[tuple[str, str]], local: bool) -> Setting:
        """The setting of a name, if it may be changed."""
        setting = self.setting(name)
        version = self.profile.version
        if setting is None or ("immutable" in setting.flags and version < (7, 0)):
            raise UnknownSetting(wording.unknown(name, version))
        reason = ""
        if "immutable" in setting.flags:
            reason = "can't set immutable config"
        elif (
            "protected" in setting.flags and version >= (7, 0) and not self.allows(self.enable_protected_configs, local)
        ):
            reason = "can't set protected config"
        elif name.lower() in (other.lower() for other, _ in earlier):
            reason = "duplicate parameter"
        if reason:
            raise InvalidSetting(wording.invalid(setting, name, "", reason, version))
        return setting

    @staticmethod
    def allows(guard: str, local: bool) -> bool:
        """Whether a setting such as enable-debug-command lets a client do it that is on this machine, or is not."""
        return guard == "yes" or (guard == "local" and local)

    def _assign(self, setting: Setting, name: str, text: str) -> bool:
        """Set one value; whether it is another than before."""
        words = [text] if not setting.kind.several else text.split(" ") if text else []
        before = getattr(self, setting.attribute)
        try:
            value = setting.kind.parse(words, before, self.profile.version)
        except BadValue as bad:
            raise self._invalid(setting, name, text, str(bad)) from None
        setattr(self, setting.attribute, value)
        return bool(value != before)

    def _invalid(self, setting: Setting, name: str, text: str, reason: str) -> InvalidSetting:
        version = self.profile.version
        shown = name if version < (7, 0) else name.lower()
        return InvalidSetting(wording.invalid(setting, shown, text, reason, version))

    def adopt(self, other: Config) -> None:
        """Take over all values of another engine's settings, of whatever version."""
        self.__dict__.update({attribute: getattr(other, attribute) for attribute in defaults_of(self.profile.version)})

    def rewrite(self, *, everything: bool = False) -> None:
        """Bring the configuration file up to date, in one step; SettingError if there is none or it cannot be written.

        With `everything` it gets a line for each setting, be it the default or not.
        """
        if self.path is None:
            raise SettingError("The server is running without a config file")
        try:
            old = decoded(self.path.read_bytes()) if self.path.exists() else ""
            replace_file(self.path, encoded(self._rewritten(old, everything)))
        except OSError as error:
            raise SettingError(f"Rewriting config file: {os.strerror(error.errno or 0)}") from None

    def _rewritten(self, old: str, everything: bool) -> str:
        version = self.profile.version
        defaults = defaults_of(version)
        mains = {name: setting.names(version)[0] for name, setting in self._settings.items()}
        wanted = [
            (name, setting.kind.lines(name, getattr(self, setting.attribute), defaults[setting.attribute], version))
            for name, setting in self._settings.items()
            if mains[name] == name
        ]
        if everything:
            wanted = [(name, [(line, True) for line, _ in lines]) for name, lines in wanted]
        wanted += [(name, [(decoded(line), True) for line in lines()]) for name, lines in self.written_besides.items()]
        return rewritten(old, wanted, mains, version)
