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
