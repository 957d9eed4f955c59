"""What CLIENT HELP says in each version."""

from __future__ import annotations

_BEFORE_KILLING = """\
CACHING (YES|NO)
    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.
GETREDIR
    Return the client ID we are redirecting to when tracking is enabled.
GETNAME
    Return the name of the current connection.
ID
    Return the ID of the current connection.
INFO
    Return information about the current client connection.
KILL <ip:port>
    Kill connection made from <ip:port>.
KILL <option> <value> [<option> <value> [...]]
    Kill connections. Options are:
    * ADDR (<ip:port>|<unixsocket>:0)
      Kill connections made from the specified address
    * LADDR (<ip:port>|<unixsocket>:0)
      Kill connections made to specified local address
    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)
      Kill connections by type.
    * USER <username>
      Kill connections authenticated by <username>.
    * SKIPME (YES|NO)
      Skip killing current connection (default: yes)."""
_KILLING_SINCE_7_4 = """\
    * ID <client-id>
      Kill connections by client id.
    * MAXAGE <maxage>
      Kill connections older than the specified age."""
_LISTING = """\
LIST [options ...]
    Return information about client connections. Options:
    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)
      Return clients of specified type.
UNPAUSE
    Stop the current client pause, resuming traffic.
PAUSE <timeout> [WRITE|ALL]
    Suspend all, or just write, clients for <timeout> milliseconds.
REPLY (ON|OFF|SKIP)
    Control the replies sent to the current connection.
SETNAME <name>
    Assign the name <name> to the current connection."""
_SETINFO = """\
SETINFO <option> <value>
    Set client meta attr. Options are:
    * LIB-NAME: the client lib name.
    * LIB-VER: the client lib version."""
_TRACKING = """\
UNBLOCK <clientid> [TIMEOUT|ERROR]
    Unblock the specified blocked client.
TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]
         [OPTIN] [OPTOUT] [NOLOOP]
    Control server assisted client side caching.
TRACKINGINFO
    Report tracking status for the current connection."""
_NO_EVICT = """\
NO-EVICT (ON|OFF)
    Protect current client connection from eviction."""
_NO_TOUCH = """\
NO-TOUCH (ON|OFF)
    Will not touch LRU/LFU stats when this mode is on."""

_6_2 = {
    "(NORMAL|MASTER|REPLICA|PUBSUB)\n      Kill": "(normal|master|replica|pubsub)\n      Kill",
    "<timeout> milliseconds": "<timout> milliseconds",
    " [NOLOOP]": "",
}
"""What 6.2 writes otherwise."""


def client_help(version: tuple[int, int]) -> str:
    """Its lines but for the first and the last, which are those of every HELP."""
    parts = [
        _BEFORE_KILLING,
        *[_KILLING_SINCE_7_4] * (version >= (7, 4)),
        _LISTING,
        *[_SETINFO] * (version >= (7, 2)),
        _TRACKING,
        *[_NO_EVICT] * (version >= (7, 0)),
        *[_NO_TOUCH] * (version >= (7, 2)),
    ]
    text = "\n".join(parts)
    if version < (7, 0):
        for word, there in _6_2.items():
            text = text.replace(word, there)
    return text
