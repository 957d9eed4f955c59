"""The settings of an engine: names, values, attributes, and who is told of changes."""

from typing import get_origin, get_type_hints

import pytest

from rinspect.engine import Engine
from rinspect.engine.config import SETTINGS, Config, InvalidSetting, Refused, SettingError, UnknownSetting
from rinspect.engine.config.attributes import Attributes
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import OK, CommandError, Map

every_profile = pytest.mark.parametrize("profile", PROFILES)


@every_profile
def test_every_setting_can_be_read_and_written_back(profile: str) -> None:
    config = Config(PROFILES[profile])
    config.enable_protected_configs = "yes"
    assert len(config.names) >= 148
    for name in config.names:
        text = config.get(name)
        setting = config.setting(name)
        assert text is not None
        assert setting is not None
        if "immutable" in setting.flags:
            with pytest.raises(SettingError):
                config.set([(name, text)])
        elif (profile, name) != ("6.2", "bind"):  # there none at all can be a start's only
            config.set([(name, text)])
        assert config.get(name.upper()) == text


@every_profile
def test_attributes_are_settings_and_have_the_declared_types(profile: str) -> None:
    config = Config(PROFILES[profile])
    for attribute, declared in get_type_hints(Attributes).items():
        assert attribute in {setting.attribute for setting in SETTINGS}
        kind = get_origin(declared) or declared
        value = getattr(config, attribute)
        assert value is None if attribute == "replicaof" else type(value) is kind, attribute


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


def test_errors_are_replies() -> None:
    session = Engine("7.0").session()
    answer = session.execute([b"CONFIG", b"SET", b"nothing", b"1"])
    assert isinstance(answer, CommandError)
    assert "nothing" in answer.message


@pytest.mark.parametrize(
    ("guard", "local", "allowed"),
    [("no", True, False), ("local", False, False), ("local", True, True), ("yes", False, True)],
)
def test_protected_settings(guard: str, local: bool, allowed: bool) -> None:
    config = Config(PROFILES["7.2"])
    config.enable_protected_configs = guard
    if allowed:
        config.set([("dbfilename", "other.rdb")], local=local)
        assert config.dbfilename == "other.rdb"
    else:
        with pytest.raises(InvalidSetting, match="can't set protected config"):
            config.set([("dbfilename", "other.rdb")], local=local)


def test_texts_keep_their_bytes() -> None:
    session = Engine("8.0").session()
    for name, value in ((b"requirepass", b"p\xc3\xa4\xff\0x"), (b"cluster-announce-ip", b"\xff\xc3\xa4")):
        assert session.execute([b"CONFIG", b"SET", name, value]) == OK
        assert session.execute([b"CONFIG", b"GET", name]) == [name, value]
    assert session.engine.runtime.config.requirepass == b"p\xc3\xa4\xff\0x"
    answer = session.execute([b"CONFIG", b"SET", b"n\xff\r\n", b"1"])
    assert answer == CommandError("ERR Unknown option or number of arguments for CONFIG SET - 'n\xff  '")


# -- who is told ----------------------------------------------------------------------------------------------------------


def test_listeners_are_told_of_changes_once_and_after_all_of_them() -> None:
    config = Config(PROFILES["7.0"])
    told = []

    def listen() -> None:
        told.append((config.port, config.bind))

    config.on_change("port", listen)
    config.on_change("bind", listen)
    config.set([("port", "7000"), ("bind", "127.0.0.1"), ("hz", "20")])
    assert told == [(7000, ("127.0.0.1",))]
    config.set([("port", "7000")])
    config.set([("hz", "10")])
    assert len(told) == 1


def test_a_listener_hears_of_a_setting_under_each_of_its_names() -> None:
    config = Config(PROFILES["7.0"])
    told: list[int] = []
    config.on_change("lua-time-limit", lambda: told.append(config.busy_reply_threshold))
    config.set([("busy-reply-threshold", "7")])
    config.set([("lua-time-limit", "8")])
    assert told == [7, 8]


def test_files_that_may_have_changed_are_told_of_even_under_the_same_name() -> None:
    config = Config(PROFILES["7.0"])
    told: list[str] = []
    config.on_change("tls-cert-file", lambda: told.append("again"))
    config.set([("tls-cert-file", "")])
    assert told == ["again"]


def test_a_refusal_undoes_everything_and_all_are_told_again() -> None:
    config = Config(PROFILES["7.2"])
    told = []

    def refuse() -> None:
        told.append(("port", config.port))
        if config.port == 7000:
            raise Refused("Unable to listen on this port. Check server logs.")

    config.on_change("maxmemory", lambda: told.append(("maxmemory", config.maxmemory)))
    config.on_change("port", refuse)
    with pytest.raises(InvalidSetting) as raised:
        config.set([("maxmemory", "5"), ("hz", "20"), ("PORT", "7000"), ("timeout", "3")])
    assert str(raised.value) == (
        "CONFIG SET failed (possibly related to argument 'port') - Unable to listen on this port. Check server logs."
    )
    assert (config.maxmemory, config.hz, config.port, config.timeout) == (0, 10, 6379, 0)
    assert told == [("maxmemory", 5), ("port", 7000), ("maxmemory", 0), ("port", 6379)]


def test_a_refusal_in_the_words_of_old() -> None:
    config = Config(PROFILES["6.2"])

    def refuse() -> None:
        raise Refused("Unable to listen on this port. Check server logs.")

    config.on_change("port", refuse)
    with pytest.raises(InvalidSetting) as raised:
        config.set([("port", "7000")])
    assert str(raised.value) == (
        "Invalid argument '7000' for CONFIG SET 'port' - Unable to listen on this port. Check server logs."
    )
    assert config.port == 6379


def test_nobody_is_told_of_values_that_cannot_be() -> None:
    config = Config(PROFILES["7.2"])
    told: list[int] = []
    config.on_change("port", lambda: told.append(config.port))
    with pytest.raises(InvalidSetting):
        config.set([("port", "7000"), ("hz", "x")])
    assert not told
    assert config.port == 6379
