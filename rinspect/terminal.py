"""The terminal that the screen is on: without it the program ends."""

from __future__ import annotations

import os
import signal
import time
from threading import Thread

LOOK = 1.0
"""Seconds between looks whether it is still there."""


def end_with_terminal(descriptor: int) -> None:
    """End the program as soon as the terminal has gone, as the hang-up that comes with it does.

    The hang-up does not reach a program that `make`, `nohup` or a script started. Then no key comes any more, not even the
    one to quit, and whoever writes to the terminal waits for ever: so a thread of its own looks.
    """
    Thread(target=_end_without, args=(descriptor,), name="terminal", daemon=True).start()


def _end_without(descriptor: int) -> None:
    while os.isatty(descriptor):
        time.sleep(LOOK)
    os._exit(128 + signal.SIGHUP)
