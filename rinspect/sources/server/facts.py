"""What a server is: version, allocator, thresholds, commands; read once after connecting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rinspect.engine.commands.registry import DECLARATIONS
from rinspect.engine.profile import Profile, nearest
from rinspect.engine.replies import CommandError, Reply
from rinspect.sources.server.connection import ServerConnection
from rinspect.sources.server.permissions import CommandFacts

THRESHOLDS = (
    "hash-max-listpack-entries", "hash-max-listpack-value", "list-max-listpack-size", "list-compress-depth",
    "set-max-intset-entries", "set-max-listpack-entries", "set-max-listpack-value", "zset-max-listpack-entries",
    "zset-max-listpack-value", "hash-max-ziplist-entries", "hash-max-ziplist-value", "list-max-ziplist-size",
    "zset-max-ziplist-entries", "zset-max-ziplist-value", "stream-node-max-bytes", "stream-node-max-entries",
    "hll-sparse-max-bytes", "rdbcompression", "maxmemory", "maxmemory-policy",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """One server."""

    product: str
    """`redis` or `valkey`."""
    version: str
    profile: Profile
    exact: bool
    """Whether the profile is this version's own."""
    allocator: str
    """The engine's name for it: jemalloc, system-jemalloc or libc."""
    allocator_text: str
    settings: Mapping[str, str]
    """Thresholds, by CONFIG name; empty if the server refuses CONFIG."""
    commands: Mapping[str, CommandFacts]
    notice: str = ""

    @property
    def name(self) -> str:
        return f"{self.product} {self.version}"


def parse_info(reply: Reply) -> dict[str, str]:
    """The fields of an INFO reply."""
    if not isinstance(reply, bytes):
        return {}
    pairs = (line.split(":", 1) for line in reply.decode("utf-8", "replace").splitlines() if ":" in line)
    return {name: value for name, value in pairs if name}


async def read_facts(connection: ServerConnection) -> ServerFacts:
    """Ask a server what it is. What it refuses to tell is assumed, and the notice says so."""
    info = parse_info(await connection.ask(b"INFO"))
    product = "valkey" if info.get("server_name") == "valkey" or "valkey_version" in info else "redis"
    version = info.get("valkey_version" if product == "valkey" else "redis_version", "?")
    profile, exact = nearest(_numbers(info.get("redis_version", "")))
    settings, refused = await _settings(connection)
    commands = await _commands(connection)
    notices = [refused] if refused else []
    if not info:
        notices.append("INFO is refused: the version is not known, 8.0 is assumed")
    if not commands:
        commands = declared_commands(profile)
        notices.append("COMMAND is refused: only what is known here is run")
    text = info.get("mem_allocator", "?")
    return ServerFacts(
        product=product,
        version=version,
        profile=profile,
        exact=exact and product == "redis" and bool(info),
        allocator=await _allocator(connection, text),
        allocator_text=text,
        settings=settings,
        commands=commands,
        notice="; ".join(notices),
    )


def _numbers(version: str) -> tuple[int, int]:
    parts = version.split(".")
    if len(parts) < 2 or not (parts[0].isdigit() and parts[1].isdigit()):
        return 8, 0
    return int(parts[0]), int(parts[1])


async def _allocator(connection: ServerConnection, text: str) -> str:
    """Which size classes the allocator has. Redis's own builds bundle a jemalloc with a quantum of 8, distributions
    link the system's, with 16; only the allocator's own report, asked for once, tells them apart."""
    if not text.startswith("jemalloc"):
        return "libc"
    report = await connection.ask(b"MEMORY", b"MALLOC-STATS")
    found = re.search(rb"Quantum size:\s+(\d+)", report) if isinstance(report, bytes) else None
    return "system-jemalloc" if found is not None and found[1] == b"16" else "jemalloc"


async def _settings(connection: ServerConnection) -> tuple[dict[str, str], str]:
    found: dict[str, str] = {}
    replies = await connection.ask_all([[b"CONFIG", b"GET", name.encode()] for name in THRESHOLDS])
    refused = ""
    for reply in replies:
        if isinstance(reply, CommandError):
            refused = f"CONFIG GET is refused ({reply.message.split(' ')[0]}): default thresholds are assumed"
        elif isinstance(reply, list) and len(reply) == 2:
            name, value = reply
            if isinstance(name, bytes) and isinstance(value, bytes):
                found[name.decode()] = value.decode()
    return found, refused


async def _commands(connection: ServerConnection) -> dict[str, CommandFacts]:
    """All commands by name, subcommands as `A|B`; empty if the server refuses COMMAND."""
    reply = await connection.ask(b"COMMAND")
    found: dict[str, CommandFacts] = {}
    for item in reply if isinstance(reply, list) else []:
        _note(item, found)
    return found


def declared_commands(profile: Profile) -> dict[str, CommandFacts]:
    """What this program itself knows of a version's commands, for a server that does not tell."""
    return {
        declaration.name: CommandFacts(declaration.flags, declaration.acl)
        for declaration in DECLARATIONS
        if declaration.version <= profile.version
    }


def _note(item: Reply, found: dict[str, CommandFacts]) -> None:
    if not isinstance(item, list) or len(item) < 3 or not isinstance(item[0], bytes):
        return
    name = item[0].decode().upper()
    found[name] = CommandFacts(_words(item[2]), _words(item[6]) if len(item) > 6 else frozenset())
    for sub in item[9] if len(item) > 9 and isinstance(item[9], list) else []:
        _note(sub, found)


def _words(reply: Reply) -> frozenset[str]:
    return (
        frozenset(word.decode() for word in reply if isinstance(word, bytes))
        if isinstance(reply, list)
        else frozenset()
    )
