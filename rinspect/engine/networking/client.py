"""A client: a session with a connection.

    kernel ──recv──▶ query buffer ──▶ argv ──▶ command ──▶ outgoing ──send──▶ kernel

The loop calls `readable` when bytes have come: up to 16 KB of them are read, the requests in them run one after the other,
and their replies gathered. They are sent before the loop sleeps. Only what the kernel does not take at once is left to
an event of its own (`writable`).
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rinspect.engine.acl.user import User
from rinspect.engine.commands.blocking import WouldBlock
from rinspect.engine.commands.registry import MANY, Command
from rinspect.engine.engine import Engine
from rinspect.engine.networking.listening import is_loopback
from rinspect.engine.networking.outgoing import REPLY_CHUNK, Outgoing, block_size
from rinspect.engine.networking.pubsub import Subscriptions
from rinspect.engine.networking.requests import ProtocolError, QueryBuffer
from rinspect.engine.networking.resp import ENCODERS
from rinspect.engine.networking.room import QueryRoom, ReplyRoom
from rinspect.engine.networking.waiting import TYPES, Blocked
from rinspect.engine.replies import NO_REPLY, OK, CommandError, Push, Reply, Several
from rinspect.engine.session import Session

if TYPE_CHECKING:
    from rinspect.engine.networking.clients import Clients

READ_SIZE = 16 * 1024
"""Bytes read at once: PROTO_IOBUF_LEN."""

BUILT_IN = "built-in:0"
"""The address of a client that is part of the program itself."""


class Client(Session):
    """See the module."""

    __slots__ = (
        "_moved", "_recv", "_send", "address", "authenticated", "blocked", "bytes_in", "clients", "close_after_reply",
        "closing", "created", "encoders", "ends_with_reply", "fd", "last_interaction", "late", "lib_name", "lib_ver",
        "local_address", "monitoring", "muted", "name", "no_evict", "no_touch", "outgoing", "over_soft_limit_since",
        "pending_write", "performing", "query_buffer", "query_room", "reply_room", "retried", "skipping", "socket",
        "stopped", "subscriptions", "writing",
    )  # fmt: skip

    user: User

    def __init__(self, engine: Engine, clients: Clients, connection: socket.socket, address: str, local: str) -> None:
        super().__init__(engine, engine.next_id())
        self.clients = clients
        self.socket = connection
        self.fd = connection.fileno()
        self.address = address
        self.local_address = local
        self.created = engine.runtime.clock()
        self.last_interaction = engine.runtime.now
        self.query_buffer = QueryBuffer(engine.runtime.config.proto_max_bulk_len)
        self.query_room = QueryRoom(engine.profile.version, engine.runtime.usable)
        self.outgoing = Outgoing(block_size(engine.runtime.usable))
        self.reply_room = ReplyRoom(engine.runtime.usable)
        self.over_soft_limit_since = 0
        """Seconds since 1970 since when more replies wait than the soft limit allows, 0 while not."""
        self.encoders = ENCODERS[2].by_type
        self.stopped = False
        """In the middle of something, or on its way out: its next request has to wait, perhaps for ever."""
        self.blocked: Blocked | None = None
        """What it waits for."""
        self.retried: Blocked | None = None
        """What it waited for, while its command runs again."""
        self.ends_with_reply = False
        """To be closed when the reply to the command that is running is sent."""
        self.performing = False
        """Its command runs, or has run and is yet to be answered; meaningless while it is not the one that is served."""
        self.late: list[Push] = []
        """Messages to be sent behind the reply to the command that is running."""
        self.close_after_reply = False
        self.closing = False
        """To be freed before the loop sleeps."""
        self.pending_write = False
        self.writing = False
        """The kernel did not take all: the rest is sent when it can."""
        self.bytes_in = 0
        self.lib_name = self.lib_ver = b""
        self.authenticated = False
        self.subscriptions = Subscriptions()
        self._make_fresh()
        self._recv, self._send = connection.recv, connection.send
        self._moved = clients.memory.moved.add

    def _make_fresh(self) -> None:
        self.name = b""
        self.muted = False
        """It wants no replies."""
        self.skipping = 0
        """2: it wants none to its next command; 1: none to the one that is running."""
        self.no_evict = False
        self.no_touch = False
        self.monitoring = False
        self.user = self.engine.users.default
        self.authenticated = not self.engine.users.must_log_in
        self.heed_user()
        self.guard("reply", on=False)
        self.guard("no-touch", on=False)

    def start_afresh(self) -> None:
        """As it was when it came, but for what it said of its library."""
        self.clients.forget_interests(self)
        self.call.db = self.engine.keyspace[0]
        self.speak(2)
        self._make_fresh()

    def log_in(self, user: User) -> None:
        """It has shown the password of that user."""
        self.user = user
        self.authenticated = True
        self.heed_user()

    def heed_user(self) -> None:
        """It is another user, or its user has other rights, or who has not logged in need not any more."""
        must_log_in = not self.authenticated and self.engine.users.must_log_in
        self.query_buffer.unauthenticated = must_log_in
        self.guard("authentication", on=must_log_in)
        self.guard("user", on=not self.user.may_everything)

    def subscribed(self) -> None:
        """Its subscriptions changed."""
        self.guard("pubsub", on=bool(self.subscriptions))

    @property
    def subscribes(self) -> bool:
        return bool(self.subscriptions)

    @property
    def kind(self) -> str:
        """`normal` or `pubsub`: what output buffer limits and CLIENT LIST TYPE tell apart."""
        return "pubsub" if self.subscriptions else "normal"

    @property
    def age(self) -> int:
        """Whole seconds since it came."""
        return (self._runtime.ustime - self.created) // 1_000_000

    @property
    def idle(self) -> int:
        """Whole seconds since it last sent or was sent something."""
        return (self._runtime.now - self.last_interaction) // 1000

    @property
    def woken(self) -> bool:
        return self.retried is not None

    @property
    def is_unix(self) -> bool:
        return self.socket.family == socket.AF_UNIX

    @property
    def is_local(self) -> bool:
        return self.is_unix or is_loopback(self.address)

    @property
    def trusted(self) -> bool:
        return self.address == BUILT_IN

    def stop(self) -> None:
        """Have its next request wait."""
        self.stopped = True
        self._runtime.interrupted = True

    def mute(self, on: bool) -> None:
        """Send no replies, or send them again."""
        self.muted, self.skipping = on, 0
        self.guard("reply", on=on)

    def skip_next_reply(self) -> None:
        """Send no reply to the next command."""
        if not self.muted:
            self.skipping = 2
            self.guard("reply", on=True)

    def perform(self, command: Command, argv: Sequence[bytes]) -> Reply:
        self.performing = True
        return super().perform(command, argv)

    def considered(self, command: Command, argv: Sequence[bytes]) -> Reply:
        self.performing = False
        if self.no_touch and command.name != "TOUCH":
            with self._runtime.untouched():
                return super().considered(command, argv)
        return super().considered(command, argv)

    def process(self, argv: Sequence[bytes]) -> Reply:
        self.skipping = min(self.skipping, 1)
        reply = super().process(argv)
        if self.blocked is not None or self._wants_reply():
            return reply
        # What (un)subscribing answers are messages, and those are sent all the same.
        return reply if isinstance(reply, Several) else NO_REPLY

    def _wants_reply(self) -> bool:
        """Whether it wants the reply to the command that ran; if it did not, it wants the next one's."""
        if self.muted:
            return False
        if self.skipping == 1:
            self.skipping = 0
            self.guard("reply", on=False)
            return False
        return True

    def answer_late(self, reply: Reply) -> None:
        """Reply to a command that it waited with, and that is not run again."""
        if self._wants_reply():
            self.reply(reply)

    def readable(self) -> None:
        """Bytes have come, or the connection has ended."""
        buffer, clients = self.query_buffer, self.clients
        wanted = READ_SIZE
        if not (self.query_room.ready and buffer.empty):
            self.query_room.read(len(buffer), buffer.wanted)
            wanted = buffer.wanted or READ_SIZE
        try:
            data = self._recv(wanted)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close_soon()
            return
        self.bytes_in += len(data)
        clients.stats.reads += 1
        self.last_interaction = self._runtime.now
        if self.stopped:
            buffer.hold(data)
        else:
            self.run_requests(data)
        self._moved(self)
        if not buffer.empty:
            self.query_room.read(len(buffer), buffer.wanted)
            clients.check_input(self)

    def run_requests(self, data: bytes = b"") -> None:
        """Run what is in the query buffer and what has come, request by request, as long as nothing stops it."""
        buffer, runtime, clients = self.query_buffer, self._runtime, self.clients
        clients.running = self
        try:
            taken = buffer.receive(data) if data else buffer.take()
            while taken:
                requests = iter(taken)
                runtime.interrupted = True
                while runtime.interrupted and not (self.stopped and not self._goes_on()):
                    if self.guarded or runtime.guarded:
                        self._run_guarded(requests)
                    else:
                        self._run_freely(requests)
                clients.requests += len(taken)
                if self.stopped:
                    left = [*requests]
                    clients.requests -= len(left)
                    buffer.put_back(left)
                    break
                taken = [] if buffer.empty else buffer.take()
        except ProtocolError as error:
            self.reply(CommandError(f"ERR Protocol error: {error}"))
            clients.protocol_error(self, error)
            self.end_after_reply()
        except Exception as error:  # noqa: BLE001 (whatever it is, others are to be served)
            self._failed(error)
        clients.running = None
        if self.ends_with_reply:
            self.end_after_reply()
        if self.outgoing.size and not self.pending_write:
            self.pending_write = True
            self.clients.pending_writes.append(self)

    # Both of these gather the replies, and return with `runtime.interrupted` where requests may be left.

    def _run_guarded(self, requests: Iterator[Sequence[bytes]]) -> None:
        """Run requests one after the other while each is to be looked at before it runs."""
        runtime = self._runtime
        for argv in requests:
            self._gather(self.process(argv))
            if self.stopped or not (self.guarded or runtime.guarded):
                runtime.interrupted = True
                return
        runtime.interrupted = False

    def _run_freely(self, requests: Iterator[Sequence[bytes]]) -> None:
        """Run requests one after the other while nothing speaks against any: the short way, which most commands go.

        It is `process` and `_gather` with nothing in between: what is spelled out here, or kept in a variable, would take as
        long as a short command itself.
        """
        runtime, outgoing, call, encoders = self._runtime, self.outgoing, self.call, self.encoders
        short, bound, ticks, slow = self._commands.short, self._commands.bound, runtime.ticks, runtime.slow
        propagation = runtime.propagation
        add, size = outgoing.pieces.append, 0
        before = -1  # (no command has begun of which it is to be known)
        runtime.interrupted = False
        try:
            for argv in requests:
                count = len(argv)
                command = short[count if count < MANY else MANY].get(argv[0])
                if command is None:
                    command = bound.get(argv[0])
                    if command is None or not command.fits(count):
                        outgoing.size += size
                        size = 0
                        self._gather(self.process(argv))
                        if runtime.interrupted:
                            return
                        continue
                    count = 0
                self.command = command
                runtime.running = argv
                if propagation is not None:
                    before = self.begin(propagation, command, argv)
                try:
                    if count == 3:
                        reply = command.handler(call, argv[1], argv[2])
                    elif count == 2:
                        reply = command.handler(call, argv[1])
                    elif count == 4:
                        reply = command.handler(call, argv[1], argv[2], argv[3])
                    elif count:
                        reply = command.handler(call, *argv[1:])
                    else:
                        reply = command.handler(call, *command.grammar.bind(argv))
                except (WouldBlock, CommandError) as wish:
                    reply = self._unanswered(command, argv, wish)
                    if self.blocked is not None:
                        return
                ended = ticks()
                took = (ended - runtime.ticked) // 1000
                runtime.ticked = ended
                if ended >= runtime.now_is_over or took < 0:
                    runtime.go_on_at(ended)
                if 0 <= took < slow:
                    command.fast[took] += 1
                else:
                    self._took_long(command, argv, took)
                if propagation is not None:
                    self.hand_on(propagation, command, argv, reply, before)
                    before = -1
                    self.end(propagation, command)
                if runtime.interrupted:
                    outgoing.size += size
                    size = 0
                    if runtime.deferred:
                        self.engine.catch_up()
                    self._gather(reply)
                    return
                if reply is OK:
                    add(b"+OK\r\n")
                    size += 5
                elif reply is not NO_REPLY:
                    piece = encoders[reply.__class__](reply)
                    add(piece)
                    size += len(piece)
                    if size > REPLY_CHUNK:
                        outgoing.size += size
                        size = 0
                        self.clients.check_output(self, 0)
                        if self.stopped:
                            return
        finally:
            if propagation is not None and before >= 0:
                assert self.command is not None
                self.end(propagation, self.command)
            outgoing.size += size
            if outgoing.size > REPLY_CHUNK:
                self.clients.check_output(self, 0)

    def _gather(self, reply: Reply) -> None:
        """Put the reply to a command that ran behind those before it."""
        if reply is not NO_REPLY:
            self.outgoing.add(self.encoders[reply.__class__](reply))
            if self.outgoing.size > REPLY_CHUNK:
                self.clients.check_output(self, 0)

    def wait(self, command: Command, argv: Sequence[bytes], wish: WouldBlock) -> Reply:
        runtime = self._runtime
        if runtime.executing:
            return wish.nothing
        deadline = runtime.now + wish.timeout if wish.timeout else 0
        why = TYPES.get(command.declaration.group, "wait")
        self.clients.blocked.block(
            self,
            Blocked(command, argv, self.call.db, tuple(wish.keys), deadline, wish.nothing, runtime.ustime, why, wish),
        )
        return NO_REPLY

    def reply(self, reply: Reply) -> None:
        """Gather a reply for it. Nothing is gathered for a client that is about to go."""
        if self.closing or self.close_after_reply or reply is NO_REPLY:
            return
        self._gather(reply)
        if not self.pending_write:
            self.pending_write = True
            self.clients.pending_writes.append(self)

    def keeps_up(self, size: int) -> bool:
        self.clients.check_output(self, size)
        return not self.closing

    def defer_length(self) -> None:
        if not (self.muted or self.skipping):
            self.outgoing.defer_length()

    def push(self, message: Push) -> None:
        """Send a message that is no reply. From 7.2 on one that its own command causes comes after that one's reply."""
        if self.engine.profile.version >= (7, 2):
            self.push_behind(message)
        else:
            self.reply(message)

    def push_behind(self, message: Push) -> None:
        """Send a message, behind the reply to its own command if that is running."""
        if self.performing and self.clients.running is self:
            self.late.append(message)
            self.stop()
        else:
            self.reply(message)

    def run_again(self, argv: Sequence[bytes]) -> None:
        """Run a command that it waited with, and answer."""
        clients = self.clients
        before, clients.running = clients.running, self
        try:
            self.reply(self.process(argv))
            self._goes_on()
        except Exception as error:  # noqa: BLE001 (as above)
            self._failed(error)
        finally:
            clients.running = before
        if self.ends_with_reply:
            self.end_after_reply()

    def _failed(self, error: Exception) -> None:
        """A command ended in an error of ours: nobody knows what of it has been done, so the client is let go."""
        self.reply(CommandError(f"ERR internal error: {type(error).__name__}"))
        self.end_after_reply()
        self.clients.broken(self, error)

    def _goes_on(self) -> bool:
        """Whether it was stopped only so that messages are sent behind its reply; they are now."""
        if not self.late:
            return False
        late, self.late = self.late, []
        self.stopped = self.closing or self.close_after_reply or self.ends_with_reply or self.blocked is not None
        for message in late:
            self.reply(message)
        return not self.stopped

    def speak(self, version: int) -> None:
        """Reply in RESP2 or RESP3 from now on."""
        self.call.resp = version
        self.encoders = ENCODERS[version].by_type
        self._runtime.interrupted = True

    def write(self) -> bool:
        """Send what is to be sent, up to 64 KB of it; whether the connection still stands."""
        outgoing = self.outgoing
        if outgoing.size > self.reply_room.peak:
            self.reply_room.used(outgoing.size)
        if outgoing.size > outgoing.room:
            self._moved(self)
        try:
            sent = outgoing.send(self._send)
        except OSError:
            self.close_soon()
            return False
        stats = self.clients.stats
        stats.net_output_bytes += sent
        stats.writes += 1
        if self.close_after_reply and not outgoing.size:
            self.close_soon()
            return False
        return True

    def end_after_reply(self) -> None:
        """Close the connection when all replies so far are sent; take no more requests."""
        self.close_after_reply = True
        self.stop()
        if not self.outgoing.size:
            self.close_soon()

    def close_soon(self) -> None:
        """Close the connection before the loop sleeps, whatever is still to be sent."""
        if not self.closing:
            self.closing = True
            self.stop()
            self.clients.to_close.append(self)
