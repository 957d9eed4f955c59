"""The client that calls, for handlers that need one."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.networking.client import Client
from rinspect.engine.replies import CommandError


def client_of(call: Call) -> Client:
    """The client whose command this is; CommandError for a session of the engine alone, which has no connection."""
    client = call.session
    if not isinstance(client, Client):
        raise CommandError("ERR this session has no connection")
    return client
