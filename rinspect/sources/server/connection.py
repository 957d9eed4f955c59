"""One connection to a server: connects, asks one thing at a time, and says in plain words what went wrong."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping, Sequence
from typing import Any

from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection, UnixDomainSocketConnection
from redis.exceptions import (
    AuthenticationError,
    AuthenticationWrongNumberOfArgsError,
    BusyLoadingError,
    InvalidResponse,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from rinspect.engine.replies import CommandError, Reply
from rinspect.sources.server.address import Address
from rinspect.sources.source import CannotConnect

CLIENT_NAME = "rinspect"
"""What CLIENT LIST and the slow log of the server call us."""
CONNECT_TIMEOUT = 5.0
ANSWER_TIMEOUT = 30.0
"""Seconds after which a server counts as gone."""


class Lost(Exception):
    """The connection broke; the text says how."""


class ServerConnection:
    """A connection that is opened when first needed. Replies are in the engine's own forms, errors among them."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._connection: AbstractConnection | None = None
        self._turn = asyncio.Lock()
        self._exchanges: set[asyncio.Task[list[Reply]]] = set()
        self._lost = "not connected"
        """How the last connection broke, for those whose turn came afterwards."""
        self._answered = False
        """The server has answered before, so that it is a server of the kind that was asked for."""
        self.sent = 0
        """Commands sent so far."""
        self.took = 0.0
        """Seconds until the last answers were here; not counted is how long others had to be waited for."""

    @property
    def is_open(self) -> bool:
        return self._connection is not None

    async def open(self) -> None:
        """Connect and log in; CannotConnect says why not."""
        connection = _made(self.address)
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await connection.connect()  # type: ignore[no-untyped-call]
        except (RedisError, OSError) as error:
            await _quietly_close(connection)
            raise CannotConnect(explain(error, self.address)) from None
        self._connection = connection

    async def ask(self, *argv: bytes) -> Reply:
        """Send one command; its reply. Lost if the connection breaks, and it is closed then."""
        (reply,) = await self.ask_all([argv])
        return reply

    async def ask_all(self, commands: Sequence[Sequence[bytes]]) -> list[Reply]:
        """Send several commands in one go; their replies. Whoever stops waiting for them leaves the connection as it is:
        the answers that are under way are read all the same."""
        exchange = asyncio.create_task(self._exchange(commands))
        self._exchanges.add(exchange)
        exchange.add_done_callback(self._forget)
        return await asyncio.shield(exchange)

    def _forget(self, exchange: asyncio.Task[list[Reply]]) -> None:
        self._exchanges.discard(exchange)
        if not exchange.cancelled():
            exchange.exception()  # for those that nobody waits for any more

    async def _exchange(self, commands: Sequence[Sequence[bytes]]) -> list[Reply]:
        async with self._turn:
            connection = self._connection
            if connection is None:
                raise Lost(self._lost)
            try:
                self.sent += len(commands)
                began = time.perf_counter()
                await connection.send_packed_command(connection.pack_commands(commands))
                replies = [await self._read(connection) for _ in commands]
            except (RedisConnectionError, RedisTimeoutError, OSError, InvalidResponse) as error:
                await self._drop()
                self._lost = explain(error, self.address, answered=self._answered)
                raise Lost(self._lost) from None
            self.took = time.perf_counter() - began
            self._answered = True
            return replies

    async def _read(self, connection: AbstractConnection) -> Reply:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT):
                reply = await connection.read_response(disable_decoding=True, disconnect_on_error=False)
        except (ResponseError, AuthenticationError, BusyLoadingError) as error:
            # The last two are replies as well, for all that the client library counts them as broken connections.
            return CommandError(_text(error))
        return _converted(reply)

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await _quietly_close(connection)

    async def close(self) -> None:
        for exchange in self._exchanges:
            exchange.cancel()
        await asyncio.gather(*self._exchanges, return_exceptions=True)
        await self._drop()


def _made(address: Address) -> AbstractConnection:
    common: dict[str, Any] = {
        "db": 0,
        "username": address.username or None,
        "password": address.password or None,
        # How long to wait is decided here, not there.
        "socket_timeout": None,
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "protocol": 2,
        # The source names itself, as rinspect, once it is connected.
        "driver_info": None,
    }
    if address.unix:
        return UnixDomainSocketConnection(path=address.unix, **common)
    if not address.tls:
        return Connection(host=address.host, port=address.port, **common)
    check_files(address)
    return NamedSSLConnection(
        address.sni,
        host=address.host,
        port=address.port,
        ssl_ca_certs=address.cacert or None,
        ssl_certfile=address.cert or None,
        ssl_keyfile=address.key or None,
        ssl_cert_reqs="none" if address.insecure else "required",
        ssl_check_hostname=not address.insecure,
        **common,
    )


class NamedSSLConnection(SSLConnection):
    """Asks for the certificate of a name that may be another than the host's (SNI), and verifies that one."""

    def __init__(self, name: str, **how: Any) -> None:
        super().__init__(**how)
        self._name = name

    def _connection_arguments(self) -> Mapping[str, Any]:
        arguments = dict(super()._connection_arguments())
        if self._name:
            arguments["server_hostname"] = self._name
        return arguments


def check_files(address: Address) -> None:
    """CannotConnect for a certificate or key that is not there or cannot be read, named by its flag."""
    context, where = ssl.create_default_context(), ""
    try:
        if address.cacert:
            where = f"--cacert {address.cacert}"
            context.load_verify_locations(address.cacert)
        if address.cert:
            where = f"--cert {address.cert}" + (f" with --key {address.key}" if address.key else "")
            context.load_cert_chain(address.cert, address.key or None)
    except ssl.SSLError:
        raise CannotConnect(f"{address.label}: {where} does not hold what it should, in PEM form") from None
    except OSError as error:
        raise CannotConnect(f"{address.label}: {where} cannot be read: {error.strerror}") from None


async def _quietly_close(connection: AbstractConnection) -> None:
    try:
        await connection.disconnect()
    except (RedisError, OSError):
        return


def _text(error: RedisError) -> str:
    """An error as the server wrote it: the client library takes the codes it knows away."""
    text = str(error)
    code = getattr(error, "status_code", None)
    if isinstance(code, str):
        return f"{code} {text}"
    first = text.split(" ", 1)[0]
    return text if first.isupper() and first.isalpha() else f"ERR {text}"


def _converted(reply: object) -> Reply:
    if isinstance(reply, ResponseError):
        return CommandError(_text(reply))
    if isinstance(reply, list):
        return [_converted(item) for item in reply]
    if isinstance(reply, str):
        return reply.encode()
    if reply is None or isinstance(reply, bytes | int):
        return reply
    raise TypeError(f"a reply of an unknown form: {type(reply).__name__}")


def explain(error: BaseException, address: Address, *, answered: bool = False) -> str:
    """What went wrong with a connection, and the way out; never with a password in it. `answered`: it was of use before."""
    where = address.label
    text = str(error)
    lowered = text.lower()
    if isinstance(error, TimeoutError | RedisTimeoutError):
        tls = " A server without TLS keeps silent like this: try redis:// or leave out --tls." if address.tls else ""
        return f"{where} does not answer: is host and port right, and does a firewall let you through?{tls}"
    if isinstance(error, InvalidResponse):
        return f"{where} does not answer as Redis does: is this another service's port? ({text})"
    if "noauth" in lowered or "authentication required" in lowered:
        return f"{where} asks for a password: set REDISCLI_AUTH, or use --askpass"
    if isinstance(error, BusyLoadingError) or lowered.startswith("loading "):
        return f"{where} is still loading its data: try again when it is through"
    if isinstance(error, AuthenticationWrongNumberOfArgsError) or "without any password configured" in lowered:
        return f"{where} wants no password, or needs --user with it"
    if isinstance(error, AuthenticationError) or "wrongpass" in lowered or "invalid username-password" in lowered:
        return f"{where} does not accept this user and password: check REDISCLI_AUTH, -a and --user"
    if "certificate" in lowered:
        return f"{where}: its certificate is not trusted: name the authority with --cacert FILE, or accept any with --insecure"
    if isinstance(error, ssl.SSLError) or "ssl" in lowered:
        return f"{where} does not speak TLS as asked: is it rediss:// (TLS) or redis:// (plain), and the right port?"
    if "no such file" in lowered:
        return f"{where}: there is no such socket"
    if "refused" in lowered or "connect call failed" in lowered:
        return f"{where} refuses connections: is the server running, on this port?"
    if "name or service not known" in lowered or "nodename" in lowered or "getaddrinfo" in lowered:
        return f"{where}: there is no host of that name"
    if "closed" in lowered or "reset" in lowered:
        if answered:
            return f"{where} closed the connection: it has ended, or somebody closes connections there (CLIENT KILL, timeout)"
        tls = "" if address.tls else "; if it expects TLS, use rediss:// or --tls"
        return f"{where} closed the connection{tls}"
    return f"{where}: {text or type(error).__name__}"
