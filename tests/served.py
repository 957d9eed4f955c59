"""`rinspect serve` as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import rinspect
from tests.real.connection import Connection

CHECKOUT = Path(rinspect.__file__).parents[1]


class Served:
    """The process, and a connection to it."""

    def __init__(self, process: subprocess.Popen[bytes], address: Path) -> None:
        self.process = process
        self.wait_for(b"Ready to accept connections")
        self.connection = Connection(address)
        self.execute = self.connection.execute

    def wait_for(self, text: bytes) -> None:
        """Read its log up to a line with that text."""
        assert self.process.stdout is not None
        while text not in (line := self.process.stdout.readline()):
            assert line, f"it ended before it said {text.decode()}"

    def end(self, number: int) -> bytes:
        """Send it a signal; the rest of its log."""
        assert self.process.stdout is not None
        self.process.send_signal(number)
        return self.process.stdout.read()


@contextmanager
def served(folder: Path, *options: str, python: Path | str = sys.executable) -> Iterator[Served]:
    """A server that works in `folder`. Whatever happens, it does not outlive the block."""
    address = folder / "socket"
    command = [python, "-m", "rinspect", "serve", "--port", "0", "--unixsocket", address, "--dir", folder, *options]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE) as process:
        try:
            it = Served(process, address)
            try:
                yield it
            finally:
                it.connection.close()
        finally:
            process.kill()
