"""What the screen costs, measured from outside through a pseudo-terminal.

    python bench/screen.py [--runs 5] [--keys 1000000]

Four figures, each a ratio or a time that a person would feel:

    first paint   user and system CPU until the keys pane is complete, against a bare Textual app (Header, Static, Footer)
    idle          bytes a second to the terminal with nothing moving
    page down     among many keys against among 1,000: CPU of the process for each key press
    enter         from Enter to the changed bytes on the screen, median

Needs pyte, which draws the terminal that the program believes to have.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import tempfile
import termios
import time
from pathlib import Path

import pyte

ROWS, COLUMNS = 40, 120
TICKS = os.sysconf("SC_CLK_TCK")

BARE = """
from textual.app import App
from textual.widgets import Footer, Header, Static
class Bare(App):
    def compose(self):
        yield Header()
        yield Static("ready to be read")
        yield Footer()
Bare().run()
"""

FILLED = """
import sys
from rinspect.app import RinspectApp
from rinspect.engine import Engine
from rinspect.sources.engine import EngineSource
engine = Engine()
execute = engine.session().execute
for n in range(int(sys.argv[1])):
    execute([b"SET", b"key:%d" % n, b"value"])
RinspectApp(EngineSource(engine)).run()
"""


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, command: list[str]) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            home = tempfile.mkdtemp(prefix="rinspect-bench-")
            os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", XDG_CONFIG_HOME=home, XDG_STATE_HOME=home)
            os.execvp(command[0], command)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.received = 0

    def pump(self, seconds: float) -> bool:
        """Take what comes within so many seconds; whether anything did."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return False
        data = os.read(self._fd, 1 << 16)
        self.received += len(data)
        for question, answer in (
            (b"\x1b[6n", b"\x1b[1;1R"),
            (b"\x1b[c", b"\x1b[?62;c"),
            (b"\x1b[?2026$p", b"\x1b[?2026;2$y"),
        ):
            if question in data:
                os.write(self._fd, answer)
        self._stream.feed(data)
        return True

    def wait_for(self, text: str, seconds: float = 60.0) -> None:
        end = time.perf_counter() + seconds
        while not any(text in line for line in self.screen.display):
            if time.perf_counter() > end:
                raise TimeoutError(f"{text!r} is not on the screen:\n" + "\n".join(self.screen.display))
            self.pump(0.02)

    def settle(self, quiet: float = 0.3) -> None:
        while self.pump(quiet):
            pass

    def press(self, keys: str) -> None:
        os.write(self._fd, keys.encode())

    def cpu(self) -> float:
        """User and system seconds so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)


def first_paint(command: list[str], text: str) -> float:
    terminal = Terminal(command)
    try:
        terminal.wait_for(text)
        return terminal.cpu()
    finally:
        terminal.close()


def idle(command: list[str], seconds: float = 5.0) -> float:
    terminal = Terminal(command)
    try:
        terminal.wait_for("REPL")
        terminal.settle(1.0)
        before, end = terminal.received, time.perf_counter() + seconds
        while time.perf_counter() < end:
            terminal.pump(0.2)
        return (terminal.received - before) / seconds
    finally:
        terminal.close()


def page_down(count: int, presses: int = 40) -> float:
    """CPU seconds of one page-down among so many keys."""
    terminal = Terminal([sys.executable, "-c", FILLED, str(count)])
    try:
        terminal.wait_for(f"{count:,} keys", 120.0)
        terminal.settle()
        terminal.press("\x1b")
        terminal.settle(0.5)
        before = terminal.cpu()
        for _ in range(presses):
            terminal.press("\x1b[6~")
            terminal.settle(0.08)
        return (terminal.cpu() - before) / presses
    finally:
        terminal.close()


def enter_to_change(command: list[str], rounds: int = 20) -> list[float]:
    """Seconds from Enter to the new byte on the screen, for an APPEND of one character that is not there yet."""
    terminal = Terminal(command)
    taken = []
    try:
        terminal.wait_for("REPL")
        terminal.settle()
        terminal.press("SET k 0\r")
        terminal.settle()
        for number in range(rounds):
            letter = chr(ord("A") + number)
            terminal.press(f"APPEND k {letter}")
            terminal.settle(0.15)
            began = time.perf_counter()
            terminal.press("\r")
            wanted = f"{ord(letter):02x}"
            while not any(wanted in line[44:100] for line in terminal.screen.display[14:24]):
                if not terminal.pump(0.005) and time.perf_counter() - began > 5:
                    raise TimeoutError("the byte never came:\n" + "\n".join(terminal.screen.display))
            taken.append(time.perf_counter() - began)
            terminal.settle(0.1)
    finally:
        terminal.close()
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--keys", type=int, default=1_000_000)
    options = parser.parse_args()
    ours = [sys.executable, "-m", "rinspect"]
    paints = [
        (first_paint(ours, "No keys yet"), first_paint([sys.executable, "-c", BARE], "ready to be read"))
        for _ in range(options.runs)
    ]
    own, bare = (statistics.median(column) for column in zip(*paints, strict=True))
    print(f"first paint: {own:.2f} s CPU, a bare Textual app {bare:.2f} s: ratio {own / bare:.2f}")
    print(f"idle: {idle(ours):.0f} bytes a second")
    taken = sorted(enter_to_change(ours))
    print(f"enter to changed bytes: median {statistics.median(taken) * 1000:.0f} ms, slowest {taken[-1] * 1000:.0f} ms")
    few, many = page_down(1_000), page_down(options.keys)
    print(
        f"page down: {many * 1000:.1f} ms CPU among {options.keys:,} keys, {few * 1000:.1f} among 1,000: ratio {many / few:.2f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
