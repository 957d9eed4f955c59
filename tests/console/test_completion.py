"""Completion and hints: both are read off the commands' declarations."""

from __future__ import annotations

import pytest

from rinspect.console.completion import MOST, Completion, complete
from rinspect.console.hints import hint
from rinspect.engine import Engine

TABLE = Engine("8.0").commands
KEYS = (b"user:1", b"user:2", b"two words", b"\xff\x00", b"board")


def proposals(line: str, cursor: int | None = None) -> list[str]:
    """What is proposed for the word at the cursor, by default at the line's end."""
    return [one.text for one in found(line, cursor).candidates]


def found(line: str, cursor: int | None = None) -> Completion:
    return complete(line, len(line) if cursor is None else cursor, TABLE, KEYS)


def test_commands_by_their_beginning() -> None:
    assert proposals("hget") == ["HGET", "HGETALL", "HGETDEL", "HGETEX"]
    assert proposals("HGETA") == ["HGETALL"]
    assert proposals("  zrangeb") == ["ZRANGEBYLEX", "ZRANGEBYSCORE"]
    assert proposals("nosuch") == []


def test_an_empty_line_proposes_commands_in_order() -> None:
    names = proposals("")
    assert len(names) == MOST
    assert names == sorted(names)


def test_commands_come_with_what_they_do() -> None:
    assert all(one.description for one in found("").candidates)


def test_subcommands() -> None:
    assert proposals("object ") == sorted(proposals("OBJECT "))
    assert "ENCODING" in proposals("object enc")
    assert proposals("OBJECT nothing") == []
    assert proposals("CONFIG S") == ["SET"]
    assert proposals("MEMORY USAGE us") == ["user:1", "user:2"]


def test_key_names_where_a_key_is_expected() -> None:
    assert proposals("GET ") == ["user:1", "user:2", '"two words"', r'"\xff\x00"', "board"]
    assert proposals("GET b") == ["board"]
    assert proposals("GET nothing") == []
    assert proposals("GET user:1 ") == []


def test_keys_after_keys() -> None:
    assert proposals("DEL user:1 b") == ["board"]
    assert proposals("MSET user:1 value b") == ["board"]
    assert proposals("MSET b") == ["board"]
    assert proposals("LMPOP 2 user:1 b") == ["board"]


@pytest.mark.parametrize("line", ["SET user:1 ", "SET user:1 b", "HSET user:1 b", "HSET user:1 board b", "ZADD board 1 b",
                                  "EXPIRE board ", "LPUSH board ", "LPUSH board a "])  # fmt: skip
def test_values_complete_nothing_that_looks_like_a_key(line: str) -> None:
    assert not set(proposals(line)) & {"user:1", "user:2", "board"}


def test_options_after_the_positions() -> None:
    options = proposals("SET board value ")
    assert {"NX", "XX", "GET", "EX", "PX", "EXAT", "PXAT", "KEEPTTL"} <= set(options)
    assert proposals("SET board value k") == ["KEEPTTL"]
    assert proposals("SET board value NX e") == ["EX", "EXAT"]
    assert proposals("SET board value EX ") == []
    assert "GET" in proposals("SET board value EX 10 ")
    assert proposals("ZRANGE board 0 -1 w") == ["WITHSCORES"]
    assert "WITHSCORES" in proposals("ZRANGE board 0 -1 ")
    assert proposals("SCAN 0 m") == ["MATCH"]
    assert proposals("SCAN 0 MATCH ") == []
    assert proposals("SCAN 0 MATCH x* c") == ["COUNT"]
    assert "LEFT" in proposals("LMOVE user:1 board ")
    assert proposals("ZADD board g") == ["GT"]


def test_the_word_at_the_cursor_is_replaced_not_the_line() -> None:
    line = "GET us other"
    answer = found(line, 6)
    assert (answer.start, answer.end) == (4, 6)
    assert [one.text for one in answer.candidates] == ["user:1", "user:2"]


def test_a_quoted_beginning_is_completed_too() -> None:
    assert proposals('GET "two words"') == ['"two words"']
    assert proposals('GET "two') == []


@pytest.mark.parametrize("line", ['SET "open', "NOSUCH ", "NOSUCH a b", "\xff", "GET \xff"])
def test_what_cannot_be_completed_proposes_nothing(line: str) -> None:
    assert proposals(line) == []


def test_no_proposal_is_made_twice() -> None:
    for command in TABLE.values():
        for tail in (" ", " a ", " a b ", " a b c "):
            names = proposals(command.name + tail)
            assert len(names) == len(set(names)), command.name + tail
            assert len(names) <= MOST


# -- hints ------------------------------------------------------------------------------------------------------------


def test_a_hint_says_arguments_since_and_cost() -> None:
    known = hint("hset user:1 na", TABLE)
    assert known is not None
    assert known.name == "HSET"
    assert known.usage.startswith("key ")
    assert known.since == "2.0"
    assert known.complexity.startswith("O(1)")
    assert known.summary


def test_a_hint_for_a_subcommand() -> None:
    outer = hint("object", TABLE)
    assert outer is not None
    assert "ENCODING" in outer.usage
    inner = hint("object encoding k", TABLE)
    assert inner is not None
    assert inner.name == "OBJECT ENCODING"


def test_a_line_in_the_making_has_its_hint_too() -> None:
    open_quote = hint('set a "not yet', TABLE)
    assert open_quote is not None
    assert open_quote.name == "SET"


@pytest.mark.parametrize("line", ["", "   ", "nosuch a", "object nosuch"])
def test_no_command_no_hint(line: str) -> None:
    assert hint(line, TABLE) is None


def test_every_command_has_a_hint() -> None:
    for command in TABLE.values():
        known = hint(command.name, TABLE)
        assert known is not None
        assert known.since[0].isdigit(), command.name
        assert known.summary, command.name
