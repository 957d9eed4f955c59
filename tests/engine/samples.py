"""A value of every type and encoding that a version has, made by commands."""

from random import Random

from rinspect.engine import Engine, Session
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import CommandError

Command = list[bytes]

START = 1_700_000_000_000_000
"""Microseconds since 1970 at which the clocks of tests begin."""

WORDS = [b"word:%d" % n for n in range(600)]
PAIRS = [word for n in range(600) for word in (b"field:%d" % n, b"value:%d" % n)]
SCORES = [word for n in range(150) for word in (b"%d.5" % n, b"member:%d" % n)]

SAMPLES: dict[str, list[Command]] = {
    "a shared int": [[b"SET", b"k", b"7"]],
    "an int": [[b"SET", b"k", b"-123456789"]],
    "an embstr": [[b"SET", b"k", b"hello"]],
    "an empty embstr": [[b"SET", b"k", b""]],
    "a raw string": [[b"SET", b"k", b"x" * 100]],
    "a raw string with room": [[b"APPEND", b"k", b"hello"], [b"APPEND", b"k", b" world"]],
    "a sparse HyperLogLog": [[b"PFADD", b"k", *WORDS[:200]]],
    "a dense HyperLogLog": [[b"PFADD", b"k", *WORDS], [b"PFDEBUG", b"TODENSE", b"k"]],
    "a short list": [[b"RPUSH", b"k", b"a", b"1", b"-70000", b"x" * 70]],
    "a long list": [[b"RPUSH", b"k", *(word * 20 for word in WORDS)]],
    "a compressed list": [
        [b"CONFIG", b"SET", b"list-compress-depth", b"1"],
        [b"RPUSH", b"k", *(word * 20 for word in WORDS)],
    ],
    "a list with a large element": [[b"RPUSH", b"k", b"a", b"x" * 10_000, b"b"]],
    "an intset": [[b"SADD", b"k", b"1", b"-2", b"300000"]],
    "a short set": [[b"SADD", b"k", b"a", b"1", b"b"]],
    "a long set": [[b"SADD", b"k", *WORDS]],
    "a set that moves": [*([b"SADD", b"k", word] for word in [b"x" * 65, *WORDS[:64]])],
    "a short hash": [[b"HSET", b"k", b"a", b"1", b"b", b"x" * 60]],
    "a long hash": [[b"HSET", b"k", *PAIRS]],
    "a short hash with expiry": [
        [b"HSET", b"k", b"a", b"1", b"b", b"2"],
        [b"HPEXPIREAT", b"k", b"4000000000000", b"FIELDS", b"1", b"a"],
    ],
    "a long hash with expiry": [
        [b"HSET", b"k", *PAIRS],
        [b"HPEXPIREAT", b"k", b"4000000000000", b"FIELDS", b"1", b"field:7"],
    ],
    "a short sorted set": [[b"ZADD", b"k", b"1", b"a", b"2.5", b"b", b"-inf", b"c"]],
    "a long sorted set": [[b"ZADD", b"k", *SCORES]],
    "a short stream": [[b"XADD", b"k", b"1-1", b"t", b"21"], [b"XADD", b"k", b"1-2", b"t", b"x", b"u", b"300"]],
    "a long stream with groups": [
        *([b"XADD", b"k", b"%d-%d" % (1_700_000_000_000 + 7 * n, n % 3), b"word", word] for n, word in enumerate(WORDS[:250])),
        [b"XDEL", b"k", b"1700000000007-1", b"1700000000700-1"],
        [b"XGROUP", b"CREATE", b"k", b"g", b"0"],
        [b"XGROUP", b"CREATE", b"k", b"another", b"$"],
        [b"XREADGROUP", b"GROUP", b"g", b"al", b"COUNT", b"30", b"STREAMS", b"k", b">"],
        [b"XREADGROUP", b"GROUP", b"g", b"bo", b"COUNT", b"5", b"STREAMS", b"k", b">"],
        [b"XACK", b"k", b"g", b"1700000000014-2"],
    ],
}  # fmt: skip

SINCE = {"a short hash with expiry": (7, 4), "a long hash with expiry": (7, 4)}


def cases() -> list[tuple[str, str]]:
    """Every profile with every sample that it can hold, for `parametrize(("profile", "sample"), cases())`."""
    return [
        (name, sample)
        for name, profile in PROFILES.items()
        for sample in SAMPLES
        if profile.version >= SINCE.get(sample, (0, 0))
    ]


def ask(session: Session, line: str) -> object:
    return session.execute(line.encode().split())


def built(profile: str, sample: str, *, allocator: str = "jemalloc", seed: int = 0) -> Session:
    """A session in which the sample is under the key k, and the clock stands still."""
    session = Engine(profile, allocator, clock=lambda: START, rng=Random(seed)).session()
    for command in SAMPLES[sample]:
        assert not isinstance(session.execute(command), CommandError), command[:3]
    return session
