"""The program as scripts run it."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Done:
    """What became of it."""

    code: int
    out: str
    err: str


def rinspect(*args: str | bytes, given: str | bytes = "", **environment: str) -> Done:
    """Run the program with `given` on its stdin; output is UTF-8."""
    data = given.encode() if isinstance(given, str) else given
    done = subprocess.run(
        [sys.executable, "-m", "rinspect", *args],
        input=data,
        capture_output=True,
        check=False,
        timeout=60,
        env={**{name: value for name, value in os.environ.items() if name != "REDISCLI_AUTH"}, **environment},
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())
