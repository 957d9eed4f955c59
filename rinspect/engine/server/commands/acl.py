"""What clients ask ACL when they connect. There is one user, the default one, who may do everything."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import Reply

USER = b"default"
_FLAGS = "noscript loading stale"
_ADMIN = "admin noscript loading stale"


@command(
    "ACL|WHOAMI", group="server", since="6.0.0", flags=_FLAGS,
    summary="Returns the authenticated username of the current connection.",
)  # fmt: skip
def whoami(call: Call) -> Reply:
    return USER


@command(
    "ACL|USERS", group="server", since="6.0.0", flags=_ADMIN, complexity="O(N). Where N is the number of configured users.",
    summary="Lists all ACL users.",
)  # fmt: skip
def users(call: Call) -> Reply:
    return [USER]


@command(
    "ACL|LIST", group="server", since="6.0.0", flags=_ADMIN, complexity="O(N). Where N is the number of configured users.",
    summary="Dumps the effective rules in ACL file format.",
)  # fmt: skip
def list_(call: Call) -> Reply:
    return [call.runtime.config.default_user.encode()]
