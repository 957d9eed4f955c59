"""DEBUG: what servers say of their own structures."""

import re
from collections.abc import Iterator

import pytest

from rinspect.engine import Engine, Session
from rinspect.engine.replies import CommandError, Reply, Status, Verbatim
from tests.real.servers import RealServer
from tests.real.typed import TypedConnection

versions = pytest.mark.parametrize("real_server", ["6.2", "7.0", "8.0"], indirect=True)

KEYS: dict[bytes, list[list[bytes]]] = {
    b"int": [[b"SET", b"int", b"12345"]],
    b"shared": [[b"INCR", b"shared"]],
    b"empty": [[b"SET", b"empty", b""]],
    b"embstr": [[b"SET", b"embstr", b"hello"]],
    b"embstr of 44": [[b"SET", b"embstr of 44", b"x" * 44]],
    b"raw of 45": [[b"SET", b"raw of 45", b"x" * 45]],
    b"raw of 12000": [[b"SET", b"raw of 12000", b"abc" * 4000]],
    b"appended": [[b"APPEND", b"appended", b"hello"], [b"APPEND", b"appended", b" world"]],
    b"set at 10": [[b"SETRANGE", b"set at 10", b"10", b"x"]],
    b"list": [[b"RPUSH", b"list", b"a", b"b", b"1", b"2", b"300"]],
    b"long list": [[b"RPUSH", b"long list", *(b"%d" % n + b"y" * 100 for n in range(300))]],
    b"compressed": [
        [b"CONFIG", b"SET", b"list-compress-depth", b"1"],
        [b"RPUSH", b"compressed", *(b"%d" % n + b"y" * 100 for n in range(300))],
        [b"CONFIG", b"SET", b"list-compress-depth", b"0"],
    ],
    b"intset": [[b"SADD", b"intset", b"1", b"2", b"70000"]],
    b"set": [[b"SADD", b"set", b"a", b"b", b"c"]],
    b"large set": [[b"SADD", b"large set", *(b"member:%d" % n for n in range(600))]],
    b"hash": [[b"HSET", b"hash", b"a", b"1", b"b", b"2"], [b"PEXPIREAT", b"hash", b"4000000000000"]],
    b"large hash": [[b"HSET", b"large hash", *(b"word:%d" % n for n in range(1200))]],
    b"hash of one": [[b"HSET", b"hash of one", b"field", b"x" * 65]],
    b"zset": [[b"ZADD", b"zset", b"1", b"a", b"2.5", b"b", b"-inf", b"c"]],
    b"large zset": [[b"ZADD", b"large zset", *(w for n in range(200) for w in (b"%d" % n, b"m%d" % n))]],
    b"k\xc3\xa9y": [[b"SET", b"k\xc3\xa9y", b"v"]],
    b"missing": [],
}

VOLATILE = re.compile(rb"at:0x[0-9a-f]+ |lru:\d+ |(?<=lru_seconds_idle:)\d+")
"""An address, and times."""


class Both:
    def __init__(self, server: RealServer) -> None:
        self.connection = TypedConnection(server)
        self.session: Session = Engine(server.profile, server.allocator).session()
        for commands in KEYS.values():
            for command in commands:
                ours, theirs = self.ask(*command)
                assert ours == theirs

    def ask(self, *words: bytes) -> tuple[Reply, Reply]:
        return self.session.execute(words), self.connection.execute(*words)

    def agree(self, *words: bytes) -> Reply:
        ours, theirs = self.ask(*words)
        assert ours == theirs, words
        return ours


@pytest.fixture
def both(real_server: RealServer) -> Iterator[Both]:
    pair = Both(real_server)
    yield pair
    pair.connection.close()


@versions
def test_object(both: Both) -> None:
    """References, encoding, serialized length, and the figures of a quicklist."""
    for key in KEYS:
        replies = both.ask(b"DEBUG", b"OBJECT", key)
        if key == b"missing":
            assert replies == (CommandError("ERR no such key"),) * 2
            continue
        texts = []
        for reply in replies:
            assert isinstance(reply, Status)
            assert VOLATILE.search(reply.text)
            texts.append(VOLATILE.sub(b"", reply.text))
        assert texts[0] == texts[1], key


@versions
def test_sdslen(both: Both) -> None:
    """Lengths, room to grow, and what the allocator gave; of libc's nobody knows beforehand how large a chunk is."""
    exact = both.session.engine.runtime.allocator.exact
    for key in KEYS:
        replies = both.ask(b"DEBUG", b"SDSLEN", key)
        texts = [reply.text if isinstance(reply, Status) else reply for reply in replies]
        if not exact:
            texts = [
                re.sub(rb"(zmalloc: |avail:)\d+", b"", text) if isinstance(text, bytes) else text for text in texts
            ]
        assert texts[0] == texts[1], key


@versions
def test_digests(both: Both) -> None:
    for key in KEYS:
        both.agree(b"DEBUG", b"DIGEST-VALUE", key)
    both.agree(b"DEBUG", b"DIGEST-VALUE", *KEYS)
    first = both.agree(b"DEBUG", b"DIGEST")
    both.agree(b"SELECT", b"3")
    both.agree(b"SET", b"other", b"1", b"EX", b"1000")
    assert both.agree(b"DEBUG", b"DIGEST") != first


def outline(text: bytes) -> list[bytes]:
    """The lines of HTSTATS with their figures, but for those of chains: how long these are is the seed's business."""
    lines = []
    for line in text.splitlines():
        fixed = re.match(rb"\[|Hash table|No stats| table size| number of elements", line)
        lines.append(line if fixed else re.sub(rb"\d+", b"N", line))
    # As many lines as there are different lengths.
    return [line for at, line in enumerate(lines) if not at or line != lines[at - 1]]


def text_of(reply: Reply) -> bytes:
    if isinstance(reply, Verbatim):
        assert reply.format == "txt"
        return reply.text
    assert isinstance(reply, bytes)
    return reply


@versions
@pytest.mark.parametrize("resp", [2, 3])
def test_htstats(both: Both, resp: int) -> None:
    both.connection.execute(b"HELLO", b"%d" % resp)
    both.session.call.resp = resp
    compared = 0
    for key in KEYS:
        for full in ((), (b"full",)):
            ours, theirs = both.ask(b"DEBUG", b"HTSTATS-KEY", key, *full)
            assert type(ours) is type(theirs)
            if isinstance(ours, CommandError):
                assert ours == theirs
            # Where a table is moving, on one side it has moved farther.
            elif not any(b"rehashing target" in text_of(reply) for reply in (ours, theirs)):
                assert outline(text_of(ours)) == outline(text_of(theirs)), key
                compared += 1
    assert compared >= 3
    # One element has nowhere to collide.
    both.agree(b"DEBUG", b"HTSTATS-KEY", b"hash of one")
    for number in (b"0", b"1"):
        ours, theirs = both.ask(b"DEBUG", b"HTSTATS", number)
        assert outline(text_of(ours)) == outline(text_of(theirs))


REFUSED = """
    DEBUG
    DEBUG OBJECT
    DEBUG OBJECT int fast
    DEBUG OBJECT missing
    DEBUG NOTHING
    DEBUG NOTHING int
    DEBUG SDSLEN
    DEBUG SDSLEN int int
    DEBUG HTSTATS
    DEBUG HTSTATS x
    DEBUG HTSTATS 99
    DEBUG HTSTATS -1
    DEBUG HTSTATS-KEY
    DEBUG HTSTATS-KEY missing
    DEBUG DIGEST x
    DEBUG STRUCTSIZE x
    DEBUG LISTPACK
    DEBUG LISTPACK int
    DEBUG LISTPACK missing
    DEBUG ZIPLIST int
    DEBUG QUICKLIST int
"""


@versions
def test_what_is_refused(both: Both) -> None:
    for line in REFUSED.strip().splitlines():
        assert isinstance(both.agree(*line.encode().split()), CommandError), line


@versions
def test_what_needs_no_key(both: Both) -> None:
    both.agree(b"DEBUG", b"STRUCTSIZE")
    both.agree(b"DEBUG", b"DIGEST-VALUE")


@versions
def test_what_prints_on_the_servers_own_terminal(both: Both) -> None:
    for key in KEYS:
        for name in (b"LISTPACK", b"ZIPLIST", b"QUICKLIST"):
            both.agree(b"DEBUG", name, key)
