"""The program and its terminal, through a real pseudo-terminal."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

STARTED = b"\x1b[?1049h"
"""What the program writes first: the terminal's other screen."""


def test_it_ends_when_the_terminal_goes_though_no_hang_up_is_told(tmp_path: Path) -> None:
    ours, its = os.openpty()
    # As under make or nohup: the hang-up that comes with a closed window does not reach it.
    process = subprocess.Popen(
        ["sh", "-c", "trap '' HUP; exec \"$0\" -m rinspect", sys.executable], stdin=its, stdout=its, stderr=its,
        env={**os.environ, "HOME": str(tmp_path), "TERM": "xterm-256color"},
    )  # fmt: skip
    os.close(its)
    patience = threading.Timer(60, process.kill)
    patience.start()
    try:
        seen = b""
        while STARTED not in seen:
            seen += os.read(ours, 65536)
        os.close(ours)
        process.wait()
        assert process.returncode == 128 + signal.SIGHUP
    finally:
        patience.cancel()
        process.kill()
