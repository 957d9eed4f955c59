"""What real servers answered, recorded: see README.md here for what the files hold and how they were made."""

import json
import lzma
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

# The server of each profile that the recordings were made with.
RECORDED = {"6.2": "6.2.16", "7.0": "7.0.15", "7.2": "7.2.6", "7.4": "7.4.1", "8.0": "8.0.2"}

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """Commands for an empty server, and what that server then said of one key. A figure that is None has no single
    right value."""

    name: str
    config: Mapping[str, str]
    commands: list[list[bytes]] = field(repr=False)
    key: bytes
    type: str
    encoding: str
    memory_usage: int | None
    memory_usage_samples_1: int | None
    dump_hex: str | None = field(repr=False)
    unstable: tuple[str, ...]
    errors: int


@cache
def load(profile: str) -> list[Case]:
    """The cases recorded from the server of ``profile``. Parsed once, so not for changing."""
    with lzma.open(_FOLDER / f"{RECORDED[profile]}.jsonl.xz", "rt", encoding="utf-8") as lines:
        return [_case(json.loads(line)) for line in lines]


def rdb(profile: str) -> bytes:
    """The snapshot that the server of ``profile`` saved: every type and encoding it has."""
    return lzma.decompress((_FOLDER / f"generated-{RECORDED[profile]}.rdb.xz").read_bytes())


def _case(record: dict[str, Any]) -> Case:
    return Case(
        name=record["name"],
        config=record["config"],
        commands=[[argument.encode("latin-1") for argument in command] for command in record["commands"]],
        key=record["key"].encode("latin-1"),
        type=record["type"],
        encoding=record["encoding"],
        memory_usage=record["memory_usage"],
        memory_usage_samples_1=record.get("memory_usage_samples_1"),
        dump_hex=record["dump_hex"],
        unstable=tuple(record.get("unstable", ())),
        errors=record.get("errors", 0),
    )
