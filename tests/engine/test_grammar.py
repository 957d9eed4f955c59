"""The notation of arguments: what it means, how it is written out, what it makes of a command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.grammar import Grammar
from rinspect.engine.notation import Arg, for_version, parse
from rinspect.engine.replies import NOT_A_FLOAT, NOT_AN_INTEGER, SYNTAX, CommandError

Version = tuple[int, int]


def grammar(notation: str, version: Version = (8, 0), errors: dict[str, str] | None = None) -> Grammar:
    return Grammar(for_version(parse(notation), version), errors)


def bind(notation: str, line: str, version: Version = (8, 0), errors: dict[str, str] | None = None) -> list[object]:
    """What a handler gets for a command line, of which the first word is the command's name."""
    return grammar(notation, version, errors).bind(line.encode().split())


def refused(notation: str, line: str, **errors: str) -> str:
    with pytest.raises(CommandError) as raised:
        bind(notation, line, errors=errors)
    return raised.value.message


# -- positional arguments -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notation", "line", "bound"),
    [
        ("key", "GET k", [b"k"]),
        ("key value", "SETNX k v", [b"k", b"v"]),
        ("key increment:int", "INCRBY k -5", [b"k", -5]),
        ("key increment:double", "X k 1.5", [b"k", 1.5]),
        ("key index:number", "LINDEX k x", [b"k", b"x"]),
        ("key when:unix-time", "X k x", [b"k", b"x"]),
        ("key by:decimal", "X k x", [b"k", b"x"]),
        ("limit:natural", "X 0", [0]),
        ("key...", "DEL a b c", [[b"a", b"b", b"c"]]),
        ("score:int...", "X 1 2", [[1, 2]]),
        ("key... timeout", "BLPOP a b 0", [[b"a", b"b"], b"0"]),
        ("(key value)...", "MSET a 1 b 2", [[(b"a", b"1"), (b"b", b"2")]]),
        ("data=(score:double member)...", "X 1 a 2 b", [[(1.0, b"a"), (2.0, b"b")]]),
        ("numkeys:count key*numkeys", "ZDIFF 2 a b", [[b"a", b"b"]]),
        ("key FIELDS n:count (f v)*n", "X k fields 2 a 1 b 2", [b"k", [(b"a", b"1"), (b"b", b"2")]]),
        ("key (FIELDS n:count f*n)", "X k FIELDS 2 a b", [b"k", [b"a", b"b"]]),
        ("key where=<BEFORE|AFTER> pivot", "LINSERT k before p", [b"k", "BEFORE", b"p"]),
    ],
)
def test_what_must_be_there(notation: str, line: str, bound: list[object]) -> None:
    assert bind(notation, line) == bound


@pytest.mark.parametrize(
    ("notation", "line", "error"),
    [
        ("key n:int", "X k 1.5", NOT_AN_INTEGER),
        ("key n:int", "X k 9223372036854775808", NOT_AN_INTEGER),
        ("limit:natural", "X -1", NOT_AN_INTEGER),
        ("key n:double", "X k one", NOT_A_FLOAT),
        ("n:count key*n", "X 0 a", "ERR n should be greater than 0"),
        ("n:count key*n", "X one a", NOT_AN_INTEGER),
        ("n:count key*n", "X 3 a b", SYNTAX),
        ("n:count key*n", "X 1 a b", SYNTAX),
        ("(key value)...", "MSET a 1 b", SYNTAX),
        ("where=<LEFT|RIGHT>", "X UP", SYNTAX),
        ("key FIELDS n:count f*n", "X k FIELD 1 a", SYNTAX),
        ("key", "X k more", SYNTAX),
    ],
)
def test_what_does_not_fit(notation: str, line: str, error: str) -> None:
    assert refused(notation, line) == error


def test_the_servers_own_words() -> None:
    assert refused("n:int", "X x", n="ERR no n") == "ERR no n"
    assert refused("limit:natural", "X -1", limit="ERR LIMIT can't be negative") == "ERR LIMIT can't be negative"
    errors = {"n": "ERR too few", "n>": "ERR too many", "n!": "ERR no number"}
    for words, message in (("X 0 a", "ERR too few"), ("X 2 a", "ERR too many"), ("X x a", "ERR no number")):
        with pytest.raises(CommandError, match=message):
            Grammar(parse("n:count key*n"), errors).bind(words.encode().split())
    with pytest.raises(CommandError, match="ERR what is MORE"):
        Grammar(parse("key"), {"*": "ERR what is {}"}).bind([b"X", b"k", b"MORE\r\n"[:4]])


# -- options --------------------------------------------------------------------------------------------------------------

SET = "key value [condition=NX|XX] [GET] [expiration=EX seconds:int|PX milliseconds:int|KEEPTTL]"


@pytest.mark.parametrize(
    ("notation", "line", "bound"),
    [
        (SET, "SET k v", [b"k", b"v", None, None, None]),
        (SET, "SET k v EX 10 nx get", [b"k", b"v", "NX", True, ("EX", 10)]),
        (SET, "SET k v keepttl XX", [b"k", b"v", "XX", None, ("KEEPTTL", None)]),
        (SET, "SET k v GET GET", [b"k", b"v", None, True, None]),
        ("key [count:int]", "LPOP k", [b"k", None]),
        ("key [count:int]", "LPOP k 2", [b"k", 2]),
        ("key [LIMIT offset:int count:int] [ALPHA]", "SORT k ALPHA LIMIT 1 2", [b"k", (1, 2), True]),
        ("key [GET pattern]*", "SORT k GET a GET b", [b"k", [b"a", b"b"]]),
        ("key [GET pattern]*", "SORT k", [b"k", []]),
        ("key [order=ASC|DESC]+", "SORT k DESC ASC", [b"k", ["DESC", "ASC"]]),
        ("key [order=ASC|DESC]+ [ALPHA]", "SORT k ASC ALPHA DESC", [b"k", ["ASC", "DESC"], True]),
        ("key [BY pattern]+", "SORT k BY a BY b", [b"k", [b"a", b"b"]]),
        ("key [BY pattern]+", "SORT k", [b"k", []]),
        (
            "key [op=GET offset:int|SET (offset:int value)]*",
            "X k GET 1 SET 2 v",
            [b"k", [("GET", 1), ("SET", (2, b"v"))]],
        ),
        ("n:count key*n [WEIGHTS weight:int*n]", "X 2 a b WEIGHTS 1 2", [[b"a", b"b"], [1, 2]]),
        ("key [word...]", "X k a b", [b"k", [b"a", b"b"]]),
        ("[FILTERBY by=<MODULE name|PATTERN pattern>]", "X FILTERBY PATTERN p", [("PATTERN", b"p")]),
        ("key [COPY] [KEYS keys:key...]", "X k KEYS a copy", [b"k", None, [b"a", b"copy"]]),
        ("key [COPY] [KEYS keys:key...]", "X k copy", [b"k", True, []]),
    ],
)
def test_what_may_be_there(notation: str, line: str, bound: list[object]) -> None:
    assert bind(notation, line) == bound


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("SET k v NX XX", SYNTAX),
        ("SET k v EX", SYNTAX),
        ("SET k v EX 1 PX 1", SYNTAX),
        ("SET k v EX 1 KEEPTTL", SYNTAX),
        ("SET k v SOMETHING", SYNTAX),
        ("SET k v EX x", NOT_AN_INTEGER),
        # The first wrong word from the left is the one that is told.
        ("SET k v EX x SOMETHING", NOT_AN_INTEGER),
        ("SET k v SOMETHING EX x", SYNTAX),
    ],
)
def test_options_that_do_not_fit(line: str, error: str) -> None:
    assert refused(SET, line) == error


# -- what is read off it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notation", "usage"),
    [
        ("key", "key"),
        ("key...", "key [key ...]"),
        ("(key value)...", "key value [key value ...]"),
        (SET, "key value [NX | XX] [GET] [EX seconds | PX milliseconds | KEEPTTL]"),
        ("key where=<BEFORE|AFTER> pivot", "key <BEFORE | AFTER> pivot"),
        ("key [LIMIT offset:int count:int]", "key [LIMIT offset count]"),
        ("numkeys:count key*numkeys", "numkeys key [key ...]"),
        ("key (FIELDS numfields:count field*numfields)", "key FIELDS numfields field [field ...]"),
        ("key [options=count:int [WITHVALUES]]", "key [count [WITHVALUES]]"),
        ("key [GET pattern]*", "key [GET pattern ...]"),
        ("key [KEYS keys:key...]", "key [KEYS keys [keys ...]]"),
        ("which=<key|empty:token>", '<key | "">'),
        ("key [change=CH]", "key [CH]"),
    ],
)
def test_usage(notation: str, usage: str) -> None:
    assert grammar(notation).usage() == usage


@pytest.mark.parametrize(
    ("notation", "minimum", "exact", "plain"),
    [
        ("key", 1, True, 1),
        ("key value [GET]", 2, False, 2),
        ("key...", 1, False, -1),
        ("key n:int", 2, True, -1),
        ("key n:number", 2, True, 2),
        ("key (FIELDS n:count f*n)", 4, False, -1),
        ("key where=<LEFT|RIGHT>", 2, True, -1),
        ("", 0, True, 0),
    ],
)
def test_how_many_words(notation: str, minimum: int, exact: bool, plain: int) -> None:
    """The least number, whether there may be more, and the number with which argv needs no reading."""
    made = grammar(notation)
    assert (made.minimum, made.exact, made.plain) == (minimum, exact, plain)


def test_versions() -> None:
    notation = "key [NX@6.2] [condition=GT@7.0|LT@7.0] [unit=BYTE|BIT]@7.2 [since=A|B@7.4]"
    assert grammar(notation, (6, 0)).usage() == "key [A]"
    assert grammar(notation, (6, 2)).usage() == "key [NX] [A]"
    assert grammar(notation, (7, 0)).usage() == "key [NX] [GT | LT] [A]"
    assert grammar(notation, (7, 2)).usage() == "key [NX] [GT | LT] [BYTE | BIT] [A]"
    assert grammar(notation, (7, 4)).usage() == "key [NX] [GT | LT] [BYTE | BIT] [A | B]"
    assert bind(notation, "X k NX", (6, 2)) == [b"k", True, None]
    with pytest.raises(CommandError, match=SYNTAX):
        bind(notation, "X k GT", (6, 2))


def test_names() -> None:
    (key, change, data, options) = parse("key [change=CH] data=(score:double member)... [options=count:int [X]]")
    assert (key.name, key.kind) == ("key", "key")
    assert (change.name, change.token, change.kind, change.optional) == ("change", "CH", "token", True)
    assert (data.name, data.kind, data.multiple) == ("data", "block", True)
    assert [part.name for part in data.parts] == ["score", "member"]
    assert (options.name, options.kind) == ("options", "block")
    assert options.parts[1] == Arg("x", "token", token="X", optional=True)
    (first, second) = parse("[operation=get=(GET a b)|write=([OVERFLOW kind] SET c)]* key")
    assert [(part.name, part.token) for part in first.parts] == [("get", "GET"), ("write", "")]
    assert second.name == "key"


@pytest.mark.parametrize("notation", ["[key", "(key", "where=<A|B", "key]", "a)", "[]*["])
def test_what_is_no_notation(notation: str) -> None:
    with pytest.raises(ValueError, match="grammar"):
        parse(notation)


WORDS = st.sampled_from([b"NX", b"xx", b"GET", b"EX", b"PX", b"KEEPTTL", b"10", b"x", b""])


@given(st.lists(WORDS, max_size=6))
def test_options_come_in_any_order(words: list[bytes]) -> None:
    """What is taken in one order is taken, and means the same, in the order of the documentation."""
    made = grammar(SET)
    try:
        bound = made.bind([b"SET", b"k", b"v", *words])
    except CommandError:
        return
    key, value, condition, get, expiration = bound
    assert isinstance(key, bytes)
    assert isinstance(value, bytes)
    again = [b"SET", key, value]
    if expiration is not None:
        assert isinstance(expiration, tuple)
        again += [expiration[0].encode(), *([] if expiration[1] is None else [b"%d" % expiration[1]])]
    if get:
        again.append(b"GET")
    if condition:
        assert isinstance(condition, str)
        again.append(condition.encode())
    assert made.bind(again) == bound
