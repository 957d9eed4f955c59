"""MEMORY USAGE: what a key costs."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.generic.objects import help_lines
from rinspect.engine.commands.registry import command
from rinspect.engine.key_layout import key_charge
from rinspect.engine.replies import SYNTAX, CommandError, Reply

DEFAULT_SAMPLES = 5


@command(
    "MEMORY|USAGE",
    "key [SAMPLES count:int]",
    group="server",
    since="4.0.0",
    flags="readonly",
    access="RO",
    complexity="O(N) where N is the number of samples.",
    summary="Estimates the memory usage of a key.",
)
def usage(call: Call, key: bytes, samples: int | None = None) -> Reply:
    if samples is not None and samples < 0:
        raise CommandError(SYNTAX)
    value = call.db.peek(key)
    if value is None:
        return None
    return key_charge(call.runtime, key) + value.charged(DEFAULT_SAMPLES if samples is None else samples)


@command(
    "MEMORY|HELP",
    group="server",
    since="4.0.0",
    flags="loading stale",
    summary="Returns helpful text about the different subcommands.",
)
def memory_help(call: Call) -> Reply:
    return help_lines(call, "MEMORY")
