"""SORT: dialogues against servers."""

from tests.engine.both import Both, versions
from tests.real.servers import RealServer

DIALOGUE = """
RPUSH l 3 10 2
SORT l DESC ASC
SORT l ASC DESC
SORT l DESC ALPHA ASC
SORT l ALPHA ALPHA DESC DESC
SORT l LIMIT 0 1 LIMIT 0 2
SORT l ASC DOWN
SORT l DESC ASC STORE a STORE b
LRANGE b 0 -1
EXISTS a
"""


@versions
def test_of_words_that_exclude_each_other_the_last_counts(real_server: RealServer) -> None:
    Both(real_server).run(DIALOGUE)


PATTERNS = """
RPUSH l 3 10 2
SADD s 3 10 2
ZADD z 1 3 2 10 3 2
MSET x_3 1 x_10 3 x_2 2
SORT l BY nosort BY x_*
SORT l BY x_* BY nosort
SORT l BY y_* BY x_*
SORT l BY x_* BY y_*
SORT l BY nosort BY x_* DESC
SORT l BY x_* LIMIT 0 2 BY nosort GET # GET x_*
SORT z BY nosort BY x_* DESC
SORT s BY nosort BY x_* STORE t
LRANGE t 0 -1
"""


@versions
def test_a_pattern_without_a_star_leaves_the_order_though_another_follows(real_server: RealServer) -> None:
    Both(real_server).run(PATTERNS)
