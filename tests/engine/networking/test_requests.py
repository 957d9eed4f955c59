"""The query buffer: what is a request, what is none, and in how many pieces it may come."""

import contextlib
import resource
import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.networking import hiredis_multibulks, multibulks, requests
from rinspect.engine.networking.multibulks import multibulk
from rinspect.engine.networking.requests import BIG_ARGUMENT, LINE_LIMIT, ProtocolError, QueryBuffer
from tests.engine.both import versions
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer

Requests = list[list[bytes]]


@pytest.fixture(scope="module", autouse=True, params=[hiredis_multibulks, multibulks], ids=["hiredis", "python"])
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Everything here holds whichever way requests are taken apart."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests, "way_to_take_apart", request.param.way_to_take_apart)
        yield


def received(buffer: QueryBuffer, data: bytes) -> Requests:
    """All complete requests, once this has come too."""
    found: Requests = []
    requests = buffer.receive(data)
    while requests:
        found += requests
        requests = buffer.take()
    return found


def in_pieces(pieces: list[bytes]) -> Requests:
    buffer = QueryBuffer()
    found: Requests = []
    for piece in pieces:
        found += received(buffer, piece)
    assert len(buffer) == 0
    assert buffer.empty
    return found


STREAM: list[tuple[bytes, list[bytes]]] = [
    (multibulk([b"SET", b"k", b"v"]), [b"SET", b"k", b"v"]),
    (multibulk([b"GET", b""]), [b"GET", b""]),
    (b"SET k \"a b\\x00\" 'c d'\r\n", [b"SET", b"k", b"a b\0", b"c d"]),
    (b"PING\n", [b"PING"]),
    (multibulk([b"a\r\nb", b"$3\r\n", b"*1\r\n$1\r\na\r\n"]), [b"a\r\nb", b"$3\r\n", b"*1\r\n$1\r\na\r\n"]),
]
NOTHING_IN_THEM = [b"\r\n", b"\n", b"*0\r\n", b"*-1\r\n", b"  \r\n"]


def test_every_cut_of_a_stream_gives_the_same_requests() -> None:
    stream = b"".join(data for data, _ in STREAM)
    expected = [argv for _, argv in STREAM]
    assert in_pieces([stream]) == expected
    for at in range(1, len(stream)):
        assert in_pieces([stream[:at], stream[at:]]) == expected, at
    assert in_pieces([bytes([byte]) for byte in stream]) == expected


@pytest.mark.parametrize("nothing", NOTHING_IN_THEM)
def test_requests_with_nothing_in_them_are_passed_over(nothing: bytes) -> None:
    ping = multibulk([b"PING"])
    for stream in (nothing + ping, ping + nothing + ping, nothing * 3 + ping):
        expected = [[b"PING"]] * stream.count(ping)
        for at in range(len(stream)):
            assert in_pieces([stream[:at], stream[at:]]) == expected


words = st.binary(max_size=12) | st.sampled_from(
    [b"\r\n", b"$1\r\n", b"*2\r\n", b"\r", b"\n", b":1\r\n", b"-1", b"x" * 40_000]
)
bulks = st.lists(words, min_size=1, max_size=5).map(lambda argv: (multibulk(argv), [argv]))
plain_words = st.text("abcxyz019*$:+-", min_size=1, max_size=8).map(str.encode)
inlines = (
    st.lists(plain_words, min_size=1, max_size=4)
    .filter(lambda argv: argv[0][:1] != b"*")
    .map(lambda argv: (b" ".join(argv) + b"\r\n", [argv]))
)
nothings: st.SearchStrategy[tuple[bytes, Requests]] = st.sampled_from(NOTHING_IN_THEM).map(lambda data: (data, []))


@given(st.lists(bulks | inlines | nothings, max_size=8), st.data())
def test_whatever_is_sent_in_whichever_pieces(sent: list[tuple[bytes, Requests]], data: st.DataObject) -> None:
    stream = b"".join(piece for piece, _ in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert in_pieces(pieces) == [argv for _, requests in sent for argv in requests]


def test_requests_that_were_put_back_come_first() -> None:
    buffer = QueryBuffer()
    first, *others = buffer.receive(multibulk([b"a"]) + multibulk([b"b"]) + multibulk([b"c"]))
    buffer.put_back(others)
    assert len(buffer) == 2 * len(multibulk([b"a"]))
    assert [first, *received(buffer, multibulk([b"d"]))] == [[b"a"], [b"b"], [b"c"], [b"d"]]


def test_what_was_held_is_looked_at_in_order() -> None:
    pieces = [b"*2\r\n$3\r", b"\nGET\r\n$1\r\nk\r\nPI", b"NG\r\n", multibulk([b"ECHO", b"x"])]
    buffer = QueryBuffer()
    for piece in pieces[:3]:
        buffer.hold(piece)
    assert len(buffer) == sum(map(len, pieces[:3]))
    assert received(buffer, pieces[3]) == [[b"GET", b"k"], [b"PING"], [b"ECHO", b"x"]]
    assert len(buffer) == 0


def test_a_big_argument_is_received_into_a_buffer_of_its_own() -> None:
    size = BIG_ARGUMENT + 1000
    buffer = QueryBuffer()
    assert buffer.receive(b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$%d\r\nabc" % size) == []
    assert buffer.wanted == size + 2 - 3, "no more is to be read than what completes it"
    assert buffer.argv_bytes == 4
    assert buffer.receive(b"d" * (size - 3) + b"\r") == []
    assert buffer.wanted == 1
    assert received(buffer, b"\n" + multibulk([b"PING"])) == [[b"SET", b"k", b"abc" + b"d" * (size - 3)], [b"PING"]]
    assert buffer.wanted == len(buffer) == 0


def test_a_declared_length_takes_no_memory_by_itself() -> None:
    buffer = QueryBuffer()
    assert buffer.receive(b"*2147483647\r\n$536870912\r\n") == []
    assert len(buffer) == 0
    assert buffer.wanted == (512 << 20) + 2


@pytest.mark.parametrize("line", [b"*1\r\n\0\r\n", b"*\x001\r\n", b"GET \0\r\n"])
def test_a_line_with_a_nul_never_ends(line: bytes) -> None:
    buffer = QueryBuffer()
    assert buffer.receive(line) == []
    with pytest.raises(ProtocolError, match="too big"):
        buffer.receive(b"x" * LINE_LIMIT)


def test_the_longest_argument_may_be_changed() -> None:
    buffer = QueryBuffer(1 << 20)
    with pytest.raises(ProtocolError, match="invalid bulk length"):
        buffer.receive(b"*1\r\n$1048577\r\n")


FRAGMENTS = [
    *(b"*%d\r\n" % count for count in (-1, 0, 1, 2, 3)), b"*+1\r\n", b"*01\r\n", b"*", b"$", b"\n", b"\r\n", b"PING\r\n",
    *(multibulk([word])[4:] for word in (b"", b"PING", b"$", b"*", b"\r\n", b"\r\n$", b"\r\n*")), b"$01\r\na\r\n",
    b"+OK\r\n", b"-ERR x\r\n", b":0\r\n", b":5\r\n", b"$-1\r\n", b"_\r\n", b"#f\r\n", b",1.5\r\n", b"(12\r\n",
    b"=5\r\ntxt:a\r\n", b"=5\r\n$$$:a\r\n", b"!5\r\nERR x\r\n", b"~1\r\n", b">1\r\n", b"%0\r\n", b"%1\r\n", b"|1\r\n",
    *(b"$1\r\n" + word for word in (b"aYZ", b"+\r\n", b"=\r\n", b"%\r\n", b"\r\n+", b"\r\r\n$")), b"$0\r\n\r\n",
]  # fmt: skip
"""Of requests, of what no request may hold, and of arguments that look like either."""


def outcome(pieces: list[bytes]) -> tuple[Requests, int | str]:
    """The requests, and what is left over or wrong."""
    buffer, found = QueryBuffer(), Requests()
    try:
        for piece in pieces:
            requests = buffer.receive(piece)
            while requests:
                found += requests
                requests = buffer.take()
    except ProtocolError as error:
        return found, str(error)
    return found, len(buffer)


@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=6).map(b"".join))
def test_all_at_once_is_taken_what_is_taken_byte_by_byte(data: bytes) -> None:
    assert outcome([data]) == outcome([bytes([byte]) for byte in data])


@pytest.mark.parametrize("begun", [b"*1\r\n*2147483647\r\n", b"*2\r\n>300000000\r\n", b"*1\r\n~300000000\r\n"])
def test_no_room_is_made_for_what_is_only_declared(begun: bytes) -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, before[1]))
    try:
        with pytest.raises(ProtocolError, match="expected '\\$', got"):
            QueryBuffer().receive(begun)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize(
    "data",
    [
        b"*2\r\n:5\r\n$3\r\n\r\n$\r\n",
        b"*2\r\n$-1\r\n$2\r\n\r\n\r\n",
        b"*1\r\n+PING\r\n",
        b"*1\r\n=5\r\n$$$:x\r\n",
        b"*2\r\n$2\r\nx\r\n$+foo\r\n",
        b"*1\r\n*1\r\n$4\r\nPING\r\n",
        b"*2\r\n$4\r\nPING\r\n#f\r\n",
    ],
)
def test_what_a_reply_may_hold_and_a_request_may_not_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        received(QueryBuffer(), data)


BROKEN = [
    b"*1\r\n#3\r\nabc\r\n",
    b"*1\r\n\xff\r\n",
    b"*1\r\n*1\r\n",
    b"*a\r\n",
    b"*\r\n",
    b"* 1\r\n",
    b"*+1\r\n",
    b"*2147483648\r\n",
    b"*99999999999999999999\r\n",
    b"*1\r\n$-1\r\n",
    b"*1\r\n$a\r\n",
    b"*1\r\n$\r\n",
    b"*1\r\n$ 1\r\n",
    b"*1\r\n$536870913\r\n",
    b"*1\r\n$99999999999999999999\r\n",
    b"*" + b"1" * (LINE_LIMIT + 1),
    b"*1\r\n$" + b"1" * (LINE_LIMIT + 1),
    b"a" * (LINE_LIMIT + 1),
    b'"open\r\n',
    b"'a'b\r\n",
    b"PING\r\n*1\r\n#\r\n",
    b"*1\r\n$4\r\nPING\r\n*-x\r\n",
    b"*3\r\n$4\r\nPING\r\n+OK\r\n",
    b"*1\r\n\n4\r\n",
    b"*1\r\n\r4\r\n",
]


def answer(connection: socket.socket) -> bytes:
    """All that is sent until the connection is closed."""
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(1 << 16):
            said += data
    return said


@pytest.fixture
def hosted(real_server: RealServer) -> Iterator[Hosted]:
    with Hosted(real_server.profile) as hosted:
        yield hosted


def ours(hosted: Hosted, data: bytes) -> bytes:
    user = hosted.another()
    user.socket.sendall(data)
    for _ in range(2 + len(data) // 16384):
        hosted.go_round()
    assert not user.connected
    user.socket.setblocking(True)
    return answer(user.socket)


@versions
def test_what_is_no_request_is_answered_as_the_server_does(real_server: RealServer, hosted: Hosted) -> None:
    for data in BROKEN:
        with contextlib.closing(real_server.connect()) as connection:
            connection.send(data)
            theirs = answer(connection.socket)
        assert ours(hosted, data) == theirs, data[:40]
        assert theirs.startswith((b"-ERR Protocol error", b"+PONG"))


@versions
def test_who_has_not_authenticated_may_send_little(real_server: RealServer, hosted: Hosted) -> None:
    real_server.execute("CONFIG", "SET", "requirepass", "secret")
    hosted.execute("CONFIG", "SET", "requirepass", "secret")
    try:
        for data in (b"*11\r\n", b"*1\r\n$16385\r\n"):
            with contextlib.closing(real_server.connect()) as connection:
                connection.send(data)
                theirs = answer(connection.socket)
            assert ours(hosted, data) == theirs
            assert b"unauthenticated" in theirs
    finally:
        real_server.execute("CONFIG", "SET", "requirepass", "")
