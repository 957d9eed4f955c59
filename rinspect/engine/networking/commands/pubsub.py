"""Pub/Sub: SUBSCRIBE and its kin, PUBLISH, PUBSUB."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.helptext import help_text
from rinspect.engine.commands.registry import command
from rinspect.engine.glob import stringmatch
from rinspect.engine.networking.commands.caller import client_of
from rinspect.engine.networking.pubsub import CHANNEL, PATTERN, SHARD, Kind
from rinspect.engine.replies import CommandError, Reply, Several

_FLAGS = "pubsub noscript loading stale"
_PUBLISHING = "pubsub loading stale fast may_replicate"
_ASKING = "pubsub loading stale"

_HELP = """\
CHANNELS [<pattern>]
    Return the currently active channels matching a <pattern> (default: '*').
NUMPAT
    Return number of subscriptions to patterns.
NUMSUB [<channel> ...]
    Return the number of subscribers for the specified channels, excluding
    pattern subscriptions(default: no channels)."""
_HELP_SHARDS = """\
SHARDCHANNELS [<pattern>]
    Return the currently active shard level channels matching a <pattern> (default: '*').
SHARDNUMSUB [<shardchannel> ...]
    Return the number of subscribers for the specified shard level channel(s)"""


def _subscribe(call: Call, kind: Kind, names: tuple[bytes, ...]) -> Reply:
    client = client_of(call)
    return Several(tuple(client.clients.pubsub.subscribe(client, kind, name) for name in names))


def _unsubscribe(call: Call, kind: Kind, names: tuple[bytes, ...]) -> Reply:
    client = client_of(call)
    if not names:
        return Several(client.clients.pubsub.unsubscribe_all(client, kind))
    return Several(tuple(client.clients.pubsub.unsubscribe(client, kind, name) for name in names))


@command(
    "SUBSCRIBE", "channel...", raw=True,
    group="pubsub", since="2.0.0", flags=_FLAGS, acl="pubsub",
    complexity="O(N) where N is the number of channels to subscribe to.",
    summary="Listens for messages published to channels.",
)  # fmt: skip
def subscribe(call: Call, *channels: bytes) -> Reply:
    return _subscribe(call, CHANNEL, channels)


@command(
    "UNSUBSCRIBE", "[channel...]", raw=True,
    group="pubsub", since="2.0.0", flags=_FLAGS, acl="pubsub",
    complexity="O(N) where N is the number of channels to unsubscribe.",
    summary="Stops listening to messages posted to channels.",
)  # fmt: skip
def unsubscribe(call: Call, *channels: bytes) -> Reply:
    return _unsubscribe(call, CHANNEL, channels)


@command(
    "PSUBSCRIBE", "pattern...", raw=True,
    group="pubsub", since="2.0.0", flags=_FLAGS, acl="pubsub",
    complexity="O(N) where N is the number of patterns to subscribe to.",
    summary="Listens for messages published to channels that match one or more patterns.",
)  # fmt: skip
def psubscribe(call: Call, *patterns: bytes) -> Reply:
    return _subscribe(call, PATTERN, patterns)


@command(
    "PUNSUBSCRIBE", "[pattern...]", raw=True,
    group="pubsub", since="2.0.0", flags=_FLAGS, acl="pubsub",
    complexity="O(N) where N is the number of patterns to unsubscribe.",
    summary="Stops listening to messages published to channels that match one or more patterns.",
)  # fmt: skip
def punsubscribe(call: Call, *patterns: bytes) -> Reply:
    return _unsubscribe(call, PATTERN, patterns)


@command(
    "SSUBSCRIBE", "shardchannel:key...", raw=True, access="not_key",
    group="pubsub", since="7.0.0", flags=_FLAGS, acl="pubsub",
    complexity="O(N) where N is the number of shard channels to subscribe to.",
    summary="Listens for messages published to shard channels.",
)  # fmt: skip
def ssubscribe(call: Call, *channels: bytes) -> Reply:
    return _subscribe(call, SHARD, channels)


@command(
    "SUNSUBSCRIBE", "[shardchannel:key...]", raw=True, access="not_key",
    group="pubsub", since="7.0.0", flags=_FLAGS, acl="pubsub",
    complexity="O(N) where N is the number of shard channels to unsubscribe.",
    summary="Stops listening to messages posted to shard channels.",
)  # fmt: skip
def sunsubscribe(call: Call, *channels: bytes) -> Reply:
    return _unsubscribe(call, SHARD, channels)


@command(
    "PUBLISH", "channel message",
    group="pubsub", since="2.0.0", flags=_PUBLISHING, acl="pubsub",
    complexity="O(N+M) where N is the number of clients subscribed to the receiving channel and M is the total number "
    "of subscribed patterns (by any client).",
    summary="Posts a message to a channel.",
)  # fmt: skip
def publish(call: Call, channel: bytes, message: bytes) -> Reply:
    return client_of(call).clients.pubsub.publish(channel, message)


@command(
    "SPUBLISH", "shardchannel:key message", access="not_key",
    group="pubsub", since="7.0.0", flags=_PUBLISHING, acl="pubsub",
    complexity="O(N) where N is the number of clients subscribed to the receiving shard channel.",
    summary="Post a message to a shard channel",
)  # fmt: skip
def spublish(call: Call, channel: bytes, message: bytes) -> Reply:
    return client_of(call).clients.pubsub.publish_to_shard(channel, message)


def _matching(call: Call, kind: Kind, patterns: tuple[bytes, ...]) -> Reply:
    if len(patterns) > 1:
        unknown = "Unknown" if call.runtime.profile.version < (7, 0) else "unknown"
        word = "CHANNELS" if kind is CHANNEL else "SHARDCHANNELS"
        raise CommandError(f"ERR {unknown} subcommand or wrong number of arguments for '{word}'. Try PUBSUB HELP.")
    names = client_of(call).clients.pubsub.registry(kind)
    return [name for name in names if all(stringmatch(pattern, name) for pattern in patterns)]


def _counts(call: Call, kind: Kind, names: tuple[bytes, ...]) -> Reply:
    registry = client_of(call).clients.pubsub.registry(kind)
    return [item for name in names for item in (name, len(registry.get(name, ())))]


@command(
    "PUBSUB|CHANNELS", "[pattern]", raw=True, arity=-2,
    group="pubsub", since="2.8.0", flags=_ASKING, acl="pubsub",
    complexity="O(N) where N is the number of active channels, and assuming constant time pattern matching (relatively "
    "short channels and patterns)",
    summary="Returns the active channels.",
)  # fmt: skip
def channels(call: Call, *patterns: bytes) -> Reply:
    return _matching(call, CHANNEL, patterns)


@command(
    "PUBSUB|NUMSUB", "[channel...]", raw=True,
    group="pubsub", since="2.8.0", flags=_ASKING, acl="pubsub",
    complexity="O(N) for the NUMSUB subcommand, where N is the number of requested channels",
    summary="Returns a count of subscribers to channels.",
)  # fmt: skip
def numsub(call: Call, *names: bytes) -> Reply:
    return _counts(call, CHANNEL, names)


@command(
    "PUBSUB|NUMPAT",
    group="pubsub", since="2.8.0", flags=_ASKING, acl="pubsub", summary="Returns a count of unique pattern subscriptions.",
)  # fmt: skip
def numpat(call: Call) -> Reply:
    return len(client_of(call).clients.pubsub.patterns)


@command(
    "PUBSUB|SHARDCHANNELS", "[pattern]", raw=True, arity=-2,
    group="pubsub", since="7.0.0", flags=_ASKING, acl="pubsub",
    complexity="O(N) where N is the number of active shard channels, and assuming constant time pattern matching "
    "(relatively short shard channels).",
    summary="Returns the active shard channels.",
)  # fmt: skip
def shardchannels(call: Call, *patterns: bytes) -> Reply:
    return _matching(call, SHARD, patterns)


@command(
    "PUBSUB|SHARDNUMSUB", "[shardchannel...]", raw=True,
    group="pubsub", since="7.0.0", flags=_ASKING, acl="pubsub",
    complexity="O(N) for the SHARDNUMSUB subcommand, where N is the number of requested shard channels",
    summary="Returns the count of subscribers of shard channels.",
)  # fmt: skip
def shardnumsub(call: Call, *names: bytes) -> Reply:
    return _counts(call, SHARD, names)


@command(
    "PUBSUB|HELP",
    group="pubsub", since="6.2.0", flags="loading stale", acl="-pubsub",
    summary="Returns helpful text about the different subcommands.",
)  # fmt: skip
def help_(call: Call) -> Reply:
    shards = call.runtime.profile.version >= (7, 0)
    return help_text(call, "PUBSUB", f"{_HELP}\n{_HELP_SHARDS}" if shards else _HELP)
