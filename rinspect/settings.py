"""The user's configuration file.

    # ~/.config/rinspect/config.toml
    theme = "ansi-dark"           # the terminal's own colours
    profile = "7.2"
    allocator = "jemalloc"
    history = true

    [keys]                        # an action's name, and the keys for it
    repl = "colon"
    follow = "F"

A wrong entry is reported with the nearest right one, and the rest is used all the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import platformdirs

from rinspect.engine.allocator import ALLOCATORS
from rinspect.engine.profile import PROFILES

_KINDS: dict[str, type] = {"theme": str, "profile": str, "allocator": str, "history": bool, "keys": dict}


@dataclass(frozen=True)
class Settings:
    """What the file says, and what is wrong with it."""

    theme: str = ""
    profile: str = "8.0"
    allocator: str = "jemalloc"
    history: bool = True
    keys: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    """Sentences for the user, each naming the entry and the way out."""


def config_path() -> Path:
    """Where the file is looked for (XDG_CONFIG_HOME)."""
    return platformdirs.user_config_path("rinspect") / "config.toml"


def history_path() -> Path:
    """Where typed lines are kept (XDG_STATE_HOME)."""
    return platformdirs.user_state_path("rinspect") / "history"


def load(path: Path, actions: Mapping[str, str]) -> Settings:
    """The settings in a file; without the file, the defaults. `actions` maps each action's name to its default keys."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings()
    except (OSError, UnicodeDecodeError) as error:
        return Settings(problems=(f"{path} is not read: {error}",))
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Settings(problems=(f"{path} is not valid TOML and not used: {error}",))
    return _checked(found, path, actions)


def _checked(found: dict[str, object], path: Path, actions: Mapping[str, str]) -> Settings:
    problems: list[str] = []
    values: dict[str, object] = {}
    for name, value in found.items():
        kind = _KINDS.get(name)
        if kind is None:
            problems.append(f"{path}: there is no setting {name}{nearest(name, _KINDS)}")
        elif not isinstance(value, kind):
            problems.append(f"{path}: {name} must be {_called(kind)}, not {value!r}")
        else:
            values[name] = value
    for name, known in (("profile", PROFILES), ("allocator", ALLOCATORS)):
        if name in values and values[name] not in known:
            problems.append(f"{path}: {name} {values.pop(name)!r} is not one of {', '.join(known)}")
    raw = values.pop("keys", {})
    assert isinstance(raw, dict)
    keys, key_problems = _keys(raw, path, actions)
    return Settings(**values, keys=keys, problems=(*problems, *key_problems))  # type: ignore[arg-type]


def _keys(raw: dict[str, object], path: Path, actions: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    keys: dict[str, str] = {}
    problems: list[str] = []
    for name, value in raw.items():
        if name not in actions:
            problems.append(f"{path}: there is no action {name}{nearest(name, actions)}")
        elif not isinstance(value, str) or not value.strip():
            problems.append(f"{path}: the keys of {name} must be a text such as {actions[name]!r}")
        else:
            keys[name] = ",".join(part.strip() for part in value.split(","))
    return keys, problems


def nearest(name: str, known: Mapping[str, object]) -> str:
    """What is said behind a name that there is not."""
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}"


def _called(kind: type) -> str:
    return {str: "a text", bool: "true or false", dict: "a table"}[kind]
