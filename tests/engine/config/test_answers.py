"""CONFIG GET and SET against servers: every setting, good and bad values, to the letter."""

import pytest

from rinspect.engine.config import SETTINGS, Config
from rinspect.engine.profile import PROFILES
from tests.engine.both import Both, plain, versions
from tests.real.servers import RealServer

OWN = {"port", "bind", "unixsocket", "dir", "save"}
"""What the real servers are started with."""

DOORS = {"enable-debug-command", "enable-module-command", "enable-protected-configs"}

VALUES = (
    "", "0", "1", "-1", "+1", "-0", "007", "5", "10", "64", "65", "99", "100", "101", "1000", "1001", "65535", "65536",
    "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
    "-9223372036854775809", "18446744073709551615", "18446744073709551616", "1k", "3KB", "1m", "7mb", "1g", "2Gb",
    "17179869184gb",
    "9223372036854775807b", "8589934592gb", "-1k", "-", "kb", "k k", "1kib", "1" * 128, "0" * 127 + "1", "1.5", "1e3", "0x10",
    " 1", "1 ",
    "yes", "NO", "true", "maybe", "a b", "a/b", "a\\b", "\n", "{title}", "{{}", "{title} {port}", "{nothing}x", "{",
    "C", "xx_XX", "a.b-c", "a_b", "x" * 255, "x" * 256,
)  # fmt: skip

LEFT_OUT = {
    "maxclients": "what the system allows",
    "maxmemory-clients": "a small one ends our own connection",
    "watchdog-period": "raised to what the timer can do",
    "timeout": "would end the test's connections",
    "appendonly": "writes files",
    "oom-score-adj": "what the system allows",
    "oom-score-adj-values": "what the system allows",
    "tls-port": "needs certificates",
    "tls-cluster": "needs certificates",
    "tls-replication": "needs certificates",
    **dict.fromkeys(OWN - {"save"} | DOORS, "the test's own"),
}
"""Settings of which not every value can be tried on a server that others use, and why."""


@versions
def test_the_same_settings_with_the_same_defaults(real_server: RealServer) -> None:
    flat = real_server.execute("CONFIG", "GET", "*")
    theirs = {name.decode(): value.decode() for name, value in zip(flat[::2], flat[1::2], strict=True)}
    ours = Config(PROFILES[real_server.profile]).matching(["*"])
    assert set(ours) == set(theirs)
    assert {name for name in ours if ours[name] != theirs[name]} <= OWN | DOORS


@versions
def test_hidden_settings_are_the_same(real_server: RealServer) -> None:
    both = Both(real_server)
    for setting in SETTINGS:
        if "hidden" in setting.flags:
            both.execute(b"CONFIG", b"GET", setting.name.encode())


def opened(server: RealServer) -> Both:
    """The engine with the doors open that the test servers have open."""
    both = Both(server)
    both.session.engine.runtime.config.enable_protected_configs = "yes"
    return both


@versions
def test_every_value_of_every_setting(real_server: RealServer) -> None:
    both = opened(real_server)
    config = Config(PROFILES[real_server.profile])
    for name in config.names:
        setting = config.setting(name)
        assert setting is not None
        if name in LEFT_OUT:
            continue
        choices = getattr(setting.kind, "choices", ())
        before = both.session.execute([b"CONFIG", b"GET", name.encode()])
        for text in (*VALUES, *choices, *map(str.upper, choices)):
            words = b"CONFIG", b"SET", name.encode(), text.encode("latin-1")
            both.execute(*words)
            both.execute(b"CONFIG", b"GET", name.encode())
        if "immutable" not in setting.flags:
            assert isinstance(before, list)
            assert isinstance(before[1], bytes)
            both.execute(b"CONFIG", b"SET", name.encode(), before[1])


COMPOSED = {
    b"save": (
        b"900 1", b"900 1 300 10", b"900", b"900 1 ", b"900  1", b" 900 1", b"0 1", b"1 0", b"-1 1", b"1 -1", b"a 1", b"1 a",
        b"+5 +6", b"9999999999 2147483648", b'""', b"",
    ),
    b"client-output-buffer-limit": (
        b"normal 1mb 2kb 3", b"slave 1 2 3", b"replica 4 5 6", b"REPLICA 4 5 6", b"pubsub 1g 1G 0", b"master 1 2 3", b"x 1 2 3",
        b"pubsub 1 2", b"slave 1 2 3 pubsub 4 5 6", b"slave 1 2 3 slave 7 8 9", b"slave 1 2 3 pubsub 4 5 x", b"slave -1 0 0",
        b"slave 0 -1 0", b"slave 0 0 -1", b"slave 0 0 1kb", b"slave 0 0 1.5", b"slave 1x 0 0", b"slave 0 0 4294967296",
        b"slave 0 0 4294967297", b"slave  1 2", b"slave 1 2 3 ", b"slave 1 2 ", b"",
    ),
    b"oom-score-adj-values": (b"1 2", b"1 2 3 4", b"1 2 x", b"-2001 0 0", b"0 0 2001", b""),
    b"notify-keyspace-events": (
        b"", b"K", b"KE", b"EK", b"A", b"KEA", b"AKEm", b"g$lshzxetd", b"g$lshzxet", b"gn", b"An", b"KEn", b"m", b"mKg",
        b"KEx!", b"kea", b" ", b"KK",
    ),
    b"latency-tracking-info-percentiles": (
        b"50", b"50 99 99.99", b"0", b"100", b"100.1", b"-1", b"x", b"50 x", b"1e1", b"33.3333333", b"0.1", b"50  60", b"nan",
        b"inf", b"",
    ),
    b"shutdown-on-sigterm": (
        b"default", b"save", b"NOSAVE now", b"now nosave force", b"save nosave", b"default now", b"default default", b"x",
        b"now x", b"now  force", b"",
    ),
    b"replicaof": (b"no one", b"localhost 1"),
    b"bind": (b" ".join([b"127.0.0.1"] * 17),),
    b"maxmemory-clients": (
        b"1g", b"100%", b"101%", b"0%", b"-0%", b"5.5%", b"%", b"x%", b"9223372036854775808", b"-1", b"-100%", b"0",
    ),
    b"locale-collate": (b"", b"C", b"POSIX", b"xx_XX", b"c"),
    b"dir": (b".", b"/", b"/no/such/folder", b"/etc/passwd", b"", b"/tmp/"),
}  # fmt: skip


@versions
@pytest.mark.parametrize("name", COMPOSED, ids=bytes.decode)
def test_values_of_several_words(real_server: RealServer, name: bytes) -> None:
    both = opened(real_server)
    both.execute(b"CONFIG", b"SET", b"dir", b"/usr")
    for text in COMPOSED[name]:
        both.execute(b"CONFIG", b"SET", name, text)
        if name != b"bind":
            both.execute(b"CONFIG", b"GET", name)


@versions
def test_names_and_numbers_of_words(real_server: RealServer) -> None:
    both = opened(real_server)
    both.run("""
        CONFIG
        CONFIG NOTHING
        CONFIG HELP
        CONFIG HELP me
        CONFIG REWRITE
        CONFIG REWRITE now
        CONFIG GET
        CONFIG SET
        CONFIG SET hz
        CONFIG SET hz 11 timeout
        CONFIG SET hz 11 hz 12
        CONFIG SET hz 11 HZ 12
        CONFIG SET Hz 13
        CONFIG SET HZ x
        CONFIG SET hz x
        CONFIG SET hz 14 nothing 1
        CONFIG SET nothing 1 hz 14
        CONFIG SET nothing 1
        CONFIG SET NoThing 1
        CONFIG SET databases 17 nothing 1
        CONFIG SET databases 17
        CONFIG SET DATABASES 17
        CONFIG SET slave-priority 5 replica-priority 6
        CONFIG SET replica-priority 5 slave-priority 6
        CONFIG SET slave-priority x
        CONFIG SET SLAVE-PRIORITY x
        CONFIG SET hz 15 maxmemory x
        CONFIG SET hz 15 list-compress-depth 3 maxmemory 5x
        CONFIG SET hz 15 list-compress-depth 3
        CONFIG SET replicaof x
        CONFIG SET activedefrag yes
        CONFIG SET activedefrag no
        CONFIG GET hz
        CONFIG GET HZ
        CONFIG GET Hz hz
        CONFIG GET nothing
        CONFIG GET nothing hz
        CONFIG GET slaveof
        CONFIG GET replicaof
        CONFIG GET watchdog-period
        CONFIG GET *watchdog*
        CONFIG GET ""
        CONFIG GET h\\z
    """)
    for patterns in (
        (b"*max-listpack*",),
        (b"*OF",),
        (b"[hs]*z*", b"hz", b"*z"),
        (b"hz", b"?Z"),
        (b"replica-priority", b"slave-priority"),
    ):
        words = (b"CONFIG", b"GET", *patterns)
        assert pairs(both.session.execute(words)) == pairs(real_server.execute(*words)), patterns


def pairs(answer: object) -> object:
    """Names with values: in which order they come is the server's own affair."""
    return sorted(zip(answer[::2], answer[1::2], strict=True)) if isinstance(answer, list) else plain(answer)
