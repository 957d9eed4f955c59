"""Settings: defaults, CONFIG GET and SET, in the words of each version."""

import pytest

from rinspect.engine import Engine
from rinspect.engine.config import SETTINGS, Config, InvalidSetting, UnknownSetting
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import OK, CommandError, Map
from tests.engine.both import Both, versions
from tests.real.servers import RealServer

every_profile = pytest.mark.parametrize("profile", PROFILES)


@every_profile
def test_every_setting_can_be_read_and_written_back(profile: str) -> None:
    config = Config(PROFILES[profile])
    assert len(config.names) >= 20
    for name in config.names:
        text = config.get(name)
        assert text is not None
        if name == "databases":
            with pytest.raises(InvalidSetting) as raised:
                config.set([(name, text)])
            assert raised.value.immutable
        else:
            config.set([(name, text)])
        assert config.get(name.upper()) == text


def test_old_names_are_the_same_setting() -> None:
    config = Config(PROFILES["8.0"])
    config.set([("hash-max-ziplist-entries", "7")])
    assert config.get("hash-max-listpack-entries") == "7"
    assert config.hash_max_listpack_entries == 7
    assert Config(PROFILES["6.2"]).get("hash-max-listpack-entries") is None
    assert Config(PROFILES["6.2"]).get("hash-max-ziplist-entries") == "512"


def test_what_a_version_does_not_have() -> None:
    for profile, has in (("7.0", False), ("7.2", True)):
        config = Config(PROFILES[profile])
        assert (config.get("set-max-listpack-entries") is not None) is has
    with pytest.raises(UnknownSetting):
        Config(PROFILES["7.0"]).set([("set-max-listpack-entries", "1")])


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("", 0), ("64", 64), ("1k", 1000), ("1kb", 1024), ("2MB", 2 << 20), ("1g", 10**9), ("3Gb", 3 << 30)],
)
def test_memory(text: str, value: int) -> None:
    config = Config(PROFILES["8.0"])
    config.set([("hash-max-listpack-value", text)])
    assert config.hash_max_listpack_value == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hash-max-listpack-value", "1x"),
        ("hash-max-listpack-value", "-1"),
        ("hash-max-listpack-value", "k k"),
        ("hash-max-listpack-entries", "1kb"),
        ("hash-max-listpack-entries", "-1"),
        ("list-max-listpack-size", "99999999999"),
        ("proto-max-bulk-len", "1"),
        ("rdbcompression", "maybe"),
        ("maxmemory-policy", "none"),
    ],
)
def test_what_a_setting_cannot_be(name: str, text: str) -> None:
    config = Config(PROFILES["8.0"])
    before = config.get(name)
    with pytest.raises(InvalidSetting):
        config.set([("set-max-intset-entries", "9"), (name, text)])
    # All or nothing.
    assert config.get(name) == before
    assert config.set_max_intset_entries == 512


def test_adopting_takes_all() -> None:
    one, other = Config(PROFILES["6.2"]), Config(PROFILES["8.0"])
    one.set([("hash-max-ziplist-entries", "3"), ("rdbcompression", "no")])
    other.adopt(one)
    assert all(getattr(one, setting.attribute) == getattr(other, setting.attribute) for setting in SETTINGS)


def test_patterns() -> None:
    session = Engine("8.0").session()
    session.call.resp = 3
    reply = session.execute([b"CONFIG", b"GET", b"SET-max-*", b"hz", b"hz"])
    assert isinstance(reply, Map)
    names = [name for name, _ in reply.pairs]
    assert names == [b"set-max-intset-entries", b"set-max-listpack-entries", b"set-max-listpack-value", b"hz"]


@every_profile
def test_a_setting_rules_from_the_next_command_on(profile: str) -> None:
    session = Engine(profile).session()
    assert session.execute([b"CONFIG", b"SET", b"set-max-intset-entries", b"1"]) == OK
    session.execute([b"SADD", b"s", b"1"])
    assert session.execute([b"OBJECT", b"ENCODING", b"s"]) == b"intset"
    session.execute([b"SADD", b"s", b"2"])
    assert session.execute([b"OBJECT", b"ENCODING", b"s"]) != b"intset"


# -- against servers ------------------------------------------------------------------------------------------------------

OWN = {"databases", "maxmemory"}
"""What a server's start may set otherwise."""


@versions
def test_defaults(real_server: RealServer) -> None:
    both = Both(real_server)
    config = Config(PROFILES[real_server.profile])
    for name in set(config.names) - OWN:
        both.execute(b"CONFIG", b"GET", name.encode())


@versions
def test_answers_of_config_set(real_server: RealServer) -> None:
    both = Both(real_server)
    kind = b"ziplist" if real_server.profile == "6.2" else b"listpack"
    for name in (
        b"hash-max-%s-entries" % kind,
        b"zset-max-%s-value" % kind,
        b"list-max-%s-size" % kind,
        b"hz",
        b"nothing",
    ):
        for text in (b"10", b"1kb", b"-1", b"", b"x", b"1.5", b"10b", b"1 kb", b"+5"):
            both.execute(b"CONFIG", b"SET", name, text)
            both.execute(b"CONFIG", b"GET", name)
    for line in (
        "CONFIG SET rdbcompression maybe",
        "CONFIG SET rdbcompression NO",
        "CONFIG SET maxmemory-policy none",
        "CONFIG SET maxmemory-policy ALLKEYS-LRU",
        "CONFIG SET databases 5",
        "CONFIG SET hz",
        "CONFIG SET hz 10 hz 11",
        "CONFIG SET hz 10 nothing 1",
        "CONFIG SET set-max-intset-entries 3 hz 20",
        "CONFIG SET set-max-listpack-entries 3",
        "CONFIG GET",
        "CONFIG GET maxmemory-policy",
        "CONFIG GET *intset*",
        "CONFIG NOTHING",
        "CONFIG",
    ):
        both.execute(*line.encode().split())


def test_errors_are_replies() -> None:
    session = Engine("7.0").session()
    answer = session.execute([b"CONFIG", b"SET", b"nothing", b"1"])
    assert isinstance(answer, CommandError)
    assert "nothing" in answer.message
