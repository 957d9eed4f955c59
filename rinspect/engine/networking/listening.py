"""Where clients come in: TCP ports and Unix sockets."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Callable
from pathlib import Path

from rinspect.engine.eventloop import EventLoop
from rinspect.engine.multiplexing import READABLE

MAX_ACCEPTS = 1000
"""Connections accepted before others get their turn: MAX_ACCEPTS_PER_CALL."""

Accepted = Callable[[socket.socket, str, str], None]
"""Called with a connection, the peer's address and our own, as CLIENT LIST writes them."""


def is_loopback(address: str) -> bool:
    """Whether an address, as CLIENT LIST writes it, is one of this machine alone."""
    return address.startswith(("127.", "[::1]"))


class CannotListen(Exception):
    """An address that is taken, or is none; the text names it."""


def keep_alive(connection: socket.socket, seconds: int) -> None:
    """Have the kernel ask, after so many seconds of silence, whether the other side is still there."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, seconds // 3))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3)


def tcp_socket(address: str, port: int, backlog: int) -> socket.socket | None:
    """A socket that listens; None for an address that may be missing (`-::*`) and is. CannotListen if it cannot be had."""
    optional, host = address.startswith("-"), address.removeprefix("-")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    wanted = {"*": "0.0.0.0", "::*": "::"}.get(host, host)  # noqa: S104 (what bind * says)
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((wanted, port))
        listener.listen(backlog)
    except OSError as error:
        listener.close()
        missing = error.errno in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.ENOPROTOOPT, errno.EPROTONOSUPPORT}
        if optional and missing:
            return None
        raise CannotListen(f"bind: {host}:{port}: {error.strerror or error}") from error
    except OverflowError as error:
        listener.close()
        raise CannotListen(f"bind: {host}:{port}: no such port") from error
    listener.setblocking(False)
    return listener


def unix_socket(path: str, permissions: int, backlog: int) -> socket.socket:
    """A Unix socket that listens, in place of whatever stood there. CannotListen if it cannot be had."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with contextlib.suppress(FileNotFoundError):
            Path(path).unlink()
        listener.bind(path)
        listener.listen(backlog)
        if permissions:
            Path(path).chmod(permissions)
    except OSError as error:
        listener.close()
        raise CannotListen(f"bind: {path}: {error.strerror or error}") from error
    listener.setblocking(False)
    return listener


class Listeners:
    """The sockets that listen, each watched by the loop."""

    def __init__(self, loop: EventLoop, accepted: Accepted, failed: Callable[[OSError], None]) -> None:
        self._loop = loop
        self._failed = failed
        self._failing = False
        """Connections cannot be accepted; it has been told."""
        self._accepted = accepted
        self.tcp: list[socket.socket] = []
        self.unix: list[socket.socket] = []
        self._open: tuple[list[str], int, int] = [], 0, 0
        """Addresses, port and backlog of `tcp`."""

    def open_tcp(self, addresses: list[str], port: int, backlog: int) -> None:
        """Listen on a port of these addresses, and no longer on those of before. CannotListen leaves things as they were."""
        # Those of before go first: a socket for every address cannot be had beside one for a single address.
        self._close(self.tcp)
        try:
            self._open_all(addresses, port, backlog)
        except CannotListen:
            self._open_all(*self._open)
            raise
        self._open = addresses, port, backlog

    def _open_all(self, addresses: list[str], port: int, backlog: int) -> None:
        opened: list[socket.socket] = []
        try:
            for address in addresses:
                listener = tcp_socket(address, port, backlog)
                if listener is not None:
                    opened.append(listener)
        except CannotListen:
            for listener in opened:
                listener.close()
            raise
        for listener in opened:
            self._watch(listener)
        self.tcp = opened

    def open_unix(self, path: str, permissions: int, backlog: int) -> None:
        """Listen on a Unix socket too."""
        listener = unix_socket(path, permissions, backlog)
        self._watch(listener)
        self.unix.append(listener)

    def _watch(self, listener: socket.socket) -> None:
        self._loop.watch(listener.fileno(), READABLE, lambda: self._accept(listener), "listening socket")

    def _accept(self, listener: socket.socket) -> None:
        for _ in range(MAX_ACCEPTS):
            try:
                connection, peer = listener.accept()
            except BlockingIOError:
                self._failing = False
                return  # nobody is left
            except OSError as error:  # as a rule: there are no descriptors for them
                if not self._failing:
                    self._failing = True
                    self._failed(error)
                return
            if listener.family == socket.AF_UNIX:
                path = listener.getsockname()
                self._accepted(connection, f"{path}:0", f"{path}:0")
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._accepted(connection, _text(peer), _text(connection.getsockname()))

    def _close(self, listeners: list[socket.socket]) -> None:
        for listener in listeners:
            self._loop.forget(listener.fileno())
            listener.close()
        listeners.clear()

    def close(self) -> None:
        """Listen no more; a Unix socket's file goes."""
        for listener in self.unix:
            with contextlib.suppress(OSError):
                Path(listener.getsockname()).unlink()
        self._close(self.tcp)
        self._close(self.unix)


def _text(address: tuple[str | int, ...]) -> str:
    host, port, *_ = address
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
