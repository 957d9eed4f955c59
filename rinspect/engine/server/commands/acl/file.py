"""The file that users are kept in: ACL LOAD, SAVE."""

from __future__ import annotations

from pathlib import Path

from rinspect.engine.acl.aclfile import AclFileError
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.files import replace_file
from rinspect.engine.replies import OK, CommandError, Reply
from rinspect.engine.server.commands.acl.listing import ADMIN, OF_USERS, TO_ALL_NODES
from rinspect.engine.server.commands.caller import server_of
from rinspect.engine.server.users import load

NO_FILE = (
    "ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command"
    " and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the"
    " Redis configuration."
)


@command(
    "ACL|LOAD", group="server", since="6.0.0", flags=ADMIN, complexity=OF_USERS,
    summary="Reloads the rules from the configured ACL file.",
)  # fmt: skip
def load_(call: Call) -> Reply:
    if not call.runtime.config.aclfile:
        raise CommandError(NO_FILE)
    try:
        server_of(call).clients.access.replace(load(call.session.engine))
    except AclFileError as error:
        raise CommandError(f"ERR {error}") from None
    return OK


@command(
    "ACL|SAVE", group="server", since="6.0.0", flags=ADMIN, complexity=OF_USERS, tips=TO_ALL_NODES,
    summary="Saves the effective ACL rules in the configured ACL file.",
)  # fmt: skip
def save_(call: Call) -> Reply:
    if not call.runtime.config.aclfile:
        raise CommandError(NO_FILE)
    try:
        replace_file(
            Path(call.runtime.config.aclfile), b"".join(user.line + b"\n" for user in call.session.engine.users)
        )
    except OSError as error:
        said = f"Writing ACL file for ACL SAVE: {error.strerror}"
        server_of(call).log.warning(said)
        raise CommandError(
            "ERR There was an error trying to save the ACLs. Please check the server logs for more information"
        ) from None
    return OK
