"""The server that a command was sent to, for handlers that need one."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.replies import CommandError
from rinspect.engine.server.server import Server


def server_of(call: Call) -> Server:
    """The server whose client calls; CommandError for a session of the engine alone."""
    server = call.session.engine.host
    if not isinstance(server, Server):
        raise CommandError("ERR this session has no server")
    return server
