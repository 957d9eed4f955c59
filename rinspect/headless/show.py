"""rinspect show KEY: one key, as text, JSON or SVG."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from rinspect.cli import DIFFERENT, FINE
from rinspect.console.secrets import censored
from rinspect.console.words import Unbalanced, split
from rinspect.drawing.document import look_data
from rinspect.drawing.sheet import look_sheet
from rinspect.drawing.top import key_title
from rinspect.engine.layout import Window
from rinspect.engine.replies import CommandError
from rinspect.headless.output import write_json, write_lines
from rinspect.headless.script import Script, input_lines
from rinspect.sources.source import Refused, Source
from rinspect.startup import BadUsage, names_file, names_server, open_source


async def run(options: argparse.Namespace) -> int:
    """The exit code: 1 if there is no such key."""
    source = await open_source(options, options.source)
    try:
        if not (names_server(options, options.source) or names_file(options.source)):
            await feed(source, piped_lines())
        if notice := (await source.info()).notice:
            print(f"rinspect: {notice}", file=sys.stderr)
        return await show(source, options)
    finally:
        await source.close()


async def show(source: Source, options: argparse.Namespace) -> int:
    key = key_bytes(options.shown_key)
    look = await source.look(key, Window(0, 4096, 0, 1 << 16), deliberate=True)
    if look is None:
        print(f"rinspect: no key {options.shown_key}", file=sys.stderr)
        return DIFFERENT
    why = await source.why(key)
    rebuilt = await source.rebuilt(key)
    if options.json:
        write_json(look_data(look, why, rebuilt))
    else:
        lines = look_sheet(look, why, rebuilt, options.width)
        title = key_title(look, options.width)
        if options.svg is None:
            print(title)
        write_lines(lines, title, options.svg, options.width)
    return FINE


def key_bytes(text: str) -> bytes:
    """The key that an argument means: as it is, or with escapes if it is in double quotes."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        try:
            return split(text)[0]
        except Unbalanced as error:
            raise BadUsage(f"the key {text}: {error}") from None
    return text.encode("utf-8", "surrogateescape")


def piped_lines() -> list[tuple[int, str]]:
    """The commands that are piped in, for the built-in engine to have something to show."""
    if sys.stdin.isatty():
        raise BadUsage(
            "the built-in engine is empty: name a SOURCE, or pipe commands in (echo SET a 1 | rinspect show a)"
        )
    return list(input_lines())


async def feed(source: Source, lines: Sequence[tuple[int, str]]) -> None:
    """Run numbered lines; those that fail are named."""
    script = Script(source)
    for number, line in lines:
        try:
            argv = split(line)
        except Unbalanced as error:
            raise BadUsage(f"line {number} of the input: {error}") from None
        if not argv:
            continue
        try:
            reply = (await script.run(argv)).reply
        except Refused as refusal:
            print(f"rinspect: line {number}: {refusal}", file=sys.stderr)
            continue
        if isinstance(reply, CommandError):
            print(f"rinspect: line {number}: {censored(reply.message, argv)}", file=sys.stderr)
