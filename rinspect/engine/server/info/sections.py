"""Which sections there are, in which order, and which of them a client gets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rinspect.engine.keyspace.report import memory_info
from rinspect.engine.notation import Version
from rinspect.engine.server.info import commands, counters, keys, process, state
from rinspect.engine.server.server import Server

Fields = Iterator[tuple[str, object]]


def _memory(server: Server) -> Fields:
    yield from memory_info(server.engine.keyspace).items()


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    fields: Callable[[Server], Fields]
    since: Version = (0, 0)
    default: bool = True
    """Given to a client that names no section; `hidden` ones only to one that names them."""
    hidden: bool = False

    @property
    def name(self) -> str:
        return self.title.lower()


SECTIONS = (
    Section("Server", process.server),
    Section("Clients", state.clients),
    Section("Memory", _memory),
    Section("Persistence", state.persistence),
    Section("Threads", state.threads, since=(8, 0)),
    Section("Stats", counters.stats),
    Section("Replication", state.replication),
    Section("CPU", process.cpu),
    Section("Modules", state.modules),
    Section("Commandstats", commands.commandstats, default=False),
    Section("Errorstats", commands.errorstats),
    Section("Latencystats", commands.latencystats, since=(7, 0), default=False),
    Section("Cluster", state.cluster),
    Section("Keyspace", keys.keyspace),
    Section("Keysizes", keys.keysizes, since=(8, 0)),
    Section("Debug", counters.debug, since=(7, 2), default=False, hidden=True),
)


def _chosen(words: Sequence[str], version: Version) -> list[Section]:
    """The sections that the words name, each once and in the server's order; of names that there are not, nothing."""
    wanted = {word.lower() for word in words} or {"default"}
    if "module_list" in wanted and version >= (7, 0):
        wanted.add("modules")
    everything = not wanted.isdisjoint({"all", "everything"})
    return [
        one
        for one in SECTIONS
        if one.since <= version
        and (one.name in wanted or (everything and not one.hidden) or ("default" in wanted and one.default))
    ]


def section(server: Server, name: str) -> dict[str, str]:
    """One section's fields with their values; none for a section that this version does not have."""
    return {
        field: str(value)
        for one in _chosen([name], server.engine.profile.version)
        for field, value in one.fields(server)
    }


def info_text(server: Server, words: Sequence[str]) -> str:
    """The text of the sections that the words name, as INFO answers it. Paths are in it as `os.fsdecode` gives them."""
    return "\r\n".join(
        f"# {one.title}\r\n" + "".join(f"{name}:{value}\r\n" for name, value in one.fields(server))
        for one in _chosen(words, server.engine.profile.version)
    )
