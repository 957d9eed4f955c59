"""Commands on lists: the same answers whatever the list is made of, and each version's own words for errors."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rinspect.engine import Engine
from rinspect.engine.engine import Session
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import NULL_ARRAY, OK, CommandError, Reply
from rinspect.engine.values.list import ListValue
from tests.engine.checks import check_layout

ALL = tuple(PROFILES)
SIZES = {"fits": -2, "pairs": 2, "single": 1}
"""How much a node holds: with `fits` a short list is one blob."""


class Client:
    """A session that is given words."""

    def __init__(self, profile: str, size: str = "fits", depth: int = 0) -> None:
        self.engine = Engine(profile)
        self.session: Session = self.engine.session()
        self.engine.runtime.config.list_max_listpack_size = SIZES[size]
        self.engine.runtime.config.list_compress_depth = depth

    def __call__(self, words: str, *more: bytes) -> Reply:
        reply = self.session.execute([*words.encode().split(), *more])
        for key in (b"k", b"j"):
            value = self.engine.keyspace[0].peek(key)
            if isinstance(value, ListValue):
                assert len(value) > 0
                check_layout(value)
        return reply

    def elements(self, key: str = "k") -> str:
        """All elements, in one line."""
        reply = self(f"LRANGE {key} 0 -1")
        assert isinstance(reply, list)
        return b" ".join(element for element in reply if isinstance(element, bytes)).decode()


@pytest.fixture(params=[f"{profile}-{size}" for profile in ALL for size in SIZES])
def client(request: pytest.FixtureRequest) -> Client:
    profile, size = request.param.split("-")
    return Client(profile, size, depth=1 if size == "pairs" else 0)


def error(reply: Reply) -> str:
    assert isinstance(reply, CommandError)
    return reply.message


# -- behaviour ----------------------------------------------------------------------------------------------------------


def test_push(client: Client) -> None:
    assert client("RPUSH k a b c") == 3
    assert client("LPUSH k d e") == 5
    assert client.elements() == "e d a b c"
    assert client("RPUSHX k f g") == 7
    assert client("LPUSHX k h") == 8
    assert client.elements() == "h e d a b c f g"
    assert client("LLEN k") == 8
    assert client("LPUSHX nothing a") == client("RPUSHX nothing a") == client("LLEN nothing") == 0
    assert client("EXISTS nothing") == 0


def test_pop(client: Client) -> None:
    client("RPUSH k a b c d e f g")
    assert client("LPOP k") == b"a"
    assert client("RPOP k") == b"g"
    assert client("LPOP k 2") == [b"b", b"c"]
    assert client("RPOP k 2") == [b"f", b"e"]
    assert client("LPOP k 0") == []
    assert client("RPOP k 100") == [b"d"]
    assert client("EXISTS k") == 0
    assert client("LPOP k") is None
    assert client("LPOP k 0") is client("RPOP k 3") is NULL_ARRAY


def test_reading(client: Client) -> None:
    client("RPUSH k a b c d e")
    assert client("LINDEX k 0") == client("LINDEX k -5") == b"a"
    assert client("LINDEX k 4") == client("LINDEX k -1") == b"e"
    assert client("LINDEX k 5") is client("LINDEX k -6") is client("LINDEX nothing 0") is None
    assert client("LRANGE k 1 3") == [b"b", b"c", b"d"]
    assert client("LRANGE k -2 100") == [b"d", b"e"]
    assert client("LRANGE k 3 1") == client("LRANGE k 9 9") == client("LRANGE nothing 0 -1") == []


def test_set(client: Client) -> None:
    client("RPUSH k a b c")
    assert client("LSET k 1 x") == OK
    assert client("LSET k -1 500") == OK
    assert client.elements() == "a x 500"


def test_insert(client: Client) -> None:
    client("RPUSH k a b c b")
    assert client("LINSERT k BEFORE b x") == 5
    assert client("linsert k after c y") == 6
    assert client.elements() == "a x b c y b"
    assert client("LINSERT k AFTER nope y") == -1
    assert client("LINSERT nothing AFTER a b") == 0


def test_remove(client: Client) -> None:
    client("RPUSH k a b a c a d a")
    assert client("LREM k 1 a") == 1
    assert client("LREM k -1 a") == 1
    assert client.elements() == "b a c a d"
    assert client("LREM k 0 a") == 2
    assert client("LREM k 0 a") == client("LREM nothing 0 a") == 0
    for element in "bcd":
        assert client(f"LREM k 5 {element}") == 1
    assert client("EXISTS k") == 0


def test_trim(client: Client) -> None:
    client("RPUSH k a b c d e f g")
    assert client("LTRIM k 1 -2") == OK
    assert client.elements() == "b c d e f"
    assert client("LTRIM k -3 100") == OK
    assert client.elements() == "d e f"
    assert client("LTRIM k 5 9") == client("LTRIM nothing 0 1") == OK
    assert client("EXISTS k") == 0


def test_positions(client: Client) -> None:
    client("RPUSH k a b c 1 2 3 c c")
    assert client("LPOS k c") == 2
    assert client("LPOS k c RANK 2") == 6
    assert client("LPOS k c RANK -1") == 7
    assert client("LPOS k c COUNT 2") == [2, 6]
    assert client("LPOS k c COUNT 0 RANK -2") == [6, 2]
    assert client("LPOS k c COUNT 0 MAXLEN 7") == [2, 6]
    assert client("LPOS k c MAXLEN 2") is client("LPOS k nope") is client("LPOS nothing a") is None
    assert client("LPOS k nope COUNT 1") == client("LPOS nothing a COUNT 0") == []
    assert client("LPOS k 2 COUNT 1 COUNT 0") == [4]


def test_move(client: Client) -> None:
    client("RPUSH k a b c d")
    assert client("LMOVE k j LEFT RIGHT") == b"a"
    assert client("LMOVE k j right left") == b"d"
    assert client("RPOPLPUSH k j") == b"c"
    assert (client.elements(), client.elements("j")) == ("b", "c d a")
    assert client("RPOPLPUSH j j") == b"a"
    assert client.elements("j") == "a c d"
    assert client("LMOVE k k LEFT LEFT") == b"b"
    assert client.elements() == "b"
    assert client("BLMOVE k j LEFT LEFT 0") == b"b"
    assert client("EXISTS k") == 0
    assert client("BRPOPLPUSH j k 0.5") == b"d"
    assert client("LMOVE nothing j LEFT LEFT") is client("BLMOVE nothing j LEFT LEFT 0") is None
    assert client("RPOPLPUSH nothing j") is client("BRPOPLPUSH nothing j 1") is None


def test_the_first_list_of_several(client: Client) -> None:
    client("RPUSH k a b c d e")
    assert client("BLPOP nothing k j 0") == [b"k", b"a"]
    assert client("BRPOP nothing k 0") == [b"k", b"e"]
    assert client("BLPOP nothing 0") is client("BRPOP nothing 1.5") is NULL_ARRAY
    if client.engine.profile.version >= (7, 0):
        assert client("LMPOP 2 nothing k LEFT") == [b"k", [b"b"]]
        assert client("BLMPOP 0 1 k right count 9") == [b"k", [b"d", b"c"]]
        assert client("LMPOP 1 k LEFT") is client("BLMPOP 1 1 k LEFT") is NULL_ARRAY
        assert client("EXISTS k") == 0
    else:
        assert error(client("LMPOP 1 k LEFT")).startswith("ERR unknown command")


def test_what_makes_no_list_stays_as_it_is(client: Client) -> None:
    client("SET s v")
    client("RPUSH k a")
    for command in (
        "LPUSH s a", "RPUSHX s a", "LPOP s", "RPOP s 1", "LLEN s", "LRANGE s 0 1", "LINDEX s 0", "LSET s 0 a",
        "LINSERT s BEFORE a b", "LREM s 0 a", "LTRIM s 0 1", "LPOS s a", "LMOVE s k LEFT LEFT", "LMOVE k s LEFT LEFT",
        "RPOPLPUSH s k", "RPOPLPUSH k s", "BLPOP nothing s 0", "BLMOVE k s LEFT LEFT 0", "BRPOPLPUSH s k 0",
    ):  # fmt: skip
        assert error(client(command)).startswith("WRONGTYPE"), command
    assert (client("GET s"), client.elements()) == (b"v", "a")


def test_the_key_is_gone_with_its_expiry(client: Client) -> None:
    client("RPUSH k a")
    client("EXPIRE k 100")
    assert client("RPUSH k b") == 2
    assert client("TTL k") == 100
    client("LPOP k 2")
    client("RPUSH k c")
    assert client("TTL k") == -1


# -- errors -------------------------------------------------------------------------------------------------------------

WORDS = [
    ("LPUSH k", "ERR wrong number of arguments for 'lpush' command"),
    ("LPOP k 1 2", "ERR wrong number of arguments for 'lpop' command"),
    ("LPOP k -1", "ERR value is out of range, must be positive"),
    ("RPOP nothing x", "ERR value is out of range, must be positive"),
    ("LRANGE s x 0", "ERR value is not an integer or out of range"),
    ("LINDEX k x", "ERR value is not an integer or out of range"),
    ("LSET nothing x a", "ERR no such key"),
    ("LSET k x a", "ERR value is not an integer or out of range"),
    ("LSET k 5 a", "ERR index out of range"),
    ("LINSERT nothing BESIDE a b", "ERR syntax error"),
    ("LREM s x a", "ERR value is not an integer or out of range"),
    ("LPOS s a RANK", "ERR syntax error"),
    ("LPOS s a FOO 1", "ERR syntax error"),
    ("LPOS s a RANK x FOO 1", "ERR value is not an integer or out of range"),
    ("LPOS s a COUNT -1", "ERR COUNT can't be negative"),
    ("LPOS s a MAXLEN x", "ERR MAXLEN can't be negative"),
    ("LMOVE k j LEFT UP", "ERR syntax error"),
    ("BLMOVE s j UP LEFT x", "ERR syntax error"),
    ("BLMOVE s j LEFT LEFT x", "ERR timeout is not a float or out of range"),
    ("BRPOPLPUSH s j -1", "ERR timeout is negative"),
    ("BLPOP s nan", "ERR timeout is not a float or out of range"),
    ("BRPOP s -inf", "ERR timeout is negative"),
]


@pytest.mark.parametrize("profile", ALL)
@pytest.mark.parametrize(("words", "message"), WORDS)
def test_errors(profile: str, words: str, message: str) -> None:
    client = Client(profile)
    client("SET s v")
    client("RPUSH k a b")
    assert error(client(words)) == message
    assert client.elements() == "a b"


@pytest.mark.parametrize("profile", ALL[1:])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("0 k LEFT", "ERR numkeys should be greater than 0"),
        ("x k LEFT", "ERR numkeys should be greater than 0"),
        ("2 k LEFT", "ERR syntax error"),
        ("1 k UP", "ERR syntax error"),
        ("1 k LEFT COUNT", "ERR syntax error"),
        ("1 k LEFT COUNT 0", "ERR count should be greater than 0"),
        ("1 k LEFT COUNT x", "ERR count should be greater than 0"),
        ("1 k LEFT COUNT 1 COUNT 1", "ERR syntax error"),
        ("1 s LEFT", "WRONGTYPE Operation against a key holding the wrong kind of value"),
    ],
)
def test_errors_of_lmpop(profile: str, words: str, message: str) -> None:
    client = Client(profile)
    client("SET s v")
    client("RPUSH k a b")
    assert error(client(f"LMPOP {words}")) == error(client(f"BLMPOP 0 {words}")) == message
    assert error(client("BLMPOP x 1 k LEFT")) == "ERR timeout is not a float or out of range"


@pytest.mark.parametrize("profile", ALL)
def test_words_that_changed(profile: str) -> None:
    client = Client(profile)
    client("RPUSH k a b a")
    version = PROFILES[profile].version
    lowest = -(1 << 63)
    out_of_long = f"ERR value is out of range, value must between {lowest + 1} and {-lowest - 1}"
    tail = "..." if version < (7, 0) else "... or use negative to start from the end of the list"
    comma = "," if version < (7, 0) else ""
    zero = f"ERR RANK can't be zero: use 1 to start from the first match, 2 from the second{comma} {tail}"
    assert error(client("LPOS k a RANK 0")) == zero
    if version >= (7, 2):
        assert error(client(f"LPOS k a RANK {lowest}")) == out_of_long
        assert error(client("BLPOP k inf")) == "ERR timeout is out of range"
        assert error(client("BLPOP k 9223372036854775")) == "ERR timeout is out of range"
    else:
        assert client(f"LPOS k a RANK {lowest}") == 2
        assert client(f"LPOS k a RANK {lowest} COUNT 1") == [2, 0]
        assert error(client("BLPOP k inf")) == "ERR timeout is negative"
        assert client("BLPOP nothing 9223372036854775") is NULL_ARRAY
    if version >= (7, 4):
        assert error(client(f"LREM k {lowest} a")) == out_of_long
    else:
        assert client(f"LREM k {lowest} a") == 2


# -- at random ----------------------------------------------------------------------------------------------------------

key = st.sampled_from([b"k", b"j"])
element = st.sampled_from([b"a", b"b", b"12", b"", b"long text, long text, long text, long text, long text"])
index = st.integers(-9, 9).map(lambda number: b"%d" % number)
side = st.sampled_from([b"LEFT", b"RIGHT"])
commands = st.one_of(
    st.tuples(st.sampled_from([b"LPUSH", b"RPUSH"]), key, element, element, element),
    st.tuples(st.just(b"LINSERT"), key, st.sampled_from([b"BEFORE", b"AFTER"]), element, element),
    st.tuples(st.just(b"LSET"), key, index, element),
    st.tuples(st.sampled_from([b"LPOP", b"RPOP"]), key),
    st.tuples(st.sampled_from([b"LPOP", b"RPOP"]), key, st.sampled_from([b"0", b"2", b"5"])),
    st.tuples(st.just(b"LREM"), key, index, element),
    st.tuples(st.just(b"LTRIM"), key, index, index),
    st.tuples(st.just(b"LMOVE"), key, key, side, side),
    st.tuples(st.just(b"LRANGE"), key, index, index),
    st.tuples(st.just(b"LINDEX"), key, index),
    st.tuples(st.just(b"LPOS"), key, element, st.just(b"COUNT"), st.sampled_from([b"0", b"1", b"2"])),
)


@pytest.mark.parametrize("profile", ALL)
@settings(max_examples=40)
@given(st.lists(commands, max_size=25), st.sampled_from(["pairs", "single"]), st.integers(0, 2))
def test_the_answers_do_not_depend_on_the_encoding(
    profile: str, steps: list[tuple[bytes, ...]], size: str, depth: int
) -> None:
    plain, other = Client(profile), Client(profile, size, depth)
    for command in steps:
        assert plain("", *command) == other("", *command)
    for name in "kj":
        assert plain.elements(name) == other.elements(name)
