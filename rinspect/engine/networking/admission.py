"""Who may connect: not more than `maxclients`, and in protected mode nobody from another machine."""

from __future__ import annotations

import resource
import socket

from rinspect.engine.config import Config
from rinspect.engine.networking.listening import is_loopback

TOO_MANY = b"-ERR max number of clients reached\r\n"
OWN_DESCRIPTORS = 32
"""Descriptors that are kept for other things than clients: CONFIG_MIN_RESERVED_FDS."""
_PROTECTED = (
    "-DENIED Redis is running in protected mode because protected mode is enabled{reason} In this mode connections are only"
    " accepted from the loopback interface. If you want to connect from external computers to Redis you may adopt one of the"
    " following solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the"
    " loopback interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not"
    " publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you"
    " can just disable the protected mode by editing the Redis configuration file, and setting the protected mode option to"
    " 'no', and then restarting the server. 3) If you started the server manually just for testing, restart it with the"
    " '--protected-mode no' option. 4) {remedy} NOTE: You only need to do one of the above things in order for the server to"
    " start accepting connections from the outside.\r\n"
)


def refusal(config: Config, connected: int, connection: socket.socket, address: str, *, nopass: bool) -> bytes:
    """What a connection is told that may not be; empty if it may. `connected`: how many there are already. `nopass`: the
    default user needs no password."""
    if connected >= config.maxclients:
        return TOO_MANY
    if not config.protected_mode or not nopass:
        return b""
    if connection.family == socket.AF_UNIX or is_loopback(address):
        return b""
    if config.profile.version >= (7, 0):
        reason = " and no password is set for the default user."
        remedy = "Set up an authentication password for the default user."
    elif config.bind:
        return b""
    else:
        reason = ", no bind address was specified, no authentication password is requested to clients."
        remedy = "Setup a bind address or an authentication password."
    return _PROTECTED.format(reason=reason, remedy=remedy).encode()


def room_for(clients: int) -> int:
    """Have the operating system allow so many clients; how many it does, at most as many as asked for."""
    wanted = clients + OWN_DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return clients
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    except (OSError, ValueError):
        allowed = soft
    return min(clients, allowed - OWN_DESCRIPTORS)
