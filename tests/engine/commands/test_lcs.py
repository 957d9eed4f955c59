"""LCS: what it finds, and which mistake it tells first."""

import pytest

from tests.engine.both import Both
from tests.real.servers import RealServer


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
def test_a_server_says_the_same(real_server: RealServer) -> None:
    Both(real_server).run(
        """
        MSET s1 ohmytext s2 mynewtext
        LPUSH l a
        LCS l l LEN IDX MINMATCHLEN
        LCS s1 l NONSENSE
        LCS s1 s2 NONSENSE
        LCS s1 s2 MINMATCHLEN
        LCS s1 s2 MINMATCHLEN x NONSENSE
        LCS s1 s2 NONSENSE MINMATCHLEN x
        LCS s1 s2 LEN IDX
        LCS s1 s2 LEN len
        LCS s1 s2 IDX
        LCS s1 s2 idx MINMATCHLEN 4
        LCS s1 s2 IDX MINMATCHLEN -4 WITHMATCHLEN
        LCS s1 s2 MINMATCHLEN 4
        LCS s1 nothing IDX
        LCS s1
        """
    )
