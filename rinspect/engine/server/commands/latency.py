"""LATENCY: what held everybody up, and how long commands take."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.helptext import help_text
from rinspect.engine.commands.registry import Command, command
from rinspect.engine.replies import CommandError, Reply, quotable
from rinspect.engine.server.commands.caller import server_of
from rinspect.engine.server.latency import Series
from rinspect.engine.server.latency_doctor import report
from rinspect.engine.server.sparkline import graph

_FLAGS = "admin noscript loading stale"
_TIPS = "nondeterministic_output request_policy:all_nodes response_policy:special"


def _series(call: Call, event: bytes) -> Series | None:
    return server_of(call).latency.series.get(event.decode("latin-1"))


@command(
    "LATENCY|LATEST",
    group="server", since="2.8.13", flags=_FLAGS, tips=_TIPS, summary="Returns the latest latency samples for all events.",
)  # fmt: skip
def latest(call: Call) -> Reply:
    return [
        [event.encode(), series.samples[-1].at, series.samples[-1].milliseconds, series.worst]
        for event, series in server_of(call).latency.series.items()
    ]


@command(
    "LATENCY|HISTORY", "event",
    group="server", since="2.8.13", flags=_FLAGS, tips=_TIPS,
    summary="Returns timestamp-latency samples for an event.",
)  # fmt: skip
def history(call: Call, event: bytes) -> Reply:
    series = _series(call, event)
    return [] if series is None else [[sample.at, sample.milliseconds] for sample in series.samples]


@command(
    "LATENCY|GRAPH", "event",
    group="server", since="2.8.13", flags=_FLAGS, tips=_TIPS, summary="Returns a latency graph for an event.",
)  # fmt: skip
def graph_(call: Call, event: bytes) -> Reply:
    series = _series(call, event)
    if series is None:
        raise CommandError(f"ERR No samples available for event '{quotable(event)}'")
    return call.text(graph(event.decode("latin-1"), series, server_of(call).latency.now))


@command(
    "LATENCY|RESET", "[event...]", raw=True,
    group="server", since="2.8.13", flags=_FLAGS, tips="request_policy:all_nodes response_policy:agg_sum",
    summary="Resets the latency data for one or more events.",
)  # fmt: skip
def reset(call: Call, *events: bytes) -> Reply:
    monitor = server_of(call).latency
    names = [event.decode("latin-1") for event in events] or list(monitor.series)
    return sum(monitor.reset(name) for name in names)


@command(
    "LATENCY|DOCTOR",
    group="server", since="2.8.13", flags=_FLAGS, tips=_TIPS,
    summary="Returns a human-readable latency analysis report.",
)  # fmt: skip
def doctor(call: Call) -> Reply:
    return call.text(report(server_of(call).latency, call.runtime.config))


@command(
    "LATENCY|HISTOGRAM", "[command...]", raw=True,
    group="server", since="7.0.0", flags=_FLAGS, tips=_TIPS,
    complexity="O(N) where N is the number of commands with latency information being retrieved.",
    summary="Returns the cumulative distribution of latencies of a subset or all commands.",
)  # fmt: skip
def histogram(call: Call, *names: bytes) -> Reply:
    used = {command.name: command for command in call.session.engine.commands.used() if command.stats.calls}
    if names:
        wanted = [name.decode("latin-1").upper() for name in names]
        chosen = [
            command
            for name in wanted
            for command in used.values()
            if name in (command.name, command.name.partition("|")[0])
        ]
    else:
        chosen = list(used.values())
    return call.map((command.name.lower().encode(), _distribution(call, command)) for command in chosen)


def _distribution(call: Call, command: Command) -> Reply:
    return call.map(
        [
            (b"calls", command.stats.calls),
            (b"histogram_usec", call.map(command.stats.cumulated())),
        ]
    )


@command(
    "LATENCY|HELP",
    group="server", since="2.8.13", flags="loading stale", summary="Returns helpful text about the different subcommands.",
)  # fmt: skip
def help_(call: Call) -> Reply:
    of_histogram = (
        ""
        if call.runtime.profile.version < (7, 0)
        else """
HISTOGRAM [COMMAND ...]
    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.
    If no commands are specified then all histograms are replied."""
    )
    return help_text(call, "LATENCY", f"""\
DOCTOR
    Return a human readable latency analysis report.
GRAPH <event>
    Return an ASCII latency graph for the <event> class.
HISTORY <event>
    Return time-latency samples for the <event> class.
LATEST
    Return the latest latency samples for all events.
RESET [<event> ...]
    Reset latency data of one or more <event> classes.
    (default: reset all data for all event classes){of_histogram}""")  # fmt: skip
