"""rinspect compare KEY A B: one key on two sources. Exit code 1 if something differs."""

from __future__ import annotations

import argparse
import sys

from rinspect.cli import DIFFERENT, FINE
from rinspect.comparing import compare_key
from rinspect.drawing.compare import draw_comparison, side_name
from rinspect.drawing.document import Data, text_or_hex
from rinspect.headless.output import write_json, write_lines
from rinspect.headless.show import feed, key_bytes, piped_lines
from rinspect.records import Comparison, Row
from rinspect.startup import BUILT_IN, open_source


async def run(options: argparse.Namespace) -> int:
    sides = [await open_source(options, options.first), await open_source(options, options.second)]
    try:
        names_of_sides = (options.first, options.second)
        lines = piped_lines() if BUILT_IN in names_of_sides else []
        for source, name in zip(sides, names_of_sides, strict=True):
            if name == BUILT_IN:
                await feed(source, lines)
        found = await compare_key(sides[0], sides[1], key_bytes(options.shown_key))
        if found.left is None and found.right is None:
            print(f"rinspect: no key {options.shown_key} on either side", file=sys.stderr)
            return DIFFERENT
        if options.json:
            write_json(_data(found))
        else:
            names = (side_name(await sides[0].info()), side_name(await sides[1].info()))
            write_lines(draw_comparison(found, names, options.width), options.shown_key, None, options.width)
        return FINE if found.same else DIFFERENT
    finally:
        for source in sides:
            await source.close()


def _data(found: Comparison) -> Data:
    return {
        "key": text_or_hex(found.key),
        "same": found.same,
        "facts": [_row(row) for row in found.rows],
        "settings": [_row(row) for row in found.settings],
    }


def _row(row: Row) -> Data:
    return {"name": row.name, "left": row.left, "right": row.right, "same": row.same, "note": row.note or None}
