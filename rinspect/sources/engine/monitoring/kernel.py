"""What the kernel holds of a connection."""

from __future__ import annotations

import fcntl
import struct
import termios


def unread(fd: int) -> int:
    """Bytes that wait in the kernel to be read from a descriptor; 0 if it is closed."""
    try:
        answer: bytes = fcntl.ioctl(fd, termios.FIONREAD, b"\0\0\0\0")
    except OSError:
        return 0
    return int(struct.unpack("i", answer)[0])
