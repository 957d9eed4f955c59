"""When garbage is collected."""

from __future__ import annotations

import gc


def collect_from_now_on() -> None:
    """Have garbage collected again, without what the start made: that is never garbage."""
    if hasattr(gc, "freeze"):  # (PyPy moves what lives long out of the way by itself)
        gc.freeze()
    gc.enable()
