"""MONITOR."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.networking.commands.caller import client_of
from rinspect.engine.replies import NO_REPLY, OK, CommandError, Reply


@command(
    "MONITOR",
    group="server", since="1.0.0", flags="admin noscript loading stale", complexity="",
    summary="Listens for all requests received by the server in real-time.",
)  # fmt: skip
def monitor(call: Call) -> Reply:
    client = client_of(call)
    if call.runtime.executing:
        raise CommandError("ERR MONITOR isn't allowed for DENY BLOCKING client")
    if client.monitoring:
        return NO_REPLY
    client.clients.monitors.add(client)
    return OK
