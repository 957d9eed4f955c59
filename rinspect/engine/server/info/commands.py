"""INFO commandstats, errorstats and latencystats: what the commands did."""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.commands.registry import CommandTable
from rinspect.engine.commandstats import CommandStats
from rinspect.engine.notation import Version
from rinspect.engine.server.server import Server

Fields = Iterator[tuple[str, object]]

_UNSAFE = str.maketrans("#:\n\r", "____")
"""Characters that would break INFO's lines."""


def commandstats(server: Server) -> Fields:
    for name, stats in _by_name(server.engine.commands, server.engine.profile.version).items():
        calls = sum(each.calls for each in stats)
        took = sum(each.microseconds for each in stats)
        rejected, failed = sum(each.rejected for each in stats), sum(each.failed for each in stats)
        figures = f"calls={calls},usec={took},usec_per_call={took / calls if calls else 0:.2f}"
        yield f"cmdstat_{name}", f"{figures},rejected_calls={rejected},failed_calls={failed}"


def _by_name(table: CommandTable, version: Version) -> dict[str, list[CommandStats]]:
    """Statistics by the name that they go under: before 7.0 a container's, for its subcommands."""
    found: dict[str, list[CommandStats]] = {}
    for command in table.used():
        name = command.name.lower()
        found.setdefault(name.partition("|")[0] if version < (7, 0) else name, []).append(command.stats)
    return found


def errorstats(server: Server) -> Fields:
    for code, count in sorted(server.engine.error_counts.items()):
        yield f"errorstat_{code.translate(_UNSAFE)}", f"count={count}"


def latencystats(server: Server) -> Fields:
    config = server.engine.runtime.config
    if not config.latency_tracking:
        return
    for command in server.engine.commands.used():
        if command.stats.calls:
            shares = (
                f"p{wanted:.6f}".rstrip("0").rstrip(".") + f"={command.stats.percentile(wanted) / 1000:.3f}"
                for wanted in config.latency_tracking_info_percentiles
            )
            yield f"latency_percentiles_usec_{command.name.lower()}", ",".join(shares)
