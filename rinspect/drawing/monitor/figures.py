"""A real server's loop, as far as its counters tell of it."""

from __future__ import annotations

from rinspect.drawing.line import Line, Segment, fit, words, wrap
from rinspect.drawing.monitor.parts import Picture, bar, heading, padded
from rinspect.monitoring.loop import LoopFigures

_FIELDS = (
    "instantaneous_ops_per_sec", "instantaneous_eventloop_cycles_per_sec", "instantaneous_eventloop_duration_usec",
    "instantaneous_input_kbps", "instantaneous_output_kbps", "eventloop_cycles", "eventloop_duration_sum",
    "eventloop_duration_cmd_sum", "connected_clients", "blocked_clients", "total_commands_processed",
    "total_connections_received", "rejected_connections", "client_recent_max_input_buffer",
    "client_recent_max_output_buffer", "clients_in_timeout_table", "multiplexing_api", "hz", "io_threads_active",
    "aof_enabled", "aof_delayed_fsync", "lazyfree_pending_objects", "latest_fork_usec", "used_cpu_user_main_thread",
    "used_cpu_sys_main_thread",
)  # fmt: skip
"""Of INFO, in this order, those that the server has."""
_MOST_COMMANDS = 12


def draw_figures(figures: LoopFigures, width: int) -> Picture:
    """Fields in columns, and the commands that took most of the time."""
    note = "Which client is being served, and who waits, a server does not tell: this is what INFO says once a second."
    lines: list[Line] = [*wrap(note, width, "dim"), ()]
    pairs = [(name, figures.facts[name]) for name in _FIELDS if name in figures.facts]
    columns = 2 if width >= 100 else 1
    cells = width // columns - 2
    rows = -(-len(pairs) // columns)
    for row in range(rows):
        line: list[Segment] = []
        for name, value in pairs[row::rows]:
            line += (padded(name, min(40, cells - 14), "dim"), padded(value, 13, "number"))
        lines.append(fit(tuple(line), width))
    lines += [(), heading("commands by the time that they took", "calls · µs a call")]
    commands = figures.commands[:_MOST_COMMANDS]
    most = max((calls * each for _, calls, each in commands), default=0.0)
    for name, calls, each in commands:
        share = bar(int(calls * each), int(most), 16 if width >= 76 else 8)
        lines.append(
            fit(
                (
                    padded(name.replace("|", " "), 18, "name"),
                    *share,
                    *words(f" {calls:>11,}", (f" {each:>10,.2f}", "dim")),
                ),
                width,
            )
        )
    return Picture(lines)
