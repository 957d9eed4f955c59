"""Commands on streams: dialogues against servers, in both protocols; and what depends on the clock."""

import pytest

from rinspect.engine import Engine, Session
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import CommandError, Reply
from tests.engine.both import Both, versions
from tests.real.servers import RealServer

DIALOGUES = {
    "ids": """
XADD k 0-0 f v
XADD k 0-* f v
XADD k 0 f v
XADD k 5 f v
XADD k 5 f v
XADD k 5-* f v
XADD k 4-* f v
XADD k 18446744073709551615-18446744073709551614 f v
XADD k 18446744073709551615-* f v
XADD k * f v
XADD k 18446744073709551616 f v
XADD k -1-1 f v
XADD k 1-1-1 f v
XADD k - f v
XADD k + f v
XADD k +7 f v
XADD k 1--05 f v
XRANGE k - +
XADD l 007-1 f v
XADD l 18446744073709551615-18446744073709551615 f v
XADD l * f v
XADD l 5-* f v
XLEN l
""",
    "words of XADD": """
XADD k NOMKSTREAM 1-1 f v
EXISTS k
XADD k 1-1 f
XADD k 1-1 f v g
XADD k 1-1
XADD k MAXLEN 1-1 f v
XADD k MAXLEN
XADD k MAXLEN -1 1-1 f v
XADD k MAXLEN x 1-1 f v
XADD k MAXLEN 1 MINID 1 1-1 f v
XADD k LIMIT 5 1-1 f v
XADD k LIMIT 0 1-1 f v
XADD k MAXLEN 5 LIMIT 5 1-1 f v
XADD k MAXLEN ~ 5 LIMIT -1 1-1 f v
XADD k MAXLEN ~ 5 LIMIT 0 1-1 f v
XADD k nomkstream maxlen = 1 1-2 f w
XADD k MINID 1-3 1-2 f x
XADD k MINID = 1-3 1-3 f x
XRANGE k - +
SET s v
XADD s 1-1 f v
XADD s x f v
""",
    "ranges": """
XADD k 1-1 a 1
XADD k 1-2 a 2 b 3
XADD k 2-0 "" ""
XADD k 5-5 a 300
XRANGE k - +
XRANGE k 1 1
XRANGE k (1-1 +
XRANGE k (1 2
XRANGE k - (2
XRANGE k - (2-0
XRANGE k 2 1
XRANGE k - + COUNT 2
XRANGE k - + COUNT 0
XRANGE k - + COUNT -3
XRANGE k - + COUNT 1 COUNT 2
XRANGE k - + COUNT
XRANGE k - + NUMBER 2
XRANGE k ( +
XRANGE k (+ +
XRANGE k (18446744073709551615-18446744073709551615 +
XRANGE k - (0-0
XREVRANGE k + -
XREVRANGE k 2 1-2
XREVRANGE k (5-5 (1-1 COUNT 1
XREVRANGE k + - COUNT 0
XRANGE nothing - +
XRANGE nothing - + COUNT 0
XRANGE nothing x +
XLEN k
XLEN nothing
SET s v
XLEN s
XRANGE s - +
XRANGE s x +
""",
    "what goes": """
XADD k 1-1 f v
XADD k 1-2 f v
XADD k 1-3 f v
XADD k 1-4 f v
XDEL k 1-2 1-2 7-7
XDEL k 1-3 x
XDEL nothing 1-1
XDEL k 1-1
XINFO STREAM k
XTRIM k MAXLEN 1
XTRIM k MAXLEN 1
XTRIM k MINID 2
XINFO STREAM k
XTRIM k
XTRIM k MAXLEN
XTRIM k LIMIT 5
XTRIM k MAXLEN = 0 LIMIT 5
XTRIM k MAXLEN ~ 0 LIMIT 5
XTRIM nothing MAXLEN 0
XADD k 1-1 f v
XADD k 2-1 f v
XSETID k 1-1
XSETID k 9-0
XSETID nothing 1-1
XSETID k x
XINFO STREAM k
""",
    "groups": """
XGROUP CREATE k g 0
XGROUP CREATE k g 0 MKSTREAM
XGROUP CREATE k g 0
XGROUP CREATE k h x
XGROUP CREATE k h -
XADD k 1-1 f v
XADD k 1-2 f w
XGROUP CREATE k h $
XREADGROUP GROUP g al STREAMS k
XREADGROUP GROUP g al STREAMS k $
XREADGROUP GROUP g al STREAMS k x
XREADGROUP GROUP nobody al STREAMS k >
XREADGROUP GROUP g al STREAMS k l > >
XREADGROUP GROUP g al COUNT 1 STREAMS k >
XREADGROUP GROUP g al COUNT 1 STREAMS k >
XREADGROUP GROUP g al STREAMS k >
XREADGROUP GROUP g al STREAMS k 0
XREADGROUP GROUP g al STREAMS k 1-1
XREADGROUP GROUP g bo STREAMS k 0
XPENDING k g
XPENDING k g - + 10 bo
XPENDING k g - + 10 nobody
XPENDING k g - +
XPENDING k g IDLE 5 - +
XPENDING k g IDLE x - + 10
XPENDING k g - + x
XPENDING k g (1-1 + 0
XPENDING k nobody
XPENDING nothing g
XACK k g 1-1 1-1 7-7
XACK k g x
XACK k nobody 1-1
XACK nothing g 1-1
XDEL k 1-2
XREADGROUP GROUP g al STREAMS k 0
XREADGROUP GROUP h cy NOACK STREAMS k >
XADD k 1-3 f v
XREADGROUP NOACK GROUP h cy STREAMS k >
XPENDING k h
XGROUP SETID k g 0
XGROUP SETID k g $
XGROUP SETID k g x
XGROUP SETID k nobody 0
XGROUP CREATECONSUMER k g al
XGROUP CREATECONSUMER k g new
XGROUP CREATECONSUMER k nobody new
XGROUP CREATECONSUMER nothing g new
XGROUP DELCONSUMER k g al
XGROUP DELCONSUMER k g al
XGROUP DELCONSUMER k nobody al
XINFO GROUPS k
XGROUP DESTROY k h
XGROUP DESTROY k h
XGROUP DESTROY nothing h
XINFO GROUPS k
XINFO GROUPS nothing
XINFO CONSUMERS k nobody
XINFO STREAM nothing
XINFO STREAM k FULL COUNT x
XINFO STREAM k HALF
XINFO STREAM k FULL COUNT
SET s v
XGROUP CREATE s g 0
XREADGROUP GROUP g al STREAMS s >
XACK s g 1-1
XINFO GROUPS s
XGROUP NOTHING k g
XGROUP HELP
XINFO HELP
""",
    "words of XGROUP": """
XADD k 1-1 f v
SET s v
XGROUP CREATE k g 0 MKSTREAM MKSTREAM
XGROUP CREATE k h 0 MKSTREAM MKSTREAM MKSTREAM MKSTREAM
XGROUP CREATE s h 0 MKSTREAM MKSTREAM MKSTREAM MKSTREAM
XGROUP CREATE l h 0 MKSTREAM MKSTREAM MKSTREAM MKSTREAM
XGROUP CREATE k h 0 MKSTREAM a b c d e f
EXISTS l
XINFO GROUPS k
""",
    "words of XGROUP with ENTRIESREAD": """
XADD k 1-1 f v
XGROUP CREATE k g 0
XGROUP CREATE k i 0 ENTRIESREAD 1 MKSTREAM
XGROUP CREATE k h 0 ENTRIESREAD 1 ENTRIESREAD 2
XGROUP CREATE k h x ENTRIESREAD 1 ENTRIESREAD 2
XGROUP CREATE l h 0 ENTRIESREAD 1 ENTRIESREAD 2
XGROUP CREATE k h 0 ENTRIESREAD 1 ENTRIESREAD x
XGROUP SETID k g 0 ENTRIESREAD 1
XGROUP SETID k g 0 ENTRIESREAD 1 ENTRIESREAD 2
XINFO GROUPS k
""",
    "claims": """
XADD k 1-1 f v
XADD k 1-2 f v
XADD k 1-3 f v
XADD k 1-4 f v
XGROUP CREATE k g 0
XREADGROUP GROUP g al COUNT 3 STREAMS k >
XCLAIM k g bo 0 1-1
XCLAIM k g bo 100000 1-2
XCLAIM k g bo 0 1-2 JUSTID
XCLAIM k g bo 0 1-4
XCLAIM k g bo 0 1-4 FORCE RETRYCOUNT 5
XCLAIM k g bo 0 7-7 FORCE
XCLAIM k g bo x 1-1
XCLAIM k g bo -5 1-1 IDLE x
XCLAIM k g bo 0 1-1 TIME x
XCLAIM k g bo 0 1-1 RETRYCOUNT x
XCLAIM k g bo 0 1-1 NOTHING
XCLAIM k g bo 0 1-1 LASTID x
XCLAIM k g bo 0 1-1 IDLE
XCLAIM k g cy 0 1-1 IDLE 1000 LASTID 9-0 justid
XCLAIM k nobody bo 0 1-1
XCLAIM nothing g bo 0 1-1
XPENDING k g - + 10 nobody
XDEL k 1-2
XCLAIM k g di 0 1-2 1-3
XPENDING k g
XAUTOCLAIM k g ed 0 0 COUNT 1
XAUTOCLAIM k g ed 0 1-2 COUNT 1 JUSTID
XAUTOCLAIM k g ed 0 (1-3
XAUTOCLAIM k g ed 100000 -
XAUTOCLAIM k g ed 0 0 COUNT 0
XAUTOCLAIM k g ed 0 0 COUNT x
XAUTOCLAIM k g ed 0 0 NOTHING
XAUTOCLAIM k g ed x 0
XAUTOCLAIM k g ed 0 x
XAUTOCLAIM k nobody ed 0 0
XAUTOCLAIM nothing g ed 0 0
XDEL k 1-1 1-3 1-4
XAUTOCLAIM k g ed 0 0 COUNT 2
XAUTOCLAIM k g ed 0 0
XPENDING k g
XINFO GROUPS k
SET s v
XCLAIM s g bo 0 1-1
XAUTOCLAIM s g bo 0 0
""",
    "reading": """
XADD k 1-1 f v
XADD l 2-1 f v
XADD l 2-2 f v
XREAD STREAMS k l 0 0
XREAD COUNT 1 STREAMS l k 2-1 1-1
XREAD COUNT -1 STREAMS l 0
XREAD COUNT x STREAMS l 0
XREAD STREAMS k l 1-1 2-2
XREAD STREAMS k $
XREAD STREAMS k >
XREAD STREAMS k x
XREAD STREAMS k l 0
XREAD STREAMS
XREAD COUNT 1 k 0
XREAD GROUP g al STREAMS k 0
XREAD NOACK STREAMS k 0
XREADGROUP STREAMS k l 0 0
XREADGROUP COUNT 1 STREAMS k l 0 0
XREADGROUP GROUP g STREAMS k 0 1
XREAD COUNT 1 BLOCK
XREAD BLOCK 0 COUNT
XREAD COUNT 1 STREAMS
XREADGROUP NOACK GROUP g
XREADGROUP GROUP g al COUNT 1 STREAMS
XREADGROUP GROUP g al ACK STREAMS k 0
XDEL k 1-1
XREAD STREAMS k 0
SET s v
XREAD STREAMS k s 0 0
XREAD STREAMS nothing 0
""",
    "elsewhere": """
XADD k 1-1 f v
XGROUP CREATE k g 0
XGROUP CREATECONSUMER k g al
TYPE k
OBJECT ENCODING k
OBJECT REFCOUNT k
COPY k l
RENAME l m
DEBUG DIGEST-VALUE k m
SCAN 0 MATCH k COUNT 100 TYPE stream
SORT k
XINFO GROUPS k
UNLINK k m
EXISTS k m
""",
}
SINCE_7 = """
XADD k 1-1 f v
XADD k 1-2 f v
XADD k 1-3 f v
XSETID k 1-3 ENTRIESADDED 2
XSETID k 1-3 ENTRIESADDED -1
XSETID k 1-3 ENTRIESADDED x
XSETID k 1-3 ENTRIESADDED 10 MAXDELETEDID 2-0
XSETID k 2-3 MAXDELETEDID 2-0 ENTRIESADDED 10
XSETID k 1-3
XSETID k 2-3 NOTHING
XSETID k 2-3 ENTRIESADDED
XGROUP CREATE k g 0 ENTRIESREAD 3
XGROUP CREATE k h 1-1 ENTRIESREAD -2
XGROUP CREATE k h 1-1 ENTRIESREAD x
XGROUP CREATE k h 1-1 ENTRIESREAD
XGROUP CREATE l h 1-1 ENTRIESREAD 5 MKSTREAM
XGROUP SETID k g 1-1 ENTRIESREAD 1
XGROUP SETID k g 1-1 MKSTREAM
XINFO GROUPS k
XINFO GROUPS l
XINFO STREAM k
"""


@versions
@pytest.mark.parametrize("name", DIALOGUES)
def test_dialogues(real_server: RealServer, name: str) -> None:
    Both(real_server).run(DIALOGUES[name])


@versions
@pytest.mark.parametrize("name", DIALOGUES)
def test_dialogues_in_resp3(real_server: RealServer, name: str) -> None:
    both = Both(real_server)
    both.resp3()
    both.run(DIALOGUES[name])


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
def test_what_came_later(real_server: RealServer) -> None:
    Both(real_server).run(SINCE_7)


@pytest.mark.parametrize("real_server", ["8.0"], indirect=True)
def test_the_last_entry(real_server: RealServer) -> None:
    Both(real_server).run(
        """
        XREAD STREAMS k +
        XADD k 1-1 f v
        XADD k 1-2 f v
        XREAD STREAMS k +
        XREAD COUNT 5 STREAMS k nothing + +
        XDEL k 1-2
        XREAD STREAMS k +
        XGROUP CREATE k g 0
        XREADGROUP GROUP g al STREAMS k +
        XGROUP CREATE l g 0 MKSTREAM
        XREAD STREAMS l +
        XREAD STREAMS l
        """
    )


@versions
def test_how_long_nodes_get(real_server: RealServer) -> None:
    both = Both(real_server)
    for line in ("stream-node-max-bytes 200", "stream-node-max-entries 5"):
        both.run(f"CONFIG SET {line}")
    for number in range(40):
        both.execute(b"XADD", b"k", b"%d-1" % (number + 1), b"field", b"v" * (number * 7 % 90))
    both.run(
        "DUMP k\nXTRIM k MAXLEN ~ 17\nDUMP k\nXTRIM k MAXLEN 11\nDUMP k\nXTRIM k MINID ~ 35\nDUMP k\nXINFO STREAM k"
    )


# -- without a server -----------------------------------------------------------------------------------------------------

every_profile = pytest.mark.parametrize("profile", list(PROFILES))


class Timed:
    """A session whose clock is moved by hand, in milliseconds."""

    def __init__(self, profile: str = "8.0") -> None:
        self.now = 1_000_000
        self.session: Session = Engine(profile, clock=lambda: self.now * 1000).session()

    def run(self, line: str) -> Reply:
        return self.session.execute(line.encode().split())


@every_profile
def test_an_id_that_the_clock_gives_is_behind_the_last(profile: str) -> None:
    timed = Timed(profile)
    assert timed.run("XADD k * f v") == b"1000000-0"
    assert timed.run("XADD k * f v") == b"1000000-1"
    timed.now -= 500
    assert timed.run("XADD k * f v") == b"1000000-2"
    timed.now += 501
    assert timed.run("XADD k * f v") == b"1000001-0"


@every_profile
def test_how_long_something_is_pending(profile: str) -> None:
    timed = Timed(profile)
    timed.run("XADD k 1-1 f v")
    timed.run("XADD k 1-2 f v")
    timed.run("XGROUP CREATE k g 0")
    timed.run("XREADGROUP GROUP g al COUNT 1 STREAMS k >")
    timed.now += 100
    timed.run("XREADGROUP GROUP g al STREAMS k >")
    timed.now += 50
    assert timed.run("XPENDING k g - + 10") == [[b"1-1", b"al", 150, 1], [b"1-2", b"al", 50, 1]]
    assert timed.run("XPENDING k g IDLE 100 - + 10") == [[b"1-1", b"al", 150, 1]]
    claimed = timed.run("XAUTOCLAIM k g bo 100 0 JUSTID")
    assert isinstance(claimed, list)
    assert claimed[:2] == [b"0-0", [b"1-1"]]
    assert timed.run("XCLAIM k g bo 51 1-2 JUSTID") == []
    assert timed.run("XCLAIM k g bo 50 1-2 IDLE 30 JUSTID") == [b"1-2"]
    assert timed.run("XPENDING k g - + 10 bo") == [[b"1-1", b"bo", 0, 1], [b"1-2", b"bo", 30, 1]]


def test_who_was_seen_and_who_got_something() -> None:
    timed = Timed("8.0")
    timed.run("XGROUP CREATE k g 0 MKSTREAM")
    timed.run("XREADGROUP GROUP g al STREAMS k >")
    timed.now += 10
    assert timed.run("XINFO CONSUMERS k g") == [
        [b"name", b"al", b"pending", 0, b"idle", 10, b"inactive", -1]
    ]  # fmt: skip
    timed.run("XADD k 1-1 f v")
    timed.run("XREADGROUP GROUP g al STREAMS k >")
    timed.now += 7
    timed.run("XREADGROUP GROUP g al STREAMS k >")
    assert timed.run("XINFO CONSUMERS k g") == [[b"name", b"al", b"pending", 1, b"idle", 0, b"inactive", 7]]
    before = Timed("7.0")
    before.run("XGROUP CREATE k g 0 MKSTREAM")
    before.run("XREADGROUP GROUP g al STREAMS k >")
    # There nobody was created who got nothing.
    assert before.run("XINFO CONSUMERS k g") == []


def test_so_many_at_once_nobody_has_the_memory_for() -> None:
    timed = Timed()
    timed.run("XGROUP CREATE k g 0 MKSTREAM")
    assert timed.run(f"XAUTOCLAIM k g al 0 0 COUNT {1 << 58}") == CommandError(
        "ERR Insufficient memory, failed allocating transient memory, COUNT too high."
    )
