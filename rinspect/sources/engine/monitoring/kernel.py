"""What the kernel holds of a connection, or for who is still to become one."""

from __future__ import annotations

import fcntl
import select
import socket
import struct
import sys
import termios

_ACCEPT_QUEUE = 24
"""Where Linux's `struct tcp_info` has `tcpi_unacked`: of a socket that listens, the length of its queue."""


def unread(fd: int) -> int:
    """Bytes that wait in the kernel to be read from a descriptor; 0 if it is closed."""
    try:
        answer: bytes = fcntl.ioctl(fd, termios.FIONREAD, b"\0\0\0\0")
    except OSError:
        return 0
    return int(struct.unpack("i", answer)[0])


def unaccepted(listener: socket.socket) -> int:
    """Connections that wait to be accepted; 1 for any number where the kernel does not tell it; 0 if it is closed."""
    try:
        if sys.platform == "linux" and listener.family != socket.AF_UNIX:
            about = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ACCEPT_QUEUE + 4)
            return int(struct.unpack_from("I", about, _ACCEPT_QUEUE)[0])
        asked = select.poll()
        asked.register(listener, select.POLLIN)
        return len(asked.poll(0))
    except (OSError, ValueError):
        return 0
