"""Where a server is, and how to log in: from a URL or redis-cli's flags."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

DEFAULT_PORT = 6379
_SCHEMES = {"redis": False, "rediss": True, "valkey": False, "valkeys": True}


class BadAddress(ValueError):
    """An address that cannot be meant; the text says what is wrong with it and never repeats a password."""


@dataclass(frozen=True, slots=True)
class Address:
    """One server. `password` is in no repr, label or message."""

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    unix: str = ""
    """Path of a socket; then host and port are not used."""
    database: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    insecure: bool = False
    """Do not verify the certificate."""
    sni: str = ""
    cacert: str = ""
    cert: str = ""
    key: str = ""

    @property
    def label(self) -> str:
        """What screens and messages call the server."""
        if self.unix:
            return self.unix
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_url(url: str, base: Address | None = None) -> Address:
    """The address that a URL means: redis, rediss, valkey, valkeys, unix; on top of `base`, whose other fields stay.

    A userinfo without a colon is the password, as in redis-cli.
    """
    base = base or Address()
    scheme, colon, _ = url.partition("://")
    if not colon:
        raise BadAddress(
            f"{_safe(url)} is neither a file nor a URL: write redis://host:port/database or unix:///path/to/socket"
        )
    if scheme == "unix":
        return _unix(url, base)
    if scheme not in _SCHEMES:
        known = ", ".join(f"{name}://" for name in (*_SCHEMES, "unix"))
        raise BadAddress(f"{scheme}:// is not a scheme that is known: there are {known}")
    parts = _parts(url)
    try:
        port = parts.port
    except ValueError:
        raise BadAddress("the port of the URL is not a number from 0 to 65535") from None
    username, password = _login(parts.netloc.rpartition("@")[0])
    database = parts.path.strip("/") or parse_qs(parts.query).get("db", [""])[0]
    return replace(
        base,
        host=parts.hostname or base.host,
        port=base.port if port is None else port,
        unix="",
        tls=_SCHEMES[scheme] or base.tls,
        username=username or base.username,
        password=password or base.password,
        database=_number(database, base.database),
    )


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise BadAddress(
            "the host of the URL is in brackets that do not close, or is no IPv6 address in them"
        ) from None


def _unix(url: str, base: Address) -> Address:
    parts = _parts(url)
    if not parts.path:
        raise BadAddress("a unix:// URL names the socket's path: unix:///run/redis.sock")
    username, password = _login(parts.netloc.rpartition("@")[0])
    database = parse_qs(parts.query).get("db", [""])[0]
    return replace(
        base,
        unix=unquote(parts.path),
        username=username or base.username,
        password=password or base.password,
        database=_number(database, base.database),
    )


def _login(userinfo: str) -> tuple[str, str]:
    user, colon, password = userinfo.partition(":")
    return (unquote(user), unquote(password)) if colon else ("", unquote(user))


def _number(text: str, default: int) -> int:
    if not text:
        return default
    if not text.isdigit():
        raise BadAddress(f"the database of the URL is a number, not {text!r}")
    return int(text)


def _safe(url: str) -> str:
    """A URL without what may be a password."""
    head, at, tail = url.rpartition("@")
    return f"…@{tail}" if at and head else url
