"""The server around the engine: its loop, sockets and cron, and the commands that ask about them."""

from rinspect.engine.server import commands
from rinspect.engine.server.server import Server

__all__ = ["Server", "commands"]
