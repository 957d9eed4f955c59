"""Starts the screen in a terminal of its own, types a command, and sees that the reply and the change are drawn."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

WANTED = (b"No keys yet", b"new key")
LIMIT = 30.0


def main() -> int:
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(sys.argv[1], [sys.argv[1]])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen, end, typed = b"", time.monotonic() + LIMIT, False
    while time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 1 << 16)
            except OSError:
                break
        if WANTED[0] in seen and not typed:
            os.write(terminal, b"SET greeting hello\r")
            typed = True
        if WANTED[1] in seen:
            os.write(terminal, b"\x1bq")
            print("the screen starts, runs a command and shows its change")
            return 0
    sys.stderr.buffer.write(seen[-4000:])
    print("\nthe screen did not show the change", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
