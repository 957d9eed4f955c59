"""Every setting of redis-server, from 6.2 to 8.0: a file for each of what they are about."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from rinspect.engine.config.kinds import Version
from rinspect.engine.config.setting import Setting
from rinspect.engine.config.table.cluster import CLUSTER
from rinspect.engine.config.table.encodings import ENCODINGS
from rinspect.engine.config.table.memory import MEMORY
from rinspect.engine.config.table.network import NETWORK
from rinspect.engine.config.table.observing import OBSERVING
from rinspect.engine.config.table.persistence import PERSISTENCE
from rinspect.engine.config.table.process import PROCESS
from rinspect.engine.config.table.replication import REPLICATION
from rinspect.engine.config.table.tls import TLS

SETTINGS: tuple[Setting, ...] = (
    *NETWORK,
    *PROCESS,
    *MEMORY,
    *ENCODINGS,
    *PERSISTENCE,
    *OBSERVING,
    *REPLICATION,
    *CLUSTER,
    *TLS,
)


@cache
def settings_of(version: Version) -> Mapping[str, Setting]:
    """The settings that a version has, by each of their names."""
    return MappingProxyType({name: setting for setting in SETTINGS for name in setting.names(version)})


@cache
def defaults_of(version: Version) -> Mapping[str, Any]:
    """The value that each setting starts with, by attribute; of one that the version does not have, the newest default.

    So what reads a setting need not ask whether the version has it.
    """
    newest = {setting.attribute: setting.default for setting in SETTINGS}
    return MappingProxyType(newest | {each.attribute: each.default for each in settings_of(version).values()})
