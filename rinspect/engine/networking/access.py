"""Users and clients: logging in, what is refused to whom, and who is cut off when their user's rights go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rinspect.engine.acl.permission import Denial, Reason, may_hear
from rinspect.engine.acl.user import User
from rinspect.engine.acl.wording import changed_meanwhile, refusal
from rinspect.engine.commands.registry import Command
from rinspect.engine.engine import Engine
from rinspect.engine.networking.acl_log import AclLog, Entry
from rinspect.engine.networking.client import Client
from rinspect.engine.networking.description import description
from rinspect.engine.networking.pubsub import CHANNEL, PATTERN, SHARD
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.session import Session

if TYPE_CHECKING:
    from rinspect.engine.networking.clients import Clients

WRONG_PASSWORD = "WRONGPASS invalid username-password pair or user is disabled."  # noqa: S105 (a message)
_REASONS = {Reason.COMMAND: "command", Reason.KEY: "key", Reason.CHANNEL: "channel"}


class Access:
    """What the users of an engine mean for the clients of its server."""

    def __init__(self, engine: Engine, clients: Clients) -> None:
        self._engine = engine
        self._clients = clients
        self.users = engine.users
        self.log = AclLog(engine.runtime.config)
        self.refused: Counter[str] = Counter()
        """How often, by reason. Since the start: CONFIG RESETSTAT leaves them."""
        engine.rechecks.append(self._recheck)
        engine.runtime.config.on_change("requirepass", self.heed_users)

    def log_in(self, client: Client, name: bytes, password: bytes) -> None:
        """Make a client that user; CommandError if it does not exist, is off, or has another password."""
        user = self.users.find(name)
        if user is None or not user.accepts(password):
            running = self._engine.runtime.running
            self._tell(client, "auth", running[0] if running else b"", name)
            raise CommandError(WRONG_PASSWORD)
        client.log_in(user)

    # -- what is refused --------------------------------------------------------------------------------------------------

    def guard(self, session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
        """Refuse what the client's user may not do."""
        if not isinstance(session, Client) or session.user.may_everything:
            return None
        if session.retried is not None and self._engine.profile.version < (7, 2):
            return None  # it is only served now: it was allowed when it came
        denial = session.user.denial(command, argv)
        if denial is not None:
            self._engine.runtime.running = argv  # its client is told of as being at it
            name = self._tell_denial(session, denial, command, argv)
            raise CommandError(refusal(denial.reason, session.user, name, self._engine.profile.version))
        return None

    def _recheck(self, session: Session, command: Command, argv: Sequence[bytes]) -> Reply:
        """Refuse a command of a transaction that was allowed when it was queued, and is not any more."""
        if not isinstance(session, Client) or session.user.may_everything:
            return None
        denial = session.user.denial(command, argv)
        if denial is not None:
            self._tell_denial(session, denial, command, argv)
            raise CommandError(changed_meanwhile(denial.reason))
        return None

    def _tell_denial(self, client: Client, denial: Denial, command: Command, argv: Sequence[bytes]) -> str:
        """Keep note of it; the command's name."""
        name = self.users.catalog.name_of(command)
        about = argv[denial.place] if denial.place else name.encode()
        self._tell(client, _REASONS[denial.reason], about, client.user.name)
        return name

    def _tell(self, client: Client, reason: str, about: bytes, username: bytes) -> None:
        self.refused[reason] += 1
        now = self._engine.runtime.now
        context = "toplevel" if client.transaction is None else "multi"
        entry = Entry(self.log.next_id, reason, context, about, username, description(client), now, now)
        self.log.add(entry)

    # -- users that change ------------------------------------------------------------------------------------------------

    def heed_users(self) -> None:
        """Users have changed: have those of their clients looked at that have to be."""
        for client in self._clients.by_id.values():
            client.heed_user()

    def put(self, staged: User) -> None:
        """Have a user as it was staged, and cut off who subscribed to what it may not hear any more."""
        before = self.users.find(staged.name)
        if before is not None:
            allowed = _hears_less(before, staged)
            if allowed is not None:
                self._cut_off_subscribers(before, allowed)
        self.users.put(staged)
        self.heed_users()

    def delete(self, name: bytes) -> bool:
        """Forget a user and cut off who is logged in as them; whether there was one."""
        user = self.users.delete(name)
        if user is None:
            return False
        for client in list(self._clients.by_id.values()):
            if client.user is user:
                self._cut_off(client)
        return True

    def replace(self, users: dict[bytes, User]) -> None:
        """Have these users and no others. Who is logged in stays so from 7.4 on, if they may hear what they listen to."""
        before = {user.name: user for user in self.users}
        self.users.replace(users)
        for client in list(self._clients.by_id.values()):
            if client.user is self.users.default:
                continue
            now = self.users.find(client.user.name)
            if now is None or self._engine.profile.version < (7, 4):
                self._cut_off(client)
                continue
            allowed = _hears_less(before[client.user.name], now)
            if allowed is not None and _listens_beyond(client, allowed):
                self._cut_off(client)
            else:
                client.user = now
        self.heed_users()

    def _cut_off_subscribers(self, user: User, allowed: Iterable[bytes]) -> None:
        for client in list(self._clients.by_id.values()):
            if client.user is user and _listens_beyond(client, allowed):
                self._cut_off(client)

    def _cut_off(self, client: Client) -> None:
        """End a client's connection. Until then it is nobody; who asked for it is answered first."""
        client.user = self.users.default
        client.authenticated = False
        client.heed_user()
        if client is self._clients.running:
            client.ends_with_reply = True
            client.stop()
        else:
            client.close_soon()


def _hears_less(before: User, now: User) -> list[bytes] | None:
    """The channels of a user who cannot hear all that they could before; None for one who can."""
    if any(selector.all_channels for selector in now.selectors):
        return None
    allowed = [pattern for selector in now.selectors for pattern in selector.channels]
    before_all = any(selector.all_channels for selector in before.selectors)
    if not before_all and all(pattern in allowed for selector in before.selectors for pattern in selector.channels):
        return None
    return allowed


def _listens_beyond(client: Client, allowed: Iterable[bytes]) -> bool:
    """Whether a client listens to what is none of these channels."""
    patterns = dict.fromkeys(allowed)
    return any(
        not may_hear(patterns, name, is_pattern=kind is PATTERN)
        for kind in (PATTERN, CHANNEL, SHARD)
        for name in client.subscriptions.of(kind)
    )
