"""Whose the built-in engine is: who takes their own rights away at the prompt has no file to mend, and nothing to restart."""

from __future__ import annotations

from rinspect.engine import Engine
from rinspect.engine.networking.client import Client

LOCKED_OUT = (
    "From here users can no longer be changed without a password. The built-in engine is yours: esc, then u, gives the user"
    " default all rights back."
)


def is_locked_out(engine: Engine, client: Client | None) -> bool:
    """Whether from the prompt users can be changed only by who shows a password, if at all. `client` is the prompt's."""
    users = [user for user in engine.users if user.enabled and user.nopass]
    if client is not None and (client.authenticated or not engine.users.must_log_in):
        users.append(client.user)
    setuser = engine.commands[b"ACL"].subcommands[b"SETUSER"]
    return all(user.denial(setuser, (b"ACL", b"SETUSER", user.name)) is not None for user in users)
