"""The server's settings that the engine heeds: one table, from which CONFIG GET, CONFIG SET and the defaults follow."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rinspect.engine.glob import stringmatch
from rinspect.engine.numbers import parse_int
from rinspect.engine.profile import Profile

_MEMORY = re.compile(r"([0-9]*)(.*)\Z", re.DOTALL)
_UINT64 = (1 << 64) - 1
_UNITS = {"": 1, "b": 1, "k": 1000, "kb": 1 << 10, "m": 10**6, "mb": 1 << 20, "g": 10**9, "gb": 1 << 30}


@dataclass(frozen=True, slots=True)
class Setting:
    """One directive.

    `name` is today's name; `old` the one of before 7.0, which later versions still accept. `kind` is `int`, `memory`
    (units allowed), `bool` or one of an enumeration's names in `choices`.
    """

    name: str
    default: int | str
    kind: str = "int"
    low: int = 0
    high: int = (1 << 63) - 1
    choices: tuple[str, ...] = ()
    old: str = ""
    since: tuple[int, int] = (0, 0)

    @property
    def attribute(self) -> str:
        return self.name.replace("-", "_")


POLICIES = (
    "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
    "allkeys-lru", "allkeys-lfu", "allkeys-random", "noeviction",
)  # fmt: skip

_INT32 = (1 << 31) - 1

SETTINGS: tuple[Setting, ...] = (
    Setting("hash-max-listpack-entries", 512, old="hash-max-ziplist-entries"),
    Setting("hash-max-listpack-value", 64, "memory", old="hash-max-ziplist-value"),
    Setting("list-max-listpack-size", -2, low=-(1 << 31), high=_INT32, old="list-max-ziplist-size"),
    Setting("list-compress-depth", 0, high=_INT32),
    Setting("set-max-intset-entries", 512),
    Setting("set-max-listpack-entries", 128, since=(7, 2)),
    Setting("set-max-listpack-value", 64, "memory", since=(7, 2)),
    Setting("zset-max-listpack-entries", 128, old="zset-max-ziplist-entries"),
    Setting("zset-max-listpack-value", 64, "memory", old="zset-max-ziplist-value"),
    Setting("stream-node-max-bytes", 4096, "memory"),
    Setting("stream-node-max-entries", 100),
    Setting("hll-sparse-max-bytes", 3000, "memory"),
    Setting("proto-max-bulk-len", 512 << 20, "memory", low=1 << 20),
    Setting("maxmemory", 0, "memory"),
    Setting("maxmemory-policy", "noeviction", "enum", choices=POLICIES),
    Setting("rdbcompression", "yes", "bool"),
    Setting("activerehashing", "yes", "bool"),
    Setting("active-expire-effort", 1, low=1, high=10),
    Setting("hz", 10, low=0, high=_INT32),
    Setting("databases", 16, low=1, high=_INT32),
    Setting("lfu-log-factor", 10, high=_INT32),
    Setting("lfu-decay-time", 1, high=_INT32),
)

FIXED = ("databases",)
"""Settings that only a start of the server can change."""


class Config:
    """The settings of one engine, as attributes: `config.hash_max_listpack_entries`."""

    # The encoding rules read these on every write: attributes, not look-ups by name.
    hash_max_listpack_entries: int
    hash_max_listpack_value: int
    list_max_listpack_size: int
    list_compress_depth: int
    set_max_intset_entries: int
    set_max_listpack_entries: int
    set_max_listpack_value: int
    zset_max_listpack_entries: int
    zset_max_listpack_value: int
    stream_node_max_bytes: int
    stream_node_max_entries: int
    hll_sparse_max_bytes: int
    proto_max_bulk_len: int
    maxmemory: int
    maxmemory_policy: str
    rdbcompression: bool
    activerehashing: bool
    active_expire_effort: int
    hz: int
    databases: int
    lfu_log_factor: int
    lfu_decay_time: int

    def __init__(self, profile: Profile) -> None:
        self._names: dict[str, Setting] = {}
        for setting in SETTINGS:
            if setting.since > profile.version:
                continue
            if not setting.old or profile.listpack:
                self._names[setting.name] = setting
            if setting.old:
                self._names[setting.old] = setting
        for setting in SETTINGS:
            default = setting.default
            setattr(self, setting.attribute, default == "yes" if setting.kind == "bool" else default)

    def get(self, name: str) -> str | None:
        """A setting's value as CONFIG GET writes it; None for a name that this version does not have."""
        setting = self._names.get(name.lower())
        return None if setting is None else self._text(setting)

    def _text(self, setting: Setting) -> str:
        value = getattr(self, setting.attribute)
        if setting.kind == "bool":
            return "yes" if value else "no"
        return str(value)

    def matching(self, patterns: list[str]) -> dict[str, str]:
        """Names and values for CONFIG GET, each name once."""
        found: dict[str, str] = {}
        for pattern in patterns:
            wanted = pattern.lower().encode("latin-1")
            for name, setting in self._names.items():
                if stringmatch(wanted, name.encode()):
                    found.setdefault(name, self._text(setting))
        return found

    def set(self, pairs: list[tuple[str, str]]) -> None:
        """Set all of the pairs or, with an error that names the wrong one, none of them.

        UnknownSetting for a name that this version does not have, InvalidSetting for a value that cannot be, a name that
        comes twice, or a setting that only a start of the server can change.
        """
        changes: dict[str, object] = {}
        for name, text in pairs:
            setting = self._names.get(name.lower())
            if setting is None:
                raise UnknownSetting(name)
            if setting.attribute in changes:
                raise InvalidSetting("duplicate parameter", name, text)
            if setting.name in FIXED:
                raise InvalidSetting("can't set immutable config", name, text, immutable=True)
            changes[setting.attribute] = parse_value(setting, name, text)
        for attribute, value in changes.items():
            setattr(self, attribute, value)

    def adopt(self, other: Config) -> None:
        """Take over all values of another engine's settings, of whatever version."""
        for setting in SETTINGS:
            setattr(self, setting.attribute, getattr(other, setting.attribute))

    @property
    def names(self) -> list[str]:
        return list(self._names)


class UnknownSetting(KeyError):
    """A name that this version's CONFIG does not know."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class InvalidSetting(ValueError):
    """A value that a setting cannot have; the text says why, in the server's words."""

    def __init__(self, reason: str, name: str, text: str, *, immutable: bool = False) -> None:
        super().__init__(reason)
        self.name = name
        self.text = text
        self.immutable = immutable


def parse_value(setting: Setting, name: str, text: str) -> int | str | bool:
    """The value that `text` means for a setting; InvalidSetting if none."""
    if setting.kind == "bool":
        if text.lower() not in ("yes", "no"):
            raise InvalidSetting("argument must be 'yes' or 'no'", name, text)
        return text.lower() == "yes"
    if setting.kind == "enum":
        if text.lower() not in setting.choices:
            allowed = ", ".join(setting.choices)
            raise InvalidSetting(f"argument(s) must be one of the following: {allowed}", name, text)
        return text.lower()
    if setting.kind == "memory":
        # Digits, perhaps none, and a unit: read as C's strtoull does, which stops at 64 bits.
        found = _MEMORY.match(text)
        unit = None if found is None else _UNITS.get(found[2].lower())
        if found is None or unit is None:
            raise InvalidSetting("argument must be a memory value", name, text)
        value = min(int(found[1] or 0), _UINT64) * unit & _UINT64
    else:
        parsed = parse_int(text.encode("latin-1"))
        if parsed is None:
            raise InvalidSetting("argument couldn't be parsed into an integer", name, text)
        value = parsed
    if not setting.low <= value <= setting.high:
        raise InvalidSetting(f"argument must be between {setting.low} and {setting.high} inclusive", name, text)
    return value
