"""Words of a line, as the server splits inline commands and the lines of its configuration file."""

import doctest

import hiredis
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rinspect.engine import splitargs as splitargs_module
from rinspect.engine.splitargs import catrepr, splitargs
from tests.real.servers import RealServer


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", []),
        (b" \t\v\f\r\n", []),
        (b"a  b\tc\r\n", [b"a", b"b", b"c"]),
        (b"""a "b c" 'd e' """, [b"a", b"b c", b"d e"]),
        (b'a""', [b"a"]),
        (b'"" x', [b"", b"x"]),
        (b'ab"c d"', [b"abc d"]),
        (rb'"\x41\n\r\t\b\a\q\"\\ \x4"', [b'A\n\r\t\b\aq"\\ x4']),
        (rb"'\n\'\\ '", [rb"\n'\\ "]),
        (b"a\vb\fc d", [b"a\vb\fc", b"d"]),
        (b"a\0b c", [b"a"]),
        (b"\xff\xfe", [b"\xff\xfe"]),
        (b'"a', None),
        (b"'a", None),
        (b'"a"b', None),
        (b"'a'b", None),
        (b'"a\\', None),
        (b'"a\\"', None),
        (rb"'a\'", None),
    ],
)
def test_words(line: bytes, words: list[bytes] | None) -> None:
    assert splitargs(line) == words


@given(st.lists(st.binary()))
def test_what_was_quoted_is_read_back(words: list[bytes]) -> None:
    assert splitargs(" ".join(map(catrepr, words)).encode()) == words


@pytest.mark.parametrize("real_server", ["6.2", "7.0", "8.0"], indirect=True)
@given(tail=st.text(""" \t\v\f\r\\"'xn4aAg#""", max_size=12).map(str.encode))
@example(b"'\\'' \"\\x4\"")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_a_server_splits_inline_commands_so(real_server: RealServer, tail: bytes) -> None:
    connection = real_server.connect()
    words = splitargs(b"RPUSH k first " + tail)
    connection.send(b"DEL k\r\nRPUSH k first " + tail + b"\r\n")
    connection.receive()
    answer = connection.receive()
    if words is None:
        assert isinstance(answer, hiredis.ReplyError)
        assert "unbalanced quotes" in str(answer)
    else:
        assert answer == len(words) - 2
        assert connection.execute("LRANGE", "k", 0, -1) == words[2:]
    connection.close()


def test_the_example_holds() -> None:
    assert doctest.testmod(splitargs_module) == doctest.TestResults(failed=0, attempted=1)
