"""A user's rules, one by one. What servers make of random ones is in `tests/real/test_acl.py`."""

import pytest

import rinspect.engine.server  # noqa: F401 (declares the commands about connections and the server)
from rinspect.engine import Engine
from rinspect.engine.acl.rules import RuleError, UnmatchedParenthesis, with_whole_selectors


def described(profile: str, *rules: bytes) -> bytes:
    user = Engine(profile).users.new(b"ada")
    for rule in rules:
        user.apply(rule)
    return user.rules


@pytest.mark.parametrize("profile", ["7.2", "7.4", "8.0"])
def test_later_versions_keep_the_rules_about_commands(profile: str) -> None:
    told = described(
        profile, b"+@read", b"-get", b"+GET|a", b"-config|set", b"-config", b"+@READ", b"+select|0", b"+select|1"
    )
    assert told.endswith(b" -@all -get +get|a -config +@read +select|0 +select|1")
    assert described(profile, b"+get", b"+@all", b"-get", b"+get").endswith(b" +@all +get")
    assert described(profile, b"+get", b"nocommands").endswith(b" -@all")


def test_earlier_ones_find_rules_for_what_is_allowed() -> None:
    assert described("6.2", b"+@read", b"-get", b"+@all", b"-@write", b"+get").endswith(b" +@all -@write")
    assert described("7.0", b"+@hash", b"-hget").endswith(b" -@all +@hash -hget")
    assert described("7.0", b"+config").endswith(b" -@all +config")
    assert described("7.0", b"+@all", b"-config|set").endswith(b" +@all -config|set")


def test_a_rule_about_a_command_makes_those_about_its_parts_void() -> None:
    many = [b"+get|%d" % number for number in range(5000)]
    kept = described("8.0", *many, b"+GET|1", b"+getex|1")
    assert kept.endswith(b" ".join([b"-@all", many[0], *many[2:], many[1], b"+getex|1"]))
    assert described("8.0", *many, b"+getex|1", b"-get").endswith(b" -@all +getex|1 -get")
    assert described("8.0", *many, b"-get", b"+get|7").endswith(b" -@all -get +get|7")
    assert described("8.0", *many, b"-@all", b"+get|7").endswith(b" -@all +get|7")
    assert described("8.0", b"+config|get", b"-config|set", b"-@admin", b"+config").endswith(b" -@all -@admin +config")
    assert described("7.0", b"+get|A", b"+get|a", b"+get|b").endswith(b" -@all +get|A +get|b")


def test_what_is_allowed_in_the_end_does_not_depend_on_the_description() -> None:
    users = Engine("7.0").users
    given = users.new(b"ada")
    for rule in (b"+@all", b"-@dangerous", b"+keys", b"-@string", b"+get", b"+config|get", b"-client|kill"):
        given.apply(rule)
    read_back = users.new(b"ada")
    for rule in given.rules.split():
        read_back.apply(rule)
    assert {name for name in users.catalog.categories if given.own.allows(name)} == {
        name for name in users.catalog.categories if read_back.own.allows(name)
    }


def test_a_rule_that_is_wrong_changes_nothing() -> None:
    user = Engine("7.2").users.new(b"ada")
    user.apply(b"+get")
    before = user.rules
    for rule in (b"~a b", b"+nosuch", b"#x", b"(+get +nosuch)", b"maybe", b"<x"):
        with pytest.raises(RuleError):
            user.apply(rule)
        assert user.rules == before


def test_passwords() -> None:
    user = Engine("7.2").users.new(b"ada")
    user.apply(b"nopass")
    assert not user.accepts(b"")
    user.apply(b"on")
    assert user.accepts(b"anything")
    user.apply(b">a\0b")
    assert [user.accepts(password) for password in (b"a\0b", b"a", b"")] == [True, False, False]
    user.apply(b">")
    assert user.accepts(b"")
    user.apply(b"resetpass")
    assert not user.accepts(b"")


def test_a_copy_is_a_user_of_its_own() -> None:
    user = Engine("7.2").users.new(b"ada")
    user.apply(b"(~a +get)")
    user.apply(b"+select|1")
    copied = user.copy()
    before = user.rules
    assert copied.rules == before
    for rule in (b"on", b">pw", b"+select|2", b"-get", b"~k", b"&c", b"clearselectors"):
        copied.apply(rule)
    assert user.rules == before


def test_words_of_selectors_belong_together() -> None:
    assert with_whole_selectors([b"on", b"(~a", b"+get)", b"off"], (7, 2)) == [b"on", b"(~a +get)", b"off"]
    assert with_whole_selectors([b"(~a", b"(+get", b"~b)"], (7, 0)) == [b"(+get ~b)"]
    assert with_whole_selectors([b"(~a", b"(+get", b"~b)"], (7, 2)) == [b"(~a (+get ~b)"]
    assert with_whole_selectors([b"(~a", b"+get)"], (6, 2)) == [b"(~a", b"+get)"]
    with pytest.raises(UnmatchedParenthesis) as error:
        with_whole_selectors([b"on", b"(~a", b"+get"], (7, 4))
    assert error.value.place == 1
