"""The server: an engine whose sessions are clients on sockets, in one event loop.

What happens around the commands stands here: the steps before the loop sleeps, in the server's order, and the cron.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import time
import traceback
from functools import partial

from rinspect.engine.config.errors import Refused
from rinspect.engine.engine import Engine
from rinspect.engine.eventloop import EventLoop, Step
from rinspect.engine.keyspace.eviction import Eviction
from rinspect.engine.keyspace.sizes import KeySizes
from rinspect.engine.networking import commands as _commands  # noqa: F401 (declares them)
from rinspect.engine.networking import guards
from rinspect.engine.networking.admission import refusal, room_for
from rinspect.engine.networking.client import BUILT_IN, Client
from rinspect.engine.networking.clients import C, Clients
from rinspect.engine.networking.limits import Limits
from rinspect.engine.networking.listening import CannotListen, Listeners, keep_alive
from rinspect.engine.networking.replicas import Replicas
from rinspect.engine.notifications import Notifications
from rinspect.engine.runtime import Clock
from rinspect.engine.server import promises
from rinspect.engine.server.appendonly import AppendOnly
from rinspect.engine.server.child import Children
from rinspect.engine.server.latency import LatencyMonitor
from rinspect.engine.server.log import Log
from rinspect.engine.server.metrics import Metrics
from rinspect.engine.server.slowlog import SlowLog
from rinspect.engine.server.snapshots import Snapshots
from rinspect.engine.server.targets import Targets
from rinspect.engine.stepping import Stepper

REFUSED_LISTENING = {
    "port": "Unable to listen on this port. Check server logs.",
    "bind": "Failed to bind to specified addresses.",
}
"""Settings of where to listen, with what CONFIG SET says when one cannot be had."""


def monotonic_clock() -> int:
    """Microseconds that never go back, from an arbitrary moment on."""
    return time.monotonic_ns() // 1000


class Server:
    """See the module. `clock` is the loop's; the engine has its own."""

    def __init__(self, engine: Engine, clock: Clock = monotonic_clock, log: Log | None = None) -> None:
        self.engine = engine
        self.loop = EventLoop(clock)
        self.clients = Clients(engine, self.loop)
        self.log = log or Log(engine.runtime.config, engine.runtime.clock)
        self.listeners = Listeners(self.loop, self._accepted, self._not_accepted)
        self.limits = Limits(engine, self.clients, self.log)
        self.stepper = Stepper(self.loop.wait_for_submitted)
        self.started = engine.runtime.clock()
        """Microseconds since 1970."""
        self.run_id = secrets.token_hex(20)
        self.replication_id = secrets.token_hex(20)
        self.metrics = Metrics(engine, self.loop, self.clients)
        self.slow_log = SlowLog(engine, self.loop)
        self.latency = LatencyMonitor(engine)
        self.stands_alone = False
        """It is a process of its own, which SHUTDOWN may end."""
        self.cron_paused = False
        """DEBUG PAUSE-CRON: what is done from time to time is not done."""
        self.key_sizes = KeySizes(engine.keyspace)
        self.children = Children(engine.runtime, self.log)
        self.snapshots = Snapshots(engine, self.log, self.children)
        self.append_only = AppendOnly(engine, self.log, self.children, self._give_up)
        self.targets = Targets(self.loop.now, engine.runtime.rng)
        """Other servers that keys have been sent to."""
        engine.host = self
        self.notifications = Notifications(engine, self.clients.pubsub.publish)
        engine.guards[:0] = [guards.authenticated, guards.may_be_queued, self.clients.access.guard]
        engine.guards += [
            self.append_only.guard,
            self.snapshots.guard,
            Replicas(engine).guard,
            guards.subscriber_may,
            self.clients.pause.guard,
        ]
        self.loop.before_sleep = [
            Step("pause", self.clients.pause.end_if_over),
            Step("catching up", engine.catch_up),
            Step("timeouts", self.clients.blocked.time_out),
            Step("unblocked", self.clients.blocked.go_on),
            Step("fast expiry", engine.keyspace.expire_cycle.fast),
            Step("tracking", self.clients.tracking.broadcast),
            Step("append-only file", self.append_only.flush),
            Step("replies", self.clients.write_pending),
            Step("frees", self.clients.close_marked),
            Step("client eviction", self.limits.evict),
        ]
        for name, refused in REFUSED_LISTENING.items():
            engine.runtime.config.on_change(name, partial(self._listen_anew, refused))
        engine.runtime.config.on_change("maxclients", self._allow_clients)
        promises.guard(engine.runtime.config)
        self.loop.failed = self._failed
        self.clients.broken = self._broken
        self.clients.may_tell = self.append_only.keeps_its_word
        self.loop.after_sleep = engine.runtime.read_clock
        self.loop.every("serverCron", 1, self._cron)
        self._evicting = False
        engine.keyspace.evictor.on_running = self._evict_on

    def _accepted(self, connection: socket.socket, address: str, local: str) -> None:
        config = self.engine.runtime.config
        if connection.family != socket.AF_UNIX and config.tcp_keepalive:
            keep_alive(connection, config.tcp_keepalive)
        nopass = self.engine.users.default.nopass
        refused = refusal(config, len(self.clients.by_id), connection, address, nopass=nopass)
        if not refused:
            self.clients.connect(connection, address, local, Client)
            return
        self.clients.stats.rejected_connections += 1
        connection.setblocking(False)
        with contextlib.suppress(OSError):
            connection.send(refused)
        connection.close()

    def _not_accepted(self, error: OSError) -> None:
        said = f"Accepting client connection: {error.strerror or error}"
        self.log.warning(said)

    def _broken(self, client: Client, error: Exception) -> None:
        self._failed(f"client {client.id}", error)

    def _failed(self, what: str, error: Exception) -> None:
        """Something that the loop served ended in an error of ours: it is told, and others are served all the same."""
        said = f"Internal error ({what}): {''.join(traceback.format_exception(error)).rstrip()}"
        self.log.warning(said)

    def _give_up(self) -> None:
        """What the replies that are about to leave promise is not so: a server that is a process ends, at once; otherwise those
        who would get them are let go, as they would be then."""
        if self.stands_alone:
            self.log.warning("Can't recover from AOF write error when the AOF fsync policy is 'always'. Exiting...")
            os._exit(1)
        for client in self.clients.pending_writes:
            client.close_soon()

    def _allow_clients(self) -> None:
        """CONFIG SET maxclients."""
        wanted = self.engine.runtime.config.maxclients
        allowed = room_for(wanted)
        if allowed < wanted:
            raise Refused(
                f"The operating system is not able to handle the specified number of clients, try with {allowed}"
            )

    def _cron(self) -> int:
        runtime = self.engine.runtime
        runtime.read_clock()
        began = runtime.ustime
        if not self.cron_paused:
            self.engine.cron()
            self.limits.cron(max(1, min(500, runtime.config.hz)))
            self.targets.close_idle()
            self.snapshots.cron()
            self.append_only.cron()
            self.metrics.sample(began)
            self.metrics.cron_duration += runtime.clock() - began
        hz = runtime.config.hz
        return 1000 // max(1, min(500, hz))

    def _evict_on(self) -> None:
        """Eviction was broken off, for others are to be served too: go on with it in each iteration."""
        if not self._evicting:
            self._evicting = True
            self.loop.every("eviction", 0, self._evict)

    def _evict(self) -> int | None:
        self._evicting = self.engine.keyspace.evictor.perform() is Eviction.RUNNING
        return 0 if self._evicting else None

    def reset_stats(self) -> None:
        """CONFIG RESETSTAT."""
        self.engine.reset_stats()
        self.clients.reset_stats()
        self.metrics.reset()
        self.children.reset()
        self.snapshots.reset()
        self.append_only.rewriting.reset()

    def _listen_anew(self, refused: str) -> None:
        """CONFIG SET port or bind: Refused, with everything as it was, if they cannot be had."""
        config = self.engine.runtime.config
        try:
            self.listeners.open_tcp(self._addresses() if config.port else [], config.port, config.tcp_backlog)
        except CannotListen as error:
            said = f"Warning: Could not create server TCP listening socket {error}"
            self.log.warning(said)
            raise Refused(refused) from None

    def _addresses(self) -> list[str]:
        """Where to listen. 6.2 is bound to nothing unless it is told to, and that means to everything; later to nothing."""
        everywhere = ["*", "-::*"] if self.engine.profile.version < (7, 0) else []
        return list(self.engine.runtime.config.bind) or everywhere

    def listen(self) -> None:
        """Open the sockets that the configuration names. CannotListen if one cannot be had."""
        config = self.engine.runtime.config
        allowed = room_for(config.maxclients)
        if allowed < config.maxclients:
            said = f"You requested maxclients of {config.maxclients}, but the system allows {allowed}."
            self.log.warning(said)
            config.maxclients = allowed
        if config.port:
            self.listeners.open_tcp(self._addresses(), config.port, config.tcp_backlog)
        if config.unixsocket:
            self.listeners.open_unix(config.unixsocket, config.unixsocketperm, config.tcp_backlog)

    def attach(self, kind: type[C]) -> tuple[C, socket.socket]:
        """A client over a pair of sockets, with the end for whoever is to use it. Call in the loop's thread."""
        ours, theirs = socket.socketpair()
        return self.clients.connect(ours, BUILT_IN, BUILT_IN, kind), theirs

    def run(self) -> None:
        """Serve until the loop is stopped, then close everything."""
        try:
            self.loop.run()
        finally:
            self.close()

    def close(self) -> None:
        """Close all connections and sockets. Nobody would look after a child that saves: it ends too."""
        self.snapshots.kill()
        self.append_only.rewriting.kill()
        self.append_only.close()
        self.clients.write_pending()
        self.clients.close()
        self.targets.close_all()
        self.listeners.close()
        self.loop.close()
