"""MSET: a dialogue against servers."""

from tests.engine.both import Both, versions
from tests.real.servers import RealServer

DIALOGUE = """
MSET a 1 b x
MSET a 2 b y a 3
MGET a b
APPEND b z
OBJECT ENCODING b
RPUSH l x
MSET a 4 l 5 b 6 l 7
MGET a b l
OBJECT ENCODING b
TYPE l
SET b v EX 100
MSET a 8 b 9
TTL b
MSET a 10 new 11
MGET a b new
"""


@versions
def test_mset_takes_the_place_of_whatever_is_there(real_server: RealServer) -> None:
    Both(real_server).run(DIALOGUE)
