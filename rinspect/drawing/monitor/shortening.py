"""A command in as many cells as there are: long words give way, so that those behind them stay to be read."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from rinspect.drawing.line import show_word

_MOST, _LEAST = 40, 4
"""Cells of a word where there is room, and where there is little."""


def command_text(argv: Sequence[bytes]) -> str:
    return " ".join(show_word(word, _MOST) for word in argv)


def command_within(argv: Sequence[bytes], room: int) -> str:
    """The same in at most `room` cells. The longest words give way first; the command's name and numbers, which mean nothing
    without their end, are cut only where the rest is at its shortest and the end falls away."""
    texts = [show_word(word, _MOST) for word in argv]
    firm = [at == 0 or text.isdigit() for at, text in enumerate(texts)]
    cells = [cell_len(text) for text in texts]

    def needed(most: int) -> int:
        taken = (width if whole else min(width, most) for width, whole in zip(cells, firm, strict=True))
        return sum(taken) + len(cells) - 1

    if needed(_MOST + 2) > room:
        most = next((most for most in range(_MOST + 1, _LEAST, -1) if needed(most) <= room), _LEAST)
        texts = [
            text if whole or width <= most else show_word(word, most - 2 * text.startswith('"'))
            for word, text, width, whole in zip(argv, texts, cells, firm, strict=True)
        ]
    line = " ".join(texts)
    if cell_len(line) <= room:
        return line
    return set_cell_size(line, room - 1).rstrip("…") + "…" if room > 0 else ""
