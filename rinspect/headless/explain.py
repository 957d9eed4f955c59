"""rinspect explain: each command of a script with its reply, what it changed, and how the key then looks."""

from __future__ import annotations

import argparse
import sys

from rinspect.cli import DIFFERENT, FINE
from rinspect.console.replies import format_reply
from rinspect.console.secrets import censored, shown_line
from rinspect.console.words import Unbalanced, split
from rinspect.drawing.document import Data, look_data
from rinspect.drawing.line import Line, Segment, words
from rinspect.drawing.sheet import change_sheet
from rinspect.drawing.structure import draw_structure
from rinspect.drawing.why import draw_reason
from rinspect.engine.replies import CommandError
from rinspect.headless.output import write_json, write_lines
from rinspect.headless.script import Script, input_lines, readable
from rinspect.records import Outcome
from rinspect.sources.source import Refused, Source
from rinspect.startup import built_in


async def run(options: argparse.Namespace) -> int:
    """The exit code: 1 if a command failed."""
    source = built_in(options)
    try:
        return await explain(source, options)
    finally:
        await source.close()


async def explain(source: Source, options: argparse.Namespace) -> int:
    lines: list[Line] = []
    data: list[Data] = []
    failed, script = False, Script(source)
    for number, line in input_lines():
        try:
            argv = split(line)
            if not argv:
                continue
            outcome = await script.run(argv)
        except Unbalanced as error:
            print(f"rinspect: line {number}: {error}: not run", file=sys.stderr)
            failed = True
            continue
        except Refused as refusal:
            print(f"rinspect: line {number}: {refusal}", file=sys.stderr)
            failed = True
            continue
        failed = failed or isinstance(outcome.reply, CommandError)
        text = shown_line(readable(line), argv)
        if options.json:
            data.append(_data(text, outcome))
        else:
            lines += await _lines(source, text, outcome, options.width)
    if options.json:
        write_json(data)
    else:
        write_lines(lines, "rinspect explain", options.svg, options.width)
    return DIFFERENT if failed else FINE


async def _lines(source: Source, text: str, outcome: Outcome, width: int) -> list[Line]:
    lines: list[Line] = [words(("> ", "dim"), (text, "name"))]
    kind = "bad" if isinstance(outcome.reply, CommandError) else ""
    lines += [(Segment(censored(reply, list(outcome.argv)), kind),) for reply in format_reply(outcome.reply, 20)]
    if outcome.change is not None:
        lines += change_sheet(outcome.change, width)
        for change in outcome.change.keys:
            if change.after is not None:
                lines += draw_structure(change.after, width, diff=change.diff)
                why = await source.why(change.key)
                lines += [] if why is None else draw_reason(why, width)
    return [*lines, ()]


def _data(text: str, outcome: Outcome) -> Data:
    changes = () if outcome.change is None else outcome.change.keys
    return {
        "command": text,
        "reply": [censored(line, list(outcome.argv)) for line in format_reply(outcome.reply)],
        "changes": [
            {
                "key": change.key.decode("utf-8", "backslashreplace"),
                "reasons": list(change.reasons),
                "memory_usage": [None if look is None else look.computed for look in (change.before, change.after)],
                "after": None if change.after is None else look_data(change.after),
            }
            for change in changes
        ],
    }
